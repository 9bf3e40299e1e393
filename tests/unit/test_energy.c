// SPDX-License-Identifier: Apache-2.0
#include "energy.h"
#include "area.h"
#include "rng.h"
#include <math.h>
#include <string.h>
#include "../suite.h"

// add: 1 pJ + 0.5 pJ/bit, 10 um2/bit, 100 nW; multiply: 0.25 pJ/bit^2. Memories of 32-bit ports, 1 KiB and 3 KiB.
static igq_technology small_technology(void)
{
    igq_technology technology = {
        .name = "small",
        .num_actions = 2,
        .num_components = 3,
        .action = {{.name = "add",
                    .rate = {[IGQ_FIGURE_ENERGY_PJ] = {1, 0.5, 0},
                             [IGQ_FIGURE_AREA_UM2] = {0, 10, 0},
                             [IGQ_FIGURE_LEAKAGE_NW] = {100, 0, 0}}},
                   {.name = "multiply", .rate = {[IGQ_FIGURE_ENERGY_PJ] = {0, 0, 0.25}}}},
        .sram = {.port_bits = 32, .num_points = 2, .point = {{1024, 2, 3, 1000, 50000}, {3072, 6, 4, 2000, 70000}}},
        .component = {{.name = "adders", .num_terms = 1, .term = {{IGQ_EVENT_TREE_ADD, 0}}},
                      {.name = "multipliers", .num_terms = 1, .term = {{IGQ_EVENT_MULTIPLY, 1}}},
                      {.name = "memory",
                       .num_terms = 2,
                       .term = {{IGQ_EVENT_OUTPUT_BUFFER_READ, IGQ_ACTION_SRAM},
                                {IGQ_EVENT_OUTPUT_BUFFER_WRITE, IGQ_ACTION_SRAM}}}},
    };
    return technology;
}

static igq_units small_units(void)
{
    igq_units units = {.of[IGQ_EVENT_TREE_ADD] = {3, 30, 0}, .memory[IGQ_MEMORY_OUTPUT_BUFFER] = {2, 2048, 64}};
    return units;
}

START_TEST(energy_is_events_times_figures)
{
    igq_technology technology = small_technology();
    igq_units units = small_units();
    igq_events events = {.of = {[IGQ_EVENT_CYCLE] = {1000, 0, 0},
                                [IGQ_EVENT_TREE_ADD] = {10, 80, 0},
                                [IGQ_EVENT_MULTIPLY] = {4, 40, 100},
                                [IGQ_EVENT_OUTPUT_BUFFER_READ] = {2, 128, 0},
                                [IGQ_EVENT_OUTPUT_BUFFER_WRITE] = {1, 32, 0}}};
    double pj[4];
    igq_energy_of(pj, &events, &units, &technology, 500);
    ck_assert_double_eq(pj[0], 10 + 40);
    ck_assert_double_eq(pj[1], 25);
    // Half way between the entries: 4 pJ to read and 3.5 pJ to write 32 bits; a word is 64 bits.
    ck_assert_double_eq(pj[2], 4 * 4 + 1 * 3.5);
    // 3 adders of 100 nW and 2 banks of 60000 nW for 2 us, in pJ.
    ck_assert_double_eq(pj[3], igq_energy_round((300 + 120000) * 2 * 1e-3));
    ck_assert_str_eq(igq_entry_name(&technology, 2), "memory");
    ck_assert_str_eq(igq_entry_name(&technology, 3), "leakage");
}
END_TEST

START_TEST(area_is_units_times_figures)
{
    igq_technology technology = small_technology();
    igq_units units = small_units();
    double um2[4];
    igq_area_of(um2, &units, &technology);
    ck_assert_double_eq(um2[0], 300);
    ck_assert_double_eq(um2[1], 0);
    ck_assert_double_eq(um2[2], 2 * 1500);
    ck_assert_double_eq(um2[3], 0);
    technology.sram.point[1].area_um2 = NAN; // not given: unknown, not zero
    igq_area_of(um2, &units, &technology);
    ck_assert(isnan(um2[2]));
    units.memory[IGQ_MEMORY_OUTPUT_BUFFER].num_banks = 0; // no such memory: zero
    igq_area_of(um2, &units, &technology);
    ck_assert_double_eq(um2[2], 0);
}
END_TEST

START_TEST(table_entries_are_given_back_exactly)
{
    igq_technology technology = small_technology();
    for (int i = 0; i < 2; i++) {
        const igq_sram_point *point = &technology.sram.point[i];
        igq_memory_units memory = {1, (uint64_t)point->capacity_bytes, 32};
        igq_sram_point bank = igq_technology_sram(&technology, &memory);
        ck_assert_mem_eq(&bank, point, sizeof bank);
    }
    technology.sram.smaller_as_smallest = 1;
    igq_sram_point tiny = igq_technology_sram(&technology, &(igq_memory_units){1, 10, 32});
    ck_assert_double_eq(tiny.read_pj, 2);
}
END_TEST

START_TEST(the_table_ends_where_it_ends)
{
    igq_technology technology = small_technology();
    igq_units units = small_units();
    ck_assert_int_eq(igq_technology_uncovered(&technology, &units), IGQ_MEMORY_COUNT);
    units.memory[IGQ_MEMORY_OUTPUT_BUFFER].bank_bytes = 3073;
    ck_assert_int_eq(igq_technology_uncovered(&technology, &units), IGQ_MEMORY_OUTPUT_BUFFER);
    units.memory[IGQ_MEMORY_OUTPUT_BUFFER].bank_bytes = 1023;
    ck_assert_int_eq(igq_technology_uncovered(&technology, &units), IGQ_MEMORY_OUTPUT_BUFFER);
    technology.sram.smaller_as_smallest = 1;
    ck_assert_int_eq(igq_technology_uncovered(&technology, &units), IGQ_MEMORY_COUNT);
    units.memory[IGQ_MEMORY_RANGE_MEMORY] = (igq_memory_units){0, 9999, 32}; // there is none
    ck_assert_int_eq(igq_technology_uncovered(&technology, &units), IGQ_MEMORY_COUNT);
}
END_TEST

START_TEST(the_books_close_to_the_last_bit_in_any_order)
{
    enum { LAYERS = 146, ENTRIES = 4 };
    igq_technology technology = small_technology();
    igq_units units = small_units();
    rng random = {7};
    double pj[LAYERS][ENTRIES], by_layer[LAYERS] = {0}, by_entry[ENTRIES] = {0};
    technology.action[0].rate[IGQ_FIGURE_ENERGY_PJ] = (igq_rate){0.1, 1.0 / 3, 0};
    technology.action[1].rate[IGQ_FIGURE_ENERGY_PJ].per_bit_product = 0.0029947916667;
    for (int k = 0; k < LAYERS; k++) {
        igq_events events;
        for (int i = 0; i < IGQ_EVENT_COUNT; i++)
            events.of[i] = (igq_measure){rng_next(&random) >> 34, rng_next(&random) >> 31, rng_next(&random) >> 29};
        igq_energy_of(pj[k], &events, &units, &technology, 700);
        for (int i = 0; i < ENTRIES; i++) {
            ck_assert_double_eq(pj[k][i] * 1024, floor(pj[k][i] * 1024));
            by_layer[k] += pj[k][i];
            by_entry[i] += pj[k][i];
        }
    }
    double forward = 0, backward = 0, entries = 0;
    for (int k = 0; k < LAYERS; k++) {
        forward += by_layer[k];
        backward += by_layer[LAYERS - 1 - k];
    }
    for (int i = 0; i < ENTRIES; i++)
        entries += by_entry[i];
    ck_assert_double_gt(forward, 1e11); // of the size that batches of DeiT-Base have
    ck_assert(forward == backward);
    ck_assert(forward == entries);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("energy");
    TCase *cases = tcase_create("energy and area");
    tcase_add_test(cases, energy_is_events_times_figures);
    tcase_add_test(cases, area_is_units_times_figures);
    tcase_add_test(cases, table_entries_are_given_back_exactly);
    tcase_add_test(cases, the_table_ends_where_it_ends);
    tcase_add_test(cases, the_books_close_to_the_last_bit_in_any_order);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
