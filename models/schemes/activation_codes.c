// SPDX-License-Identifier: Apache-2.0
#include "activation_codes.h"
#include "arena.h"
#include "fixed.h"
#include "range.h"
#include <assert.h>

static void place(igq_activation_codes *codes, igq_arena *arena, int T, int C)
{
    size_t values = (size_t)T * (size_t)C;
    int members = T > C ? T : C; // and groups: channelwise has a group per member
    size_t num = (size_t)members;
    codes->fixed = igq_arena_take(arena, values * sizeof *codes->fixed);
    codes->codes = igq_arena_take(arena, values * sizeof *codes->codes);
    codes->vector_codes = igq_arena_take(arena, values * sizeof *codes->vector_codes);
    codes->vector_scale = igq_arena_take(arena, values * sizeof *codes->vector_scale); // V may be 1
    codes->quantizer = igq_arena_take(arena, num * sizeof *codes->quantizer);
    codes->scales.step = igq_arena_take(arena, num * sizeof *codes->scales.step);
    codes->scales.weight = igq_arena_take(arena, num * sizeof *codes->scales.weight);
    codes->lower = igq_arena_take(arena, num * sizeof *codes->lower);
    codes->upper = igq_arena_take(arena, num * sizeof *codes->upper);
    codes->order = igq_arena_take(arena, num * sizeof *codes->order);
    codes->grouping_memory = igq_arena_take(arena, igq_grouping_size(members, members));
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
    place(codes, &arena, T, C);
}

// Groups, quantizers and codes; returns signal and noise.
static igq_power quantize_groups(igq_activation_codes *codes, const igq_range *range, int T, int C, igq_members members,
                                 const igq_group_bounds *bounds, const igq_scheme_cfg *cfg)
{
    igq_power power;
    igq_grouping *grouping = &codes->grouping;
    igq_grouping_init(grouping, codes->grouping_memory, bounds->num_members, igq_scheme_num_groups(cfg, bounds));
    igq_scheme_group(grouping, cfg, bounds, range, codes->order);
    igq_scheme_bounds(codes->lower, codes->upper, cfg, bounds, grouping, range);
    igq_quantizers_from_bounds(codes->quantizer, &codes->scales, codes->lower, codes->upper, grouping->G, bounds->bits,
                               bounds->exponent, cfg->group_scale, cfg->group_scale_bits);
    if (members == IGQ_MEMBERS_CHANNELS) {
        igq_quantize_channels(codes->codes, codes->fixed, grouping->group, codes->quantizer, T, C,
                              codes->quantize_scratch);
        igq_power_channels(&power, codes->fixed, codes->codes, grouping->group, codes->quantizer, T, C);
    } else {
        igq_quantize_rows(codes->codes, codes->fixed, grouping->group, codes->quantizer, T, C);
        igq_power_rows(&power, codes->fixed, codes->codes, grouping->group, codes->quantizer, T, C);
    }
    return power;
}

static int calibrated_magnitude(const igq_group_bounds *bounds)
{
    int largest = 0;
    for (int m = 0; m < bounds->num_members; m++) {
        if (-bounds->member_lo[m] > largest)
            largest = -bounds->member_lo[m];
        if (bounds->member_hi[m] > largest)
            largest = bounds->member_hi[m];
    }
    return largest;
}

// Codes and scales of vectors; returns signal and noise.
static igq_power quantize_vectors(igq_activation_codes *codes, int T, int C, const igq_group_bounds *bounds,
                                  const igq_scheme_cfg *cfg)
{
    igq_power power = {0};
    igq_vsquant_cfg vector = {.V = cfg->vector_length, .bits = bounds->bits, .scale_bits = cfg->vsquant_act_scale_bits};
    codes->vector_gamma_grid = igq_vsquant_gamma(calibrated_magnitude(bounds), &vector);
    igq_vsquant_activations(codes->vector_codes, codes->vector_scale, codes->fixed, T, C, codes->vector_gamma_grid,
                            &vector);
    const uint16_t *scale = codes->vector_scale;
    for (int t = 0; t < T; t++)
        for (int first = 0; first < C; first += vector.V, scale++) {
            double step = *scale * codes->vector_gamma_grid;
            for (int c = first; c < C && c < first + vector.V; c++) {
                size_t i = (size_t)t * (size_t)C + (size_t)c;
                double error = codes->fixed[i] - codes->vector_codes[i] * step;
                power.signal += (double)codes->fixed[i] * codes->fixed[i];
                power.noise += error * error;
            }
        }
    return power;
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
    igq_power power = cfg->scheme == IGQ_SCHEME_VSQUANT ? quantize_vectors(codes, T, C, bounds, cfg)
                                                        : quantize_groups(codes, range, T, C, members, bounds, cfg);
    noise->known = 1;
    noise->signal += power.signal;
    noise->noise += power.noise;
}
