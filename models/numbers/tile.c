// SPDX-License-Identifier: Apache-2.0
#include "tile.h"
#include "clones.h"
#include <string.h>

void igq_tile_sums_portable(int32_t *sums, const int16_t *acts, const int16_t *weights, int num_pairs)
{
    memset(sums, 0, IGQ_TILE_SUMS * sizeof *sums);
    for (int p = 0; p < num_pairs; p++) {
        for (int t = 0; t < IGQ_TILE_TOKENS; t++)
            for (int o = 0; o < IGQ_TILE_OUTPUTS; o++)
                sums[t * IGQ_TILE_OUTPUTS + o] += acts[2 * t] * weights[2 * o] + acts[2 * t + 1] * weights[2 * o + 1];
        acts += IGQ_TILE_ACTS;
        weights += IGQ_TILE_WEIGHTS;
    }
}

igq_tile_kernel *igq_tile_best_kernel(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx2"))
        return igq_tile_sums_avx2;
#endif
    return igq_tile_sums_portable;
}

static size_t num_acts(int T, size_t num_pairs)
{
    const size_t num_tiles = ((size_t)T + IGQ_TILE_TOKENS - 1) / IGQ_TILE_TOKENS;
    return num_tiles * num_pairs * IGQ_TILE_ACTS;
}

#define CACHE_LINE_BYTES 64 // a vector of weights that straddles two lines costs two reads

size_t igq_tile_operands_size(int T, size_t num_pairs)
{
    return CACHE_LINE_BYTES + (num_pairs * IGQ_TILE_WEIGHTS + num_acts(T, num_pairs)) * sizeof(int16_t);
}

void igq_tile_operands_init(igq_tile_operands *operands, void *scratch, int T, size_t num_pairs)
{
    const size_t misaligned = (uintptr_t)scratch % CACHE_LINE_BYTES;
    char *aligned = (char *)scratch + (misaligned ? CACHE_LINE_BYTES - misaligned : 0);
    operands->num_pairs = num_pairs;
    operands->weights = (int16_t *)(void *)aligned;
    operands->acts = operands->weights + num_pairs * IGQ_TILE_WEIGHTS;
    memset(operands->acts, 0, num_acts(T, num_pairs) * sizeof *operands->acts);
}

IGQ_CLONES uint64_t igq_tile_saturate(int32_t *sums, int acc_bits)
{
    const int32_t max = (int32_t)(((int64_t)1 << (acc_bits - 1)) - 1);
    const int32_t min = -max - 1;
    uint32_t saturated = 0;
    for (int i = 0; i < IGQ_TILE_SUMS; i++) {
        const int32_t at_most = sums[i] < max ? sums[i] : max;
        const int32_t kept = at_most > min ? at_most : min;
        saturated += kept != sums[i];
        sums[i] = kept;
    }
    return saturated;
}
