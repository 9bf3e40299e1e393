// SPDX-License-Identifier: Apache-2.0
// gemm.h - grouped integer matrix product, Eq. (7):
//   P_kg[t,o] = sum over c in g and in tile k of (x[t,c] - z_g)(w[o,c] - z_o), exact, then saturated to acc_bits
//               (counted)
//   fp32: A = sum over k, and for each k over g, in order, of fl(step_g * fl(P_kg)), each product and sum rounded to
//         float (no FMA)
//   int:  A = sum_kg weight_g P_kg     pow2: A = sum_kg P_kg << weight_g    exact in 64 bits, whatever the order; then
//         A = float(A) * layer_scale
//   Y[t,o] = fl(fl(s_o * A) + bias[o])
// Tile k has the channels k tile_channels ... (k+1) tile_channels - 1: an accumulator holds the sum of a group until
// the tile ends (docs/timing.md, "Tiles"). tile_channels 0: one tile of all C. The saturation is applied to the
// finished sum of a group and tile, so that the result does not depend on the order in which an organisation adds
// (docs/decisions/0002).
#ifndef IGQ_GEMM_H
#define IGQ_GEMM_H
#include "grouping.h"
#include "quant.h"
#include "weight_quant.h"

#ifdef __cplusplus
extern "C" {
#endif

// One product: everything but the output. Codes are unsigned, up to 8 bits.
typedef struct igq_gemm_operands {
    const uint8_t *act_codes; // [T][C]
    const igq_grouping *grouping;
    const igq_quantizer *quantizer; // (G), for the zero points
    const igq_group_scales *scales;
    const igq_weight_codes *weights;
    const float *bias; // (O) or NULL
    int T;
    int acc_bits;      // [8, 32]
    int tile_channels; // 0: all C
} igq_gemm_operands;

// y out [T][O]. Returns the number of saturated group sums.
// igq_gemm picks the fastest kernel of the processor at run time; same bits as the naive twin on every processor.
uint64_t igq_gemm(float *y, const igq_gemm_operands *operands, void *scratch);
size_t igq_gemm_scratch(int T, int C, int O, int G);
uint64_t igq_gemm_ref(float *y, const igq_gemm_operands *operands);

// Rows quantized one by one (softmax . V): y[r,o] = fl(s_o * A), where P_k sums over the keys of tile k, saturated to
// acc_bits, and
//   fp32: A = sum over k, in order, of fl(step_row * fl(P_k))
//   int, pow2: A = fl(step_row * fl(sum over k of P_k)), step_row = float(weight) * layer_scale resp. layer_scale *
//   2^weight
//   row_codes [R][K], row_group (R) indexes quantizer and scales; weights codes are [O][K] (V transposed).
//   scratch of igq_gemm_scratch(R, K, O, 1) bytes.
uint64_t igq_gemm_rows(float *y, const uint8_t *row_codes, const uint16_t *row_group, const igq_quantizer *quantizer,
                       const igq_group_scales *scales, const igq_weight_codes *weights, int R, int acc_bits,
                       int tile_channels, void *scratch);
uint64_t igq_gemm_rows_ref(float *y, const uint8_t *row_codes, const uint16_t *row_group,
                           const igq_quantizer *quantizer, const igq_group_scales *scales,
                           const igq_weight_codes *weights, int R, int acc_bits, int tile_channels);

#ifdef __cplusplus
}
#endif
#endif
