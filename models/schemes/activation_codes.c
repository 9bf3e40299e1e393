// SPDX-License-Identifier: Apache-2.0
#include "activation_codes.h"
#include "arena.h"
#include "fixed.h"
#include "format.h"
#include "range.h"
#include <assert.h>

static void place(igq_activation_codes *codes, igq_arena *arena, int T, int C)
{
    size_t values = (size_t)T * (size_t)C;
    int members = T > C ? T : C; // and groups: channelwise has a group per member, a few rows may have more groups
    if (members < IGQ_MAX_GROUPS)
        members = IGQ_MAX_GROUPS;
    size_t num = (size_t)members;
    codes->fixed = igq_arena_take(arena, values * sizeof *codes->fixed);
    codes->codes = igq_arena_take(arena, values * sizeof *codes->codes);
    codes->vector_codes = igq_arena_take(arena, values * sizeof *codes->vector_codes);
    codes->vector_scale = igq_arena_take(arena, values * sizeof *codes->vector_scale); // V may be 1
    codes->block_scale = igq_arena_take(arena, values);                                // blocks may be of one channel
    codes->block_factor = igq_arena_take(arena, (size_t)T * sizeof *codes->block_factor);
    codes->block_values = igq_arena_take(arena, values * sizeof *codes->block_values);
    codes->quantizer = igq_arena_take(arena, num * sizeof *codes->quantizer);
    codes->scales.step = igq_arena_take(arena, num * sizeof *codes->scales.step);
    codes->scales.weight = igq_arena_take(arena, num * sizeof *codes->scales.weight);
    codes->lower = igq_arena_take(arena, num * sizeof *codes->lower);
    codes->upper = igq_arena_take(arena, num * sizeof *codes->upper);
    codes->order = igq_arena_take(arena, num * sizeof *codes->order);
    codes->grouping_memory = igq_arena_take(arena, igq_grouping_size(members, members));
    codes->tender_middle = igq_arena_take(arena, (size_t)C * sizeof *codes->tender_middle);
    codes->tender_scratch = igq_arena_take(arena, (size_t)C * sizeof *codes->tender_scratch);
    codes->quantize_scratch = igq_arena_take(arena, igq_quantize_channels_scratch(C));
}

size_t igq_activation_codes_size(int T, int C)
{
    igq_arena counter = {0};
    igq_activation_codes codes;
    place(&codes, &counter, T, C);
    return counter.used_bytes;
}

void igq_activation_codes_init(igq_activation_codes *codes, void *memory, int T, int C)
{
    igq_arena arena = {.base = memory};
    codes->seen = NULL;
    place(codes, &arena, T, C);
}

void igq_activation_codes_fill(igq_activation_codes *codes, igq_range *range, igq_layer_noise *noise, const float *x,
                               int T, int C, igq_members members, const igq_group_bounds *bounds,
                               const igq_scheme_cfg *cfg)
{
    assert(bounds->num_members == (members == IGQ_MEMBERS_CHANNELS ? C : T) && range->num == bounds->num_members);
    noise->saturated_count += igq_to_fixed(codes->fixed, x, (size_t)T * (size_t)C, bounds->exponent);
    if (members == IGQ_MEMBERS_CHANNELS)
        igq_range_channels(range->lo, range->hi, codes->fixed, T, C);
    else
        igq_range_rows(range->lo, range->hi, codes->fixed, T, C);
    for (int m = 0; codes->seen && m < range->num; m++) {
        range->lo[m] = codes->seen->lo[m] < range->lo[m] ? codes->seen->lo[m] : range->lo[m];
        range->hi[m] = codes->seen->hi[m] > range->hi[m] ? codes->seen->hi[m] : range->hi[m];
    }
    igq_power power = igq_act_format(cfg)->fill_acts(codes, range, T, C, members, bounds, cfg);
    noise->known = 1;
    noise->signal += power.signal;
    noise->noise += power.noise;
}
