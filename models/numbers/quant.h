// SPDX-License-Identifier: Apache-2.0
// quant.h - the uniform quantizer of Eqs. (1)-(3) in integer arithmetic, and the scales of the sum over groups.
//   s = (u-l)/(2^b-1),  z = clip(round(-l/s), 0, 2^b-1),  q = clip(round(x/s) + z, 0, 2^b-1),  x^ = s (q - z)
// x, l, u are int16 on the layer's grid 2^exponent. Division by s is a multiplication and a shift:
//   q = clip(shift_round(x * multiplier, shift_log2) + z, 0, 2^b-1),  multiplier in [2^14, 2^15), so x*multiplier fits
// 31 bits. Bounds that do not contain zero are widened to it first, so that z is a code (Eq. 2 clips it).
#ifndef IGQ_QUANT_H
#define IGQ_QUANT_H
#include "params.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_quantizer {
    int32_t multiplier; // [2^14, 2^15)
    int32_t shift_log2; // [0, 30]
    int32_t zero_point; // [0, 2^bits - 1]
    int32_t bits;       // [2, IGQ_MAX_CODE_BITS]
    double step_grid;   // s in units of the grid 2^exponent; > 0
} igq_quantizer;

// Quantizer from bounds on the grid, lower <= upper. Equal bounds after widening (both zero) give a step of one grid
// unit.
void igq_quantizer_from_bounds(igq_quantizer *quantizer, int lower, int upper, int bits);

// Quantizer with a given step (grid units, in [2^-8, 65535]); the zero point comes from `lower` (<= 0 after widening).
void igq_quantizer_from_step(igq_quantizer *quantizer, double step_grid, int lower, int bits);

uint8_t igq_quantize(const igq_quantizer *quantizer, int16_t x);

// codes[t*C+c] = quantize(quantizer[group[c]], x[t*C+c]) for T x C; scratch_size from igq_quantize_channels_scratch(C).
void igq_quantize_channels(uint8_t *codes, const int16_t *x, const uint16_t *group, const igq_quantizer *quantizer,
                           int T, int C, void *scratch);
size_t igq_quantize_channels_scratch(int C);
void igq_quantize_channels_ref(uint8_t *codes, const int16_t *x, const uint16_t *group, const igq_quantizer *quantizer,
                               int T, int C);

// One quantizer per row (softmax): codes[r*K+k] = quantize(quantizer[group[r]], x[r*K+k]).
void igq_quantize_rows(uint8_t *codes, const int16_t *x, const uint16_t *group, const igq_quantizer *quantizer, int R,
                       int K);

// The scales of a layer's groups as the accumulation hardware holds them.
//   fp32: step[g] = float(s_g 2^exponent); layer_scale = 1; weight[g] = 0.
//   int:  gamma = max_g s_g / (2^M - 1), weight[g] = max(1, ceil(s_g / gamma)); the quantizers get step weight[g] *
//   gamma. pow2: the finest step s_min is kept, weight[g] = smallest k >= 0 with s_min 2^k >= s_g; step s_min 2^k.
// `int` and `pow2` only ever widen a step, so bounds stay covered.
typedef struct igq_group_scales {
    igq_group_scale mode;
    float layer_scale; // int: gamma 2^exponent; pow2: s_min 2^exponent; fp32: 1
    float *step;       // (G) fp32 only
    int32_t *weight;   // (G) int: multiplier; pow2: left shift (log2)
} igq_group_scales;

// Quantizers and scales of G groups from their bounds.
//   scale_bits: M of `int`, in [1, 16]. pow2 shifts are limited to 15 (finer groups get s_max 2^-15).
//   scales->step / weight point to caller's memory of G entries.
void igq_quantizers_from_bounds(igq_quantizer *quantizer, igq_group_scales *scales, const int16_t *lower,
                                const int16_t *upper, int G, int bits, int exponent, igq_group_scale mode,
                                int scale_bits);

// Signal and noise power of codes against wide activations, grid units squared. Each column (channel, key) is summed
// over the rows in index order, then the columns are added in index order. SQNR_dB = 10 log10(signal/noise); the caller
// prints infinity as null.
typedef struct igq_power {
    double signal, noise;
} igq_power;
void igq_power_channels(igq_power *power, const int16_t *x, const uint8_t *codes, const uint16_t *group,
                        const igq_quantizer *quantizer, int T, int C);
void igq_power_rows(igq_power *power, const int16_t *x, const uint8_t *codes, const uint16_t *group,
                    const igq_quantizer *quantizer, int R, int K);

#ifdef __cplusplus
}
#endif
#endif
