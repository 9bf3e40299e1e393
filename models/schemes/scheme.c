// SPDX-License-Identifier: Apache-2.0
#include "scheme.h"
#include "format.h"
#include "nvfp4.h"
#include "tender.h"
#include <assert.h>
#include <string.h>

int igq_scheme_num_groups(const igq_scheme_cfg *cfg, const igq_group_bounds *bounds)
{
    switch (igq_schemes[cfg->scheme].groups) {
    case IGQ_GROUPS_GIVEN:
        return cfg->num_groups < bounds->num_members ? cfg->num_groups : bounds->num_members;
    case IGQ_GROUPS_CALIBRATED:
        return bounds->num_groups;
    case IGQ_GROUPS_MEMBERS:
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
    return igq_schemes[scheme].ranges != IGQ_RANGES_UNUSED;
}

int igq_scheme_assigns(igq_scheme scheme)
{
    return igq_schemes[scheme].ranges == IGQ_RANGES_CHOOSE_GROUPS;
}

int igq_scheme_permutes(igq_scheme scheme)
{
    return igq_schemes[scheme].permutes;
}

igq_weight_scheme igq_weight_scheme_of(const igq_scheme_cfg *cfg)
{
    return cfg->weight_scheme != IGQ_WEIGHT_SCHEME_AUTO ? cfg->weight_scheme : igq_schemes[cfg->scheme].weight_scheme;
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
    result.tender_subtracts_middle = 0; // what it does to a product is known for weights alone
    if (igq_weight_scheme_of(cfg) >= IGQ_WEIGHT_SCHEME_VSQUANT || kind == IGQ_LAYER_SCORES || kind == IGQ_LAYER_CONTEXT)
        result.weight_scheme = IGQ_WEIGHT_SCHEME_AUTO;
    if (kind == IGQ_LAYER_CONTEXT && (cfg->scheme == IGQ_SCHEME_MX || cfg->scheme == IGQ_SCHEME_NVFP4)) {
        result.weight_scheme = IGQ_WEIGHT_SCHEME_BFP;
        result.bfp_block_length = cfg->scheme == IGQ_SCHEME_MX ? cfg->mx_block_length : IGQ_NVFP4_BLOCK;
    }
    return result;
}

/// Lists ///

static void group_consecutive(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                              const igq_range *range, uint16_t *scratch)
{
    (void)cfg, (void)bounds, (void)range, (void)scratch;
    igq_grouping_consecutive(grouping);
}

static void group_sorted(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                         const igq_range *range, uint16_t *scratch)
{
    (void)cfg, (void)range;
    igq_grouping_peg(grouping, bounds->member_lo, bounds->member_hi, scratch);
}

static void group_by(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                     const int16_t *lo, const int16_t *hi)
{
    int capacity = igq_scheme_capacity(cfg, grouping->C, grouping->G);
    igq_assign_limited(grouping->group, lo, hi, bounds->lower, bounds->upper, grouping->C, grouping->G, cfg->distance,
                       capacity, 1);
    igq_grouping_build(grouping);
}

static void group_by_range(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                           const igq_range *range, uint16_t *scratch)
{
    (void)scratch;
    assert(range && range->num == grouping->C);
    group_by(grouping, cfg, bounds, range->lo, range->hi);
}

static void group_by_calibration(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                                 const igq_range *range, uint16_t *scratch)
{
    (void)range, (void)scratch;
    group_by(grouping, cfg, bounds, bounds->member_lo, bounds->member_hi);
}

static void group_by_magnitude(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                               const igq_range *range, uint16_t *scratch)
{
    (void)range, (void)scratch;
    int largest = igq_tender_largest(cfg, bounds);
    for (int m = 0; m < grouping->C; m++)
        grouping->group[m] = (uint16_t)igq_tender_group(igq_tender_magnitude(cfg, bounds, m), largest, grouping->G);
    igq_grouping_build(grouping);
}

static void group_alone(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                        const igq_range *range, uint16_t *scratch)
{
    (void)cfg, (void)bounds, (void)range, (void)scratch;
    igq_grouping_channelwise(grouping);
}

void igq_scheme_group(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                      const igq_range *range, uint16_t *scratch)
{
    assert(grouping->C == bounds->num_members && grouping->G == igq_scheme_num_groups(cfg, bounds));
    if (igq_schemes[cfg->scheme].group) {
        igq_schemes[cfg->scheme].group(grouping, cfg, bounds, range, scratch);
        return;
    }
    memset(grouping->group, 0, (size_t)grouping->C * sizeof *grouping->group);
    igq_grouping_build(grouping);
}

/// Bounds ///

// That cover all calibrated ranges of a group's members.
static void bounds_of_members(int16_t *lower, int16_t *upper, const igq_group_bounds *bounds,
                              const igq_grouping *grouping, const igq_range *range)
{
    (void)range;
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

static void bounds_of_calibration(int16_t *lower, int16_t *upper, const igq_group_bounds *bounds,
                                  const igq_grouping *grouping, const igq_range *range)
{
    (void)range;
    size_t bytes = (size_t)grouping->G * sizeof *lower;
    memcpy(lower, bounds->covers ? bounds->cover_lower : bounds->lower, bytes);
    memcpy(upper, bounds->covers ? bounds->cover_upper : bounds->upper, bytes);
}

static void bounds_of_instance(int16_t *lower, int16_t *upper, const igq_group_bounds *bounds,
                               const igq_grouping *grouping, const igq_range *range)
{
    (void)bounds;
    size_t bytes = (size_t)grouping->G * sizeof *lower;
    memcpy(lower, range->lo, bytes);
    memcpy(upper, range->hi, bytes);
}

void igq_scheme_bounds(int16_t *lower, int16_t *upper, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                       const igq_grouping *grouping, const igq_range *range)
{
    igq_schemes[cfg->scheme].bounds(lower, upper, bounds, grouping, range);
}

/// The table ///

#define ROW(groups, ranges, permutes, group, bounds, format, weights)                                                  \
    {                                                                                                                  \
        IGQ_GROUPS_##groups, IGQ_RANGES_##ranges, permutes, group, bounds_of_##bounds, &igq_format_##format,           \
            IGQ_WEIGHT_SCHEME_##weights                                                                                \
    }
// clang-format off
const igq_scheme_traits igq_schemes[IGQ_SCHEME_COUNT] = {
    [IGQ_SCHEME_LAYERWISE]   = ROW(ONE, UNUSED, 0, NULL, members, affine, AUTO),
    [IGQ_SCHEME_CONSECUTIVE] = ROW(GIVEN, UNUSED, 0, group_consecutive, members, affine, AUTO),
    [IGQ_SCHEME_PEG]         = ROW(GIVEN, UNUSED, 1, group_sorted, members, affine, AUTO),
    [IGQ_SCHEME_IGQ]         = ROW(CALIBRATED, CHOOSE_GROUPS, 1, group_by_range, calibration, affine, AUTO),
    [IGQ_SCHEME_IGQ_FIXED]   = ROW(CALIBRATED, UNUSED, 1, group_by_calibration, calibration, affine, AUTO),
    [IGQ_SCHEME_CHANNELWISE] = ROW(MEMBERS, ARE_BOUNDS, 0, group_alone, instance, affine, AUTO),
    [IGQ_SCHEME_VSQUANT]     = ROW(ONE, UNUSED, 0, NULL, members, vector, VSQUANT),
    [IGQ_SCHEME_MX]          = ROW(ONE, UNUSED, 0, NULL, members, block, MX),
    [IGQ_SCHEME_NVFP4]       = ROW(ONE, UNUSED, 0, NULL, members, block, NVFP4),
    [IGQ_SCHEME_BFP]         = ROW(ONE, UNUSED, 0, NULL, members, block, BFP),
    [IGQ_SCHEME_TENDER]      = ROW(GIVEN, UNUSED, 1, group_by_magnitude, members, tender, AUTO),
};
// clang-format on
