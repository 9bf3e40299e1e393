// SPDX-License-Identifier: Apache-2.0
#include "zero_skip.h"
#include <assert.h>

// Least value in [from, to] whose code is at least `code`. Codes ascend with values, and that of `to` is large enough.
static int least_with_code(const igq_quantizer *quantizer, int code, int from, int to)
{
    while (from < to) {
        int middle = from + (to - from) / 2;
        if (igq_quantize(quantizer, (int16_t)middle) >= code)
            to = middle;
        else
            from = middle + 1;
    }
    return to;
}

void igq_zero_interval(int16_t *lower, int16_t *upper, const igq_quantizer *quantizer)
{
    int zero_point = quantizer->zero_point;
    assert(igq_quantize(quantizer, 0) == zero_point);
    int is_last_code = igq_quantize(quantizer, INT16_MAX) == zero_point;
    *lower = (int16_t)least_with_code(quantizer, zero_point, INT16_MIN, 0);
    *upper = is_last_code ? INT16_MAX : (int16_t)(least_with_code(quantizer, zero_point + 1, 0, INT16_MAX) - 1);
}

void igq_zero_intervals(int16_t *lower, int16_t *upper, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds)
{
    igq_quantizer quantizer[IGQ_MAX_GROUPS];
    float step[IGQ_MAX_GROUPS];
    int32_t weight[IGQ_MAX_GROUPS];
    igq_group_scales scales = {.step = step, .weight = weight};
    const igq_grouping groups = {.G = bounds->num_groups}; // igq_scheme_bounds reads no more of it for this scheme
    assert(igq_scheme_assigns(cfg->scheme) && groups.G <= IGQ_MAX_GROUPS);
    igq_scheme_bounds(lower, upper, cfg, bounds, &groups, NULL);
    igq_quantizers_from_bounds(quantizer, &scales, lower, upper, groups.G, bounds->bits, bounds->exponent,
                               cfg->group_scale, cfg->group_scale_bits);
    for (int g = 0; g < groups.G; g++)
        igq_zero_interval(&lower[g], &upper[g], &quantizer[g]);
}

static int has_no_products(const igq_zeros *zeros, int channel, int group, const int16_t *lo, const int16_t *hi)
{
    int acts_are_zero = zeros->lower && lo[channel] >= zeros->lower[group] && hi[channel] <= zeros->upper[group];
    return acts_are_zero || (zeros->weights && zeros->weights[channel]);
}

int igq_zero_skip(igq_grouping *grouping, const igq_zeros *zeros, const int16_t *lo, const int16_t *hi)
{
    int num_listed = 0, begin = 0;
    for (int g = 0; g < grouping->G; g++) {
        int end = grouping->start[g + 1];
        for (int i = begin; i < end; i++) {
            int channel = grouping->channel[i];
            int is_last_hope = num_listed == 0 && i == grouping->C - 1;
            if (is_last_hope || !has_no_products(zeros, channel, g, lo, hi))
                grouping->channel[num_listed++] = (uint16_t)channel;
        }
        grouping->start[g + 1] = num_listed;
        begin = end;
    }
    return grouping->C - num_listed;
}
