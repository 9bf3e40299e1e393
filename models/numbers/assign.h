// SPDX-License-Identifier: Apache-2.0
// assign.h - deal each channel to the nearest of G quantizers, per instance.
// Source: IGQ-ViT Eqs. (4), (5); hardware view: its supplement, Fig. A. RTL twin: rtl/igq_group_assign.sv.
#ifndef IGQ_ASSIGN_H
#define IGQ_ASSIGN_H
#include "params.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Distance of the range [lo, hi] from the bounds [lower, upper], exact (at most 35 bits):
//   l2   (lo-lower)^2 + (hi-upper)^2       l1   |lo-lower| + |hi-upper|       linf  max(|lo-lower|, |hi-upper|)
uint64_t igq_assign_distance(int16_t lo, int16_t hi, int16_t lower, int16_t upper, igq_distance distance);

// group[c] = argmin over g of the distance; the lowest index wins a tie.
//   group         out (C)  in [0, G)
//   lo, hi        in  (C)  range of each channel of this instance
//   lower, upper  in  (G)  bounds of the quantizers, same grid
// Requires C >= 1, 1 <= G <= IGQ_MAX_GROUPS (asserted). Cost in hardware: latency.h.
void igq_assign(uint16_t *group, const int16_t *lo, const int16_t *hi, const int16_t *lower, const int16_t *upper,
                int C, int G, igq_distance distance);
void igq_assign_ref(uint16_t *group, const int16_t *lo, const int16_t *hi, const int16_t *lower, const int16_t *upper,
                    int C, int G, igq_distance distance);

// Most members of a list: ceil(capacity_pct * members / (100 groups)), rounded up to a multiple of `multiple`, and all
// members at most; 0 (no limit) where capacity_pct is 0. From 100 % up all members find a place: capacity * groups >=
// members.
int igq_list_capacity(int members, int groups, int capacity_pct, int multiple);

// The same as igq_assign where a list takes `capacity` channels at most (0: no limit): channels in ascending order,
// each to the nearest of the groups whose lists are not full; the lowest index wins a tie. Returns the repairs of
// hardware that deals `lanes` channels a cycle (docs/timing.md): every channel of a cycle chooses among the lists that
// were not full when the cycle began. From the first channel on whose list lower lanes have just filled, the channels
// choose again in the next cycle. 0 with one lane; fewer than G. Requires lanes >= 1 and capacity * G >= C where there
// is a limit (asserted).
int igq_assign_limited(uint16_t *group, const int16_t *lo, const int16_t *hi, const int16_t *lower,
                       const int16_t *upper, int C, int G, igq_distance distance, int capacity, int lanes);
int igq_assign_limited_ref(uint16_t *group, const int16_t *lo, const int16_t *hi, const int16_t *lower,
                           const int16_t *upper, int C, int G, igq_distance distance, int capacity, int lanes);

#ifdef __cplusplus
}
#endif
#endif
