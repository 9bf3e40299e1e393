// SPDX-License-Identifier: Apache-2.0
// The timeline of a run agrees with its report: it ends with the run, and no block does two things at once.
#include "cli.h"
#include <jansson.h>
#include <math.h>
#include "../suite.h"

enum { MAX_TRACKS = 32 };

static cli_result result;

static void run_into(const char *name, const char *more_arguments)
{
    char arguments[2048];
    snprintf(arguments, sizeof arguments,
             "run -a configs/accelerators/igq_elastic.yaml -w configs/workloads/deit_tiny.yaml "
             "-c configs/calibration/deit_tiny_w4a4_g8.yaml --trace traces/deit_tiny_chelsea.safetensors %s -o %s/%s",
             more_arguments, cli_dir(), name);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
}

static json_t *load(const char *name)
{
    char path[1024];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%s", cli_dir(), name);
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(file != NULL, "%s", error.text);
    return file;
}

static json_int_t get(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

START_TEST(blocks_do_one_thing_at_a_time_and_end_with_the_run)
{
    run_into("a", "");
    json_t *timeline = load("a/timeline.json"), *report = load("a/report.json");
    json_int_t free_from[MAX_TRACKS] = {0}, busy[MAX_TRACKS] = {0}, end = 0;
    int tracks = 0, slices = 0, counters = 0;
    size_t i;
    json_t *event;
    json_array_foreach(json_object_get(timeline, "traceEvents"), i, event)
    {
        const char *kind = json_string_value(json_object_get(event, "ph"));
        json_int_t track = get(event, "tid"), begin = get(event, "ts"), cycles = get(event, "dur");
        ck_assert_int_lt(track, MAX_TRACKS);
        if (strcmp(kind, "X") == 0) {
            ck_assert_int_ge(begin, free_from[track]);
            free_from[track] = begin + cycles;
            busy[track] += cycles;
            end = begin + cycles > end ? begin + cycles : end;
            slices++;
        } else if (strcmp(kind, "C") == 0) {
            ck_assert(!json_object_get(json_object_get(event, "args"), "mW")); // no technology
            counters++;
        } else if (strcmp(json_string_value(json_object_get(event, "name")), "thread_name") == 0) {
            tracks++;
        }
    }
    ck_assert_int_eq(tracks, 11); // every block but the controller, which costs no cycles
    ck_assert_int_gt(slices, 1000);
    ck_assert_int_gt(counters, 1000);
    // The last work of a run is a store, and its bursts have left with it.
    ck_assert_int_eq(end, get(json_object_get(report, "totals"), "cycles"));
    for (int track = 1; track <= tracks; track++) {
        ck_assert_int_gt(busy[track], 0);
        ck_assert_int_le(busy[track], end);
    }
    json_decref(timeline);
    json_decref(report);
}
END_TEST

// Energy of a component, from its power: each value holds until the next one of the track, the last is zero.
static double integral_pj(const json_t *events, const char *component, double clock_mhz)
{
    char track[128];
    snprintf(track, sizeof track, "power %s", component);
    double sum_pj = 0, mw = 0, since_us = 0;
    size_t i;
    json_t *event;
    json_array_foreach(events, i, event)
    {
        if (strcmp(json_string_value(json_object_get(event, "name")), track) != 0)
            continue;
        double now_us = (double)get(event, "ts") / clock_mhz; // the file's time is in cycles
        ck_assert_double_ge(now_us, since_us);
        sum_pj += mw * (now_us - since_us) * 1e3; // mW us = nJ
        mw = json_number_value(json_object_get(json_object_get(event, "args"), "mW"));
        since_us = now_us;
    }
    ck_assert_double_eq(mw, 0);
    return sum_pj;
}

START_TEST(the_integral_of_power_is_the_energy_of_the_run)
{
    run_into("power", "-t configs/technologies/bitfusion_45nm.yaml");
    json_t *timeline = load("power/timeline.json"), *report = load("power/report.json"), *energy;
    json_t *events = json_object_get(timeline, "traceEvents"), *totals = json_object_get(report, "totals");
    double clock_mhz = (double)get(json_object_get(report, "accelerator"), "clock_mhz");
    const char *component;
    int components = 0;
    json_object_foreach(json_object_get(totals, "energy_pj_by_component"), component, energy)
    {
        double energy_pj = json_number_value(energy), seen_pj = integral_pj(events, component, clock_mhz);
        ck_assert_msg(fabs(seen_pj - energy_pj) <= 1e-7 * energy_pj, "%s: %.3f pJ, %.3f pJ in the timeline", component,
                      energy_pj, seen_pj);
        components += energy_pj > 0;
    }
    ck_assert_int_eq(components, 19); // all but the clock, which is free in this technology
    json_decref(timeline);
    json_decref(report);
}
END_TEST

// What the machine's file says of igq_elastic, and docs/timing.md.
static const struct {
    const char *name;
    json_int_t capacity;
} counted[] = {{"weight_buffer", 2},  {"activation_buffer", 2}, {"output_buffer", 2},
               {"range_banks", 3},    {"index_buffer", 2},      {"gather_queue", 4},
               {"finished_tiles", 2}, {"residual_orders", 2},   {"stores", 2}};
enum { NUM_COUNTED = sizeof counted / sizeof *counted };

static int counter_of(const json_t *event)
{
    for (int i = 0; i < NUM_COUNTED; i++)
        if (strcmp(counted[i].name, json_string_value(json_object_get(event, "name"))) == 0)
            return i;
    return -1;
}

START_TEST(queues_are_counters_that_fill_and_empty_within_their_capacity)
{
    run_into("a", "");
    json_t *timeline = load("a/timeline.json");
    const json_t *capacities = json_object_get(json_object_get(timeline, "otherData"), "capacities");
    json_int_t in_use[NUM_COUNTED] = {0}, most[NUM_COUNTED] = {0}, when[NUM_COUNTED] = {0};
    size_t i;
    json_t *event;
    json_array_foreach(json_object_get(timeline, "traceEvents"), i, event)
    {
        if (strcmp(json_string_value(json_object_get(event, "ph")), "C") != 0)
            continue;
        int c = counter_of(event);
        ck_assert_int_ge(c, 0);
        in_use[c] = get(json_object_get(event, "args"), "in_use");
        ck_assert_int_ge(in_use[c], 0);
        ck_assert_int_ge(get(event, "ts"), when[c]);
        when[c] = get(event, "ts");
        most[c] = in_use[c] > most[c] ? in_use[c] : most[c];
    }
    ck_assert_uint_eq(json_object_size(capacities), NUM_COUNTED);
    for (int c = 0; c < NUM_COUNTED; c++) {
        ck_assert_int_eq(get(capacities, counted[c].name), counted[c].capacity);
        ck_assert_int_gt(most[c], 0);
        ck_assert_int_le(most[c], counted[c].capacity);
        ck_assert_int_eq(in_use[c], 0); // everything is empty at the end
    }
    ck_assert_int_eq(most[0], 2); // weights are fetched ahead
    ck_assert_int_eq(get(json_object_get(timeline, "otherData"), "events_left_out"), 0);
    json_decref(timeline);
}
END_TEST

START_TEST(the_timeline_has_the_same_bytes_every_time)
{
    char first[1024], second[1024];
    run_into("a", "");
    run_into("b", "");
    snprintf(first, sizeof first, "%s/a/timeline.json", cli_dir());
    snprintf(second, sizeof second, "%s/b/timeline.json", cli_dir());
    ck_assert(cli_same_bytes(first, second));
}
END_TEST

int main(void)
{
    cli_dir();
    Suite *suite = suite_create("timeline");
    TCase *timeline = tcase_create("timeline");
    tcase_add_test(timeline, blocks_do_one_thing_at_a_time_and_end_with_the_run);
    tcase_add_test(timeline, the_integral_of_power_is_the_energy_of_the_run);
    tcase_add_test(timeline, queues_are_counters_that_fill_and_empty_within_their_capacity);
    tcase_add_test(timeline, the_timeline_has_the_same_bytes_every_time);
    suite_add_tcase(suite, timeline);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
