// SPDX-License-Identifier: Apache-2.0
#include "slices.h"
#include <assert.h>

void igq_deal_slices(int *slices, const int *vectors, int num_groups, int num_slices)
{
    for (int g = 0; g < num_groups; g++) {
        slices[g] = vectors[g] > 0;
        num_slices -= slices[g];
    }
    assert(num_slices >= 0);
    for (; num_slices > 0; num_slices--) {
        int longest = 0;
        for (int g = 1; g < num_groups; g++) // vectors / slices, compared without a division
            if (vectors[g] * slices[longest] > vectors[longest] * slices[g] || vectors[longest] == 0)
                longest = g;
        slices[longest]++;
    }
}

void igq_arrays_of_lists(int *arrays, const igq_grouping *grouping, const igq_accelerator *accelerator)
{
    int num_arrays = accelerator->mac_array.num_arrays, V = accelerator->mac_array.vector_length;
    int vectors[IGQ_MAX_GROUPS];
    assert(grouping->G <= num_arrays && num_arrays <= IGQ_MAX_GROUPS);
    for (int g = 0; g < grouping->G; g++) {
        arrays[g] = grouping->G == 1 ? num_arrays : 1;
        vectors[g] = (grouping->start[g + 1] - grouping->start[g] + V - 1) / V;
    }
    if (accelerator->mac_organisation == IGQ_ORGANISATION_ELASTIC)
        igq_deal_slices(arrays, vectors, grouping->G, num_arrays);
}
