// SPDX-License-Identifier: Apache-2.0
#include "assign.h"
#include "clones.h"
#include <assert.h>

static inline int32_t absolute(int32_t v)
{
    return v < 0 ? -v : v;
}

static inline int64_t distance_of(int32_t low_gap, int32_t high_gap, igq_distance distance)
{
    const int64_t low = absolute(low_gap);
    const int64_t high = absolute(high_gap);
    if (distance == IGQ_DISTANCE_L2)
        return low * low + high * high;
    if (distance == IGQ_DISTANCE_L1)
        return low + high;
    return low > high ? low : high;
}

uint64_t igq_assign_distance(int16_t lo, int16_t hi, int16_t lower, int16_t upper, igq_distance distance)
{
    return (uint64_t)distance_of(lo - lower, hi - upper, distance);
}

#define BLOCK_CHANNELS 64

// One block of channels against all groups. Always inlined: so `distance` is a constant and its choice leaves the loop,
// and the code belongs to both clones of the caller. The channels are the inner loop, so that they share a vector.
__attribute__((always_inline)) static inline void assign_block(uint16_t *restrict group, const int16_t *restrict lo,
                                                               const int16_t *restrict hi, const int16_t *lower,
                                                               const int16_t *upper, int num, int G,
                                                               igq_distance distance)
{
    int64_t nearest[BLOCK_CHANNELS];
    int64_t winner[BLOCK_CHANNELS];
    for (int c = 0; c < num; c++) {
        nearest[c] = INT64_MAX;
        winner[c] = 0;
    }
    for (int g = 0; g < G; g++) {
        for (int c = 0; c < num; c++) {
            const int64_t d = distance_of(lo[c] - lower[g], hi[c] - upper[g], distance);
            winner[c] = d < nearest[c] ? g : winner[c];
            nearest[c] = d < nearest[c] ? d : nearest[c];
        }
    }
    for (int c = 0; c < num; c++)
        group[c] = (uint16_t)winner[c];
}

IGQ_CLONES void igq_assign(uint16_t *group, const int16_t *lo, const int16_t *hi, const int16_t *lower,
                           const int16_t *upper, int C, int G, igq_distance distance)
{
    assert(C >= 1 && G >= 1 && G <= IGQ_MAX_GROUPS);
    for (int c = 0; c < C; c += BLOCK_CHANNELS) {
        const int num = C - c < BLOCK_CHANNELS ? C - c : BLOCK_CHANNELS;
        if (distance == IGQ_DISTANCE_L2)
            assign_block(group + c, lo + c, hi + c, lower, upper, num, G, IGQ_DISTANCE_L2);
        else if (distance == IGQ_DISTANCE_L1)
            assign_block(group + c, lo + c, hi + c, lower, upper, num, G, IGQ_DISTANCE_L1);
        else
            assign_block(group + c, lo + c, hi + c, lower, upper, num, G, IGQ_DISTANCE_LINF);
    }
}

void igq_assign_ref(uint16_t *group, const int16_t *lo, const int16_t *hi, const int16_t *lower, const int16_t *upper,
                    int C, int G, igq_distance distance)
{
    for (int c = 0; c < C; c++) {
        group[c] = 0;
        uint64_t nearest = igq_assign_distance(lo[c], hi[c], lower[0], upper[0], distance);
        for (int g = 1; g < G; g++) {
            const uint64_t d = igq_assign_distance(lo[c], hi[c], lower[g], upper[g], distance);
            if (d < nearest) {
                nearest = d;
                group[c] = (uint16_t)g;
            }
        }
    }
}
