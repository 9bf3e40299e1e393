// SPDX-License-Identifier: Apache-2.0
// breakdown.h - how the program ends when it cannot go on: memory that ran out anywhere, libraries included, or an
// invariant that does not hold. One line on standard error, no half-written file left, exit status 2.
#ifndef IGQ_BREAKDOWN_H
#define IGQ_BREAKDOWN_H

#ifdef __cplusplus
extern "C" {
#endif

// From now on abort() (assertions, igq::require, libraries) ends the process with status 2.
void igq_breakdown_install(void);

#ifdef __cplusplus
}
#endif
#endif
