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

// One block of channels against all groups, distances in `number`. Always inlined: so `distance` is a constant and its
// choice leaves the loop, and the code belongs to both clones of the caller. The channels are the inner loop, so that
// they share a vector.
#define ASSIGN_BLOCK(name, number)                                                                                     \
    __attribute__((always_inline)) static inline void name(                                                            \
        uint16_t *restrict group, const int16_t *restrict lo, const int16_t *restrict hi, const int16_t *lower,        \
        const int16_t *upper, int num, int G, igq_distance distance)                                                   \
    {                                                                                                                  \
        number nearest[BLOCK_CHANNELS], winner[BLOCK_CHANNELS];                                                        \
        for (int c = 0; c < num; c++) {                                                                                \
            nearest[c] = (number)distance_of(lo[c] - lower[0], hi[c] - upper[0], distance);                            \
            winner[c] = 0;                                                                                             \
        }                                                                                                              \
        for (int g = 1; g < G; g++) {                                                                                  \
            for (int c = 0; c < num; c++) {                                                                            \
                const number d = (number)distance_of(lo[c] - lower[g], hi[c] - upper[g], distance);                    \
                winner[c] = d < nearest[c] ? g : winner[c];                                                            \
                nearest[c] = d < nearest[c] ? d : nearest[c];                                                          \
            }                                                                                                          \
        }                                                                                                              \
        for (int c = 0; c < num; c++)                                                                                  \
            group[c] = (uint16_t)winner[c];                                                                            \
    }
ASSIGN_BLOCK(assign_block, int64_t)
ASSIGN_BLOCK(assign_near_block, int32_t) // twice as many side by side

__attribute__((always_inline)) static inline void widen_to(int32_t *least, int32_t *most, const int16_t *values,
                                                           int num)
{
    for (int i = 0; i < num; i++) {
        *least = values[i] < *least ? values[i] : *least;
        *most = values[i] > *most ? values[i] : *most;
    }
}

// Whether every squared distance of the block fits 32 bits, by the spans of all lower ends and of all upper ones.
__attribute__((always_inline)) static inline int is_near(const int16_t *lo, const int16_t *hi, const int16_t *lower,
                                                         const int16_t *upper, int num, int G)
{
    int32_t least_low = lower[0], most_low = lower[0], least_high = upper[0], most_high = upper[0];
    widen_to(&least_low, &most_low, lower, G);
    widen_to(&least_low, &most_low, lo, num);
    widen_to(&least_high, &most_high, upper, G);
    widen_to(&least_high, &most_high, hi, num);
    return distance_of(most_low - least_low, most_high - least_high, IGQ_DISTANCE_L2) <= INT32_MAX;
}

IGQ_CLONES void igq_assign(uint16_t *group, const int16_t *lo, const int16_t *hi, const int16_t *lower,
                           const int16_t *upper, int C, int G, igq_distance distance)
{
    assert(C >= 1 && G >= 1 && G <= IGQ_MAX_GROUPS);
    for (int c = 0; c < C; c += BLOCK_CHANNELS) {
        const int num = C - c < BLOCK_CHANNELS ? C - c : BLOCK_CHANNELS;
        if (distance == IGQ_DISTANCE_L2 && is_near(lo + c, hi + c, lower, upper, num, G))
            assign_near_block(group + c, lo + c, hi + c, lower, upper, num, G, IGQ_DISTANCE_L2);
        else if (distance == IGQ_DISTANCE_L2)
            assign_block(group + c, lo + c, hi + c, lower, upper, num, G, IGQ_DISTANCE_L2);
        else if (distance == IGQ_DISTANCE_L1)
            assign_near_block(group + c, lo + c, hi + c, lower, upper, num, G, IGQ_DISTANCE_L1);
        else
            assign_near_block(group + c, lo + c, hi + c, lower, upper, num, G, IGQ_DISTANCE_LINF);
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

/// Lists with a capacity

int igq_list_capacity(int members, int groups, int capacity_pct, int multiple)
{
    if (capacity_pct == 0)
        return 0;
    const int64_t hundreds = 100 * (int64_t)groups;
    const int64_t capacity = (capacity_pct * (int64_t)members + hundreds - 1) / hundreds;
    const int64_t rounded = (capacity + multiple - 1) / multiple * multiple;
    return (int)(rounded < members ? rounded : members);
}

static int is_in(uint64_t set, int group)
{
    return set >> group & 1;
}

// Nearest group of those not in the set `out`.
static int nearest_but(uint64_t out, int16_t lo, int16_t hi, const int16_t *lower, const int16_t *upper, int G,
                       igq_distance distance)
{
    int nearest = -1;
    uint64_t least = UINT64_MAX;
    for (int g = 0; g < G; g++) {
        const uint64_t d = is_in(out, g) ? UINT64_MAX : igq_assign_distance(lo, hi, lower[g], upper[g], distance);
        nearest = d < least ? g : nearest;
        least = d < least ? d : least;
    }
    assert(nearest >= 0);
    return nearest;
}

int igq_assign_limited(uint16_t *group, const int16_t *lo, const int16_t *hi, const int16_t *lower,
                       const int16_t *upper, int C, int G, igq_distance distance, int capacity, int lanes)
{
    igq_assign(group, lo, hi, lower, upper, C, G, distance);
    if (capacity == 0)
        return 0;
    assert(lanes >= 1 && (int64_t)capacity * G >= C);
    int room[IGQ_MAX_GROUPS], repairs = 0;
    uint64_t full = 0, filled_now = 0; // lists; those that this cycle has filled
    for (int g = 0; g < G; g++)
        room[g] = capacity;
    for (int c = 0; c < C; c++) {
        int g = group[c];
        if (c % lanes == 0)
            filled_now = 0;
        while (is_in(full, g)) {
            if (is_in(filled_now, g)) { // chosen before it was full: the next cycle knows
                repairs++;
                filled_now = 0;
            }
            g = nearest_but(full & ~filled_now, lo[c], hi[c], lower, upper, G, distance);
        }
        group[c] = (uint16_t)g;
        if (--room[g] == 0) {
            full |= UINT64_C(1) << g;
            filled_now |= UINT64_C(1) << g;
        }
    }
    return repairs;
}

// Group of channel c, nearest of those that have less than `capacity` of the first `dealt` channels.
static int choose_ref(const uint16_t *group, int dealt, const uint64_t *distance_of_group, int G, int capacity)
{
    int chosen = -1;
    for (int g = 0; g < G; g++) {
        int on_list = 0;
        for (int c = 0; c < dealt; c++)
            on_list += group[c] == g;
        if ((capacity == 0 || on_list < capacity) && (chosen < 0 || distance_of_group[g] < distance_of_group[chosen]))
            chosen = g;
    }
    return chosen;
}

// Cycle by cycle.
int igq_assign_limited_ref(uint16_t *group, const int16_t *lo, const int16_t *hi, const int16_t *lower,
                           const int16_t *upper, int C, int G, igq_distance distance, int capacity, int lanes)
{
    int cycles = 0;
    for (int dealt = 0; dealt < C; cycles++) {
        const int begin = dealt, end = begin / lanes * lanes + lanes;
        for (int lane_works = 1; lane_works && dealt < end && dealt < C;) {
            uint64_t d[IGQ_MAX_GROUPS];
            for (int g = 0; g < G; g++)
                d[g] = igq_assign_distance(lo[dealt], hi[dealt], lower[g], upper[g], distance);
            const int chosen = choose_ref(group, begin, d, G, capacity);
            lane_works = chosen == choose_ref(group, dealt, d, G, capacity);
            if (lane_works)
                group[dealt++] = (uint16_t)chosen;
        }
    }
    return cycles - (C + lanes - 1) / lanes;
}
