// SPDX-License-Identifier: Apache-2.0
// The drawing of the machine and what is said of its blocks. That its boxes are files of sim/blocks, and that documents
// have it to the letter, is tools/check_facts.sh.
#include "drawing.h"
#include <stdlib.h>
#include <string.h>
#include "../suite.h"

static json_t *details_of(const char *accelerator, const char *hardware)
{
    json_t *machine = json_loads(accelerator, 0, NULL), *units = json_loads(hardware, 0, NULL);
    ck_assert(machine && units);
    json_t *details = igq_block_details(machine, units);
    json_decref(machine);
    json_decref(units);
    return details;
}

static void assert_detail(const json_t *details, const char *block, const char *text)
{
    ck_assert_str_eq(json_string_value(json_object_get(details, block)), text);
}

START_TEST(the_drawing_fits_a_terminal)
{
    int column = 0;
    for (const char *at = igq_drawing(); *at; at++) {
        ck_assert_msg(*at == '\n' || (*at >= ' ' && *at <= '~'), "character %d", *at);
        column = *at == '\n' ? 0 : column + 1;
        ck_assert_int_le(column, 80);
    }
    ck_assert_int_eq(column, 0); // ends with its last line
}
END_TEST

// A box begins with "| name" below a corner.
START_TEST(every_box_has_its_detail)
{
    json_t *details = details_of("{}", "{}"), *detail;
    const char *block;
    size_t width;
    json_object_foreach(details, block, detail)
    {
        int boxes = 0;
        const char *drawing = igq_drawing();
        for (const char *at = drawing; (at = strstr(at, block)) != NULL; at += strlen(block)) {
            width = strspn(at + strlen(block), " ");
            boxes += at > drawing + 1 && strchr("|+", at[-2]) && width > 0 && strchr("|+", at[strlen(block) + width]);
        }
        ck_assert_msg(boxes == 1, "%s stands in %d boxes", block, boxes);
    }
    ck_assert_uint_eq(json_object_size(details), 13);
    json_decref(details);
}
END_TEST

START_TEST(details_have_the_figures_of_the_machine)
{
    json_t *details = details_of(
        "{\"mac_organisation\": \"elastic\", \"num_groups\": 8, \"group_scale\": \"fp32\","
        "\"mac_array\": {\"num_arrays\": 16, \"lanes\": 4, \"vector_length\": 8, \"token_rows\": 2, \"mac_bits\": 4, "
        "\"acc_bits\": 24}, \"weight_buffer\": {\"capacity_bytes\": 1000},"
        "\"activation_buffer\": {\"capacity_bytes\": 1536}, \"row_selector\": {\"num_banks\": 32},"
        "\"group_assignment\": {\"range_source\": \"pass\", \"range_lanes\": 3, \"distance_lanes\": 5},"
        "\"post_processing\": {\"lanes\": 7}, \"vector_unit\": {\"lanes\": 9},"
        "\"dram\": {\"bandwidth_bytes_per_cycle\": 25.6, \"latency_cycles\": 100}}",
        "{\"memories\": {\"index_buffer\": {\"num_banks\": 3, \"bank_bytes\": 4608}}}");
    assert_detail(details, "dram", "25.6 B/cycle after 100 cycles");
    assert_detail(details, "weight_buffer", "1000 B, 32 banks");
    assert_detail(details, "activation_buffer", "1.5 KiB");
    assert_detail(details, "range_unit", "3 lanes, pass");
    assert_detail(details, "group_assign", "5 channels/cycle, 8 groups");
    assert_detail(details, "index_buffer", "3 x 4.5 KiB");
    assert_detail(details, "mac_array",
                  "elastic: 16 x 4 lanes x 8 channels x 2 token rows, 4 bits, 24-bit sums: 1024 MACs/cycle");
    assert_detail(details, "post_processing", "7 sums/cycle, fp32 scales");
    assert_detail(details, "vector_unit", "9 lanes: LN, softmax, GELU");
    json_decref(details);
}
END_TEST

START_TEST(what_a_report_lacks_is_nothing)
{
    json_t *details = igq_block_details(NULL, NULL);
    assert_detail(details, "index_buffer", "none");
    assert_detail(details, "range_unit", "0 lanes, ");
    json_decref(details);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("drawing");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, the_drawing_fits_a_terminal);
    tcase_add_test(tests, every_box_has_its_detail);
    tcase_add_test(tests, details_have_the_figures_of_the_machine);
    tcase_add_test(tests, what_a_report_lacks_is_nothing);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
