// SPDX-License-Identifier: Apache-2.0
// The library as a stranger's program uses it. Each case runs in a process of its own.
#include "igqsim.h"
#include <check.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *igqsim; // the program

static igq_run_options small_run(void)
{
    igq_run_options options = igq_empty_options();
    options.accelerator = "configs/accelerators/igq_temporal.yaml";
    options.workload = "configs/workloads/deit_tiny.yaml";
    return options;
}

static igq_simulator *opened(void)
{
    igq_simulator *simulator;
    ck_assert_int_eq(igq_open(&simulator), IGQ_OK);
    return simulator;
}

static char *report_of(igq_simulator *simulator, const igq_run_options *options)
{
    char *report;
    igq_status status = igq_run(simulator, options, &report);
    ck_assert_msg(status == IGQ_OK, "%s", igq_error_message(simulator));
    ck_assert_str_eq(igq_error_message(simulator), "");
    return report;
}

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    char *text = calloc(1, 1 << 24);
    size_t size = fread(text, 1, (1 << 24) - 1, file);
    ck_assert_uint_gt(size, 0);
    fclose(file);
    return text;
}

// The report that the program writes with these arguments.
static char *program_report(const char *arguments)
{
    char dir[] = "/tmp/igqsim_api_XXXXXX", command[1024], path[64];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(command, sizeof command, "%s run %s --no-html -j 1 -o %s >%s/out", igqsim, arguments, dir, dir);
    ck_assert_int_eq(system(command), 0);
    snprintf(path, sizeof path, "%s/report.json", dir);
    char *text = file_text(path);
    snprintf(command, sizeof command, "rm -r %s", dir);
    ck_assert_int_eq(system(command), 0);
    return text;
}

START_TEST(a_run_gives_the_bytes_of_the_program)
{
    igq_simulator *simulator = opened();
    igq_run_options options = small_run();
    char *expected = program_report("-a configs/accelerators/igq_temporal.yaml -w configs/workloads/deit_tiny.yaml");
    char *report = report_of(simulator, &options);
    ck_assert_str_eq(report, expected);
    igq_free(report);
    free(expected);
    const char *sets[] = {"mac_array.lanes=32"};
    options.calibration = "configs/calibration/deit_tiny_w4a4_g8.yaml";
    options.trace = "traces/deit_tiny_chelsea.safetensors";
    options.technology = "configs/technologies/scaled_7nm.yaml";
    options.sets = sets;
    options.num_sets = 1;
    expected = program_report("-a configs/accelerators/igq_temporal.yaml -w configs/workloads/deit_tiny.yaml "
                              "-c configs/calibration/deit_tiny_w4a4_g8.yaml -t configs/technologies/scaled_7nm.yaml "
                              "--trace traces/deit_tiny_chelsea.safetensors --set mac_array.lanes=32");
    report = report_of(simulator, &options);
    ck_assert_str_eq(report, expected);
    igq_free(report);
    free(expected);
    igq_close(simulator);
}
END_TEST

// Without the files, which a text and a name bring into the report.
static json_t *totals_of(const char *report)
{
    json_t *root = json_loads(report, 0, NULL);
    ck_assert_ptr_nonnull(root);
    json_t *totals = json_incref(json_object_get(root, "totals"));
    json_decref(root);
    return totals;
}

START_TEST(inputs_are_names_paths_and_texts)
{
    igq_simulator *simulator = opened();
    igq_run_options by_path = small_run(), by_name = igq_empty_options(), by_text = igq_empty_options();
    by_name.accelerator = "igq_temporal";
    by_name.workload = "deit_tiny";
    char *workload = file_text(by_path.workload);
    by_text.accelerator_text = "base: igq_temporal\nname: igq_temporal\n";
    by_text.workload_text = workload;
    char *reports[] = {report_of(simulator, &by_path), report_of(simulator, &by_name), report_of(simulator, &by_text)};
    json_t *expected = totals_of(reports[0]);
    for (int i = 1; i < 3; i++) {
        json_t *totals = totals_of(reports[i]);
        ck_assert(json_equal(totals, expected));
        json_decref(totals);
    }
    ck_assert_ptr_nonnull(strstr(reports[2], "\"path\": \"accelerator_text\""));
    json_decref(expected);
    for (int i = 0; i < 3; i++)
        igq_free(reports[i]);
    free(workload);
    igq_close(simulator);
}
END_TEST

static void refuse(igq_simulator *simulator, const igq_run_options *options, const char *message)
{
    char *report = "not touched";
    ck_assert_int_eq(igq_run(simulator, options, &report), IGQ_USER_ERROR);
    ck_assert_ptr_null(report);
    ck_assert_msg(strstr(igq_error_message(simulator), message) != NULL, "%s", igq_error_message(simulator));
}

START_TEST(faults_are_values_and_the_next_run_does_not_notice)
{
    igq_simulator *simulator = opened();
    igq_run_options good = small_run(), bad = igq_empty_options();
    char *expected = report_of(simulator, &good);
    refuse(simulator, &bad, "accelerator is missing; allowed: ");
    bad = good;
    bad.accelerator = "igq_tempora";
    refuse(simulator, &bad, "igq_tempora: cannot open");
    bad.accelerator_text = "name: x\n";
    refuse(simulator, &bad, "accelerator and accelerator_text; allowed: one of both");
    bad.accelerator = NULL;
    bad.accelerator_text = "base: igq_temporal\nmac_array:\n  lanes: -3\n";
    refuse(simulator, &bad, "accelerator_text:3: mac_array.lanes: ");
    bad = good;
    const char *sets[] = {"weight_buffer.capacity_bytes=64"}; // found when the machine is to run a layer
    bad.sets = sets;
    bad.num_sets = 1;
    refuse(simulator, &bad, "weight_buffer");
    bad = good;
    bad.trace = "traces/deit_tiny_chelsea.safetensors";
    refuse(simulator, &bad, "calibration is missing");
    bad = good;
    bad.struct_bytes += 8;
    refuse(simulator, &bad, "struct_bytes: ");
    char *report = report_of(simulator, &good);
    ck_assert_str_eq(report, expected);
    igq_free(report);
    igq_free(expected);
    igq_close(simulator);
    ck_assert_str_eq(igq_error_message(NULL), "not enough memory");
}
END_TEST

START_TEST(a_machine_is_described)
{
    igq_simulator *simulator = opened();
    igq_run_options options = igq_empty_options();
    const char *sets[] = {"mac_array.lanes=32"};
    options.accelerator = "igq_temporal";
    options.sets = sets;
    options.num_sets = 1;
    char *text;
    ck_assert_int_eq(igq_describe(simulator, &options, &text), IGQ_OK);
    json_t *machine = json_loads(text, 0, NULL);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(machine, "mac_array"), "lanes")), 32);
    ck_assert_int_eq(json_integer_value(json_object_get(machine, "peak_macs_per_cycle")), 512);
    json_decref(machine);
    igq_free(text);
    igq_close(simulator);
}
END_TEST

static void count_lines(void *context, const char *message)
{
    int *num = context;
    ck_assert_int_eq(strncmp(message, "image ", 6), 0);
    ++*num;
}

START_TEST(the_log_hears_of_every_image)
{
    igq_simulator *simulator = opened();
    igq_run_options options = small_run();
    int num = 0;
    options.calibration = "configs/calibration/deit_tiny_w4a4_g8.yaml";
    options.trace = "traces/deit_tiny_photos.safetensors";
    igq_set_log(simulator, count_lines, &num);
    char *report = report_of(simulator, &options);
    json_t *root = json_loads(report, 0, NULL);
    ck_assert_int_eq(num, (int)json_array_size(json_object_get(root, "images")));
    ck_assert_int_gt(num, 1);
    json_decref(root);
    igq_free(report);
    igq_close(simulator);
}
END_TEST

#define NUM_ROUNDS 4

typedef struct client {
    const char *accelerator, *expected;
} client;

static void *work(void *context)
{
    const client *own = context;
    igq_simulator *simulator = opened();
    igq_run_options options = small_run();
    options.accelerator = own->accelerator;
    for (int i = 0; i < NUM_ROUNDS; i++) {
        char *report = report_of(simulator, &options);
        ck_assert_str_eq(report, own->expected);
        igq_free(report);
        options.accelerator = "nowhere";
        ck_assert_int_eq(igq_run(simulator, &options, &report), IGQ_USER_ERROR);
        options.accelerator = own->accelerator;
    }
    igq_close(simulator);
    return NULL;
}

START_TEST(handles_in_threads_do_not_meet)
{
    client clients[] = {{"configs/accelerators/igq_temporal.yaml", NULL}, {"configs/accelerators/vsquant.yaml", NULL}};
    pthread_t thread[2];
    char *expected[2];
    igq_simulator *simulator = opened();
    for (int i = 0; i < 2; i++) {
        igq_run_options options = small_run();
        options.accelerator = clients[i].accelerator;
        clients[i].expected = expected[i] = report_of(simulator, &options);
    }
    igq_close(simulator);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, work, &clients[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    for (int i = 0; i < 2; i++)
        igq_free(expected[i]);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    igqsim = argv[1];
    Suite *suite = suite_create("igqsim");
    TCase *test_case = tcase_create("core");
    tcase_add_test(test_case, a_run_gives_the_bytes_of_the_program);
    tcase_add_test(test_case, inputs_are_names_paths_and_texts);
    tcase_add_test(test_case, faults_are_values_and_the_next_run_does_not_notice);
    tcase_add_test(test_case, a_machine_is_described);
    tcase_add_test(test_case, the_log_hears_of_every_image);
    tcase_add_test(test_case, handles_in_threads_do_not_meet);
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
