// SPDX-License-Identifier: Apache-2.0
#include "comparison.h"
#include <stdlib.h>
#include "../suite.h"

// A run of two images on a machine of this name.
static json_t *run_of(const char *name, int groups, int fullest, int drain)
{
    int cycles = 100 + fullest + drain;
    json_t *stalls = json_pack("{s:i, s:i}", "fullest_group", fullest, "drain", drain);
    json_t *layer = json_pack("{s:s, s:s, s:i, s:i, s:O}", "name", "b0.qkv", "kind", "qkv", "cycles", cycles,
                              "compute_cycles", 100, "stall_cycles", stalls);
    return json_pack("{s:{s:s}, s:{s:s, s:[{s:s, s:s, s:s}]}, s:{s:s, s:i, s:{s:i}}, s:{s:s},"
                     " s:{s:i, s:i, s:i, s:o}, s:[o]}",
                     "igqsim", "version", "1", "inputs", "mode", "trace", "files", "role", "trace", "path", name,
                     "sha256", groups == 8 ? "aa" : "bb", "accelerator", "name", name, "num_groups", groups,
                     "mac_array", "lanes", 4, "workload", "name", "net", "totals", "images", 2, "cycles", cycles,
                     "compute_cycles", 100, "stall_cycles", stalls, "layers", layer);
}

static json_t *compared(json_t *first, json_t *second, const char *first_path, const char *second_path)
{
    json_t *reports[] = {first, second};
    const char *paths[] = {first_path, second_path};
    igq_results results[2];
    igq_error error;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(igq_results_read(&results[i], reports[i], &error), IGQ_OK);
    json_t *comparison = igq_comparison(reports, results, paths, 2);
    json_decref(first);
    json_decref(second);
    return comparison;
}

// The part of a comparison that the path names, as text.
static void assert_part(const json_t *comparison, const char *key, const char *inner, const char *expected)
{
    const json_t *part = json_object_get(comparison, key);
    if (inner)
        part = json_object_get(json_is_array(part) ? json_array_get(part, 0) : part, inner);
    char *is = json_dumps(part, JSON_COMPACT | JSON_ENCODE_ANY);
    ck_assert_str_eq(is, expected);
    free(is);
}

START_TEST(only_keys_that_differ_are_listed)
{
    json_t *comparison = compared(run_of("a", 8, 0, 0), run_of("b", 4, 0, 0), "x/report.json", "y/report.json");
    assert_part(
        comparison, "differences", NULL,
        "[{\"key\":\"inputs.trace\",\"values\":[\"a\",\"b\"]},{\"key\":\"accelerator.name\",\"values\":[\"a\",\"b\"]},"
        "{\"key\":\"accelerator.num_groups\",\"values\":[8,4]}]");
    json_decref(comparison);
}
END_TEST

START_TEST(figures_are_per_image_and_relative_to_the_first)
{
    json_t *comparison = compared(run_of("a", 8, 0, 100), run_of("b", 8, 50, 250), "x/r.json", "y/r.json");
    assert_part(comparison, "metrics", NULL,
                "[{\"key\":\"cycles_per_image\",\"values\":[100.0,200.0],\"relative\":[1.0,2.0]}]");
    assert_part(comparison, "cycles_by_cause", "drain", "[50.0,125.0]");
    assert_part(comparison, "layers", "cycles", "[100.0,200.0]");
    json_decref(comparison);
}
END_TEST

START_TEST(a_difference_is_made_of_its_causes_the_largest_first)
{
    json_t *comparison = compared(run_of("a", 8, 0, 100), run_of("b", 8, 340, 60), "x/r.json", "y/r.json");
    assert_part(
        comparison, "changes", "cycles_per_image",
        "{\"difference\":150.0,\"relative\":2.5,\"contributions\":[{\"name\":\"fullest_group\",\"difference\":170.0},"
        "{\"name\":\"drain\",\"difference\":-20.0}]}");
    assert_part(comparison, "changes", "energy_pj_per_image", "null");
    json_decref(comparison);
}
END_TEST

START_TEST(runs_of_one_machine_are_told_apart_by_their_folders)
{
    json_t *comparison = compared(run_of("m", 8, 0, 0), run_of("m", 8, 0, 0), "out/x/report.json", "y/report.json");
    assert_part(comparison, "runs", "name", "\"m (x)\"");
    assert_part(comparison, "differences", NULL, "[]");
    json_decref(comparison);
}
END_TEST

START_TEST(a_layer_that_one_run_lacks_is_null_there)
{
    json_t *other = run_of("b", 8, 0, 0);
    json_object_set_new(json_array_get(json_object_get(other, "layers"), 0), "name", json_string("else"));
    json_t *comparison = compared(run_of("a", 8, 0, 0), other, "x/r.json", "y/r.json");
    assert_part(comparison, "layers", "cycles", "[50.0,null]");
    json_decref(comparison);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("comparison");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, only_keys_that_differ_are_listed);
    tcase_add_test(tests, figures_are_per_image_and_relative_to_the_first);
    tcase_add_test(tests, a_difference_is_made_of_its_causes_the_largest_first);
    tcase_add_test(tests, runs_of_one_machine_are_told_apart_by_their_folders);
    tcase_add_test(tests, a_layer_that_one_run_lacks_is_null_there);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
