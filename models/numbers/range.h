// SPDX-License-Identifier: Apache-2.0
// range.h - minimum and maximum of every channel of one instance (input of Eq. 4).
#ifndef IGQ_RANGE_H
#define IGQ_RANGE_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// lo[c] = min over t of x[t*C + c], hi[c] = max. T >= 1, C >= 1 (asserted).
void igq_range_channels(int16_t *lo, int16_t *hi, const int16_t *x, int T, int C);
void igq_range_channels_ref(int16_t *lo, int16_t *hi, const int16_t *x, int T, int C);

// The same along the other axis, for softmax rows: lo[r] = min over k of x[r*K + k]. (R rows of K values.)
void igq_range_rows(int16_t *lo, int16_t *hi, const int16_t *x, int R, int K);

#ifdef __cplusplus
}
#endif
#endif
