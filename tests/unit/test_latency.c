// SPDX-License-Identifier: Apache-2.0
#include "latency.h"
#include <stdlib.h>
#include "../suite.h"

START_TEST(assignment_phases_are_the_contract_s_closed_forms)
{
    ck_assert_uint_eq(igq_range_cycles(197, 192, 16), 197 * 12);
    ck_assert_uint_eq(igq_range_cycles(1, 17, 16), 2);
    ck_assert_uint_eq(igq_range_cycles(1, 1, 1), 1);
    ck_assert_uint_eq(igq_score_cycles(192, 4, 0), 48 + IGQ_SCORE_PIPELINE_CYCLES);
    ck_assert_uint_eq(igq_score_cycles(193, 4, 5), 49 + IGQ_SCORE_PIPELINE_CYCLES + 5);
    ck_assert_uint_eq(igq_emit_cycles(192), 192);
}
END_TEST

START_TEST(wide_codes_take_several_passes)
{
    igq_mac_array_cfg array = {.mac_bits = 4};
    ck_assert_int_eq(igq_mac_passes(4, 4, &array), 1);
    ck_assert_int_eq(igq_mac_passes(2, 3, &array), 1);
    ck_assert_int_eq(igq_mac_passes(5, 4, &array), 2);
    ck_assert_int_eq(igq_mac_passes(8, 6, &array), 4);
    ck_assert_int_eq(igq_partial_products(8, 6, &array), 4);
    array.wide_rate = IGQ_WIDE_RATE_HALF;
    ck_assert_int_eq(igq_mac_passes(4, 4, &array), 1);
    ck_assert_int_eq(igq_mac_passes(8, 4, &array), 2);
    ck_assert_int_eq(igq_mac_passes(8, 8, &array), 2);
    ck_assert_int_eq(igq_partial_products(8, 8, &array), 4);
    array = (igq_mac_array_cfg){.mac_bits = 2};
    ck_assert_int_eq(igq_mac_passes(8, 8, &array), 16);
}
END_TEST

START_TEST(bounds_round_up_to_whole_cycles)
{
    ck_assert_uint_eq(igq_compute_bound_cycles(2, 6, 2, 1, 4), 6);
    ck_assert_uint_eq(igq_compute_bound_cycles(1, 1, 1, 1, 1024), 1);
    ck_assert_uint_eq(igq_compute_bound_cycles(16384, 16384, 16384, 16, 1), UINT64_C(16) << 42); // no overflow of int
    igq_dram_cfg sixteen = {.bandwidth_bytes_per_cycle = 16};
    ck_assert_uint_eq(igq_dram_bound_cycles(64, &sixteen), 4);
    ck_assert_uint_eq(igq_dram_bound_cycles(65, &sixteen), 5);
    ck_assert_uint_eq(igq_dram_bound_cycles(0, &sixteen), 0);
    igq_dram_cfg fraction = {.bandwidth_bytes_per_cycle = 38.4}, slow = {.bandwidth_bytes_per_cycle = 0.1};
    ck_assert_uint_eq(igq_dram_bound_cycles(384, &fraction), 10);
    ck_assert_uint_eq(igq_dram_bound_cycles(385, &fraction), 11);
    ck_assert_uint_eq(igq_dram_bound_cycles(7, &slow), 70);
    igq_dram_cfg ideal = {.model = IGQ_DRAM_MODEL_IDEAL, .bandwidth_bytes_per_cycle = 1, .burst_bytes = 64};
    ck_assert_uint_eq(igq_dram_bound_cycles(1000, &ideal), 0);
    ck_assert_uint_eq(igq_dram_transfer_cycles(1000, &ideal), 0);
}
END_TEST

START_TEST(transfers_are_whole_bursts)
{
    igq_dram_cfg dram = {.bandwidth_bytes_per_cycle = 12, .latency_cycles = 50, .burst_bytes = 64};
    ck_assert_uint_eq(igq_dram_burst_bytes(1, &dram), 64);
    ck_assert_uint_eq(igq_dram_burst_bytes(64, &dram), 64);
    ck_assert_uint_eq(igq_dram_burst_bytes(65, &dram), 128);
    ck_assert_uint_eq(igq_dram_transfer_cycles(65, &dram), 11); // ceil(128 / 12)
    ck_assert_uint_eq(igq_dram_transfer_cycles(0, &dram), 0);
}
END_TEST

START_TEST(clocks_of_the_memory_meet_cycles_of_the_machine)
{
    igq_accelerator machine = {.clock_mhz = 500, .dram = {.part = {.data_rate_mtps = 2400}}};
    ck_assert_uint_eq(igq_dram_clock_of_cycle(5, &machine), 12);
    ck_assert_uint_eq(igq_dram_clock_of_cycle(6, &machine), 15); // 14.4
    ck_assert_uint_eq(igq_dram_cycle_of_clock(12, &machine), 5);
    ck_assert_uint_eq(igq_dram_cycle_of_clock(13, &machine), 6);
}
END_TEST

START_TEST(vector_tasks_pay_their_latency_once)
{
    igq_vector_unit_cfg unit = {.lanes = 16, .latency_cycles = 7};
    ck_assert_uint_eq(igq_vector_cycles(3, 33, &unit), 3 * 3 + 7);
    ck_assert_uint_eq(igq_vector_cycles(1, 16, &unit), 1 + 7);
    unit.ideal = 1;
    ck_assert_uint_eq(igq_vector_cycles(3, 33, &unit), 0);
}
END_TEST

START_TEST(writes_through_the_ports_of_reads_worked_by_hand)
{
    const igq_row_selector_cfg selector = {.num_banks = 4, .ports_per_bank = 2, .bank_width_bits = 10};
    // 165 bits are 17 words, 3 cycles of 8 ports; the buffers have banks of their own.
    ck_assert_uint_eq(igq_write_conflict_cycles(165, 0, 0, &selector), 3);
    ck_assert_uint_eq(igq_write_conflict_cycles(0, 165, 1, &selector), 2);
    ck_assert_uint_eq(igq_write_conflict_cycles(165, 160, 3, &selector), 0);
    ck_assert_uint_eq(igq_write_conflict_cycles(0, 0, 0, &selector), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("latency");
    TCase *forms = tcase_create("closed forms");
    tcase_add_test(forms, assignment_phases_are_the_contract_s_closed_forms);
    tcase_add_test(forms, wide_codes_take_several_passes);
    tcase_add_test(forms, bounds_round_up_to_whole_cycles);
    tcase_add_test(forms, transfers_are_whole_bursts);
    tcase_add_test(forms, clocks_of_the_memory_meet_cycles_of_the_machine);
    tcase_add_test(forms, vector_tasks_pay_their_latency_once);
    tcase_add_test(forms, writes_through_the_ports_of_reads_worked_by_hand);
    suite_add_tcase(suite, forms);
    return run_suite(suite);
}
