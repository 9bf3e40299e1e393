// SPDX-License-Identifier: Apache-2.0
// The units of the group assignment against its RTL as yosys maps it (docs/rtl-cost.csv, by tools/synth.sh): priced
// with the areas of the same cells, and in units of a vector MAC mapped the same way, the area model is within 15 %.
#include "accelerator_file.h"
#include "units.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"

#define COST "docs/rtl-cost.csv"
#define MAX_ROWS 64

// A line of the file: the unit or a part. Lanes, groups and distance are those of a unit.
typedef struct cost_row {
    char block[32], distance[32];
    int range_lanes, distance_lanes, groups, bits;
    double area_um2;
} cost_row;

static cost_row row[MAX_ROWS];
static int num_rows;

// Field `index` of a line, empty fields counted.
static const char *field(const char *line, int index)
{
    static char text[32];
    for (; index > 0; index--) {
        line = strchr(line, ',');
        ck_assert_ptr_nonnull(line);
        line++;
    }
    snprintf(text, sizeof text, "%.*s", (int)strcspn(line, ",\n"), line);
    return text;
}

static void read_costs(void)
{
    char line[256];
    FILE *file = fopen(COST, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    for (num_rows = 0; num_rows < MAX_ROWS && fgets(line, sizeof line, file); num_rows++) {
        cost_row *r = &row[num_rows];
        snprintf(r->block, sizeof r->block, "%s", field(line, 0));
        r->range_lanes = atoi(field(line, 1));
        r->distance_lanes = atoi(field(line, 2));
        r->groups = atoi(field(line, 3));
        snprintf(r->distance, sizeof r->distance, "%s", field(line, 4));
        r->bits = atoi(field(line, 5));
        r->area_um2 = atof(field(line, 6));
    }
    fclose(file);
}

static double area_of(const char *block, int bits)
{
    for (int i = 0; i < num_rows; i++)
        if (strcmp(row[i].block, block) == 0 && row[i].bits == bits)
            return row[i].area_um2;
    ck_abort_msg("%s has no %s of %d bits", COST, block, bits);
    return 0;
}

static double adder_um2(const igq_units *units, igq_event event)
{
    return (double)units->of[event].bits * area_of("adder", 16) / 16;
}

// Multipliers, tree and accumulator of the 64 vectors of 16, operands of 5 bits; operands and accumulator registered.
static double vector_mac_um2(const igq_units *units)
{
    double logic = (double)units->of[IGQ_EVENT_MULTIPLY].bit_products * area_of("multiplier", 5) / 25 +
                   adder_um2(units, IGQ_EVENT_TREE_ADD) + adder_um2(units, IGQ_EVENT_ACCUMULATE);
    return logic / 64 + (2 * 16 * 5 + 24) * area_of("register", 16) / 16;
}

static double assignment_um2(const igq_units *units)
{
    return (double)units->of[IGQ_EVENT_DISTANCE_SQUARE].bit_products * area_of("squarer", 16) / (16 * 17 / 2) +
           adder_um2(units, IGQ_EVENT_RANGE_COMPARE) + adder_um2(units, IGQ_EVENT_DISTANCE_SUBTRACT) +
           adder_um2(units, IGQ_EVENT_DISTANCE_ADD) + adder_um2(units, IGQ_EVENT_ARGMIN_COMPARE) +
           (double)units->of[IGQ_EVENT_RANGE_SELECT].bits * area_of("multiplexer", 16) / 16 +
           (double)units->of[IGQ_EVENT_ASSIGN_REGISTER].bits * area_of("register", 16) / 16;
}

static igq_distance distance_of(const char *name)
{
    for (int d = 0; d < IGQ_DISTANCE_COUNT; d++)
        if (strcmp(name, igq_distance_names[d]) == 0)
            return (igq_distance)d;
    ck_abort_msg("%s is no distance", name);
    return IGQ_DISTANCE_L2;
}

START_TEST(the_area_of_the_assignment_is_that_of_its_rtl_within_15_percent)
{
    igq_accelerator machine;
    igq_error error;
    int seen = 0;
    read_costs();
    ck_assert_msg(igq_accelerator_load(&machine, "configs/accelerators/igq_shared.yaml", &error) == IGQ_OK, "%s",
                  error.message);
    for (int i = 0; i < num_rows; i++) {
        const cost_row *r = &row[i];
        if (strcmp(r->block, "unit") != 0 || r->bits != IGQ_ACT_IN_BITS)
            continue;
        igq_units units;
        machine.num_groups = r->groups;
        machine.scheme.distance = distance_of(r->distance);
        machine.group_assignment.range_lanes = r->range_lanes;
        machine.group_assignment.distance_lanes = r->distance_lanes;
        igq_units_of(&units, &machine);
        double model = assignment_um2(&units) / vector_mac_um2(&units);
        double rtl = r->area_um2 / area_of("vector_mac", 4);
        ck_assert_msg(fabs(model / rtl - 1) < 0.15, "%s, %d groups, %d and %d lanes: %.2f vector MACs, of the RTL %.2f",
                      r->distance, r->groups, r->range_lanes, r->distance_lanes, model, rtl);
        seen++;
    }
    ck_assert_int_ge(seen, 19); // three distances, 1 to 16 groups, four other lanes
}
END_TEST

START_TEST(ideal_memories_and_vector_units_are_no_hardware)
{
    igq_accelerator machine;
    igq_units units;
    igq_error error;
    ck_assert_int_eq(igq_accelerator_load(&machine, "configs/accelerators/layerwise.yaml", &error), IGQ_OK);
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_DRAM_READ].bits, 16 * 8 * 1000); // 16 GB/s, in bits a microsecond
    ck_assert_uint_eq(units.of[IGQ_EVENT_VECTOR_OP].count, 32);
    machine.dram.model = IGQ_DRAM_MODEL_IDEAL;
    machine.vector_unit.ideal = 1;
    machine.vector_unit.lanes = 65536; // counts no longer
    igq_units_of(&units, &machine);
    ck_assert_uint_eq(units.of[IGQ_EVENT_DRAM_READ].bits, 0);
    ck_assert_uint_eq(units.of[IGQ_EVENT_VECTOR_OP].count, 0);
    ck_assert_uint_eq(units.of[IGQ_EVENT_OUTPUT_FP32_ADD].count, (uint64_t)machine.post_processing.lanes);
    ck_assert_uint_eq(units.memory[IGQ_MEMORY_OUTPUT_BUFFER].port_bits, 16 * (uint64_t)machine.post_processing.lanes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("units");
    TCase *tcase = tcase_create("rtl");
    tcase_add_test(tcase, the_area_of_the_assignment_is_that_of_its_rtl_within_15_percent);
    tcase_add_test(tcase, ideal_memories_and_vector_units_are_no_hardware);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
