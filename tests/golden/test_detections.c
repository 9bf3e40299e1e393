// SPDX-License-Identifier: Apache-2.0
// Predictions of a detector, from files to the terms of Eq. (A), as a user compares them.
#include "cli.h"
#include "../suite.h"

static cli_result result;

static void compare(const char *reference, const char *quantized)
{
    char arguments[1024];
    snprintf(arguments, sizeof arguments, "compare --detections %s/%s.safetensors %s/%s.safetensors", cli_dir(),
             reference, cli_dir(), quantized);
    cli_run(&result, arguments);
    ck_assert_msg(result.status == 0, "%s", result.output);
}

static double term(const char *label)
{
    const char *line = strstr(result.output, label);
    ck_assert_msg(line != NULL, "no '%s' in: %s", label, result.output);
    return strtod(line + strlen(label), NULL);
}

START_TEST(noise_on_predictions_is_told_term_by_term)
{
    char command[1024];
    const char *maker = getenv("IGQSIM_RANDOM_DETECTIONS");
    snprintf(command, sizeof command, "%s %s", maker ? maker : "build/tests/bench/random_detections", cli_dir());
    ck_assert_int_eq(system(command), 0);
    compare("full_precision", "quantized");
    double kl = term("class KL divergence, nats"), box = term("box offsets, mean |error|");
    double mask = term("mask, mean |error|"), psi = term("psi (sum)");
    ck_assert(kl > 0 && kl < 0.1);
    ck_assert(box > 0.01 && box < 0.05); // noise of at most 0.05, and 0.1 on the masks
    ck_assert(mask > 0.02 && mask < 0.1);
    ck_assert_double_eq_tol(psi, kl + box + mask, 1e-8);
    compare("full_precision", "full_precision");
    ck_assert(term("psi (sum)") == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden.detections");
    TCase *tcase = tcase_create("detections");
    cli_dir(); // before the forks, so that it is removed at the end
    tcase_add_test(tcase, noise_on_predictions_is_told_term_by_term);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
