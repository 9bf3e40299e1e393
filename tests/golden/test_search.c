// SPDX-License-Identifier: Apache-2.0
// A search finds the front that simulating everything finds, and proves it.
#include "../cli.h"
#include <jansson.h>
#include "../suite.h"

// 96 machines: some cannot hold the network, some are beyond a limit.
static const char space[] =
    "name: space\naccelerator: configs/accelerators/igq_shared.yaml\nworkload: tests/bench/searches/block.yaml\n"
    "technology: configs/technologies/low_leakage_45nm.yaml\nreports: none\n"
    "axes:\n"
    "  organisation:\n"
    "    - {label: shared, mac_organisation: shared, mac_array.vector_length: 16, mac_array.token_rows: 1}\n"
    "    - {label: temporal, mac_organisation: temporal, mac_array.vector_length: 1, mac_array.token_rows: 16}\n"
    "  mac_array.lanes: {from: 16, to: 64, factor: 2}\n"
    "  vector_unit.lanes: [8, 32]\n"
    "  output_buffer.capacity_bytes: [8192, 32768]\n"
    "  dram.bandwidth_bytes_per_cycle: {from: 4, to: 32, factor: 2}\n"
    "set:\n"
    "  row_selector.bank_width_bits: max(256, mac_array.lanes * mac_array.mac_bits)\n"
    "limits: [cycles_per_image <= 2e6]\n"
    "objectives: [cycles_per_image, energy_pj_per_image, area_um2]\n";

static void sweep_space(const char *name, const char *search, const char *options)
{
    static cli_result result;
    char text[4096], file[600], arguments[2048];
    snprintf(file, sizeof file, "%s/space.yaml", cli_dir());
    snprintf(text, sizeof text, "%s%s", space, search);
    cli_write(file, text, strlen(text));
    snprintf(arguments, sizeof arguments, "sweep %s -o %s/%s %s", file, cli_dir(), name, options);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
}

static json_t *sweep_json(const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s/sweep.json", cli_dir(), name);
    json_t *json = json_load_file(path, 0, NULL);
    ck_assert_msg(json != NULL, "%s", path);
    return json;
}

static int count_of(const json_t *sweep, const char *name)
{
    const json_t *counts = json_object_get(json_object_get(sweep, "sweep"), "counts");
    ck_assert(json_is_integer(json_object_get(counts, name)));
    return (int)json_integer_value(json_object_get(counts, name));
}

// By the definitions, by somebody else.
static void assert_checked(const char *name, const char *whole)
{
    char command[2048];
    snprintf(command, sizeof command, "tools/check_front.py %s/%s %s/%s >/dev/null", cli_dir(), name, cli_dir(), whole);
    ck_assert_msg(system(command) == 0, "%s", command);
}

START_TEST(a_proved_front_is_that_of_all_points)
{
    size_t i;
    const json_t *point;
    sweep_space("whole", "", "");
    sweep_space("found", "search: proof\n", "-j 2");
    json_t *whole = sweep_json("whole"), *found = sweep_json("found");
    ck_assert(json_is_true(json_object_get(json_object_get(json_object_get(found, "sweep"), "search"), "proved")));
    ck_assert_int_eq(count_of(found, "front"), count_of(whole, "front"));
    ck_assert_int_gt(count_of(found, "front"), 5);
    ck_assert_int_gt(count_of(found, "beaten"), count_of(found, "points") / 4);
    ck_assert_int_eq(count_of(found, "open"), 0);
    json_array_foreach(json_object_get(whole, "points"), i, point)
    {
        const json_t *other = json_array_get(json_object_get(found, "points"), i);
        ck_assert(json_equal(json_object_get(point, "id"), json_object_get(other, "id")));
        ck_assert(json_equal(json_object_get(point, "pareto"), json_object_get(other, "pareto")));
    }
    assert_checked("found", "whole");
    json_decref(whole);
    json_decref(found);
}
END_TEST

// Which is open, which simulated does not depend on who is faster, or on what was known before.
START_TEST(a_budget_is_kept_and_the_rest_stays_open)
{
    char command[2048];
    sweep_space("some", "search: 20\n", "-j 1");
    json_t *some = sweep_json("some");
    int simulated = count_of(some, "done") + count_of(some, "excluded");
    ck_assert_int_le(simulated, 20);
    ck_assert_int_gt(simulated, 10);
    ck_assert_int_gt(count_of(some, "open"), 0);
    ck_assert(json_is_false(json_object_get(json_object_get(json_object_get(some, "sweep"), "search"), "proved")));
    json_decref(some);
    sweep_space("again", "search: 20\n", "-j 3");
    sweep_space("again", "search: 20\n", "-j 2 --resume");
    snprintf(command, sizeof command, "tools/check_front.py %s/some >/dev/null && diff -r %s/some %s/again", cli_dir(),
             cli_dir(), cli_dir());
    ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("search");
    TCase *tcase = tcase_create("search");
    tcase_add_test(tcase, a_proved_front_is_that_of_all_points);
    tcase_add_test(tcase, a_budget_is_kept_and_the_rest_stays_open);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
