// SPDX-License-Identifier: Apache-2.0
#include "dram_part.h"
#include "../suite.h"
#include <string.h>

static const igq_dram_part *find(const char *name)
{
    int num;
    const igq_dram_part *part = igq_dram_parts(&num);
    for (int i = 0; i < num; i++)
        if (strcmp(part[i].name, name) == 0)
            return &part[i];
    ck_abort_msg("no part %s", name);
    return NULL;
}

START_TEST(clocks_are_those_of_the_data_sheets)
{
    // JESD79-4, DDR4-2400R and -3200AA, x8: nCK of RCD RP RAS CL CWL CCD_L RRD_S RRD_L FAW WTR_S WTR_L WR RTP.
    const struct {
        const char *name;
        int clocks[IGQ_DRAM_RFC];
    } known[] = {{"ddr4_2400", {16, 16, 39, 16, 12, 6, 4, 6, 26, 3, 9, 18, 9}},
                 {"ddr4_3200", {22, 22, 52, 22, 16, 8, 4, 8, 34, 4, 12, 24, 12}}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        igq_dram_clocks clocks;
        igq_dram_clocks_of(&clocks, find(known[k].name), 1, IGQ_DRAM_MAPPING_USUAL);
        for (int i = 0; i < IGQ_DRAM_RFC; i++)
            ck_assert_msg(clocks.time[i] == known[k].clocks[i], "%s, time %d: %d clocks, the data sheet has %d",
                          known[k].name, i, clocks.time[i], known[k].clocks[i]);
        ck_assert_int_eq(clocks.burst, 4);
        ck_assert_int_eq(clocks.row_bursts, 128);
    }
}
END_TEST

START_TEST(peaks_are_those_of_the_names)
{
    const struct {
        const char *name;
        double gbytes_per_s;
    } known[] = {{"ddr4_2400", 19.2}, {"ddr4_3200", 25.6}, {"lpddr4_3200", 12.8}, {"lpddr5_6400", 25.6}, {"hbm2", 256}};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        const igq_dram_part *part = find(known[k].name);
        double peak = part->data_rate_mtps * part->width_bits / 8 * part->channels / 1000;
        ck_assert_double_eq_tol(peak, known[k].gbytes_per_s, 1e-9);
    }
}
END_TEST

START_TEST(every_part_is_whole_and_has_a_source)
{
    int num;
    const igq_dram_part *part = igq_dram_parts(&num);
    for (int i = 0; i < num; i++) {
        ck_assert_str_eq(igq_dram_preset_names[1 + i], part[i].name);
        ck_assert_msg(strlen(part[i].source) > 20, "%s has no source", part[i].name);
        ck_assert_int_eq(part[i].row_bytes % (part[i].width_bits / 8 * part[i].burst_length), 0);
        for (int t = 0; t < IGQ_DRAM_TIME_COUNT; t++)
            ck_assert_msg(part[i].time_ns[t] > 0, "%s: time %d is missing", part[i].name, t);
        ck_assert_double_lt(part[i].time_ns[IGQ_DRAM_RFC], part[i].time_ns[IGQ_DRAM_REFI]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dram_part");
    TCase *core = tcase_create("core");
    tcase_add_test(core, clocks_are_those_of_the_data_sheets);
    tcase_add_test(core, peaks_are_those_of_the_names);
    tcase_add_test(core, every_part_is_whole_and_has_a_source);
    suite_add_tcase(suite, core);
    return run_suite(suite);
}
