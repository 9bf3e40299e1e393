// SPDX-License-Identifier: Apache-2.0
// code_product.h - one matrix product of the datapath in the number formats of its activations and weights (format.h).
// Weights are placed and filled once; activations come from activation_codes.h.
#ifndef IGQ_CODE_PRODUCT_H
#define IGQ_CODE_PRODUCT_H
#include "activation_codes.h"
#include "arena.h"
#include "scheme.h"
#include "weight_quant.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_code_weights {
    int O, C, bits;
    igq_weight_codes codes; // affine
    int8_t *vector_codes;   // vector [O][C]
    uint16_t *vector_scale; // vector [O][ceil(C/V)]
    float *vector_gamma;    // vector (O)
    uint8_t *block_codes;   // block [O][C]
    uint8_t *block_scale;   // block [O][blocks]
    float *block_factor;    // block (O)
} igq_code_weights;

// Takes room for weights [O][C] from the arena; `weights` is complete once the arena has a base.
void igq_code_weights_place(igq_code_weights *weights, igq_arena *arena, int O, int C, int bits,
                            const igq_scheme_cfg *cfg);
// values [O][C]. num_groups and epsilon_pct as igq_weight_quantize takes them; formats with scales beside their codes
// do not read them. scratch of igq_weight_quantize_scratch floats.
void igq_code_weights_fill(igq_code_weights *weights, const float *values, int num_groups, double epsilon_pct,
                           const igq_scheme_cfg *cfg, float *scratch);
// The same for activations in the place of weights (keys and values of attention): fixed [O][C] on the grid 2^exponent,
// with calibrated bounds lower, upper. scratch of O C floats.
void igq_code_operand_fill(igq_code_weights *weights, const int16_t *fixed, int lower, int upper, int exponent,
                           const igq_scheme_cfg *cfg, float *scratch);

// y [T][O] = tokens first_token ... first_token + T of act, times weights, plus bias (NULL: none). Sums are cut at
// tiles of channels (0: all C; whole vectors and blocks, igq_scheme_channel_unit). Returns the saturated sums. scratch
// of igq_code_product_scratch bytes.
uint64_t igq_code_product(float *y, const igq_activation_codes *act, int first_token, int T,
                          const igq_code_weights *weights, const float *bias, int exponent, int tile_channels,
                          const igq_scheme_cfg *cfg, void *scratch);
// The same where rows are the members of groups; all rows, no bias.
uint64_t igq_code_product_rows(float *y, const igq_activation_codes *act, int R, const igq_code_weights *weights,
                               int exponent, int tile_channels, const igq_scheme_cfg *cfg, void *scratch);
// Enough for both, with up to G groups.
size_t igq_code_product_scratch(int T, int C, int O, int G, const igq_scheme_cfg *cfg);

#ifdef __cplusplus
}
#endif
#endif
