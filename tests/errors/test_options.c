// SPDX-License-Identifier: Apache-2.0
// Words of the command line: where values may stand, what is suggested for a misspelt word, names that cannot be shown.
#include "cli.h"
#include "../suite.h"

#define MACHINE "configs/accelerators/igq_per_group.yaml"

static cli_result result;

static void run(const char *arguments)
{
    cli_run(&result, arguments);
}

static void refused(const char *arguments, const char *word, const char *other_word)
{
    run(arguments);
    ck_assert_msg(result.status == 1, "%s: exit status %d, said: %s", arguments, result.status, result.output);
    const char *newline = strchr(result.output, '\n');
    ck_assert_msg(newline && newline[1] == '\0', "%s: not one line: %s", arguments, result.output);
    ck_assert_msg(strstr(result.output, word) && strstr(result.output, other_word), "%s: '%s' and '%s' are not in: %s",
                  arguments, word, other_word, result.output);
}

START_TEST(values_stand_where_other_programs_take_them)
{
    static const char *const same[] = {"describe -a " MACHINE, "describe -a" MACHINE, "describe --accelerator " MACHINE,
                                       "describe --accelerator=" MACHINE};
    char *first = NULL;
    for (int i = 0; i < 4; i++) {
        run(same[i]);
        ck_assert_msg(result.status == 0, "%s: %s", same[i], result.output);
        if (!first)
            first = strdup(result.output);
        ck_assert_str_eq(result.output, first);
    }
    free(first);
    refused("sweep -j2 --output=x -- --sweep.yaml", "--sweep.yaml", "cannot open");
    refused("sweep -j 2 nowhere.yaml -ox", "nowhere.yaml", "cannot open");
    refused("sweep nowhere.yaml --jobs=2 -ox", "nowhere.yaml", "cannot open");
    refused("sweep nowhere.yaml -ox -j", "nowhere.yaml", "cannot open");
    refused("sweep nowhere.yaml -ox -j2x", "--jobs 2x", "whole number");
    refused("sweep nowhere.yaml -ox -j0", "--jobs 0", "1 to 256");
    refused("sweep nowhere.yaml -ox --resume=yes", "--resume=yes", "takes no value");
    refused("describe -a", "--accelerator", "needs FILE");
    refused("describe --accelerator --technology x", "--accelerator", "needs FILE");
}
END_TEST

START_TEST(a_machine_may_come_from_standard_input)
{
    char *first;
    run("describe -a " MACHINE " --yaml");
    first = strdup(result.output);
    run("describe -a - --yaml <" MACHINE);
    ck_assert_str_eq(result.output, first);
    free(first);
    run("run -a - -w configs/workloads/deit_tiny.yaml --quiet <" MACHINE);
    ck_assert_msg(result.status == 0, "%s", result.output);
    refused("describe -a - </dev/null", "-", "no keys");
    refused("describe -a - </dev/zero", "standard input", "too long");
}
END_TEST

START_TEST(help_and_version_are_where_other_programs_have_them)
{
    char text[sizeof result.output];
    run("sweep --help");
    ck_assert_int_eq(result.status, 0);
    ck_assert_ptr_nonnull(strstr(result.output, "--quiet"));
    snprintf(text, sizeof text, "%s", result.output);
    static const char *const same[] = {"help sweep", "sweep -h", "--help sweep", "-h sweep"};
    for (int i = 0; i < 4; i++) {
        run(same[i]);
        ck_assert_int_eq(result.status, 0);
        ck_assert_str_eq(result.output, text);
    }
    run("--version");
    snprintf(text, sizeof text, "%s", result.output);
    run("-V");
    ck_assert_str_eq(result.output, text);
    run("help");
    ck_assert_ptr_nonnull(strstr(result.output, "Commands:"));
}
END_TEST

START_TEST(the_nearest_word_is_suggested)
{
    refused("rnu", "rnu", "did you mean run?");
    refused("swep x", "swep", "did you mean sweep?");
    refused("help describ", "describ", "did you mean describe?");
    refused("run --acelerator x", "--acelerator", "did you mean --accelerator?");
    refused("run --acelerator=x", "--acelerator", "did you mean --accelerator?");
    refused("sweep --quite", "--quite", "did you mean --quiet?");
    refused("frobnicate", "frobnicate", "allowed: run sweep");
    ck_assert_ptr_null(strstr(result.output, "did you mean"));
    refused("run --frobnicate", "--frobnicate", "see igqsim run --help");
}
END_TEST

START_TEST(quiet_prints_nothing_but_errors)
{
    run("describe -q -a " MACHINE);
    ck_assert_int_eq(result.status, 0);
    ck_assert_str_eq(result.output, "");
    refused("describe --quiet -a nowhere.yaml", "nowhere.yaml", "cannot open");
}
END_TEST

START_TEST(words_that_cannot_be_shown_are_refused_and_shown_escaped)
{
    refused("describe -a \"$(printf 'caf\\351.yaml')\"", "caf\\xe9.yaml", "allowed: UTF-8");
    refused("describe -a \"$(printf 'a\\033[2J.yaml')\"", "a\\x1b[2J.yaml", "control characters");
    refused("run -o \"$(printf 'a\\nb')\"", "allowed: UTF-8", "a");
    refused("describe -a $(printf 'x%.0s' $(seq 5000))", "word of 5000 bytes", "allowed: up to 4095");
    refused("describe -a $(printf 'x%.0s' $(seq 4000))", "xxx ... xxx", "cannot open: File name too long");
    refused("\"$(printf 'a\\033b')\"", "a\\x1bb", "allowed: UTF-8");
    refused("describe -a \"$(printf 'caf\\303\\251.yaml')\"", "caf\303\251.yaml", "cannot open");
}
END_TEST

// What stands for a file, in every place where a command reads one.
START_TEST(what_is_no_regular_file_never_hangs)
{
    static const char *const places[] = {
        "describe -a %s",
        "describe -a " MACHINE " -t %s",
        "run -a %s -w configs/workloads/deit_tiny.yaml",
        "run -a " MACHINE " -w %s",
        "run -a " MACHINE " -w configs/workloads/deit_tiny.yaml -c %s --trace traces/deit_tiny_chelsea.safetensors",
        "run -a " MACHINE
        " -w configs/workloads/deit_tiny.yaml -c configs/calibration/deit_tiny_w4a4_g8.yaml --trace %s",
        "run --from %s -t configs/technologies/scaled_7nm.yaml",
        "compare %s %s",
        "compare --detections %s %s",
        "trace -w %s --weights a --images b -o unmade",
        "trace -w configs/workloads/deit_tiny.yaml --weights %s --images b -o unmade",
        "calibrate -w configs/workloads/deit_tiny.yaml --trace %s -o unmade",
        "sweep %s -o nowhere/x",
        "cosim -a %s --trace t -o unmade",
    };
    char pipe[512], arguments[2048];
    snprintf(pipe, sizeof pipe, "%s/pipe", cli_dir());
    if (!cli_exists(pipe))
        ck_assert_int_eq(mkfifo(pipe, 0600), 0);
    const char *const paths[] = {pipe, cli_dir(), "/dev/null"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (int k = 0; k < 3; k++) {
            snprintf(arguments, sizeof arguments, places[i], paths[k], paths[k]);
            int takes_folders = strstr(places[i], "--weights %s") != NULL && paths[k] == cli_dir();
            refused(arguments, paths[k], takes_folders ? "no checkpoint in this folder" : "not a regular file");
        }
}
END_TEST

static void end_test(void)
{
    cli_remove_dir();
}

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tcase = tcase_create("options");
    tcase_add_unchecked_fixture(tcase, NULL, end_test);
    tcase_add_test(tcase, values_stand_where_other_programs_take_them);
    tcase_add_test(tcase, a_machine_may_come_from_standard_input);
    tcase_add_test(tcase, help_and_version_are_where_other_programs_have_them);
    tcase_add_test(tcase, the_nearest_word_is_suggested);
    tcase_add_test(tcase, quiet_prints_nothing_but_errors);
    tcase_add_test(tcase, words_that_cannot_be_shown_are_refused_and_shown_escaped);
    tcase_add_test(tcase, what_is_no_regular_file_never_hangs);
    suite_add_tcase(suite, tcase);
    cli_dir();
    return run_suite(suite);
}
