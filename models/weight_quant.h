// SPDX-License-Identifier: Apache-2.0
// weight_quant.h - weights: one quantizer per output channel, bounds at the eps-th and (100-eps)-th percentiles.
// Source: IGQ-ViT section 3 (weights); Eqs. (1)-(3) with real-valued l, u.
#ifndef IGQ_WEIGHT_QUANT_H
#define IGQ_WEIGHT_QUANT_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_weight_codes {
    int O, C, bits;
    uint8_t *codes;      // [O][C]
    uint8_t *zero_point; // (O)
    float *scale;        // (O) s_o
} igq_weight_codes;

size_t igq_weight_codes_size(int O, int C); // bytes for igq_weight_codes_init
void igq_weight_codes_init(igq_weight_codes *codes, void *memory, int O, int C, int bits);

// Percentile p in [0, 100] of num values with linear interpolation between order statistics (as numpy's default).
// `values` is partially reordered. num >= 1.
float igq_percentile(float *values, int num, double percentile);

// Quantizes weights [O][C]. epsilon_pct in [0, 50). Rows whose bounds coincide get scale 1 on their zero point when all
// zero, else the bounds are widened to contain zero as for activations. scratch: 2*C floats.
void igq_weight_quantize(igq_weight_codes *codes, const float *weights, double epsilon_pct, float *scratch);

#ifdef __cplusplus
}
#endif
#endif
