// SPDX-License-Identifier: Apache-2.0
#include "units.h"
#include "latency.h"
#include "operations.h"
#include <assert.h>
#include <math.h>

const char *const igq_memory_names[IGQ_MEMORY_COUNT] = {
    [IGQ_MEMORY_WEIGHT_BUFFER] = "weight_buffer", [IGQ_MEMORY_ACTIVATION_BUFFER] = "activation_buffer",
    [IGQ_MEMORY_OUTPUT_BUFFER] = "output_buffer", [IGQ_MEMORY_RANGE_MEMORY] = "range_memory",
    [IGQ_MEMORY_INDEX_BUFFER] = "index_buffer",
};
static_assert(IGQ_MEMORY_COUNT == 5, "a name for every memory");

igq_memory igq_memory_read_by(igq_event event)
{
    switch (event) {
    case IGQ_EVENT_WEIGHT_BUFFER_READ:
        return IGQ_MEMORY_WEIGHT_BUFFER;
    case IGQ_EVENT_ACTIVATION_BUFFER_READ:
        return IGQ_MEMORY_ACTIVATION_BUFFER;
    case IGQ_EVENT_OUTPUT_BUFFER_READ:
        return IGQ_MEMORY_OUTPUT_BUFFER;
    case IGQ_EVENT_RANGE_MEMORY_READ:
        return IGQ_MEMORY_RANGE_MEMORY;
    case IGQ_EVENT_INDEX_BUFFER_READ:
        return IGQ_MEMORY_INDEX_BUFFER;
    default:
        return IGQ_MEMORY_COUNT;
    }
}

igq_memory igq_memory_written_by(igq_event event)
{
    switch (event) {
    case IGQ_EVENT_WEIGHT_BUFFER_WRITE:
        return IGQ_MEMORY_WEIGHT_BUFFER;
    case IGQ_EVENT_ACTIVATION_BUFFER_WRITE:
        return IGQ_MEMORY_ACTIVATION_BUFFER;
    case IGQ_EVENT_OUTPUT_BUFFER_WRITE:
        return IGQ_MEMORY_OUTPUT_BUFFER;
    case IGQ_EVENT_RANGE_MEMORY_WRITE:
        return IGQ_MEMORY_RANGE_MEMORY;
    case IGQ_EVENT_INDEX_BUFFER_WRITE:
        return IGQ_MEMORY_INDEX_BUFFER;
    default:
        return IGQ_MEMORY_COUNT;
    }
}

static uint64_t bits_to_bytes(uint64_t bits)
{
    return igq_ceil_div(bits, 8);
}

static void set_memories(igq_units *units, const igq_accelerator *accelerator, const igq_widths *widths)
{
    const igq_row_selector_cfg *selector = &accelerator->row_selector;
    const igq_group_assignment_cfg *unit = &accelerator->group_assignment;
    uint64_t banks = (uint64_t)selector->num_banks, bank_bits = (uint64_t)selector->bank_width_bits;
    uint64_t halves = (uint64_t)igq_buffer_slots(&accelerator->output_buffer);
    uint64_t members = (uint64_t)unit->max_members;
    igq_scheme scheme = accelerator->scheme.scheme;
    units->memory[IGQ_MEMORY_WEIGHT_BUFFER] =
        (igq_memory_units){banks, (uint64_t)accelerator->weight_buffer.capacity_bytes / banks, bank_bits};
    units->memory[IGQ_MEMORY_ACTIVATION_BUFFER] =
        (igq_memory_units){banks, (uint64_t)accelerator->activation_buffer.capacity_bytes / banks, bank_bits};
    units->memory[IGQ_MEMORY_OUTPUT_BUFFER] =
        (igq_memory_units){halves, (uint64_t)accelerator->output_buffer.capacity_bytes / halves,
                           (uint64_t)(igq_output_lanes(accelerator) * IGQ_ACT_IN_BITS)};
    if (igq_scheme_needs_ranges(scheme))
        units->memory[IGQ_MEMORY_RANGE_MEMORY] =
            (igq_memory_units){(uint64_t)igq_range_banks(accelerator), bits_to_bytes(members * 2 * IGQ_ACT_IN_BITS),
                               (uint64_t)(unit->range_lanes * 2 * IGQ_ACT_IN_BITS)};
    // Sets of lists, and the one being built; static lists need one.
    if (igq_scheme_permutes(scheme))
        units->memory[IGQ_MEMORY_INDEX_BUFFER] =
            (igq_memory_units){igq_scheme_assigns(scheme) ? (uint64_t)igq_index_sets(accelerator) + 1 : 1,
                               bits_to_bytes(members * (uint64_t)widths->index), (uint64_t)widths->index};
}

// Of the interface of the DRAM: bits that it moves in a microsecond at its peak.
static igq_measure dram_interface(const igq_accelerator *accelerator)
{
    if (accelerator->dram.model == IGQ_DRAM_MODEL_IDEAL)
        return (igq_measure){0};
    double bits_per_us = accelerator->dram.bandwidth_bytes_per_cycle * 8 * accelerator->clock_mhz;
    return (igq_measure){.count = 1, .bits = (uint64_t)llround(bits_per_us)};
}

void igq_units_of(igq_units *units, const igq_accelerator *accelerator)
{
    igq_widths widths = igq_widths_of(accelerator, &accelerator->scheme, 0, 0);
    *units = (igq_units){0};
    igq_operation_units(units->of, accelerator);
    units->of[IGQ_EVENT_DRAM_READ] = dram_interface(accelerator);
    set_memories(units, accelerator, &widths);
}
