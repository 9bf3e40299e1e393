// SPDX-License-Identifier: Apache-2.0
// elementary.h - exp and log from IEEE basic operations in fixed order. libm's own differ in the last bit between
// processors with and without fused multiply-add, and these results reach reports.
#ifndef IGQ_ELEMENTARY_H
#define IGQ_ELEMENTARY_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Relative error below 4e-16. Arguments beyond [-700, 700] are clamped to it.
double igq_exp(double x);

// The same of each x[0 .. num), in place, several at a time.
void igq_exp_all(double *x, size_t num);

// Error below 4e-16 of the result or of 1, whichever is larger. x > 0, finite.
double igq_log(double x);

#ifdef __cplusplus
}
#endif
#endif
