// SPDX-License-Identifier: Apache-2.0
// A run of many images that is killed and continued gives the bytes of one that was left alone.
#include "small_network.h"
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

enum { NUM_IMAGES = 40 };

static void wait_a_little(void)
{
    const struct timespec millisecond = {.tv_nsec = 1000000};
    nanosleep(&millisecond, NULL);
}

static long size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (long)info.st_size : 0;
}

// Enough bytes for one answer more: that of the first, whose size stands behind its number, and its head.
static long answer_bytes(const char *partial)
{
    enum { HEAD_BYTES_AT_MOST = 256 };
    uint64_t head[2] = {0, 0};
    FILE *in = fopen(partial, "rb");
    size_t num = in ? fread(head, sizeof head[0], 2, in) : 0;
    if (in)
        fclose(in);
    return num == 2 ? (long)head[1] + HEAD_BYTES_AT_MOST : LONG_MAX;
}

// Starts the run and kills it once it has kept so many bytes of answers (and, unless 0, a whole one). 1 if it was
// killed, 0 if it was faster.
static int killed_run(const char *options, const char *output, long bytes)
{
    char command[8192], partial[1200];
    const char *binary = getenv("IGQSIM_BINARY");
    snprintf(command, sizeof command, "exec %s %s >/dev/null 2>&1", binary ? binary : "build/igqsim",
             run_arguments("net", "igq_per_group", options, output));
    snprintf(partial, sizeof partial, "%s/images.partial", test_path(output));
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    int status = 0, ended = 0;
    while (!ended && (size_of(partial) < bytes || (bytes > 0 && size_of(partial) < answer_bytes(partial)))) {
        wait_a_little();
        ended = waitpid(pid, &status, WNOHANG) == pid;
    }
    if (!ended) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void kill_run(const char *options, const char *output, long bytes)
{
    for (int trial = 0; trial < 20; trial++) {
        shell("rm -rf %s", test_path(output));
        if (killed_run(options, output, bytes))
            return;
    }
    ck_abort_msg("the run always ended before it could be killed");
}

static int num_resumed(void)
{
    int num;
    const char *said = strstr(result.output, "Resumed: ");
    ck_assert_msg(said && sscanf(said, "Resumed: %d of 40", &num) == 1, "%s", result.output);
    return num;
}

static void same_files(const char *output)
{
    char a[1200], b[1200];
    static const char *const files[] = {"report.json", "layers.csv", "timeline.json"};
    for (int i = 0; i < 3; i++) {
        snprintf(a, sizeof a, "%s/%s", test_path("alone"), files[i]);
        snprintf(b, sizeof b, "%s/%s", test_path(output), files[i]);
        ck_assert_msg(cli_same_bytes(a, b), "%s and %s differ", a, b);
    }
    snprintf(b, sizeof b, "%s/images.partial", test_path(output));
    ck_assert_msg(!cli_exists(b), "%s was left behind", b);
}

// Once for all tests: the network, and its run that nobody disturbs.
static void make_and_run(void)
{
    make_network("net", "timm", 1, NUM_IMAGES);
    calibrate_network("net");
    run_network("net", "igq_per_group", "", "alone");
    accepted();
    shell("cp %s %s %s/", test_path("net/images/image0.png"), test_path("net/images/image21.png"), cli_dir());
}

START_TEST(a_killed_run_goes_on_where_it_was)
{
    // Before the first image, after it, and later; the last with a process more than before.
    static const long kept_bytes[] = {0, 1, 100000, 400000, 800000};
    kill_run(_i % 2 ? "-j 2" : "", "killed", kept_bytes[_i]);
    run_network("net", "igq_per_group", _i == 4 ? "-j 2 --resume" : "--resume", "killed");
    accepted();
    ck_assert(kept_bytes[_i] == 0 || num_resumed() > 0);
    ck_assert_int_lt(num_resumed(), NUM_IMAGES);
    same_files("killed");
}
END_TEST

START_TEST(a_run_may_be_killed_twice)
{
    kill_run("", "twice", 1);
    while (killed_run("--resume", "twice",
                      size_of(test_path("twice/images.partial")) + answer_bytes(test_path("twice/images.partial"))) ==
           0)
        kill_run("", "twice", 1);
    run_network("net", "igq_per_group", "--resume", "twice");
    accepted();
    ck_assert_int_ge(num_resumed(), 2);
    same_files("twice");
}
END_TEST

START_TEST(without_resume_a_run_starts_over)
{
    kill_run("", "over", 1);
    run_network("net", "igq_per_group", "", "over");
    accepted();
    ck_assert_ptr_null(strstr(result.output, "Resumed"));
    same_files("over");
}
END_TEST

START_TEST(answers_to_other_inputs_are_not_used)
{
    kill_run("", "other", 1);
    run_network("net", "igq_temporal", "--resume", "other");
    accepted();
    ck_assert_int_eq(num_resumed(), 0);
    kill_run("", "other", 1);
    run_network("net", "igq_per_group", "--scheme layerwise --resume", "other");
    accepted();
    ck_assert_int_eq(num_resumed(), 0);
    kill_run("", "other", 1);
    shell("cd %s && cp image4.png image0.png", test_path("net/images"));
    run_network("net", "igq_per_group", "--resume", "other");
    accepted();
    char report[1200];
    snprintf(report, sizeof report, "%s/report.json", test_path("other"));
    ck_assert(!cli_same_bytes(test_path("alone/report.json"), report));
    shell("cp %s %s", test_path("image0.png"), test_path("net/images/image0.png"));
}
END_TEST

START_TEST(answers_under_other_settings_are_not_used)
{
    static const char *const settings[] = {"--set dram.latency_cycles=500", "--set preprocess.crop_pct=0.5"};
    char options[256], fresh[1200], other[1200];
    snprintf(fresh, sizeof fresh, "%s/report.json", test_path("fresh"));
    snprintf(other, sizeof other, "%s/report.json", test_path("other_settings"));
    run_network("net", "igq_per_group", settings[_i], "fresh");
    accepted();
    ck_assert(!cli_same_bytes(test_path("alone/report.json"), fresh));
    kill_run("", "other_settings", 1);
    snprintf(options, sizeof options, "%s --resume", settings[_i]);
    run_network("net", "igq_per_group", options, "other_settings");
    accepted();
    ck_assert_int_eq(num_resumed(), 0);
    ck_assert(cli_same_bytes(fresh, other));
}
END_TEST

START_TEST(an_image_mended_after_the_run_ended_is_executed)
{
    cli_write(test_path("net/images/image21.png"), "no image", 8);
    run_network("net", "igq_per_group", "", "mended");
    refused("image21.png", "--skip-bad");
    shell("cp %s %s", test_path("image21.png"), test_path("net/images/image21.png"));
    run_network("net", "igq_per_group", "--resume", "mended");
    accepted();
    ck_assert_int_gt(num_resumed(), 0);
    same_files("mended");
}
END_TEST

START_TEST(schemes_side_by_side_are_resumed_too)
{
    run_network("net", "igq_shared", "--scheme igq,layerwise", "schemes");
    accepted();
    run_network("net", "igq_shared", "--scheme igq,layerwise --resume", "schemes");
    accepted();
    ck_assert_int_eq(num_resumed(), 0);
}
END_TEST

START_TEST(resume_needs_a_folder_and_images)
{
    igqsim("run -a configs/accelerators/igq_shared.yaml -w configs/workloads/deit_tiny.yaml --resume -o %s",
           test_path("x"));
    refused("--resume without --images", "--output");
    igqsim("run -a configs/accelerators/igq_shared.yaml -w configs/workloads/deit_tiny.yaml -c c.yaml --weights w "
           "--images i --resume");
    refused("--resume without --output", "--output");
    igqsim("run -a configs/accelerators/igq_shared.yaml -w configs/workloads/deit_tiny.yaml -c c.yaml --weights w "
           "--images i --resume --record r -o %s",
           test_path("x"));
    refused("--resume with --record", "--output");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden.resume");
    TCase *tcase = tcase_create("resume");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_unchecked_fixture(tcase, make_and_run, NULL);
    tcase_add_loop_test(tcase, a_killed_run_goes_on_where_it_was, 0, 5);
    tcase_add_test(tcase, a_run_may_be_killed_twice);
    tcase_add_test(tcase, without_resume_a_run_starts_over);
    tcase_add_test(tcase, answers_to_other_inputs_are_not_used);
    tcase_add_loop_test(tcase, answers_under_other_settings_are_not_used, 0, 2);
    tcase_add_test(tcase, an_image_mended_after_the_run_ended_is_executed);
    tcase_add_test(tcase, schemes_side_by_side_are_resumed_too);
    tcase_add_test(tcase, resume_needs_a_folder_and_images);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
