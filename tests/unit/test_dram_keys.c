// SPDX-License-Identifier: Apache-2.0
// The ways of saying a memory.
#include "dram_keys.h"
#include "accelerator_file.h"
#include "../suite.h"
#include <stdlib.h>
#include "temp_dir.h"

#define BASE "configs/accelerators/layerwise.yaml" // 1000 MHz, 16 bytes a cycle, 100 cycles latency
static igq_error error;
static igq_accelerator machine;

// The base under settings, words separated by blanks.
static igq_status load(const char *settings)
{
    char text[512], *word;
    const char *items[16];
    igq_string_list sets = {.items = items};
    snprintf(text, sizeof text, "%s", settings);
    for (word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        items[sets.num++] = word;
    return igq_accelerator_load_with(&machine, BASE, &sets, NULL, &error);
}

START_TEST(files_of_the_first_version_mean_what_they_did)
{
    ck_assert_int_eq(load(""), IGQ_OK);
    ck_assert_int_eq(machine.dram.model, IGQ_DRAM_MODEL_BANDWIDTH);
    ck_assert_double_eq(machine.dram.bandwidth_bytes_per_cycle, 16);
    ck_assert_double_eq(machine.dram.bandwidth_gbytes_per_s, 16);
    ck_assert_int_eq(machine.dram.latency_cycles, 100);
    ck_assert_int_eq(machine.dram.burst_bytes, 64);
    ck_assert_int_eq(machine.vector_unit.ideal, 0);
}
END_TEST

START_TEST(figures_of_data_sheets_do_not_depend_on_the_clock)
{
    ck_assert_int_eq(load("dram.bandwidth_gbytes_per_s=12.5 dram.latency_ns=55 clock_mhz=400"), IGQ_OK);
    ck_assert_double_eq_tol(machine.dram.bandwidth_bytes_per_cycle, 31.25, 1e-9);
    ck_assert_int_eq(machine.dram.latency_cycles, 22);
    ck_assert_int_eq(load("dram.data_rate_mtps=2133.5 dram.width_bits=32 dram.channels=2 clock_mhz=800"), IGQ_OK);
    ck_assert_double_eq_tol(machine.dram.bandwidth_gbytes_per_s, 17.068, 1e-9);
    ck_assert_double_eq_tol(machine.dram.bandwidth_bytes_per_cycle, 21.335, 1e-9);
    ck_assert_int_eq(load("dram.bandwidth_bytes_per_cycle=0.5 clock_mhz=800"), IGQ_OK);
    ck_assert_double_eq_tol(machine.dram.bandwidth_gbytes_per_s, 0.4, 1e-9);
}
END_TEST

START_TEST(a_preset_replaces_what_the_file_says)
{
    ck_assert_int_eq(load("dram.preset=ddr4_2400"), IGQ_OK);
    ck_assert_double_eq_tol(machine.dram.bandwidth_gbytes_per_s, 19.2, 1e-9);
    ck_assert_int_eq(machine.dram.latency_cycles, 27); // tRCD + tCL, 26.64 ns
    ck_assert_int_eq(load("dram.preset=lpddr5_6400 dram.model=banks dram.channels=4"), IGQ_OK);
    ck_assert_double_eq_tol(machine.dram.bandwidth_gbytes_per_s, 51.2, 1e-9);
    ck_assert_int_eq(machine.dram.latency_cycles, 0); // the rows say it
    ck_assert_int_eq(machine.dram.burst_bytes, 32);
    ck_assert_int_eq(machine.dram.part.burst_length, 16);
    ck_assert_double_eq(machine.dram.part.time_ns[IGQ_DRAM_RFC], 210);
    ck_assert_int_eq(load("dram.preset=ddr4_2400 dram.t_rfc_ns=550 dram.model=banks"), IGQ_OK);
    ck_assert_double_eq(machine.dram.part.time_ns[IGQ_DRAM_RFC], 550);
}
END_TEST

START_TEST(ways_that_contradict_are_refused)
{
    ASSERT_REFUSED(load("dram.bandwidth_gbytes_per_s=8 dram.bandwidth_bytes_per_cycle=20"), &error,
                   "dram.bandwidth_bytes_per_cycle", "20", "Give one of preset");
    ASSERT_REFUSED(load("dram.preset=ddr4_2400 dram.data_rate_mtps=2666"), &error, "dram.data_rate_mtps", "2400");
    ASSERT_REFUSED(load("dram.preset=ddr4_2400 dram.bandwidth_gbytes_per_s=20"), &error, "dram.bandwidth_gbytes_per_s",
                   "19.2");
    ASSERT_REFUSED(load("dram.latency_ns=50 dram.latency_cycles=3"), &error, "dram.latency_cycles", "50");
    ASSERT_REFUSED(load("dram.preset=ddr9"), &error, "dram.preset", "ddr4_2400, ddr4_3200, lpddr4_3200");
}
END_TEST

START_TEST(banks_need_a_part)
{
    ASSERT_REFUSED(load("dram.model=banks"), &error, "dram.", "model banks needs a preset");
    ASSERT_REFUSED(load("dram.model=banks dram.data_rate_mtps=2400"), &error, "dram.bank_groups", "is not given");
    ASSERT_REFUSED(load("dram.model=banks dram.preset=ddr4_2400 dram.burst_bytes=60"), &error, "dram.burst_bytes",
                   "transfers of 64 bits");
    ASSERT_REFUSED(load("dram.model=banks dram.preset=ddr4_2400 dram.t_refi_ns=300"), &error, "dram.t_rfc_ns");
    ASSERT_REFUSED(load("dram.model=banks dram.preset=ddr4_2400 dram.banks_per_group=17"), &error,
                   "dram.banks_per_group", "1 to 16");
    ASSERT_REFUSED(load("dram.bandwidth_bytes_per_cycle=auto"), &error, "dram.bandwidth_gbytes_per_s", "is missing");
    ck_assert_int_eq(load("dram.bandwidth_bytes_per_cycle=auto dram.model=ideal"), IGQ_OK);
}
END_TEST

START_TEST(what_is_written_is_read_back)
{
    make_temp_dir();
    ck_assert_int_eq(load("dram.preset=hbm2 dram.model=banks clock_mhz=700"), IGQ_OK);
    igq_accelerator first = machine;
    int num;
    const igq_key *keys = igq_accelerator_keys(&num);
    FILE *file = fopen(temp_path("written.yaml"), "w");
    ck_assert_ptr_nonnull(file);
    igq_keys_write(file, &machine, keys, num);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_msg(igq_accelerator_load(&machine, temp_path("written.yaml"), &error) == IGQ_OK, "%s", error.message);
    ck_assert_mem_eq(&machine.dram, &first.dram, sizeof machine.dram);
    remove_temp_dir();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dram_keys");
    TCase *core = tcase_create("core");
    tcase_add_test(core, files_of_the_first_version_mean_what_they_did);
    tcase_add_test(core, figures_of_data_sheets_do_not_depend_on_the_clock);
    tcase_add_test(core, a_preset_replaces_what_the_file_says);
    tcase_add_test(core, ways_that_contradict_are_refused);
    tcase_add_test(core, banks_need_a_part);
    tcase_add_test(core, what_is_written_is_read_back);
    suite_add_tcase(suite, core);
    return run_suite(suite);
}
