// SPDX-License-Identifier: Apache-2.0
#include "grouping.h"
#include <assert.h>
#include <string.h>

size_t igq_grouping_size(int C, int G)
{
    return ((size_t)G + 1) * sizeof(int32_t) + 2 * (size_t)C * sizeof(uint16_t);
}

void igq_grouping_init(igq_grouping *grouping, void *memory, int C, int G)
{
    assert(C >= 1 && C <= IGQ_MAX_CHANNELS && G >= 1 && G <= IGQ_MAX_CHANNELS);
    grouping->C = C;
    grouping->G = G;
    grouping->start = memory;
    grouping->group = (uint16_t *)(grouping->start + G + 1);
    grouping->channel = grouping->group + C;
}

void igq_grouping_build(igq_grouping *grouping)
{
    const int C = grouping->C, G = grouping->G;
    int32_t *start = grouping->start;
    memset(start, 0, ((size_t)G + 1) * sizeof *start);
    for (int c = 0; c < C; c++) {
        assert(grouping->group[c] < G);
        start[grouping->group[c] + 1]++;
    }
    for (int g = 0; g < G; g++)
        start[g + 1] += start[g];
    // Placing moves start[g] to the end of list g, which is the start of list g + 1: shift them back afterwards.
    for (int c = 0; c < C; c++)
        grouping->channel[start[grouping->group[c]]++] = (uint16_t)c;
    memmove(start + 1, start, (size_t)G * sizeof *start);
    start[0] = 0;
}

// Group of the channel at `position` when C channels are cut into G runs.
static uint16_t run_of(int position, const igq_grouping *grouping)
{
    return (uint16_t)((int64_t)position * grouping->G / grouping->C);
}

void igq_grouping_consecutive(igq_grouping *grouping)
{
    for (int c = 0; c < grouping->C; c++)
        grouping->group[c] = run_of(c, grouping);
    igq_grouping_build(grouping);
}

// One pass of a radix sort by byte `byte` of the channels' calibrated range; equal keys keep their order.
static void sort_by_range_byte(uint16_t *sorted, const uint16_t *channel, const int16_t *lo, const int16_t *hi, int C,
                               int byte)
{
    int32_t start[257] = {0};
    for (int c = 0; c < C; c++)
        start[(((hi[c] - lo[c]) >> (8 * byte)) & 255) + 1]++;
    for (int key = 0; key < 256; key++)
        start[key + 1] += start[key];
    for (int i = 0; i < C; i++) {
        const int c = channel[i];
        sorted[start[((hi[c] - lo[c]) >> (8 * byte)) & 255]++] = (uint16_t)c;
    }
}

void igq_grouping_peg(igq_grouping *grouping, const int16_t *channel_lo, const int16_t *channel_hi, uint16_t *scratch)
{
    const int C = grouping->C;
    uint16_t *channel = grouping->channel; // free until the lists are built
    for (int c = 0; c < C; c++)
        channel[c] = (uint16_t)c;
    sort_by_range_byte(scratch, channel, channel_lo, channel_hi, C, 0);
    sort_by_range_byte(channel, scratch, channel_lo, channel_hi, C, 1);
    for (int i = 0; i < C; i++)
        grouping->group[channel[i]] = run_of(i, grouping);
    igq_grouping_build(grouping);
}

void igq_grouping_channelwise(igq_grouping *grouping)
{
    assert(grouping->G == grouping->C);
    for (int c = 0; c < grouping->C; c++)
        grouping->group[c] = (uint16_t)c;
    igq_grouping_build(grouping);
}

void igq_grouping_slice(igq_grouping *slice, const igq_grouping *grouping, int first, int end)
{
    int num = 0;
    slice->C = grouping->C;
    slice->G = grouping->G;
    for (int g = 0; g < grouping->G; g++) {
        slice->start[g] = num;
        for (int i = grouping->start[g]; i < grouping->start[g + 1]; i++)
            if (grouping->channel[i] >= first && grouping->channel[i] < end)
                slice->channel[num++] = grouping->channel[i];
    }
    slice->start[grouping->G] = num;
}
