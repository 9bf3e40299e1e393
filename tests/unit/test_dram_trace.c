// SPDX-License-Identifier: Apache-2.0
#include "dram_trace.h"
#include "file.h"
#include "../suite.h"
#include <stdlib.h>
#include <string.h>
#include "temp_dir.h"

START_TEST(bursts_are_lines_in_clocks_of_the_memory)
{
    igq_accelerator machine = {.clock_mhz = 500, .dram = {.burst_bytes = 64, .part = {.data_rate_mtps = 2400}}};
    igq_dram_trace trace = {0};
    igq_dram_trace_add(&trace, &(igq_dram_record){.cycle = 0, .address = 0x2be000, .bytes = 128});
    igq_dram_trace_add(&trace, &(igq_dram_record){.cycle = 10, .address = 0x40, .bytes = 64, .write = 1});
    char *text;
    size_t size;
    igq_error error;
    const char *path = temp_path("dram.trace");
    ck_assert_int_eq(igq_dram_trace_write(path, &trace, &machine, &error), IGQ_OK);
    ck_assert_int_eq(igq_file_read(&text, &size, path, &error), IGQ_OK);
    ck_assert_str_eq(text, "0x00002BE000 READ 0\n0x00002BE040 READ 0\n0x0000000040 WRITE 24\n");
    free(text);
    machine.dram.part.data_rate_mtps = 0; // cycles of the machine
    ck_assert_int_eq(igq_dram_trace_write(path, &trace, &machine, &error), IGQ_OK);
    ck_assert_int_eq(igq_file_read(&text, &size, path, &error), IGQ_OK);
    ck_assert_ptr_nonnull(strstr(text, "0x0000000040 WRITE 10\n"));
    free(text);
    igq_dram_trace_free(&trace);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dram_trace");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, make_temp_dir, remove_temp_dir);
    tcase_add_test(core, bursts_are_lines_in_clocks_of_the_memory);
    suite_add_tcase(suite, core);
    return run_suite(suite);
}
