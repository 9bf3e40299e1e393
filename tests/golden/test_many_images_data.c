// SPDX-License-Identifier: Apache-2.0
// Photos with labels, in full precision and on the datapath. test_many_images.c holds the rest on a small network.
// Needs the shared weights.
#include "cli.h"
#include <jansson.h>
#include "../suite.h"

static cli_result result;
static char photos[300], labels[300]; // a folder of the four photos, and a file beside it

static json_t *report_in(const char *folder)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/report.json", cli_dir(), folder);
    json_error_t error;
    json_t *report = json_load_file(path, 0, &error);
    ck_assert_msg(report != NULL, "%s", error.text);
    return report;
}

static void run(const char *images_and_options, const char *folder)
{
    char arguments[4096];
    snprintf(arguments, sizeof arguments,
             "run -a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_tiny.yaml -c "
             "configs/calibration/deit_tiny_w4a4_g8.yaml --weights %s/deit_tiny/model.safetensors --images %s -o %s/%s",
             cli_data(), images_and_options, cli_dir(), folder);
    cli_run(&result, arguments);
}

static void accepted(void)
{
    ck_assert_msg(result.status == 0, "%s", result.output);
}

static double real(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "%s is no number", key);
    return json_number_value(value);
}

START_TEST(labels_are_held_against_both_passes)
{
    // Classes of full precision, but for the raccoon, whose top 5 of neither pass has class 0.
    char options[2048];
    const char *text =
        "name,class\ncoffee_224.png,967\nchelsea_224.png,285\nastronaut_224.png,747\nraccoon_224.png,0\n";
    cli_write(labels, text, strlen(text));
    snprintf(options, sizeof options, "%s --labels %s -j 2", photos, labels);
    run(options, "labels");
    accepted();
    json_t *report = report_in("labels"), *accuracy = json_object_get(report, "accuracy");
    ck_assert(real(accuracy, "top1_full_precision") == 0.75);
    ck_assert(real(accuracy, "top5_full_precision") == 0.75);
    ck_assert(real(accuracy, "top1") <= real(accuracy, "top5") && real(accuracy, "top5") <= 0.75);
    ck_assert(real(accuracy, "top1_agreement") <= real(accuracy, "top5_agreement"));
    const json_t *chelsea = json_array_get(json_object_get(report, "images"), 1);
    ck_assert(real(chelsea, "label") == 285);
    ck_assert_uint_eq(json_array_size(json_object_get(chelsea, "top5")), 5);
    json_decref(report);
}
END_TEST

int main(void)
{
    if (!cli_data()) {
        printf("skipped: neither $IGQSIM_DATA nor ../shared/data has the weights\n");
        return 77;
    }
    Suite *suite = suite_create("golden.many_images_data");
    TCase *tcase = tcase_create("folders of images");
    snprintf(photos, sizeof photos, "%s/images", cli_data());
    snprintf(labels, sizeof labels, "%s/labels.csv", cli_dir());
    tcase_add_test(tcase, labels_are_held_against_both_passes);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
