// SPDX-License-Identifier: Apache-2.0
#include "tile.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#include <string.h>

// Compiled for AVX2 whatever the processor of the build; igq_tile_best_kernel asks the processor before it hands it
// out.
#define AVX2 __attribute__((target("avx2")))

// Sums of one token: 16 outputs are two vectors.
typedef struct token_sums {
    __m256i low, high;
} token_sums;

// act_pair: the token's two activations of this pair.
AVX2 static inline token_sums add_pair(token_sums sums, const int16_t *act_pair, __m256i low, __m256i high)
{
    int32_t pair;
    memcpy(&pair, act_pair, sizeof pair);
    const __m256i act = _mm256_set1_epi32(pair);
    sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(act, low));
    sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(act, high));
    return sums;
}

AVX2 static inline void store_sums(int32_t *sums, token_sums token)
{
    _mm256_storeu_si256((__m256i *)sums, token.low);
    _mm256_storeu_si256((__m256i *)(sums + IGQ_TILE_OUTPUTS / 2), token.high);
}

// The tokens are named one by one because compilers keep an array of them in memory.
AVX2 void igq_tile_sums_avx2(int32_t *sums, const int16_t *acts, const int16_t *weights, int num_pairs)
{
    const token_sums zero = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    token_sums token0 = zero, token1 = zero, token2 = zero, token3 = zero, token4 = zero, token5 = zero;
    for (int p = 0; p < num_pairs; p++) {
        const __m256i low = _mm256_loadu_si256((const __m256i *)weights);
        const __m256i high = _mm256_loadu_si256((const __m256i *)(weights + IGQ_TILE_WEIGHTS / 2));
        token0 = add_pair(token0, acts, low, high);
        token1 = add_pair(token1, acts + 2, low, high);
        token2 = add_pair(token2, acts + 4, low, high);
        token3 = add_pair(token3, acts + 6, low, high);
        token4 = add_pair(token4, acts + 8, low, high);
        token5 = add_pair(token5, acts + 10, low, high);
        acts += IGQ_TILE_ACTS;
        weights += IGQ_TILE_WEIGHTS;
    }
    store_sums(sums, token0);
    store_sums(sums + IGQ_TILE_OUTPUTS, token1);
    store_sums(sums + 2 * IGQ_TILE_OUTPUTS, token2);
    store_sums(sums + 3 * IGQ_TILE_OUTPUTS, token3);
    store_sums(sums + 4 * IGQ_TILE_OUTPUTS, token4);
    store_sums(sums + 5 * IGQ_TILE_OUTPUTS, token5);
}
#endif
