// SPDX-License-Identifier: Apache-2.0
// block_gemm.h - the product of two operands whose numbers share a scale block by block (mx.h, nvfp4.h), or where the
// weights have a quantizer per output channel instead.
//   y(t,o) = fl(fl(A * factor_a(t)) * factor_w(o)) + bias(o),   A = sum over tiles k of channels, in order, of A_k,
//   A_k = sum over blocks b of the tile, in order, of fl(fl(sum over c in b of a(t,c) w(o,c)) * s_a(t,b) s_w(o,b))
// The sum of a block is exact and then rounded to FP32, so is its product with both scales; every addition rounds.
// Tiles of channels are whole blocks (the accumulator starts anew in each; docs/timing.md, "Tiles"); 0: one of all C.
// All FP32 roundings are to nearest, ties to even. Where the blocks of the operands differ in length, one is a multiple
// of the other and the shorter ones are summed.
#ifndef IGQ_BLOCK_GEMM_H
#define IGQ_BLOCK_GEMM_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_block_operand {
    const uint8_t *codes;      // [R][C]
    const uint8_t *zero_point; // (R) taken from the integer of a code; NULL: none
    const uint8_t *scale;      // [R][ceil(C/block_length)]; NULL: all 1
    const float *factor;       // (R)
    int block_length;          // not read where scale is NULL
    int64_t integer[256];      // what a code stands for: a whole number below 2^33
    double scale_value[256];   // times this, of its scale; its mantissa has at most 8 bits
} igq_block_operand;

// y [T][O]. act [T][C], weights [O][C]; not both without scales. bias (O) or NULL. scratch of igq_block_gemm_scratch.
void igq_block_gemm(float *y, const igq_block_operand *act, const igq_block_operand *weights, const float *bias, int T,
                    int C, int O, int tile_channels, void *scratch);
size_t igq_block_gemm_scratch(int T, int C, int O, int block_length); // of the shorter blocks
void igq_block_gemm_ref(float *y, const igq_block_operand *act, const igq_block_operand *weights, const float *bias,
                        int T, int C, int O, int tile_channels);

#ifdef __cplusplus
}
#endif
#endif
