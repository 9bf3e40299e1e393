// SPDX-License-Identifier: Apache-2.0
// weight_quant.h - weights: one quantizer per output channel, or per group of neighbouring output channels, bounds at
// the eps-th and (100-eps)-th percentiles of its weights.
// Source: IGQ-ViT section 3 (weights, by channel); Q-BERT (Shen et al., AAAI 2020; groups); Eqs. (1)-(3) with
// real-valued l, u.
#ifndef IGQ_WEIGHT_QUANT_H
#define IGQ_WEIGHT_QUANT_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_PANEL_OUTPUTS 16 // output channels that the fast product works on at once

typedef struct igq_weight_codes {
    int O, C, bits;
    uint8_t *codes;      // [O][C]
    uint8_t *zero_point; // (O), padded with zeros to whole panels
    float *scale;        // (O) s_o
    uint8_t *panels;     // [ceil(O/16)][C][16]: the codes again, an input channel's codes side by side, for igq_gemm
} igq_weight_codes;

size_t igq_weight_codes_size(int O, int C); // bytes for igq_weight_codes_init
// Lays the arrays out in `memory` (igq_weight_codes_size bytes, aligned to 8).
void igq_weight_codes_init(igq_weight_codes *codes, void *memory, int O, int C, int bits);
// Copies the codes into the panels. To be called after codes or zero points were written by hand (keys and values of
// attention); igq_weight_quantize does it by itself.
void igq_weight_codes_pack(igq_weight_codes *codes);

// Percentile p in [0, 100] of num values with linear interpolation between order statistics (as numpy's default).
// `values` is partially reordered. num >= 1. Meant for the tails: the time grows with the distance from the nearer end.
float igq_percentile(float *values, int num, double percentile);

// Quantizers of a matrix of O output channels: num_groups, but no more than O; num_groups 0: O.
int igq_num_weight_quantizers(int O, int num_groups);

// Quantizes finite weights [O][C]. Quantizer q of Q holds the output channels q O / Q ... (q + 1) O / Q.
// epsilon_pct in [0, 50). Bounds are widened to contain zero, as for activations; a quantizer whose bounds are both
// zero gets scale 1. scratch of igq_weight_quantize_scratch floats.
void igq_weight_quantize(igq_weight_codes *codes, const float *weights, int num_groups, double epsilon_pct,
                         float *scratch);
size_t igq_weight_quantize_scratch(int O, int C, int num_groups);

#ifdef __cplusplus
}
#endif
#endif
