// SPDX-License-Identifier: Apache-2.0
#include "bops.h"
#include <assert.h>

uint64_t igq_matmul_bops(int T, int C, int O, int act_bits, int weight_bits)
{
    return (uint64_t)T * (uint64_t)C * (uint64_t)O * (uint64_t)(act_bits * weight_bits);
}

uint64_t igq_assign_bops(int observations, int members, int num_groups, igq_distance distance)
{
    enum { DIFFERENCE_BITS = IGQ_ACT_IN_BITS + 1 };
    static const struct distance_cost {
        uint64_t distance_bops; // one member and group
        uint64_t distance_bits;
    } costs[IGQ_DISTANCE_COUNT] = {
        [IGQ_DISTANCE_L2] = {2 * DIFFERENCE_BITS + 2 * DIFFERENCE_BITS * DIFFERENCE_BITS + 2 * DIFFERENCE_BITS,
                             2 * DIFFERENCE_BITS + 1},
        [IGQ_DISTANCE_L1] = {2 * DIFFERENCE_BITS + 2 * DIFFERENCE_BITS + DIFFERENCE_BITS, DIFFERENCE_BITS + 1},
        [IGQ_DISTANCE_LINF] = {2 * DIFFERENCE_BITS + 2 * DIFFERENCE_BITS + DIFFERENCE_BITS, DIFFERENCE_BITS},
    };
    static_assert(IGQ_DISTANCE_COUNT == 3, "a cost for every distance");
    uint64_t range_bops = 2 * (uint64_t)observations * IGQ_ACT_IN_BITS;
    uint64_t G = (uint64_t)num_groups;
    uint64_t score_bops = G > 0 ? G * costs[distance].distance_bops + (G - 1) * costs[distance].distance_bits : 0;
    return (uint64_t)members * (range_bops + score_bops);
}
