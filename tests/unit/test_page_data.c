// SPDX-License-Identifier: Apache-2.0
#include "page_data.h"
#include <stdlib.h>
#include "../suite.h"

static json_t *report;

static void load_report(void)
{
    report =
        json_loads("{\"totals\": {\"cycles\": 7}, \"layers\": ["
                   "{\"name\": \"a\", \"group_sizes\": [9, 5], \"events\": {\"cycle\": {\"count\": 3}, "
                   "\"multiply\": {\"count\": 10, \"bits\": 80}}},"
                   "{\"name\": \"b\", \"group_sizes\": [4], \"events\": {\"multiply\": {\"count\": 2, \"bits\": 8}}}],"
                   "\"images\": [{\"name\": \"x\", \"group_sizes\": {\"a\": [6, 1], \"b\": [2]}},"
                   "{\"name\": \"y\", \"group_sizes\": {\"a\": [3, 4], \"b\": [2]}}]}",
                   0, NULL);
    ck_assert_ptr_nonnull(report);
}

static void free_report(void)
{
    json_decref(report);
}

static void assert_is(const json_t *value, const char *text)
{
    char *is = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    ck_assert_str_eq(is, text);
    free(is);
}

START_TEST(events_of_all_layers_are_added_up)
{
    json_t *data = igq_page_data_run(report);
    assert_is(json_object_get(json_object_get(data, "totals"), "events"),
              "{\"cycle\":{\"count\":3,\"bits\":0},\"multiply\":{\"count\":12,\"bits\":88}}");
    ck_assert_ptr_null(json_object_get(json_array_get(json_object_get(data, "layers"), 0), "events"));
    json_decref(data);
}
END_TEST

START_TEST(group_sizes_of_images_become_their_extent)
{
    json_t *data = igq_page_data_run(report);
    assert_is(json_object_get(json_array_get(json_object_get(data, "layers"), 0), "group_spread"),
              "{\"least\":[3,1],\"most\":[6,4]}");
    assert_is(json_object_get(data, "images"), "[{\"name\":\"x\"},{\"name\":\"y\"}]");
    json_decref(data);
}
END_TEST

START_TEST(the_report_stays_as_it_was)
{
    char *before = json_dumps(report, 0);
    json_decref(igq_page_data_run(report));
    char *after = json_dumps(report, 0);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("page_data");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, load_report, free_report);
    tcase_add_test(tests, events_of_all_layers_are_added_up);
    tcase_add_test(tests, group_sizes_of_images_become_their_extent);
    tcase_add_test(tests, the_report_stays_as_it_was);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
