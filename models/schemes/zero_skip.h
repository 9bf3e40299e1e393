// SPDX-License-Identifier: Apache-2.0
// zero_skip.h - channels whose products are all zero stay off the lists of the row selector (`zero_skip: row`), so that
// they cost neither cycles nor energy. Leaving them out changes no sum: each product of theirs is
// (code - zero point) * (weight code - its zero point) = 0.
// Quantizing is monotonic, so a channel's codes are all the zero point exactly if the codes of its minimum and maximum
// are: its range decides, whole activations are not needed.
#ifndef IGQ_ZERO_SKIP_H
#define IGQ_ZERO_SKIP_H
#include "grouping.h"
#include "quant.h"
#include "scheme.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What is known of a layer's zeros.
typedef struct igq_zeros {
    const int16_t *lower, *upper; // (G) values that group g's quantizer turns into its zero point; NULL: no ranges
    const uint8_t *weights;       // (C) 1: all weights of the channel are zero; NULL: weights are not at hand
} igq_zeros;

// lower .. upper, both included, are the values that become the zero point. 0 is among them.
void igq_zero_interval(int16_t *lower, int16_t *upper, const igq_quantizer *quantizer);

// The intervals of all groups of scheme igq. lower, upper out (num_groups).
void igq_zero_intervals(int16_t *lower, int16_t *upper, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds);

// Takes channels without products from the lists of a built grouping and returns their number; grouping->group stays.
// One channel always stays, so that the layer's sums are handed over. lo, hi: (C) ranges, not read where zeros->lower
// is NULL.
int igq_zero_skip(igq_grouping *grouping, const igq_zeros *zeros, const int16_t *lo, const int16_t *hi);

#ifdef __cplusplus
}
#endif
#endif
