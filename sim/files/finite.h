// SPDX-License-Identifier: Apache-2.0
// finite.h - finds what is no number before anything is computed from it.
#ifndef IGQ_FINITE_H
#define IGQ_FINITE_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Index of the first NaN or infinity, num if there is none.
size_t igq_first_not_finite(const float *values, size_t num);

// "nan", "inf" or "-inf", for messages.
const char *igq_not_finite_text(float value);

#ifdef __cplusplus
}
#endif
#endif
