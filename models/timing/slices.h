// SPDX-License-Identifier: Apache-2.0
// slices.h - which of the arrays that work side by side take which group's list. Contract: docs/timing.md, "MAC arrays
// and row selector".
#ifndef IGQ_SLICES_H
#define IGQ_SLICES_H
#include "accelerator.h"
#include "grouping.h"

#ifdef __cplusplus
extern "C" {
#endif

// 1 if several arrays take a vector each in every step.
static inline int igq_works_in_lockstep(igq_organisation organisation)
{
    return organisation == IGQ_ORGANISATION_PER_GROUP || organisation == IGQ_ORGANISATION_ELASTIC;
}

// 1 if sums stay in the accumulators and are shifted there at a change of group.
static inline int igq_shifts_in_place(igq_group_scale group_scale, igq_organisation organisation)
{
    return group_scale == IGQ_GROUP_SCALE_POW2 &&
           (organisation == IGQ_ORGANISATION_SHARED || organisation == IGQ_ORGANISATION_TEMPORAL);
}

// Lists of a block that are worked on side by side where so many blocks of outputs are worked on at once: unbound as
// many as there are arrays for, others 1 (it is no matter of blocks there).
static inline int igq_lists_side_by_side(int blocks, const igq_accelerator *accelerator)
{
    return igq_blocks_at_once(accelerator) / blocks;
}

// Slices of elastic: slices out (num_groups), 0 for an empty list. One after the other goes to the list with most
// vectors per slice, lowest group first. No other deal has a shorter longest share: a list gets another slice only
// while it is the longest, and any deal that ends shorter must give it that slice too.
// Requires as many slices as lists that are not empty (asserted).
void igq_deal_slices(int *slices, const int *vectors, int num_groups, int num_slices);

// Arrays of each list of an organisation in lockstep: arrays out (grouping->G). per_group: one each, a single list has
// all. Requires grouping->G <= num_arrays (asserted).
void igq_arrays_of_lists(int *arrays, const igq_grouping *grouping, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
