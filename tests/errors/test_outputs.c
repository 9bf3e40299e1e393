// SPDX-License-Identifier: Apache-2.0
// Where results go: output that is lost is said, and a folder holds the files of one run, written by one program.
#include "cli.h"
#include <fcntl.h>
#include <sys/file.h>
#include "../suite.h"

#define RUN "run -a configs/accelerators/layerwise.yaml -w configs/workloads/deit_tiny.yaml"

static cli_result result;
static char folder[512];

static void run(const char *command, const char *options)
{
    char arguments[2048];
    snprintf(folder, sizeof folder, "%s/out", cli_dir());
    snprintf(arguments, sizeof arguments, "%s -o %s %s", command, folder, options);
    cli_run(&result, arguments);
}

static void done(const char *command, const char *options)
{
    run(command, options);
    ck_assert_msg(result.status == 0, "exit status %d, said: %s", result.status, result.output);
}

static void refused(const char *word, const char *other_word)
{
    ck_assert_msg(result.status == 1, "exit status %d, said: %s", result.status, result.output);
    ck_assert_msg(strstr(result.output, word) && strstr(result.output, other_word), "'%s' and '%s' are not in: %s",
                  word, other_word, result.output);
}

// The names in the folder, in order, must be these, with a space after each.
static void holds(const char *names)
{
    char command[2048], found[1024] = "";
    snprintf(command, sizeof command, "ls -A %s | LC_ALL=C sort | tr '\\n' ' '", folder);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    found[fread(found, 1, sizeof found - 1, pipe)] = '\0';
    pclose(pipe);
    ck_assert_str_eq(found, names);
}

START_TEST(no_file_of_an_earlier_run_is_left)
{
    done(RUN, "");
    holds("layers.csv report.html report.json timeline.json ");
    done(RUN, "--no-html");
    holds("layers.csv report.json timeline.json ");
    done(RUN, "--scheme layerwise,peg");
    holds("layerwise peg schemes.json ");
    done(RUN, "--scheme layerwise,consecutive --no-html");
    holds("consecutive layerwise schemes.json ");
    done(RUN, "");
    holds("layers.csv report.html report.json timeline.json ");
    char from[2048];
    snprintf(from, sizeof from, "run --from %s/report.json -t configs/technologies/scaled_7nm.yaml", folder);
    done(from, "--no-html"); // the same report with energy: its timeline stays
    holds("layers.csv report.json timeline.json ");
    snprintf(from, sizeof from, "mv %s/report.json %s/moved.json && mkdir %s/mine", folder, cli_dir(), folder);
    ck_assert_int_eq(system(from), 0);
    snprintf(from, sizeof from, "run --from %s/moved.json -t configs/technologies/scaled_7nm.yaml", cli_dir());
    done(from, "");
    holds("layers.csv mine report.html report.json "); // no timeline of another run; what is not igqsim's stays
}
END_TEST

START_TEST(no_waveform_of_an_earlier_mismatch_is_left)
{
    char path[2048];
    snprintf(folder, sizeof folder, "%s/out", cli_dir());
    snprintf(path, sizeof path, "mkdir -p %s && echo old >%s/mismatch.fst", folder, folder);
    ck_assert_int_eq(system(path), 0);
    done("cosim -a configs/accelerators/igq_per_group.yaml --random 1", "");
    holds("");
}
END_TEST

START_TEST(a_run_that_is_refused_leaves_an_earlier_one_whole)
{
    done(RUN, "");
    run("run -a configs/accelerators/nowhere.yaml -w configs/workloads/deit_tiny.yaml", "");
    refused("nowhere.yaml", "cannot open");
    holds("layers.csv report.html report.json timeline.json ");
}
END_TEST

START_TEST(a_command_that_fails_leaves_no_new_folder)
{
    run("run -a configs/accelerators/nowhere.yaml -w configs/workloads/deit_tiny.yaml", "");
    refused("nowhere.yaml", "cannot open");
    ck_assert(!cli_exists(folder));
    run(RUN, "--scheme peg,vsquart");
    refused("vsquart", "no scheme");
    ck_assert(!cli_exists(folder));
    run("compare nowhere.json nowhere.json", "");
    refused("nowhere.json", "cannot open");
    ck_assert(!cli_exists(folder));
    run("cosim -a configs/accelerators/nowhere.yaml", "");
    refused("nowhere.yaml", "cannot open");
    ck_assert(!cli_exists(folder));
}
END_TEST

START_TEST(a_folder_of_another_command_is_refused)
{
    char command[2048];
    done(RUN, "");
    snprintf(command, sizeof command, "compare %s/report.json %s/report.json", folder, folder);
    run(command, "");
    refused("igqsim run (report.json)", "allowed: a new folder");
    snprintf(command, sizeof command, "rm %s/report.* && : > %s/sweep.yaml", folder, folder);
    ck_assert_int_eq(system(command), 0);
    run(RUN, "");
    refused("igqsim sweep (sweep.yaml)", "allowed: a new folder");
}
END_TEST

START_TEST(two_programs_in_one_folder_are_refused)
{
    done(RUN, "");
    int lock = open(folder, O_RDONLY | O_DIRECTORY);
    if (flock(lock, LOCK_EX | LOCK_NB) != 0)
        return; // a file system without locks
    run(RUN, "");
    refused(folder, "another igqsim works in this folder");
    run(RUN, "--scheme layerwise,peg");
    refused(folder, "another igqsim works in this folder");
    close(lock);
    done(RUN, "");
}
END_TEST

START_TEST(a_file_that_may_not_grow_is_one_line_and_leaves_nothing)
{
    char command[4096];
    const char *binary = getenv("IGQSIM_BINARY");
    static const int blocks[] = {0, 30, 100, 300}; // of 512 bytes: fails at the timeline, the page, ...
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        snprintf(folder, sizeof folder, "%s/out", cli_dir());
        snprintf(command, sizeof command,
                 "((ulimit -f %d; exec %s " RUN
                 " --no-html -o %s 2>&1 >/dev/null); echo \"status $?\") | cat > %s/said",
                 blocks[i], binary, folder, cli_dir());
        ck_assert_int_ne(system(command), -1);
        snprintf(command, sizeof command, "%s/said", cli_dir());
        char *said = cli_read(command, NULL);
        ck_assert_ptr_nonnull(said);
        ck_assert_msg(strstr(said, "cannot write: File too large\nstatus 1\n") != NULL, "%d: %s", blocks[i], said);
        ck_assert_msg(strchr(said, '\n') + strlen("\nstatus 1\n") == strchr(said, '\0'), "not one line: %s", said);
        free(said);
        holds("");
    }
}
END_TEST

// Standard error of a command whose standard output goes `to`.
static void lose(const char *arguments, const char *to)
{
    char command[1024];
    snprintf(command, sizeof command, "(exec %s %s %s) 2>&1", getenv("IGQSIM_BINARY"), arguments, to);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    result.output[fread(result.output, 1, sizeof result.output - 1, pipe)] = '\0';
    result.status = WEXITSTATUS(pclose(pipe));
}

// The inputs are not there either: the output is looked at first.
START_TEST(a_file_that_cannot_be_written_is_said_before_the_work)
{
    static const char *const commands[] = {
        "trace -w configs/workloads/deit_tiny.yaml --weights none --images none -o %s/none/t.safetensors",
        "calibrate -w configs/workloads/deit_tiny.yaml --weights none --images none -o %s/none/c.yaml",
        "quantize -i none --scheme mx -o %s/none/q.safetensors",
        "run -a none -w none -c none --weights none --images none -j 1 --record %s/none/r.safetensors",
        "run -a none -w none.onnx --inputs none --outputs %s/none/o.safetensors",
        "run -a none -w none --dram-trace %s/none/d",
    };
    char arguments[1024], said[512];
    snprintf(arguments, sizeof arguments, commands[_i], cli_dir());
    snprintf(said, sizeof said, "%s: cannot write: No such file or directory", strstr(arguments, cli_dir()));
    cli_run(&result, arguments);
    ck_assert_int_eq(result.status, 1);
    ck_assert_msg(strstr(result.output, said) != NULL, "%s", result.output);
}
END_TEST

START_TEST(output_that_is_lost_is_an_error_of_every_command)
{
    static const char *const commands[] = {
        "describe -a configs/accelerators/igq_per_group.yaml", RUN, "--help", "--version", "run --help", "help sweep"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (access("/dev/full", W_OK) == 0) {
            lose(commands[i], ">/dev/full");
            refused("standard output: cannot write", "No space left");
        }
        lose(commands[i], ">&-");
        refused("standard output: cannot write", "Bad file descriptor");
    }
}
END_TEST

static void end_test(void)
{
    cli_remove_dir();
}

static void empty_folder(void)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf %s/out", cli_dir());
    ck_assert_int_eq(system(command), 0);
}

int main(void)
{
    Suite *suite = suite_create("outputs");
    TCase *tcase = tcase_create("outputs");
    cli_dir();
    tcase_add_checked_fixture(tcase, empty_folder, NULL);
    tcase_add_unchecked_fixture(tcase, NULL, end_test);
    tcase_add_test(tcase, no_file_of_an_earlier_run_is_left);
    tcase_add_test(tcase, no_waveform_of_an_earlier_mismatch_is_left);
    tcase_add_test(tcase, a_run_that_is_refused_leaves_an_earlier_one_whole);
    tcase_add_test(tcase, a_command_that_fails_leaves_no_new_folder);
    tcase_add_test(tcase, a_folder_of_another_command_is_refused);
    tcase_add_test(tcase, two_programs_in_one_folder_are_refused);
    tcase_add_test(tcase, a_file_that_may_not_grow_is_one_line_and_leaves_nothing);
    tcase_add_loop_test(tcase, a_file_that_cannot_be_written_is_said_before_the_work, 0, 6);
    tcase_add_test(tcase, output_that_is_lost_is_an_error_of_every_command);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
