// SPDX-License-Identifier: Apache-2.0
// A report names all that decided it: files, the files that these are based on, and settings of the command line.
#include "../cli.h"
#include <jansson.h>
#include "../suite.h"

static cli_result result;

static json_t *run(const char *options)
{
    char arguments[2048], path[512];
    snprintf(arguments, sizeof arguments, "run %s --no-html -o %s/out", options, cli_dir());
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
    snprintf(path, sizeof path, "%s/out/report.json", cli_dir());
    json_t *report = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(report);
    return report;
}

static const char *file_text(const json_t *report, size_t i, const char *key)
{
    const json_t *file = json_array_get(json_object_get(json_object_get(report, "inputs"), "files"), i);
    const char *text = json_string_value(json_object_get(file, key));
    return text ? text : "";
}

// Folder of the test with a machine and a network that are based on those of configs/.
static void write_based(const char *name, const char *kind, const char *base, const char *rest)
{
    char folder[512], path[1024], text[2048];
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    snprintf(path, sizeof path, "%s/%s", cli_dir(), name);
    snprintf(text, sizeof text, "base: %s/configs/%s/%s.yaml\n%s", folder, kind, base, rest);
    cli_write(path, text, strlen(text));
}

START_TEST(bases_and_components_are_inputs)
{
    static const char *const roles[] = {"accelerator", "accelerator", "accelerator", "workload",
                                        "workload",    "technology",  "components"};
    static const char *const names[] = {"machine.yaml",    "/igq_shared.yaml", "/igq_per_group.yaml", "network.yaml",
                                        "/bert_base.yaml", "scaled_7nm.yaml",  "components.yaml"};
    char options[1024];
    write_based("machine.yaml", "accelerators", "igq_shared", "name: mine\n");
    write_based("network.yaml", "workloads", "bert_base", "name: short\nnetwork:\n  depth: 1\n");
    snprintf(options, sizeof options, "-a %s/machine.yaml -w %s/network.yaml -t configs/technologies/scaled_7nm.yaml",
             cli_dir(), cli_dir());
    json_t *report = run(options);
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        const char *path = file_text(report, i, "path");
        ck_assert_str_eq(file_text(report, i, "role"), roles[i]);
        ck_assert_msg(strstr(path, names[i]) != NULL, "%zu: %s", i, path);
        ck_assert_uint_eq(strlen(file_text(report, i, "sha256")), 64);
    }
    ck_assert_str_eq(file_text(report, sizeof roles / sizeof *roles, "role"), "");
    json_decref(report);
}
END_TEST

START_TEST(another_technology_takes_the_place_of_the_first)
{
    char options[1024], path[512], copy[512];
    json_decref(run("-a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_tiny.yaml -t "
                    "configs/technologies/scaled_7nm.yaml"));
    snprintf(path, sizeof path, "%s/out/report.json", cli_dir());
    snprintf(copy, sizeof copy, "%s/saved.json", cli_dir());
    ck_assert_int_eq(rename(path, copy), 0);
    snprintf(options, sizeof options, "--from %s -t configs/technologies/bitfusion_45nm.yaml", copy);
    json_t *report = run(options);
    ck_assert_str_eq(file_text(report, 2, "path"), "configs/technologies/bitfusion_45nm.yaml");
    ck_assert_str_eq(file_text(report, 3, "path"), "configs/technologies/components.yaml");
    ck_assert_str_eq(file_text(report, 4, "role"), "");
    json_decref(report);
}
END_TEST

START_TEST(settings_are_inputs)
{
    json_t *report = run("-a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_tiny.yaml --set "
                         "dram.latency_cycles=200 --set precision.act_bits=6");
    const json_t *settings = json_object_get(json_object_get(report, "inputs"), "settings");
    ck_assert_uint_eq(json_array_size(settings), 2);
    ck_assert_str_eq(json_string_value(json_array_get(settings, 0)), "dram.latency_cycles=200");
    ck_assert_str_eq(json_string_value(json_array_get(settings, 1)), "precision.act_bits=6");
    json_decref(report);
    report = run("-a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_tiny.yaml");
    settings = json_object_get(json_object_get(report, "inputs"), "settings");
    ck_assert(json_is_array(settings) && json_array_size(settings) == 0);
    json_decref(report);
}
END_TEST

static void write_sweep(void)
{
    char text[1024], path[512];
    snprintf(text, sizeof text,
             "name: s\naccelerator: %s/machine.yaml\nworkload: %s/network.yaml\naxes:\n  mac_array.acc_bits: [24]\n"
             "objectives: [cycles_per_image]\n",
             cli_dir(), cli_dir());
    snprintf(path, sizeof path, "%s/sweep.yaml", cli_dir());
    cli_write(path, text, strlen(text));
}

// The identity of the only point of the sweep, and how many files the sweep names.
static char *point_id(char id[64], size_t *num_files)
{
    char arguments[1024], path[512];
    snprintf(arguments, sizeof arguments, "sweep %s/sweep.yaml -o %s/sweep -j 1", cli_dir(), cli_dir());
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
    snprintf(path, sizeof path, "%s/sweep/sweep.json", cli_dir());
    json_t *sweep = json_load_file(path, 0, NULL);
    const json_t *point = json_array_get(json_object_get(sweep, "points"), 0);
    snprintf(id, 64, "%s", json_string_value(json_object_get(point, "id")));
    *num_files = json_array_size(json_object_get(json_object_get(json_object_get(sweep, "sweep"), "inputs"), "files"));
    snprintf(path, sizeof path, "%s/sweep/points/%s/report.json", cli_dir(), id);
    json_t *report = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(report);
    ck_assert_str_eq(file_text(report, 0, "role"), "accelerator");
    for (size_t i = 1; i <= 3; i++)
        ck_assert_str_eq(file_text(report, i, "role"), "workload");
    ck_assert_str_eq(file_text(report, 4, "role"), "");
    json_decref(report);
    json_decref(sweep);
    snprintf(arguments, sizeof arguments, "rm -rf %s/sweep", cli_dir());
    ck_assert_int_eq(system(arguments), 0);
    return id;
}

START_TEST(points_depend_on_the_base_of_the_workload)
{
    char first[64], second[64], path[1024];
    size_t num_files;
    write_based("machine.yaml", "accelerators", "igq_shared", "name: mine\n");
    write_based("inner.yaml", "workloads", "bert_base", "name: inner\nnetwork:\n  depth: 1\n");
    snprintf(path, sizeof path, "%s/network.yaml", cli_dir());
    cli_write(path, "base: inner.yaml\n", strlen("base: inner.yaml\n"));
    write_sweep();
    point_id(first, &num_files);
    ck_assert_uint_eq(num_files, 6); // machine and its two bases, workload and its two
    write_based("inner.yaml", "workloads", "bert_base", "name: inner\nnetwork:\n  depth: 2\n");
    ck_assert_str_ne(first, point_id(second, &num_files));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden.inputs");
    TCase *tcase = tcase_create("inputs");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_test(tcase, bases_and_components_are_inputs);
    tcase_add_test(tcase, another_technology_takes_the_place_of_the_first);
    tcase_add_test(tcase, settings_are_inputs);
    tcase_add_test(tcase, points_depend_on_the_base_of_the_workload);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
