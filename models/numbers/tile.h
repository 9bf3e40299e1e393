// SPDX-License-Identifier: Apache-2.0
// tile.h - the inner product of the fast integer matrix products, for a tile of 6 tokens x 16 output channels, and the
// layout of its operands. Private to models/.
// Input channels go in pairs, since processors multiply 16-bit values and add two neighbouring products in one
// instruction; an odd channel is paired with zeros. Operands of one pair lie together:
//   acts [num_pairs][6][2], weights [num_pairs][16][2]
// 6 x 16 sums of 32 bits fill 12 of the 16 vector registers of AVX2 and leave room for the operands.
#ifndef IGQ_TILE_H
#define IGQ_TILE_H
#include "weight_quant.h"
#include <stddef.h>
#include <stdint.h>

#define IGQ_TILE_TOKENS 6
#define IGQ_TILE_OUTPUTS IGQ_PANEL_OUTPUTS
#define IGQ_TILE_SUMS (IGQ_TILE_TOKENS * IGQ_TILE_OUTPUTS)
#define IGQ_TILE_ACTS (2 * IGQ_TILE_TOKENS)     // operands of one pair
#define IGQ_TILE_WEIGHTS (2 * IGQ_TILE_OUTPUTS) // operands of one pair

// sums[t*16 + o] = sum over pairs p and i in {0, 1} of acts[p][t][i] * weights[p][o][i]. Exact: the caller keeps the
// sum of magnitudes below 2^31.
typedef void igq_tile_kernel(int32_t *sums, const int16_t *acts, const int16_t *weights, int num_pairs);

igq_tile_kernel igq_tile_sums_portable;
#if defined(__x86_64__) && defined(__GNUC__)
igq_tile_kernel igq_tile_sums_avx2;
#endif

// The fastest kernel of this processor.
igq_tile_kernel *igq_tile_best_kernel(void);

// Operands of a tile-based product in the caller's scratch memory: the packed activations of all tokens and the packed
// weights of 16 output channels.
typedef struct igq_tile_operands {
    int16_t *acts;    // [ceil(T/6)][num_pairs][6][2]
    int16_t *weights; // [num_pairs][16][2]
    size_t num_pairs;
} igq_tile_operands;

size_t igq_tile_operands_size(int T, size_t num_pairs);
void igq_tile_operands_init(igq_tile_operands *operands, void *scratch, int T, size_t num_pairs);

// Where the tile of token t begins, moved on to the token's own lane.
static inline int16_t *igq_tile_token_lane(const igq_tile_operands *operands, int t)
{
    const size_t tile = (size_t)(t / IGQ_TILE_TOKENS);
    return operands->acts + tile * operands->num_pairs * IGQ_TILE_ACTS + t % IGQ_TILE_TOKENS * 2;
}

// Saturates the sums of a tile to acc_bits and returns how many did. A group of num_channels cannot overflow if
// igq_tile_fits: products of two 9-bit differences.
uint64_t igq_tile_saturate(int32_t *sums, int acc_bits);
static inline int igq_tile_fits(int num_channels, int acc_bits)
{
    return (int64_t)num_channels * 255 * 255 < (int64_t)1 << (acc_bits - 1);
}

#endif
