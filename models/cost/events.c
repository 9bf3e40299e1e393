// SPDX-License-Identifier: Apache-2.0
#include "events.h"
#include <assert.h>

const char *const igq_event_names[IGQ_EVENT_COUNT] = {
    [IGQ_EVENT_CYCLE] = "cycle",
    [IGQ_EVENT_GATED_MULTIPLY] = "gated_multiply",
    [IGQ_EVENT_MULTIPLY] = "multiply",
    [IGQ_EVENT_TREE_ADD] = "tree_add",
    [IGQ_EVENT_ACCUMULATE] = "accumulate",
    [IGQ_EVENT_ACCUMULATOR_SELECT] = "accumulator_select",
    [IGQ_EVENT_MAC_REGISTER] = "mac_register",
    [IGQ_EVENT_REGISTER_CYCLE] = "register_cycle",
    [IGQ_EVENT_ZERO_POINT_SUBTRACT] = "zero_point_subtract",
    [IGQ_EVENT_ZERO_POINT_SUM] = "zero_point_sum",
    [IGQ_EVENT_ZERO_POINT_MULTIPLY] = "zero_point_multiply",
    [IGQ_EVENT_ZERO_POINT_ADD] = "zero_point_add",
    [IGQ_EVENT_QUANTIZE_MULTIPLY] = "quantize_multiply",
    [IGQ_EVENT_QUANTIZE_SHIFT] = "quantize_shift",
    [IGQ_EVENT_QUANTIZE_ADD] = "quantize_add",
    [IGQ_EVENT_SCALE_SEARCH] = "scale_search",
    [IGQ_EVENT_SCALE_DERIVE] = "scale_derive",
    [IGQ_EVENT_SLICE_ADD] = "slice_add",
    [IGQ_EVENT_SCALE_CONVERT] = "scale_convert",
    [IGQ_EVENT_SCALE_FP32_MULTIPLY] = "scale_fp32_multiply",
    [IGQ_EVENT_SCALE_FP32_ADD] = "scale_fp32_add",
    [IGQ_EVENT_SCALE_MULTIPLY] = "scale_multiply",
    [IGQ_EVENT_SCALE_ADD] = "scale_add",
    [IGQ_EVENT_SCALE_SHIFT] = "scale_shift",
    [IGQ_EVENT_OUTPUT_FP32_MULTIPLY] = "output_fp32_multiply",
    [IGQ_EVENT_OUTPUT_FP32_ADD] = "output_fp32_add",
    [IGQ_EVENT_OUTPUT_CONVERT] = "output_convert",
    [IGQ_EVENT_VECTOR_OP] = "vector_op",
    [IGQ_EVENT_RANGE_COMPARE] = "range_compare",
    [IGQ_EVENT_RANGE_SELECT] = "range_select",
    [IGQ_EVENT_DISTANCE_SUBTRACT] = "distance_subtract",
    [IGQ_EVENT_DISTANCE_SQUARE] = "distance_square",
    [IGQ_EVENT_DISTANCE_ADD] = "distance_add",
    [IGQ_EVENT_ARGMIN_COMPARE] = "argmin_compare",
    [IGQ_EVENT_ASSIGN_REGISTER] = "assign_register",
    [IGQ_EVENT_DEAL_MULTIPLY] = "deal_multiply",
    [IGQ_EVENT_DEAL_COMPARE] = "deal_compare",
    [IGQ_EVENT_ZERO_COMPARE] = "zero_compare",
    [IGQ_EVENT_ZERO_SELECT] = "zero_select",
    [IGQ_EVENT_CROSSBAR] = "crossbar",
    [IGQ_EVENT_WEIGHT_BUFFER_READ] = "weight_buffer_read",
    [IGQ_EVENT_WEIGHT_BUFFER_WRITE] = "weight_buffer_write",
    [IGQ_EVENT_ACTIVATION_BUFFER_READ] = "activation_buffer_read",
    [IGQ_EVENT_ACTIVATION_BUFFER_WRITE] = "activation_buffer_write",
    [IGQ_EVENT_OUTPUT_BUFFER_READ] = "output_buffer_read",
    [IGQ_EVENT_OUTPUT_BUFFER_WRITE] = "output_buffer_write",
    [IGQ_EVENT_RANGE_MEMORY_READ] = "range_memory_read",
    [IGQ_EVENT_RANGE_MEMORY_WRITE] = "range_memory_write",
    [IGQ_EVENT_INDEX_BUFFER_READ] = "index_buffer_read",
    [IGQ_EVENT_INDEX_BUFFER_WRITE] = "index_buffer_write",
    [IGQ_EVENT_DRAM_READ] = "dram_read",
    [IGQ_EVENT_DRAM_WRITE] = "dram_write",
};
static_assert(IGQ_EVENT_COUNT == 52, "a name for every event");

void igq_events_gate(igq_events *events, uint64_t zero_products, int passes)
{
    igq_measure *done = &events->of[IGQ_EVENT_MULTIPLY];
    uint64_t gated = zero_products * (uint64_t)passes;
    if (gated == 0)
        return;
    assert(gated <= done->count);
    igq_measure saved = {gated, done->bits / done->count * gated, done->bit_products / done->count * gated};
    done->count -= saved.count;
    done->bits -= saved.bits;
    done->bit_products -= saved.bit_products;
    events->of[IGQ_EVENT_GATED_MULTIPLY] = saved;
}

void igq_events_ungate(igq_events *events)
{
    igq_measure *done = &events->of[IGQ_EVENT_MULTIPLY], *gated = &events->of[IGQ_EVENT_GATED_MULTIPLY];
    done->count += gated->count;
    done->bits += gated->bits;
    done->bit_products += gated->bit_products;
    *gated = (igq_measure){0};
}

void igq_events_add(igq_events *sum, const igq_events *one)
{
    for (int i = 0; i < IGQ_EVENT_COUNT; i++) {
        sum->of[i].count += one->of[i].count;
        sum->of[i].bits += one->of[i].bits;
        sum->of[i].bit_products += one->of[i].bit_products;
    }
}
