// SPDX-License-Identifier: Apache-2.0
#include "scheme.h"
#include "nvfp4.h"
#include <assert.h>
#include <string.h>

int igq_scheme_num_groups(const igq_scheme_cfg *cfg, const igq_group_bounds *bounds)
{
    switch (cfg->scheme) {
    case IGQ_SCHEME_CONSECUTIVE:
    case IGQ_SCHEME_PEG:
        return cfg->num_groups < bounds->num_members ? cfg->num_groups : bounds->num_members;
    case IGQ_SCHEME_IGQ:
    case IGQ_SCHEME_IGQ_FIXED:
        return bounds->num_groups;
    case IGQ_SCHEME_CHANNELWISE:
        return bounds->num_members;
    default:
        return 1;
    }
}

int igq_scheme_capacity_multiple(const igq_scheme_cfg *cfg)
{
    return cfg->capacity_rounds_to == IGQ_CAPACITY_VECTOR ? cfg->vector_length : 1;
}

int igq_scheme_capacity(const igq_scheme_cfg *cfg, int members, int groups)
{
    return igq_list_capacity(members, groups, cfg->group_capacity_pct, igq_scheme_capacity_multiple(cfg));
}

int igq_scheme_needs_ranges(igq_scheme scheme)
{
    return scheme == IGQ_SCHEME_IGQ || scheme == IGQ_SCHEME_CHANNELWISE;
}

igq_weight_scheme igq_weight_scheme_of(const igq_scheme_cfg *cfg)
{
    if (cfg->weight_scheme != IGQ_WEIGHT_SCHEME_AUTO)
        return cfg->weight_scheme;
    switch (cfg->scheme) {
    case IGQ_SCHEME_VSQUANT:
        return IGQ_WEIGHT_SCHEME_VSQUANT;
    case IGQ_SCHEME_MX:
        return IGQ_WEIGHT_SCHEME_MX;
    case IGQ_SCHEME_NVFP4:
        return IGQ_WEIGHT_SCHEME_NVFP4;
    case IGQ_SCHEME_BFP:
        return IGQ_WEIGHT_SCHEME_BFP;
    default:
        return IGQ_WEIGHT_SCHEME_AUTO;
    }
}

int igq_weight_groups(const igq_scheme_cfg *cfg, int num_groups)
{
    return cfg->weight_scheme == IGQ_WEIGHT_SCHEME_PER_CHANNEL ? 0 : num_groups;
}

igq_scheme_cfg igq_scheme_of_layer(const igq_scheme_cfg *cfg, igq_layer_kind kind)
{
    igq_scheme_cfg result = *cfg;
    if (igq_layer_kind_is_grouped(kind))
        return result;
    if (kind != IGQ_LAYER_CONTEXT)
        result.scheme = IGQ_SCHEME_LAYERWISE;
    if (igq_weight_scheme_of(cfg) >= IGQ_WEIGHT_SCHEME_VSQUANT || kind == IGQ_LAYER_SCORES || kind == IGQ_LAYER_CONTEXT)
        result.weight_scheme = IGQ_WEIGHT_SCHEME_AUTO;
    if (kind == IGQ_LAYER_CONTEXT && (cfg->scheme == IGQ_SCHEME_MX || cfg->scheme == IGQ_SCHEME_NVFP4)) {
        result.weight_scheme = IGQ_WEIGHT_SCHEME_BFP;
        result.bfp_block_length = cfg->scheme == IGQ_SCHEME_MX ? cfg->mx_block_length : IGQ_NVFP4_BLOCK;
    }
    return result;
}

static void group_nearest(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                          const int16_t *lo, const int16_t *hi)
{
    int capacity = igq_scheme_capacity(cfg, grouping->C, grouping->G);
    igq_assign_limited(grouping->group, lo, hi, bounds->lower, bounds->upper, grouping->C, grouping->G, cfg->distance,
                       capacity, 1);
    igq_grouping_build(grouping);
}

void igq_scheme_group(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                      const igq_range *range, uint16_t *scratch)
{
    assert(grouping->C == bounds->num_members && grouping->G == igq_scheme_num_groups(cfg, bounds));
    switch (cfg->scheme) {
    case IGQ_SCHEME_CONSECUTIVE:
        igq_grouping_consecutive(grouping);
        break;
    case IGQ_SCHEME_PEG:
        igq_grouping_peg(grouping, bounds->member_lo, bounds->member_hi, scratch);
        break;
    case IGQ_SCHEME_IGQ:
        assert(range && range->num == grouping->C);
        group_nearest(grouping, cfg, bounds, range->lo, range->hi);
        break;
    case IGQ_SCHEME_IGQ_FIXED:
        group_nearest(grouping, cfg, bounds, bounds->member_lo, bounds->member_hi);
        break;
    case IGQ_SCHEME_CHANNELWISE:
        igq_grouping_channelwise(grouping);
        break;
    default: // one group
        memset(grouping->group, 0, (size_t)grouping->C * sizeof *grouping->group);
        igq_grouping_build(grouping);
    }
}

// Bounds of each group that cover all of its members' calibrated ranges.
static void cover_members(int16_t *lower, int16_t *upper, const igq_group_bounds *bounds, const igq_grouping *grouping)
{
    for (int g = 0; g < grouping->G; g++) {
        assert(grouping->start[g] < grouping->start[g + 1]);
        lower[g] = INT16_MAX;
        upper[g] = INT16_MIN;
        for (int i = grouping->start[g]; i < grouping->start[g + 1]; i++) {
            int member = grouping->channel[i];
            if (bounds->member_lo[member] < lower[g])
                lower[g] = bounds->member_lo[member];
            if (bounds->member_hi[member] > upper[g])
                upper[g] = bounds->member_hi[member];
        }
    }
}

void igq_scheme_bounds(int16_t *lower, int16_t *upper, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                       const igq_grouping *grouping, const igq_range *range)
{
    size_t bytes = (size_t)grouping->G * sizeof *lower;
    if (cfg->scheme == IGQ_SCHEME_IGQ || cfg->scheme == IGQ_SCHEME_IGQ_FIXED) {
        memcpy(lower, bounds->covers ? bounds->cover_lower : bounds->lower, bytes);
        memcpy(upper, bounds->covers ? bounds->cover_upper : bounds->upper, bytes);
    } else if (cfg->scheme == IGQ_SCHEME_CHANNELWISE) {
        memcpy(lower, range->lo, bytes);
        memcpy(upper, range->hi, bytes);
    } else {
        cover_members(lower, upper, bounds, grouping);
    }
}
