// SPDX-License-Identifier: Apache-2.0
#include "drawing.h"
#include <stdarg.h>
#include <stdio.h>

// The assembler reads the file; CMake names it, and rebuilds when it changes.
__asm__(".pushsection .rodata\n"
        ".global igq_machine_txt\n"
        "igq_machine_txt:\n.incbin \"" IGQ_MACHINE_TXT "\"\n.byte 0\n"
        ".popsection\n");
extern const char igq_machine_txt[];

const char *igq_drawing(void)
{
    return igq_machine_txt;
}

static double number(const json_t *sections, const char *section, const char *key)
{
    return json_number_value(json_object_get(json_object_get(sections, section), key));
}

static const char *word(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

__attribute__((format(printf, 3, 4))) static void add(json_t *details, const char *block, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    json_object_set_new(details, block, json_string(text));
}

static void add_memory(json_t *details, const char *block, const char *before, double bytes, const char *behind)
{
    int kilo = bytes >= 1024;
    add(details, block, "%s%.4g %s%s", before, kilo ? bytes / 1024 : bytes, kilo ? "KiB" : "B", behind);
}

static void add_index_buffer(json_t *details, const json_t *memories)
{
    char banks[32];
    double num_banks = number(memories, "index_buffer", "num_banks");
    snprintf(banks, sizeof banks, "%g x ", num_banks);
    if (num_banks > 0)
        add_memory(details, "index_buffer", banks, number(memories, "index_buffer", "bank_bytes"), "");
    else
        add(details, "index_buffer", "none");
}

static void add_arrays(json_t *details, const json_t *machine)
{
    double arrays = number(machine, "mac_array", "num_arrays"), lanes = number(machine, "mac_array", "lanes");
    double channels = number(machine, "mac_array", "vector_length"), rows = number(machine, "mac_array", "token_rows");
    add(details, "mac_array", "%s: %g x %g lanes x %g channels x %g token row%s, %g bits, %g-bit sums: %.0f MACs/cycle",
        word(machine, "mac_organisation"), arrays, lanes, channels, rows, rows > 1 ? "s" : "",
        number(machine, "mac_array", "mac_bits"), number(machine, "mac_array", "acc_bits"),
        arrays * lanes * channels * rows);
}

json_t *igq_block_details(const json_t *machine, const json_t *hardware)
{
    char banks[64];
    double num_banks = number(machine, "row_selector", "num_banks");
    const json_t *assignment = json_object_get(machine, "group_assignment");
    json_t *details = json_object();
    snprintf(banks, sizeof banks, ", %g banks", num_banks);
    add(details, "controller", "one layer after another");
    add(details, "dma", "3 engines load, 1 stores");
    add(details, "dram", "%g B/cycle after %g cycles", number(machine, "dram", "bandwidth_bytes_per_cycle"),
        number(machine, "dram", "latency_cycles"));
    add_memory(details, "activation_buffer", "", number(machine, "activation_buffer", "capacity_bytes"), "");
    add_memory(details, "weight_buffer", "", number(machine, "weight_buffer", "capacity_bytes"), banks);
    add_memory(details, "output_buffer", "", number(machine, "output_buffer", "capacity_bytes"), "");
    add(details, "range_unit", "%g lanes, %s", number(machine, "group_assignment", "range_lanes"),
        word(assignment, "range_source"));
    add(details, "group_assign", "%g channels/cycle, %g groups", number(machine, "group_assignment", "distance_lanes"),
        json_number_value(json_object_get(machine, "num_groups")));
    add_index_buffer(details, json_object_get(hardware, "memories"));
    add(details, "row_selector", "gathers from %g banks", num_banks);
    add_arrays(details, machine);
    add(details, "post_processing", "%g sums/cycle, %s scales", number(machine, "post_processing", "lanes"),
        word(machine, "group_scale"));
    add(details, "vector_unit", "%g lanes: LN, softmax, GELU", number(machine, "vector_unit", "lanes"));
    return details;
}
