// SPDX-License-Identifier: Apache-2.0
// Bad sweeps: one clear line that names file, line and key, and says what is allowed; and folders and disks that do not
// take the results.
#include "cli.h"
#include <signal.h>
#include <sys/resource.h>
#include "../suite.h"

#define HEAD                                                                                                           \
    "name: bad\naccelerator: configs/accelerators/igq_shared.yaml\nworkload: configs/workloads/deit_tiny.yaml\n"
#define AXES "axes:\n  num_groups: [4, 8]\n  mac_array.lanes: [32, 64]\n"
#define OBJECTIVES "objectives: [cycles_per_image]\n"
#define GOOD HEAD AXES OBJECTIVES

static cli_result result;
static char file[512], folder[512];

static void run(const char *text, const char *options)
{
    char arguments[2048];
    snprintf(file, sizeof file, "%s/bad.yaml", cli_dir());
    snprintf(folder, sizeof folder, "%s/out", cli_dir());
    cli_write(file, text, strlen(text));
    snprintf(arguments, sizeof arguments, "sweep %s -o %s %s", file, folder, options);
    cli_run(&result, arguments);
}

// Refused with these words, "at" with the line of the file (0: none), before anything is written.
static void refused(const char *text, int line, const char *word, const char *other_word)
{
    char place[600];
    run(text, "");
    snprintf(place, sizeof place, line ? "%s:%d: " : "%s:", file, line);
    ck_assert_msg(result.status == 1, "exit status %d, said: %s", result.status, result.output);
    const char *newline = strchr(result.output, '\n');
    ck_assert_msg(newline && newline[1] == '\0', "not one line: %s", result.output);
    ck_assert_msg(strstr(result.output, place) && strstr(result.output, word) && strstr(result.output, other_word),
                  "'%s', '%s' and '%s' are not all in: %s", place, word, other_word, result.output);
    ck_assert(!cli_exists(folder));
}

START_TEST(keys_of_the_file_are_checked)
{
    refused(GOOD "furlongs: 7\n", 8, "furlongs", "objectives");
    refused(GOOD "name: bad\n", 8, "name", "twice");
    refused(AXES OBJECTIVES, 0, "name", "missing");
    refused("name: bad\nworkload: configs/workloads/deit_tiny.yaml\n" AXES OBJECTIVES, 0, "accelerator", "missing");
    refused(HEAD OBJECTIVES, 0, "axes", "missing");
    refused(HEAD AXES, 0, "objectives", "cycles_per_image");
    refused("", 0, "no keys", "");
    refused(GOOD "---\nname: second\n", 0, "more than one", "");
    refused("name: [\n", 2, "YAML", "");
    refused("name: no/name\naccelerator: a\nworkload: b\n", 1, "no/name", "letters");
}
END_TEST

START_TEST(axes_are_checked)
{
    refused(HEAD "axes:\n  mac_array.lames: [1]\n" OBJECTIVES, 5, "mac_array.lames", "igqsim describe");
    refused(HEAD "axes:\n  mac_array.lanes:\n    - 16\n    - 5000\n" OBJECTIVES, 7, "5000", "1 to 4096");
    refused(HEAD "axes:\n  mac_array.lanes: [16, 1.5]\n" OBJECTIVES, 5, "whole number", "1 to 4096");
    refused(HEAD "axes:\n  mac_array.lanes: [16x]\n" OBJECTIVES, 5, "16x", "not a number");
    refused(HEAD "axes:\n  mac_organisation: [shared, central]\n" OBJECTIVES, 5, "central", "per_group");
    refused(HEAD "axes:\n  mac_array.lanes: [16, 16]\n" OBJECTIVES, 5, "16", "already");
    refused(HEAD "axes:\n  mac_array.lanes: []\n" OBJECTIVES, 5, "mac_array.lanes", "list");
    refused(HEAD "axes:\n  mac_array.lanes: 16\n" OBJECTIVES, 5, "mac_array.lanes", "list");
    refused(HEAD "axes:\n  a: [{num_groups: 4}]\n  num_groups: [4]\n" OBJECTIVES, 6, "num_groups", "axis a");
    refused(HEAD "axes:\n  a: [{num_groups: 4}, {mac_array.lanes: 16}]\n" OBJECTIVES, 5, "a[1]", "num_groups");
}
END_TEST

// Of many axes the number is what is refused, before files are looked for and names are held against each other.
START_TEST(the_number_of_axes_is_checked_first)
{
    enum { NUM_AXES = 20000 };
    char *text = malloc(NUM_AXES * 16 + 256);
    int used = sprintf(text, "name: s\naccelerator: nowhere.yaml\nworkload: nowhere.yaml\n" OBJECTIVES "axes:\n");
    for (int i = 0; i < NUM_AXES; i++)
        used += sprintf(text + used, "  k%d: [1]\n", i);
    refused(text, 5, "axes: 20000 axes", "up to 16");
    free(text);
}
END_TEST

START_TEST(ranges_are_checked)
{
    refused(HEAD "axes:\n  mac_array.lanes: {from: 64, to: 16, factor: 2}\n" OBJECTIVES, 5, "64 to 16", "from <= to");
    refused(HEAD "axes:\n  mac_array.lanes: {from: 16, to: 64, factor: 1}\n" OBJECTIVES, 5, "factor 1", "above 1");
    refused(HEAD "axes:\n  mac_array.lanes: {from: 16, to: 64, step: 0}\n" OBJECTIVES, 5, "step 0", "above 0");
    refused(HEAD "axes:\n  mac_array.lanes: {from: 16, to: 64}\n" OBJECTIVES, 5, "step must be", "{from, to, step}");
    refused(HEAD "axes:\n  mac_array.lanes: {from: 1, to: 9, step: 1, factor: 2}\n" OBJECTIVES, 5, "step and factor",
            "");
    refused(HEAD "axes:\n  mac_array.lanes: {from: 1, to: 4096, step: 0.1}\n" OBJECTIVES, 5, "too many", "10000");
    refused(HEAD "axes:\n  mac_array.lanes: {from: nan, to: 64, step: 1}\n" OBJECTIVES, 5, "from: nan", "finite");
    refused(HEAD "axes:\n  mac_array.lanes: {from: 1, to: inf, factor: 2}\n" OBJECTIVES, 5, "to: inf", "finite");
    refused(HEAD "axes:\n  mac_array.lanes: {from: 1, to: 8, step: -nan}\n" OBJECTIVES, 5, "step: -nan", "finite");
    refused(HEAD "axes:\n  mac_array.lanes: {from: 1, to: 1e999, step: 1}\n" OBJECTIVES, 5, "1e999", "finite");
}
END_TEST

START_TEST(formulas_are_checked)
{
    refused(GOOD "set: {mac_array.token_rows: 16 /}\n", 8, "set.mac_array.token_rows", "no formula");
    refused(GOOD "set: {mac_array.token_rows: 16 / lames}\n", 8, "lames", "mac_array.lanes");
    refused(GOOD "set: {mac_array.token_rows: area_um2}\n", 8, "area_um2", "unknown name");
    refused(GOOD "set: {mac_array.lanes: 16}\n", 8, "mac_array.lanes", "axis");
    refused(GOOD "set: {lanes: 16}\n", 8, "set.lanes", "igqsim describe");
    refused(GOOD "set:\n  mac_array.token_rows: mac_array.tokens_in_flight\n"
                 "  mac_array.tokens_in_flight: 2 * mac_array.token_rows\n",
            8, "mac_array.token_rows", "circle");
    refused(GOOD "where: [num_groups ==]\n", 8, "where[0]", "no formula");
    refused(GOOD "where: num_groups == 4\n", 8, "where", "list");
    refused(GOOD "where: [num_groups = 4]\n", 8, "where[0]", "use ==");
    refused(GOOD "where: [4 < num_groups < 8]\n", 8, "where[0]", "a < b && b < c");
    refused(GOOD "set: {mac_array.token_rows: \"16, 8\"}\n", 8, "mac_array.token_rows", "one formula");
    refused(GOOD "limits: [cycles_per_image = 1]\n", 8, "limits[0]", "use ==");
    refused(GOOD "where: [cycles_per_image < 1]\n", 8, "cycles_per_image", "unknown name");
}
END_TEST

START_TEST(sweeps_without_points_or_with_too_many_are_refused)
{
    refused(GOOD "where: [peak_macs_per_cycle == 1000, num_groups > 4]\n", 0, "none of the 4 combinations",
            "4 fail \"peak_macs_per_cycle == 1000\"");
    refused(HEAD "axes:\n  mac_array.lanes: {from: 1, to: 4000, step: 1}\n"
                 "  vector_unit.lanes: {from: 1, to: 4000, step: 1}\n" OBJECTIVES,
            0, "16000000 combinations", "1000000");
}
END_TEST

START_TEST(inputs_must_go_together)
{
    refused(GOOD "trace: traces/deit_tiny_photos.safetensors\n", 0, "calibration", "calibrate");
    refused(GOOD "calibrate: {num_groups: num_groups}\n", 8, "calibrate", "trace");
    refused(GOOD "weights: w.safetensors\n", 8, "weights", "images");
    refused(GOOD "labels: l.csv\n", 8, "labels", "weights");
    refused(GOOD "trace: t\nweights: w\nimages: i\ncalibrate: {}\n", 8, "trace", "either");
    refused(GOOD "trace: t\ncalibrate: {groups: 4}\n", 9, "calibrate.groups", "no key");
    refused(HEAD AXES "objectives: [area_um2]\n", 7, "objectives[0]", "technology");
    refused(HEAD AXES "objectives: [top1]\n", 7, "top1", "labels");
    refused(HEAD AXES "objectives: [activation_sqnr_db]\n", 7, "activation_sqnr_db", "shapes");
    refused(HEAD AXES "objectives: [speed]\n", 7, "speed", "cycles_per_image, assign_cycles_per_image");
    refused(GOOD "limits: [energy_pj_per_image < 1e9]\n", 8, "limits[0]", "technology");
}
END_TEST

START_TEST(files_that_are_not_there_are_named)
{
    run("name: bad\naccelerator: no.yaml\nworkload: configs/workloads/deit_tiny.yaml\n" AXES OBJECTIVES, "");
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "no.yaml: cannot open"));
    run(GOOD "trace: no.safetensors\ncalibrate: {}\n", "");
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "no.safetensors: cannot open"));
    cli_run(&result, "sweep no_sweep.yaml -o /tmp/none");
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "no_sweep.yaml: cannot open"));
}
END_TEST

START_TEST(options_are_checked)
{
    static const char *const bad[][2] = {
        {"--engine pbs", "local, slurm"},
        {"--partition p", "--engine slurm"},
        {"--shard 3/2", "I from 1 to N"},
        {"--shard 1", "I/N"},
        {"--share 0/99999999999", "N up to 1000000"},
        {"--shard 0/2 --engine slurm", "--shard"},
        {"another.yaml", "2 sweep files"},
        {"-j 0", "1 to 256"},
        {"--array-width 0", "1 to 100000"},
    };
    run(GOOD, bad[_i][0]);
    ck_assert_msg(result.status == 1 && strstr(result.output, bad[_i][1]), "%s", result.output);
    ck_assert(!cli_exists(folder));
}
END_TEST

START_TEST(reports_are_all_front_or_none)
{
    run(GOOD "reports: some\n", "");
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "reports: \"some\"; allowed: auto, all, front, none"));
    ck_assert(!cli_exists(folder));
}
END_TEST

START_TEST(a_search_has_a_budget_and_one_computer)
{
    refused(GOOD "search: none\n", 8, "search: \"none\"", "proof");
    refused(GOOD "search: 0\n", 8, "\"0\"", "1 to 1000000");
    refused(GOOD "search: 10 points\n", 8, "\"10 points\"", "proof");
    refused(GOOD "search: [1]\n", 8, "search", "proof");
    refused(GOOD "weights: x.safetensors\nimages: photos\ncalibration: x.yaml\nsearch: proof\n", 11, "weights",
            "trace");
    run(GOOD "search: proof\n", "--shard 1/2");
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "search: in shards"));
    ck_assert(!cli_exists(folder));
}
END_TEST

START_TEST(only_shards_of_one_sweep_are_merged)
{
    char arguments[4096], other[1024];
    run(GOOD "reports: none\n", "--shard 1/2");
    ck_assert_int_eq(result.status, 0);
    snprintf(other, sizeof other, "%s/another", cli_dir());
    mkdir(other, 0777);
    snprintf(arguments, sizeof arguments, "merge %s %s -o %s/merged", folder, other, cli_dir());
    cli_run(&result, arguments);
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "another/sweep.yaml: is not there"));
    snprintf(other, sizeof other, "%s/another/sweep.yaml", cli_dir());
    cli_write(other, "name: x\n", 8);
    cli_run(&result, arguments);
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "is another sweep than"));
    snprintf(arguments, sizeof arguments, "merge %s -o %s", folder, folder);
    cli_run(&result, arguments);
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "is the folder to merge into"));
    cli_run(&result, "merge -o /tmp/none");
    ck_assert_ptr_nonnull(strstr(result.output, "no folder to merge"));
}
END_TEST

START_TEST(export_needs_a_gathered_sweep)
{
    char arguments[4096];
    run(GOOD "reports: none\n", "--shard 1/2");
    snprintf(arguments, sizeof arguments, "export %s --csv %s/points.csv", folder, cli_dir());
    cli_run(&result, arguments);
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(
        strstr(result.output, "points.sqlite: is not there; allowed: the folder of a sweep that has ended"));
    snprintf(arguments, sizeof arguments, "%s/points.csv", cli_dir());
    ck_assert(!cli_exists(arguments));
}
END_TEST

START_TEST(points_whose_machine_is_none_fail_and_all_failed_is_an_error)
{
    run(GOOD "set: {mac_array.token_rows: 3 * mac_array.lanes / 64}\n", "");
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "mac_array.token_rows: 1.5 is not a whole number"));
    ck_assert_ptr_nonnull(strstr(result.output, "all 4 points failed"));
    run(GOOD "set: {mac_array.token_rows: mac_array.lanes / 64}\n", "--resume");
    ck_assert_int_eq(result.status, 0); // half a row, or one
    ck_assert_msg(strstr(result.output, "done 2") && strstr(result.output, "failed 2"), "%s", result.output);
}
END_TEST

START_TEST(a_folder_of_something_else_is_refused)
{
    run(GOOD, "");
    ck_assert_msg(result.status == 0, "%s", result.output);
    run(GOOD, "");
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "--resume"));
    char other[600], arguments[2048];
    snprintf(other, sizeof other, "%s/other", cli_dir());
    ck_assert_int_eq(mkdir(other, 0777), 0);
    snprintf(arguments, sizeof arguments, "%s/notes.txt", other);
    cli_write(arguments, "mine\n", 5);
    snprintf(arguments, sizeof arguments, "sweep %s -o %s --resume", file, other);
    cli_run(&result, arguments);
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "not the folder of a sweep"));
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_named)
{
    char arguments[2048];
    run(GOOD, "");
    snprintf(arguments, sizeof arguments, "sweep %s -o %s/out", file, file); // below a file: root cannot either
    cli_run(&result, arguments);
    ck_assert_int_eq(result.status, 1);
    ck_assert_msg(strstr(result.output, "bad.yaml") && strstr(result.output, "cannot"), "%s", result.output);
}
END_TEST

// A file size limit stands for a full disk: writes of a report fail half-way.
START_TEST(a_full_disk_ends_the_sweep_and_corrupts_nothing)
{
    char command[1200];
    struct rlimit unlimited;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    const struct rlimit limited = {20000, unlimited.rlim_max};
    signal(SIGXFSZ, SIG_IGN); // of this test's own pipe
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limited), 0);
    run(GOOD, "-j 2");
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    ck_assert_msg(result.status == 1 && strstr(result.output, "report.json: cannot write: File too large"), "%s",
                  result.output);
    snprintf(command, sizeof command, "test -z \"$(find %s -name '*.tmp')\" -a ! -e %s/sweep.json", folder, folder);
    ck_assert_msg(system(command) == 0, "half-written files are left");
    run(GOOD, "-j 2 --resume");
    ck_assert_msg(result.status == 0, "%s", result.output);
    snprintf(command, sizeof command, "cd %s/.. && mv out first", folder);
    ck_assert_int_eq(system(command), 0);
    run(GOOD, "-j 1");
    ck_assert_int_eq(result.status, 0);
    snprintf(command, sizeof command, "diff -r %s/../first %s", folder, folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(two_sweeps_in_one_folder_are_refused)
{
    char command[1200];
    run(GOOD, "");
    snprintf(command, sizeof command, "flock %s true", folder); // is there such a program, and does it lock?
    if (system(command) != 0)
        return;
    snprintf(command, sizeof command, "flock %s sleep 5 &", folder);
    ck_assert_int_eq(system(command), 0);
    usleep(300000);
    run(GOOD, "--resume");
    ck_assert_int_eq(result.status, 1);
    ck_assert_ptr_nonnull(strstr(result.output, "another igqsim works in this folder"));
}
END_TEST

// A shell command in the sweep's folder.
static void in_folder(const char *command)
{
    char line[2048];
    snprintf(line, sizeof line, "cd %s && %s", folder, command);
    ck_assert_msg(system(line) == 0, "failed: %s", line);
}

START_TEST(damaged_points_are_done_again)
{
    static const char *const damages[] = {
        "echo '{}' > $1/report.json",                                 // nothing in it
        "head -c 1000 $2/report.json > $1/report.json",               // half a file
        "cp $2/report.json $1/report.json",                           // of another machine
        ": > $1/report.json",                                         //
        "sed -i 's/\"cycles\"/\"circles\"/' $1/report.json",          // figures are missing
        "rm $1/report.json",                                          //
        "rm $1/report.json && : > $1/error.txt",                      // failed, for no reason
        "rm $1/report.json && printf '\\033[2Jx\\n' > $1/error.txt",  // for none that can be shown
        "rm $1/report.json && printf '\\300\\377\\n' > $1/error.txt", // in no letters
        "sed -i 's/\"mac_utilization\": [0-9.]*/\"mac_utilization\": null/' $1/report.json", // no number
    };
    run(GOOD, "");
    ck_assert_msg(result.status == 0, "%s", result.output);
    in_folder("cp -r . ../first");
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char command[512];
        snprintf(command, sizeof command, "set -- points/* && rm sweep.json && %s", damages[i]);
        in_folder(command);
        run(GOOD, "--resume");
        ck_assert_msg(result.status == 0, "%s", result.output);
        in_folder("diff -r . ../first");
    }
}
END_TEST

static void end_test(void)
{
    cli_remove_dir();
}

int main(void)
{
    Suite *suite = suite_create("sweep");
    TCase *tcase = tcase_create("sweep");
    tcase_add_checked_fixture(tcase, NULL, end_test);
    tcase_add_test(tcase, keys_of_the_file_are_checked);
    tcase_add_test(tcase, axes_are_checked);
    tcase_add_test(tcase, the_number_of_axes_is_checked_first);
    tcase_add_test(tcase, ranges_are_checked);
    tcase_add_test(tcase, formulas_are_checked);
    tcase_add_test(tcase, sweeps_without_points_or_with_too_many_are_refused);
    tcase_add_test(tcase, inputs_must_go_together);
    tcase_add_test(tcase, files_that_are_not_there_are_named);
    tcase_add_loop_test(tcase, options_are_checked, 0, 9);
    tcase_add_test(tcase, reports_are_all_front_or_none);
    tcase_add_test(tcase, a_search_has_a_budget_and_one_computer);
    tcase_add_test(tcase, only_shards_of_one_sweep_are_merged);
    tcase_add_test(tcase, export_needs_a_gathered_sweep);
    tcase_add_test(tcase, points_whose_machine_is_none_fail_and_all_failed_is_an_error);
    tcase_add_test(tcase, a_folder_of_something_else_is_refused);
    tcase_add_test(tcase, a_folder_that_cannot_be_made_is_named);
    tcase_add_test(tcase, a_full_disk_ends_the_sweep_and_corrupts_nothing);
    tcase_add_test(tcase, two_sweeps_in_one_folder_are_refused);
    tcase_add_test(tcase, damaged_points_are_done_again);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
