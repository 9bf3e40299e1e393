// SPDX-License-Identifier: Apache-2.0
// Bad input to igqsim calibrate, found before any image is looked at: one clear line, exit status 1, nothing written.
#include "cli.h"
#include "../suite.h"

#define WITH_IMAGES "-w configs/workloads/deit_tiny.yaml --weights none.safetensors --images none.png"
#define WITH_TRACE "-w configs/workloads/deit_tiny.yaml --trace traces/deit_tiny_chelsea.safetensors"

static cli_result result;

static void refused(const char *arguments, const char *word, const char *other_word)
{
    char command[4096], output[1024];
    snprintf(output, sizeof output, "%s/out.yaml", cli_dir());
    snprintf(command, sizeof command, "calibrate %s -o %s", arguments, output);
    cli_run(&result, command);
    ck_assert_msg(result.status == 1, "exit status %d, said: %s", result.status, result.output);
    const char *newline = strchr(result.output, '\n');
    ck_assert_msg(newline && newline[1] == '\0', "not one line: %s", result.output);
    ck_assert_msg(strstr(result.output, word) && strstr(result.output, other_word), "'%s' and '%s' are not in: %s",
                  word, other_word, result.output);
    ck_assert(!cli_exists(output));
}

START_TEST(a_budget_that_is_no_number_is_refused)
{
    static const char *const budgets[] = {"bops=many", "bops=",      "bops",         "bops=-1",  "bops=0",
                                          "bops=1e9x", "cycles=inf", "bops=g0",      "bops=g9x", "bops=g2.5",
                                          "bops=g65",  "bops=nan",   "furlongs=100", "=7",       "bopsy=1"};
    char arguments[512];
    snprintf(arguments, sizeof arguments, WITH_IMAGES " --allocate %s", budgets[_i]);
    refused(arguments, budgets[_i], "cycles=LIMIT");
}
END_TEST

START_TEST(candidates_must_be_ascending_numbers)
{
    static const char *const lists[] = {"4,2", "1,1", "0,1", "1,,2", "1,2,", "x", "1;2", "1,65"};
    char arguments[512];
    snprintf(arguments, sizeof arguments, WITH_IMAGES " --allocate bops=g8 --candidates '%s'", lists[_i]);
    refused(arguments, "--candidates", "ascending");
}
END_TEST

START_TEST(a_budget_needs_what_it_is_a_budget_of)
{
    refused(WITH_IMAGES " --allocate cycles=1e6", "--allocate cycles", "--accelerator");
    refused(WITH_IMAGES " --allocate energy_pj=1e9 -a configs/accelerators/igq_temporal.yaml", "--allocate energy_pj",
            "--technology");
    refused(WITH_IMAGES " --allocate cycles=1e6 -a configs/accelerators/layerwise.yaml", "layerwise", "allowed");
    refused(WITH_IMAGES " --allocate cycles=1e6 -a nowhere.yaml", "nowhere.yaml", "");
    refused(WITH_IMAGES " --allocate cycles=1e6 -a configs/accelerators/igq_temporal.yaml --distance l1",
            "--distance l1", "distance: l2");
    refused(WITH_TRACE " --allocate bops=g8", "--allocate", "predictions");
    refused(WITH_TRACE " --epsilon-grid 0,1", "--epsilon-grid", "predictions");
    refused(WITH_TRACE " --candidates 1,2", "--candidates", "--allocate");
}
END_TEST

START_TEST(candidates_beyond_the_machine_are_refused_when_asked_for)
{
    refused(WITH_IMAGES " --allocate cycles=1e6 -a configs/accelerators/igq_per_group.yaml --candidates 1,8,9",
            "--candidates: 9", "num_groups: 8");
}
END_TEST

START_TEST(bounds_of_groups_are_mean_or_extreme)
{
    refused(WITH_TRACE " --bounds median", "--bounds median", "mean, extreme");
    refused(WITH_TRACE " --bounds 1.5", "--bounds 1.5", "a number from 0 (mean) to 1 (extreme), kl");
    refused(WITH_TRACE " --bounds kl", "--bounds kl with --trace", "--weights and --images");
}
END_TEST

START_TEST(weight_groups_are_a_number_of_quantizers)
{
    refused(WITH_TRACE " --weight-groups -1", "--weight-groups -1", "0 to 16384");
    refused(WITH_TRACE " --weight-groups many", "--weight-groups many", "0 to 16384");
}
END_TEST

START_TEST(the_constants_of_the_paper_are_the_defaults)
{
    cli_run(&result, "calibrate --help");
    ck_assert_int_eq(result.status, 0);
    const char *iterations = strstr(result.output, "--iterations N"), *period = strstr(result.output, "--period T");
    ck_assert_msg(iterations && strstr(iterations, "(default 300)") && period && strstr(period, "(default 75)"), "%s",
                  result.output);
    refused(WITH_IMAGES " --allocate bops=g8 --period 0", "--period 0", "1 to 100000");
    refused(WITH_IMAGES " --iterations 0", "--iterations 0", "1 to 100000");
}
END_TEST

START_TEST(an_empty_folder_of_images_is_refused)
{
    char folder[600], arguments[1024];
    snprintf(folder, sizeof folder, "%s/empty", cli_dir());
    mkdir(folder, 0777);
    snprintf(arguments, sizeof arguments, "-w configs/workloads/deit_tiny.yaml --weights none.safetensors --images %s",
             folder);
    refused(arguments, folder, "without images");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("errors.calibrate");
    TCase *tcase = tcase_create("bad input");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_loop_test(tcase, a_budget_that_is_no_number_is_refused, 0, 15);
    tcase_add_loop_test(tcase, candidates_must_be_ascending_numbers, 0, 8);
    tcase_add_test(tcase, a_budget_needs_what_it_is_a_budget_of);
    tcase_add_test(tcase, candidates_beyond_the_machine_are_refused_when_asked_for);
    tcase_add_test(tcase, bounds_of_groups_are_mean_or_extreme);
    tcase_add_test(tcase, weight_groups_are_a_number_of_quantizers);
    tcase_add_test(tcase, the_constants_of_the_paper_are_the_defaults);
    tcase_add_test(tcase, an_empty_folder_of_images_is_refused);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
