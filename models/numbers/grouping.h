// SPDX-License-Identifier: Apache-2.0
// grouping.h - the channel lists of one layer instance, as the index buffer holds them, and how each scheme makes them.
#ifndef IGQ_GROUPING_H
#define IGQ_GROUPING_H
#include "params.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// One list per group, group after group; within a list the channels ascend. Memory is the caller's.
typedef struct igq_grouping {
    int C, G;
    uint16_t *group;   // (C) group of each channel
    uint16_t *channel; // (C) channels, list after list
    int32_t *start;    // (G+1) channel[start[g] .. start[g+1]) is the list of group g
} igq_grouping;

// Channels on the lists: all C, unless some were left out (zero_skip.h).
static inline int igq_grouping_num_listed(const igq_grouping *grouping)
{
    return grouping->start[grouping->G];
}

// Channels on one list.
static inline int igq_list_length(const igq_grouping *grouping, int group)
{
    return grouping->start[group + 1] - grouping->start[group];
}

// Bytes that igq_grouping_init needs for C channels and G groups.
size_t igq_grouping_size(int C, int G);
// Lays a grouping out in `memory` (igq_grouping_size bytes, aligned to 8). Lists are undefined until built.
void igq_grouping_init(igq_grouping *grouping, void *memory, int C, int G);

// Builds lists and starts from grouping->group (each entry in [0, G), asserted): a counting sort.
void igq_grouping_build(igq_grouping *grouping);

// Static groups. They fill grouping->group and build the lists.
//   consecutive: channel c belongs to group floor(c * G / C), runs differ in length by at most one.
//   peg: channels sorted by calibrated range (channel_hi - channel_lo, ties by index), cut into runs as consecutive
//   does. channelwise: G = C, group[c] = c (asserted).
void igq_grouping_consecutive(igq_grouping *grouping);
void igq_grouping_peg(igq_grouping *grouping, const int16_t *channel_lo, const int16_t *channel_hi, uint16_t *scratch);
void igq_grouping_channelwise(igq_grouping *grouping);

// The lists' channels from `first` to `end`, in the same order. slice: channel (C) and start (G + 1) are filled.
void igq_grouping_slice(igq_grouping *slice, const igq_grouping *grouping, int first, int end);

#ifdef __cplusplus
}
#endif
#endif
