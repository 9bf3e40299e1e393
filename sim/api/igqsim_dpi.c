// SPDX-License-Identifier: Apache-2.0
#include "igqsim_dpi.h"
#include "assign.h"
#include "gemm.h"
#include "grouping.h"
#include "latency.h"
#include "range.h"
#include <stdint.h>
#include <stdlib.h>

#define MAX_SIZE 16384 // of a dimension

static int is_in(int value, int least, int most)
{
    return value >= least && value <= most;
}

/// Layers ///

typedef struct layer {
    int T, C, G, capacity, lanes, repairs;
    igq_distance distance;
    int16_t *acts, *lo, *hi, *lower, *upper;
    void *lists;
    igq_grouping grouping;
} layer;

void igq_dpi_layer_free(void *handle)
{
    layer *own = handle;
    if (own == NULL)
        return;
    free(own->acts);
    free(own->lo);
    free(own->hi);
    free(own->lower);
    free(own->upper);
    free(own->lists);
    free(own);
}

void *igq_dpi_layer_new(int tokens, int channels, int groups, int distance, int capacity, int distance_lanes)
{
    if (!is_in(tokens, 1, MAX_SIZE) || !is_in(channels, 1, MAX_SIZE) || !is_in(groups, 1, 256) ||
        !is_in(distance, IGQ_DISTANCE_L2, IGQ_DISTANCE_LINF) || !is_in(distance_lanes, 1, 256) ||
        !is_in(capacity, 0, MAX_SIZE) || (capacity > 0 && capacity * groups < channels))
        return NULL;
    layer *own = calloc(1, sizeof *own);
    if (own == NULL)
        return NULL;
    *own = (layer){.T = tokens,
                   .C = channels,
                   .G = groups,
                   .capacity = capacity,
                   .lanes = distance_lanes,
                   .distance = (igq_distance)distance,
                   .acts = calloc((size_t)tokens * (size_t)channels, sizeof *own->acts),
                   .lo = calloc((size_t)channels, sizeof *own->lo),
                   .hi = calloc((size_t)channels, sizeof *own->hi),
                   .lower = calloc((size_t)groups, sizeof *own->lower),
                   .upper = calloc((size_t)groups, sizeof *own->upper),
                   .lists = calloc(1, igq_grouping_size(channels, groups))};
    if (!own->acts || !own->lo || !own->hi || !own->lower || !own->upper || !own->lists) {
        igq_dpi_layer_free(own);
        return NULL;
    }
    igq_grouping_init(&own->grouping, own->lists, channels, groups);
    igq_grouping_build(&own->grouping);
    return own;
}

int igq_dpi_layer_activation(void *handle, int token, int channel, int value)
{
    layer *own = handle;
    if (!is_in(token, 0, own->T - 1) || !is_in(channel, 0, own->C - 1) || !is_in(value, INT16_MIN, INT16_MAX))
        return -1;
    own->acts[(size_t)token * (size_t)own->C + (size_t)channel] = (int16_t)value;
    return 0;
}

int igq_dpi_layer_bounds(void *handle, int group, int lower, int upper)
{
    layer *own = handle;
    if (!is_in(group, 0, own->G - 1) || !is_in(lower, INT16_MIN, INT16_MAX) || !is_in(upper, INT16_MIN, INT16_MAX))
        return -1;
    own->lower[group] = (int16_t)lower;
    own->upper[group] = (int16_t)upper;
    return 0;
}

int igq_dpi_layer_run(void *handle)
{
    layer *own = handle;
    igq_range_channels(own->lo, own->hi, own->acts, own->T, own->C);
    own->repairs = igq_assign_limited(own->grouping.group, own->lo, own->hi, own->lower, own->upper, own->C, own->G,
                                      own->distance, own->capacity, own->lanes);
    igq_grouping_build(&own->grouping);
    return own->repairs;
}

int igq_dpi_layer_low(const void *handle, int channel)
{
    const layer *own = handle;
    return is_in(channel, 0, own->C - 1) ? own->lo[channel] : -1;
}

int igq_dpi_layer_high(const void *handle, int channel)
{
    const layer *own = handle;
    return is_in(channel, 0, own->C - 1) ? own->hi[channel] : -1;
}

int igq_dpi_layer_group(const void *handle, int channel)
{
    const layer *own = handle;
    return is_in(channel, 0, own->C - 1) ? own->grouping.group[channel] : -1;
}

int igq_dpi_layer_count(const void *handle, int group)
{
    const layer *own = handle;
    return is_in(group, 0, own->G - 1) ? own->grouping.start[group + 1] - own->grouping.start[group] : -1;
}

int igq_dpi_layer_entry_channel(const void *handle, int entry)
{
    const layer *own = handle;
    return is_in(entry, 0, own->C - 1) ? own->grouping.channel[entry] : -1;
}

int igq_dpi_layer_entry_group(const void *handle, int entry)
{
    return igq_dpi_layer_group(handle, igq_dpi_layer_entry_channel(handle, entry));
}

int igq_dpi_layer_range_cycles(const void *handle, int range_lanes)
{
    const layer *own = handle;
    return is_in(range_lanes, 1, 256) ? (int)igq_range_cycles(own->T, own->C, range_lanes) : -1;
}

int igq_dpi_layer_score_cycles(const void *handle)
{
    const layer *own = handle;
    return (int)igq_score_cycles(own->C, own->lanes, own->repairs);
}

/// Quantizers ///

void *igq_dpi_quantizer_new(int lower, int upper, int bits)
{
    igq_quantizer *own = NULL;
    if (is_in(lower, INT16_MIN, upper) && upper <= INT16_MAX && is_in(bits, 2, IGQ_MAX_CODE_BITS))
        own = malloc(sizeof *own);
    if (own != NULL)
        igq_quantizer_from_bounds(own, lower, upper, bits);
    return own;
}

void igq_dpi_quantizer_free(void *handle)
{
    free(handle);
}

int igq_dpi_quantizer_multiplier(const void *handle)
{
    return ((const igq_quantizer *)handle)->multiplier;
}

int igq_dpi_quantizer_shift(const void *handle)
{
    return ((const igq_quantizer *)handle)->shift_log2;
}

int igq_dpi_quantizer_zero_point(const void *handle)
{
    return ((const igq_quantizer *)handle)->zero_point;
}

int igq_dpi_quantize(const void *handle, int value)
{
    return is_in(value, INT16_MIN, INT16_MAX) ? igq_quantize(handle, (int16_t)value) : -1;
}

/// Products ///

typedef struct product {
    int T, C, O, G, act_bits, acc_bits;
    int16_t *lower, *upper;
    uint8_t *acts;
    void *lists, *weight_memory;
    igq_grouping grouping;
    igq_quantizer *quantizer;
    igq_weight_codes weights;
    int32_t *weight; // of scales; 0: they are in step
    float *step, *value;
} product;

void igq_dpi_product_free(void *handle)
{
    product *own = handle;
    if (own == NULL)
        return;
    free(own->lower);
    free(own->upper);
    free(own->acts);
    free(own->lists);
    free(own->weight_memory);
    free(own->quantizer);
    free(own->step);
    free(own->weight);
    free(own->value);
    free(own);
}

void *igq_dpi_product_new(int tokens, int channels, int outputs, int groups, int act_bits, int acc_bits)
{
    if (!is_in(tokens, 1, MAX_SIZE) || !is_in(channels, 1, MAX_SIZE) || !is_in(outputs, 1, MAX_SIZE) ||
        !is_in(groups, 1, 256) || !is_in(act_bits, 2, IGQ_MAX_CODE_BITS) || !is_in(acc_bits, 8, 32))
        return NULL;
    size_t T = (size_t)tokens, C = (size_t)channels, O = (size_t)outputs, G = (size_t)groups;
    product *own = calloc(1, sizeof *own);
    if (own == NULL)
        return NULL;
    *own = (product){.T = tokens,
                     .C = channels,
                     .O = outputs,
                     .G = groups,
                     .act_bits = act_bits,
                     .acc_bits = acc_bits,
                     .lower = calloc(G, sizeof *own->lower),
                     .upper = calloc(G, sizeof *own->upper),
                     .acts = calloc(T * C, 1),
                     .lists = calloc(1, igq_grouping_size(channels, groups)),
                     .weight_memory = calloc(1, igq_weight_codes_size(outputs, channels)),
                     .quantizer = calloc(G, sizeof *own->quantizer),
                     .step = calloc(G, sizeof *own->step),
                     .weight = calloc(G, sizeof *own->weight),
                     .value = calloc(T * O, sizeof *own->value)};
    if (!own->lower || !own->upper || !own->acts || !own->lists || !own->weight_memory || !own->quantizer ||
        !own->step || !own->weight || !own->value) {
        igq_dpi_product_free(own);
        return NULL;
    }
    igq_grouping_init(&own->grouping, own->lists, channels, groups);
    igq_weight_codes_init(&own->weights, own->weight_memory, outputs, channels, IGQ_MAX_CODE_BITS);
    for (size_t o = 0; o < O; o++)
        own->weights.scale[o] = 1;
    for (size_t g = 0; g < G; g++)
        own->upper[g] = 1;
    return own;
}

int igq_dpi_product_group(void *handle, int channel, int group)
{
    product *own = handle;
    if (!is_in(channel, 0, own->C - 1) || !is_in(group, 0, own->G - 1))
        return -1;
    own->grouping.group[channel] = (uint16_t)group;
    return 0;
}

int igq_dpi_product_bounds(void *handle, int group, int lower, int upper)
{
    product *own = handle;
    if (!is_in(group, 0, own->G - 1) || !is_in(lower, INT16_MIN, upper) || upper > INT16_MAX)
        return -1;
    own->lower[group] = (int16_t)lower;
    own->upper[group] = (int16_t)upper;
    return 0;
}

int igq_dpi_product_act(void *handle, int token, int channel, int code)
{
    product *own = handle;
    if (!is_in(token, 0, own->T - 1) || !is_in(channel, 0, own->C - 1) || !is_in(code, 0, (1 << own->act_bits) - 1))
        return -1;
    own->acts[(size_t)token * (size_t)own->C + (size_t)channel] = (uint8_t)code;
    return 0;
}

int igq_dpi_product_weight(void *handle, int output, int channel, int code)
{
    product *own = handle;
    if (!is_in(output, 0, own->O - 1) || !is_in(channel, 0, own->C - 1) || !is_in(code, 0, UINT8_MAX))
        return -1;
    own->weights.codes[(size_t)output * (size_t)own->C + (size_t)channel] = (uint8_t)code;
    return 0;
}

int igq_dpi_product_weight_zero(void *handle, int output, int zero_point)
{
    product *own = handle;
    if (!is_in(output, 0, own->O - 1) || !is_in(zero_point, 0, UINT8_MAX))
        return -1;
    own->weights.zero_point[output] = (uint8_t)zero_point;
    return 0;
}

int igq_dpi_product_run(void *handle)
{
    product *own = handle;
    igq_group_scales scales = {.step = own->step, .weight = own->weight};
    igq_grouping_build(&own->grouping);
    igq_quantizers_from_bounds(own->quantizer, &scales, own->lower, own->upper, own->G, own->act_bits, 0,
                               IGQ_GROUP_SCALE_FP32, 1);
    const igq_gemm_operands operands = {.act_codes = own->acts,
                                        .grouping = &own->grouping,
                                        .quantizer = own->quantizer,
                                        .scales = &scales,
                                        .weights = &own->weights,
                                        .T = own->T,
                                        .acc_bits = own->acc_bits};
    return (int)igq_gemm_ref(own->value, &operands);
}

double igq_dpi_product_value(const void *handle, int token, int output)
{
    const product *own = handle;
    return is_in(token, 0, own->T - 1) && is_in(output, 0, own->O - 1)
               ? own->value[(size_t)token * (size_t)own->O + (size_t)output]
               : -1;
}
