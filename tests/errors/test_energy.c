// SPDX-License-Identifier: Apache-2.0
// Bad technologies, machines beyond a technology, and saved reports that are none. Faults inside a technology file are
// the business of unit.technology_file; here one of each reaches the user.
#include "cli.h"
#include "../suite.h"

#define MACHINE "configs/accelerators/igq_temporal.yaml"
#define NETWORK "configs/workloads/deit_tiny.yaml"
#define TECHNOLOGY "configs/technologies/bitfusion_45nm.yaml"
static cli_result result;
static char arguments[4096];

static void refused(const char *first, const char *second)
{
    ck_assert_int_eq(result.status, 1);
    ck_assert_msg(strstr(result.output, first) != NULL, "\"%s\" not in: %s", first, result.output);
    ck_assert_msg(strstr(result.output, second) != NULL, "\"%s\" not in: %s", second, result.output);
    char path[512];
    snprintf(path, sizeof path, "%s/out/report.json", cli_dir());
    ck_assert_msg(access(path, F_OK) != 0, "a report was written");
}

static void put(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", cli_dir(), name);
    cli_write(path, text, strlen(text));
}

START_TEST(a_negative_figure_is_refused_with_line_and_key)
{
    put("bad.yaml",
        "name: bad\ncomponents: components.yaml\nactions:\n  - name: add\n    figures:\n"
        "      - {value: -1, unit: pJ, source: \"somebody\"}\nsram:\n  port_bits: 32\n"
        "  smaller_memories: refuse\n  points:\n"
        "    - {capacity_bytes: 64, read_pj: 1, write_pj: 1, area_um2: 1, leakage_nw: 1, source: \"somebody\"}\n");
    snprintf(arguments, sizeof arguments, "run -a %s -w %s -t %s/bad.yaml -o %s/out", MACHINE, NETWORK, cli_dir(),
             cli_dir());
    cli_run(&result, arguments);
    refused("bad.yaml:6: actions[0].figures[0].value", "-1 is out of range");
}
END_TEST

START_TEST(memories_beyond_the_table_name_the_memory_and_the_range)
{
    snprintf(arguments, sizeof arguments,
             "run -a " MACHINE " --set activation_buffer.capacity_bytes=33554432 -w %s -t %s -o %s/out", NETWORK,
             TECHNOLOGY, cli_dir());
    cli_run(&result, arguments);
    refused("activation_buffer has banks of 1048576 bytes", "1024 to 524288");
}
END_TEST

START_TEST(a_report_that_is_none_is_refused)
{
    put("text.json", "not json");
    put("empty.json", "{}");
    const char *const wanted[][2] = {{"text.json", "expected near 'not'"},
                                     {"empty.json", "written by this version of igqsim run"},
                                     {"nowhere.json", "nowhere.json"}};
    for (int i = 0; i < 3; i++) {
        snprintf(arguments, sizeof arguments, "run --from %s/%s -t %s -o %s/out", cli_dir(), wanted[i][0], TECHNOLOGY,
                 cli_dir());
        cli_run(&result, arguments);
        refused(wanted[i][1], wanted[i][0]);
    }
}
END_TEST

START_TEST(a_report_whose_references_are_damaged_is_refused)
{
    snprintf(arguments, sizeof arguments, "run -a %s -w %s -t %s -o %s/good", MACHINE, NETWORK, TECHNOLOGY, cli_dir());
    cli_run(&result, arguments);
    ck_assert_int_eq(result.status, 0);
    snprintf(arguments, sizeof arguments,
             "sed '/\"references\"/,$s/\"events\"/\"incidents\"/' %s/good/report.json >%s/damaged.json", cli_dir(),
             cli_dir());
    ck_assert_int_eq(system(arguments), 0);
    snprintf(arguments, sizeof arguments, "run --from %s/damaged.json -t %s -o %s/out", cli_dir(), TECHNOLOGY,
             cli_dir());
    cli_run(&result, arguments);
    refused("damaged.json: references[0].events: missing", "");
}
END_TEST

// Numbers of a report that no run writes.
START_TEST(figures_that_no_run_writes_are_named)
{
    static const char *const edits[][2] = {
        {"s/\"clock_mhz\": [0-9]*/\"clock_mhz\": -1/", "accelerator.clock_mhz: -1; allowed: a number from 1"},
        {"/\"totals\"/,$s/\"time_ms\": [0-9.]*/\"time_ms\": -2.5/", "totals.time_ms: -2.5; allowed: a number from 0"},
        {"/\"totals\"/,$s/\"time_ms\": [0-9.]*/\"time_ms\": 0/", "totals.time_ms: 0; allowed: what its cycles take"},
        {"/\"totals\"/,$s/\"images\": 1/\"images\": 4/", "totals.images: 4; allowed: as many as the list of images"},
        {"/\"totals\"/,$s/\"macs\": [0-9]*/\"macs\": \"many\"/", "totals.macs: \"many\"; allowed: a number from 1"},
        {"/\"layers\"/,$s/\"act_bits\": [0-9]*/\"act_bits\": 4.5/",
         "layers[0].act_bits: 4.5; allowed: a number from 1"},
        {"/\"layers\"/,$s/\"count\": [0-9]*/\"count\": -1/", "layers[0].events: missing, unknown, or no whole numbers"},
        {"/\"time_ms\"/s/: [0-9.]*/: 1e999/", "real number overflow"},
    };
    snprintf(arguments, sizeof arguments, "run -a %s -w %s -o %s/sound", MACHINE, NETWORK, cli_dir());
    cli_run(&result, arguments);
    ck_assert_int_eq(result.status, 0);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        snprintf(arguments, sizeof arguments, "sed '%s' %s/sound/report.json >%s/edited.json", edits[i][0], cli_dir(),
                 cli_dir());
        ck_assert_int_eq(system(arguments), 0);
        snprintf(arguments, sizeof arguments, "run --from %s/edited.json -t %s -o %s/out", cli_dir(), TECHNOLOGY,
                 cli_dir());
        cli_run(&result, arguments);
        refused(edits[i][1], "edited.json");
    }
}
END_TEST

START_TEST(a_saved_report_needs_a_technology_and_nothing_else)
{
    snprintf(arguments, sizeof arguments, "run --from %s/r.json -o %s/out", cli_dir(), cli_dir());
    cli_run(&result, arguments);
    refused("--from without --technology", "");
    snprintf(arguments, sizeof arguments, "run --from %s/r.json -t %s -a %s -o %s/out", cli_dir(), TECHNOLOGY, MACHINE,
             cli_dir());
    cli_run(&result, arguments);
    refused("--from together with the inputs of a run", "");
}
END_TEST

START_TEST(more_channels_than_the_assignment_holds_are_refused)
{
    snprintf(arguments, sizeof arguments, "run -a " MACHINE " --set group_assignment.max_members=512 -w %s -o %s/out",
             NETWORK, cli_dir());
    cli_run(&result, arguments);
    refused("group_assignment.max_members: is 512", "b0.fc2 has 768");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("errors.energy");
    TCase *tcase = tcase_create("bad input");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_test(tcase, a_negative_figure_is_refused_with_line_and_key);
    tcase_add_test(tcase, memories_beyond_the_table_name_the_memory_and_the_range);
    tcase_add_test(tcase, a_report_that_is_none_is_refused);
    tcase_add_test(tcase, figures_that_no_run_writes_are_named);
    tcase_add_test(tcase, a_report_whose_references_are_damaged_is_refused);
    tcase_add_test(tcase, a_saved_report_needs_a_technology_and_nothing_else);
    tcase_add_test(tcase, more_channels_than_the_assignment_holds_are_refused);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
