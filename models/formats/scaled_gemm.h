// SPDX-License-Identifier: Apache-2.0
// scaled_gemm.h - groups of activations times weights whose vectors of channels have integer scales (vsquant.h). A list
// takes channels of many vectors, so a weight is multiplied with its scale before it meets activations:
//   w'(o,c) = wq(o,c) sq(o, floor(c / V)),   |w'| < 2^15
//   P_kg[t,o] = sum over c in g and in tile k of (x[t,c] - z_g) w'(o,c), exact, then saturated to acc_bits (counted)
//   A as in gemm.h;  Y[t,o] = fl(fl(gamma_o A) + bias[o])
#ifndef IGQ_SCALED_GEMM_H
#define IGQ_SCALED_GEMM_H
#include "grouping.h"
#include "quant.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_SCALED_WEIGHT_BITS 16 // most of a code and its scale together

typedef struct igq_scaled_operands {
    const uint8_t *act_codes; // [T][C]
    const igq_grouping *grouping;
    const igq_quantizer *quantizer; // (G), for the zero points
    const igq_group_scales *scales;
    const int8_t *weight_codes;   // [O][C]
    const uint16_t *weight_scale; // [O][ceil(C/V)]
    const float *weight_gamma;    // (O)
    const float *bias;            // (O) or NULL
    int T, O, V;
    int acc_bits;      // [8, 32]
    int tile_channels; // 0: all C
} igq_scaled_operands;

// y out [T][O]. Returns the number of saturated group sums. scratch of igq_scaled_gemm_scratch bytes, aligned to 8.
uint64_t igq_scaled_gemm(float *y, const igq_scaled_operands *operands, void *scratch);
size_t igq_scaled_gemm_scratch(int C, int O);
uint64_t igq_scaled_gemm_ref(float *y, const igq_scaled_operands *operands);

#ifdef __cplusplus
}
#endif
#endif
