// SPDX-License-Identifier: Apache-2.0
// Sweeps: the same bytes whatever happens on the way.
#include "../cli.h"
#include "../unit/rng.h"
#include <jansson.h>
#include <signal.h>
#include <time.h>
#include "../suite.h"

#define SWEEP_HEAD                                                                                                     \
    "name: small\naccelerator: configs/accelerators/igq_shared.yaml\nworkload: configs/workloads/deit_tiny.yaml\n"     \
    "trace: traces/deit_tiny_photos.safetensors\ntechnology: configs/technologies/bitfusion_45nm.yaml\n"

// Three settings to calibrate; a memory too small for any layer fails, a limit excludes before and after simulation.
static const char small_sweep[] =
    SWEEP_HEAD "calibrate: {num_groups: num_groups}\n"
               "axes:\n"
               "  num_groups: [2, 5, 8]\n"
               "  mac_array.lanes: {from: 16, to: 64, factor: 2}\n"
               "  memory:\n"
               "    - {label: tiny, weight_buffer.capacity_bytes: 64, output_buffer.capacity_bytes: 32768}\n"
               "    - {label: usual, weight_buffer.capacity_bytes: 262144, output_buffer.capacity_bytes: 32768}\n"
               "set:\n"
               "  post_processing.lanes: mac_array.lanes\n"
               "limits: [cycles_per_image <= 5e6, area_um2 <= 2.045e7]\n"
               "objectives: [cycles_per_image, energy_pj_per_image, area_um2]\n";

static char paths[8][512];

static const char *path_of(const char *name)
{
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", cli_dir(), name);
    return path;
}

// Runs a sweep of this text into the folder `name`.
static cli_result *sweep(const char *text, const char *name, const char *options)
{
    static cli_result result;
    char arguments[2048];
    const char *file = path_of("sweep_file.yaml");
    cli_write(file, text, strlen(text));
    snprintf(arguments, sizeof arguments, "sweep %s -o %s %s", file, path_of(name), options);
    cli_run(&result, arguments);
    return &result;
}

static void assert_same_folders(const char *a, const char *b)
{
    char command[1200];
    snprintf(command, sizeof command, "diff -r %s %s", path_of(a), path_of(b));
    ck_assert_msg(system(command) == 0, "%s and %s differ", a, b);
}

static void remove_folder(const char *name)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf %s", path_of(name));
    ck_assert_int_eq(system(command), 0);
}

static json_t *read_json(const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", path_of(folder), name);
    json_t *json = json_load_file(path, 0, NULL);
    ck_assert_msg(json != NULL, "%s", path);
    return json;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

START_TEST(any_number_of_jobs_gives_the_same_bytes)
{
    cli_result *result = sweep(small_sweep, "one", "-j 1");
    ck_assert_msg(result->status == 0, "%s", result->output);
    ck_assert_int_eq(sweep(small_sweep, "three", "-j 3")->status, 0);
    assert_same_folders("one", "three");
}
END_TEST

START_TEST(every_point_is_done_failed_or_excluded_with_its_reason)
{
    ck_assert_int_eq(sweep(small_sweep, "one", "-j 2")->status, 0);
    json_t *json = read_json("one", "sweep.json"), *point = NULL;
    size_t i, num[3] = {0};
    json_array_foreach(json_object_get(json, "points"), i, point)
    {
        const char *status = text_of(point, "status"), *reason = text_of(point, "reason");
        int tiny = strcmp(text_of(json_object_get(point, "axes"), "memory"), "tiny") == 0;
        int failed = strcmp(status, "failed") == 0, excluded = strcmp(status, "excluded") == 0;
        num[failed ? 1 : excluded ? 2 : 0]++;
        ck_assert_msg(!failed || (tiny && strstr(reason, "weight_buffer")), "%s", reason);
        ck_assert_msg(!excluded || strstr(reason, "limit "), "%s", reason);
        ck_assert_msg(failed || excluded || *reason == '\0', "%s", reason);
        if (failed)
            ck_assert(json_is_null(json_object_get(point, "report")));
        if (strcmp(status, "done") != 0)
            ck_assert(json_is_false(json_object_get(point, "pareto")));
    }
    ck_assert_uint_eq(i, 18);
    for (int k = 0; k < 3; k++)
        ck_assert_msg(num[k] > 0, "done %zu, failed %zu, excluded %zu", num[0], num[1], num[2]);
    json_decref(json);
}
END_TEST

// A point's machine, calibration and the sweep's inputs in igqsim run: the same totals and layers.
START_TEST(a_point_can_be_run_again_by_itself)
{
    ck_assert_int_eq(sweep(small_sweep, "one", "-j 2")->status, 0);
    json_t *json = read_json("one", "sweep.json"), *point = NULL;
    size_t i;
    json_array_foreach(json_object_get(json, "points"), i, point)
    {
        if (strcmp(text_of(point, "status"), "done") == 0)
            break;
    }
    json_t *report = read_json("one", text_of(point, "report")), *file;
    const char *calibration = NULL;
    json_array_foreach(json_object_get(json_object_get(report, "inputs"), "files"), i, file)
    {
        if (strcmp(text_of(file, "role"), "calibration") == 0)
            calibration = text_of(file, "path");
    }
    ck_assert_ptr_nonnull(calibration);
    static cli_result result;
    char arguments[4096];
    snprintf(arguments, sizeof arguments,
             "run -a %s/points/%s/accelerator.yaml -w configs/workloads/deit_tiny.yaml -c %s/%s "
             "--trace traces/deit_tiny_photos.safetensors -t configs/technologies/bitfusion_45nm.yaml -o %s",
             path_of("one"), text_of(point, "id"), path_of("one"), calibration, path_of("again"));
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
    json_t *again = read_json("again", "report.json");
    static const char *const parts[] = {"accelerator", "workload", "hardware", "totals", "layers", "images"};
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
        ck_assert_msg(json_equal(json_object_get(report, parts[p]), json_object_get(again, parts[p])), "%s", parts[p]);
    json_decref(again);
    json_decref(report);
    json_decref(json);
}
END_TEST

START_TEST(combinations_of_the_same_machine_are_simulated_once)
{
    cli_result *result = sweep("name: twins\naccelerator: configs/accelerators/igq_shared.yaml\n"
                               "workload: configs/workloads/deit_tiny.yaml\n"
                               "axes:\n"
                               "  half: [{label: a, mac_array.lanes: 32}, {label: b, mac_array.lanes: 32}]\n"
                               "  vector_unit.lanes: [16, 32]\n"
                               "objectives: [cycles_per_image]\n",
                               "twins", "-j 2");
    ck_assert_msg(result->status == 0, "%s", result->output);
    ck_assert_ptr_nonnull(strstr(result->output, "4 points on 2 machines"));
    json_t *json = read_json("twins", "sweep.json"), *points = json_object_get(json, "points");
    ck_assert_uint_eq(json_array_size(points), 4);
    for (size_t i = 0; i < 2; i++) {
        json_t *a = json_array_get(points, i), *b = json_array_get(points, i + 2);
        ck_assert_str_eq(text_of(a, "id"), text_of(b, "id"));
        ck_assert(json_equal(json_object_get(a, "metrics"), json_object_get(b, "metrics")));
        ck_assert(json_equal(json_object_get(a, "pareto"), json_object_get(b, "pareto")));
    }
    ck_assert_str_ne(text_of(json_array_get(points, 0), "id"), text_of(json_array_get(points, 1), "id"));
    json_decref(json);
}
END_TEST

START_TEST(shares_together_are_the_whole)
{
    ck_assert_int_eq(sweep(small_sweep, "one", "-j 2")->status, 0);
    ck_assert_int_eq(sweep(small_sweep, "shares", "-j 2")->status, 0);
    char command[1200];
    snprintf(command, sizeof command, "cd %s && rm -r points/* sweep.json points.csv", path_of("shares"));
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(sweep(small_sweep, "shares", "--share 1/2")->status, 0);
    ck_assert_int_eq(sweep(small_sweep, "shares", "--share 0/2")->status, 0);
    ck_assert_int_eq(sweep(small_sweep, "shares", "--resume")->status, 0);
    assert_same_folders("one", "shares");
}
END_TEST

static void merge(const char *folders, const char *into)
{
    static cli_result result;
    char arguments[2048];
    snprintf(arguments, sizeof arguments, "merge %s -o %s", folders, path_of(into));
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
}

// With folders of all points (0) and with rows of the store and the front's folders (1).
static const char *small_sweep_of(int kind)
{
    static char text[2048];
    snprintf(text, sizeof text, "%s%s", small_sweep, kind == 0 ? "" : "reports: front\n");
    return text;
}

START_TEST(merged_shards_are_the_whole)
{
    const char *text = small_sweep_of(_i);
    char both[1200], twice[1800];
    ck_assert_int_eq(sweep(text, "one", "-j 2")->status, 0);
    ck_assert_int_eq(sweep(text, "first", "--shard 1/2")->status, 0);
    ck_assert_int_eq(sweep(text, "second", "--shard 2/2")->status, 0);
    snprintf(both, sizeof both, "%s %s", path_of("second"), path_of("first"));
    snprintf(twice, sizeof twice, "%s %s %s", path_of("first"), path_of("first"), path_of("second"));
    merge(both, "both");
    assert_same_folders("one", "both");
    merge(twice, "twice");
    assert_same_folders("one", "twice");
    merge(path_of("first"), "half"); // what is missing can be simulated
    ck_assert(!cli_exists(path_of("half/sweep.json")));
    ck_assert_int_eq(sweep(text, "half", "--resume")->status, 0);
    assert_same_folders("one", "half");
}
END_TEST

START_TEST(export_gives_the_table_again)
{
    static cli_result result;
    char arguments[2048], csv[1024], again[1024];
    ck_assert_int_eq(sweep(small_sweep_of(1), "one", "")->status, 0);
    snprintf(csv, sizeof csv, "%s", path_of("one/points.csv"));
    snprintf(again, sizeof again, "%s", path_of("again.csv"));
    snprintf(arguments, sizeof arguments, "export %s --csv %s", path_of("one"), again);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
    ck_assert(cli_same_bytes(csv, again));
}
END_TEST

// One byte of the rows is another: the points of damaged rows are simulated again.
START_TEST(a_damaged_store_is_no_answer)
{
    const char *text = small_sweep_of(1);
    ck_assert_int_eq(sweep(text, "one", "-j 2")->status, 0);
    ck_assert_int_eq(sweep(text, "shard", "--shard 1/1")->status, 0);
    char path[1024], copy[1200];
    snprintf(path, sizeof path, "%s", path_of("shard/answers-0-of-1.sqlite"));
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    for (int i = 0; i < 8; i++) {
        snprintf(copy, sizeof copy, "rm -rf %s && cp -r %s %s", path_of("damaged"), path_of("shard"),
                 path_of("damaged"));
        ck_assert_int_eq(system(copy), 0);
        FILE *file = fopen(path_of("damaged/answers-0-of-1.sqlite"), "r+b");
        ck_assert_ptr_nonnull(file);
        long place = (long)(info.st_size * (2 * i + 1) / 16);
        fseek(file, place, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, place, SEEK_SET);
        fputc(byte ^ 0x15, file);
        fclose(file);
        cli_result *result = sweep(text, "damaged", "--resume");
        ck_assert_msg(result->status == 0, "byte %ld: %s", place, result->output);
        assert_same_folders("one", "damaged");
    }
}
END_TEST

// The sweep in a process group of its own.
static pid_t start_sweep(const char *name)
{
    const char *binary = getenv("IGQSIM_BINARY");
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        freopen("/dev/null", "w", stdout);
        execl(binary ? binary : "build/igqsim", "igqsim", "sweep", path_of("sweep_file.yaml"), "-o", path_of(name),
              "-j", "2", "--resume", (char *)NULL);
        _exit(127);
    }
    setpgid(pid, pid);
    return pid;
}

static void wait_us(long us)
{
    nanosleep(&(struct timespec){us / 1000000, us % 1000000 * 1000}, NULL);
}

// Killed at random moments; each time what is left is finished by --resume.
START_TEST(a_killed_sweep_resumes_to_the_same_bytes)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    ck_assert_int_eq(sweep(small_sweep_of(_i), "whole", "-j 2")->status, 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    long whole_us = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
    rng random = {7};
    int unfinished = 0;
    for (int round = 0; round < 10; round++) { // twenty kills in all
        int status;
        pid_t pid = start_sweep("killed");
        wait_us((long)(rng_next(&random) % (uint64_t)whole_us));
        kill(-pid, SIGKILL);
        waitpid(pid, &status, 0);
        char json[1024];
        snprintf(json, sizeof json, "%s/sweep.json", path_of("killed"));
        unfinished += !cli_exists(json);
        cli_result *result = sweep(small_sweep_of(_i), "killed", "-j 2 --resume");
        ck_assert_msg(result->status == 0, "round %d: %s", round, result->output);
        assert_same_folders("whole", "killed");
        remove_folder("killed");
    }
    ck_assert_int_ge(unfinished, 2); // the kills hit
}
END_TEST

START_TEST(resume_does_no_point_twice)
{
    ck_assert_int_eq(sweep(small_sweep, "one", "-j 2")->status, 0);
    struct stat before, after;
    char command[1200], report[1024];
    json_t *json = read_json("one", "sweep.json"), *point = NULL;
    size_t i;
    json_array_foreach(json_object_get(json, "points"), i, point)
    {
        if (json_is_string(json_object_get(point, "report")))
            break;
    }
    snprintf(report, sizeof report, "%s/%s", path_of("one"), text_of(point, "report"));
    json_decref(json);
    ck_assert_int_eq(stat(report, &before), 0);
    snprintf(command, sizeof command, "mkdir %s/points/0123456789abcdef.1.tmp", path_of("one"));
    ck_assert_int_eq(system(command), 0); // as a killed run leaves it
    ck_assert_int_eq(sweep(small_sweep, "one", "--resume")->status, 0);
    ck_assert_int_eq(stat(report, &after), 0);
    ck_assert_int_eq(before.st_ino, after.st_ino);
    ck_assert_int_eq(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
    ck_assert_int_eq(sweep(small_sweep, "two", "")->status, 0);
    assert_same_folders("one", "two");
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
    tcase_add_test(tcase, any_number_of_jobs_gives_the_same_bytes);
    tcase_add_test(tcase, every_point_is_done_failed_or_excluded_with_its_reason);
    tcase_add_test(tcase, a_point_can_be_run_again_by_itself);
    tcase_add_test(tcase, combinations_of_the_same_machine_are_simulated_once);
    tcase_add_test(tcase, shares_together_are_the_whole);
    tcase_add_loop_test(tcase, merged_shards_are_the_whole, 0, 2);
    tcase_add_test(tcase, export_gives_the_table_again);
    tcase_add_test(tcase, a_damaged_store_is_no_answer);
    tcase_add_loop_test(tcase, a_killed_sweep_resumes_to_the_same_bytes, 0, 2);
    tcase_add_test(tcase, resume_does_no_point_twice);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
