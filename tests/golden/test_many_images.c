// SPDX-License-Identifier: Apache-2.0
// Folders of images: the same bytes over any number of processes, labels, and images that cannot be read.
#include "small_network.h"
#include <jansson.h>

static char photos[300], labels[300]; // a folder of four images, and a file beside it

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
    igqsim("run -a configs/accelerators/igq_per_group.yaml -w %s/net/network.yaml -c %s/net/calibration.yaml --weights "
           "%s/net/weights.safetensors --images %s -o %s/%s",
           cli_dir(), cli_dir(), cli_dir(), images_and_options, cli_dir(), folder);
}

static double real(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "%s is no number", key);
    return json_number_value(value);
}

// A folder with copies of the images and, in the middle by name, a PNG file that is none.
static const char *folder_with_a_bad_image(void)
{
    static char folder[512];
    char command[2048], bad[600];
    snprintf(folder, sizeof folder, "%s/mixed", cli_dir());
    snprintf(command, sizeof command, "mkdir -p %s && cp %s/*.png %s/", folder, photos, folder);
    ck_assert_int_eq(system(command), 0);
    snprintf(bad, sizeof bad, "%s/bad.png", folder);
    cli_write(bad, "no image", 8);
    return folder;
}

START_TEST(a_folder_is_its_images_in_the_order_of_their_names)
{
    char files[2048];
    run(photos, "folder");
    accepted();
    snprintf(files, sizeof files, "%s/image0.png %s/image1.png %s/image2.png %s/image3.png", photos, photos, photos,
             photos);
    run(files, "files");
    accepted();
    char a[1024], b[1024];
    snprintf(a, sizeof a, "%s/folder/report.json", cli_dir());
    snprintf(b, sizeof b, "%s/files/report.json", cli_dir());
    ck_assert(cli_same_bytes(a, b));
}
END_TEST

START_TEST(any_number_of_processes_gives_the_same_bytes)
{
    char options[1024], a[1024], b[1024];
    run(photos, "j1");
    accepted();
    snprintf(options, sizeof options, "%s -j %d", photos, _i);
    run(options, "jn");
    accepted();
    const char *const files[] = {"report.json", "layers.csv"};
    for (int i = 0; i < 2; i++) {
        snprintf(a, sizeof a, "%s/j1/%s", cli_dir(), files[i]);
        snprintf(b, sizeof b, "%s/jn/%s", cli_dir(), files[i]);
        ck_assert_msg(cli_same_bytes(a, b), "%s and %s differ", a, b);
    }
}
END_TEST

START_TEST(cycles_per_image_are_those_of_the_images)
{
    run(photos, "spread");
    accepted();
    json_t *report = report_in("spread"), *image;
    json_t *spread = json_object_get(json_object_get(report, "totals"), "cycles_per_image");
    double sum = 0, least = 1e300, worst = 0;
    const char *worst_name = "";
    size_t i;
    json_array_foreach(json_object_get(report, "images"), i, image)
    {
        double cycles = real(image, "cycles");
        sum += cycles;
        least = cycles < least ? cycles : least;
        if (cycles > worst) {
            worst = cycles;
            worst_name = json_string_value(json_object_get(image, "name"));
        }
    }
    ck_assert(real(spread, "mean") == sum / 4);
    ck_assert(real(spread, "least") == least && real(spread, "worst") == worst && least < worst);
    ck_assert_str_eq(json_string_value(json_object_get(spread, "worst_image")), worst_name);
    ck_assert(real(spread, "standard_deviation") > 0 && real(spread, "standard_deviation") < worst - least);
    json_decref(report);
}
END_TEST

START_TEST(labels_that_do_not_match_are_refused_with_file_and_line)
{
    static const struct {
        const char *text, *word, *other_word;
    } cases[] = {
        {"image0.png,1\nimage1.png,2\nimage2.png,3\n", "labels.csv:", "image3.png"},
        {"image0.png,1\nnobody.png,2\n", "labels.csv:2:", "nobody.png"},
        {"image0.png,1\n\nimage0.png,2\n", "labels.csv:3:", "line 1"},
        {"image0.png,10\n", "labels.csv:1:", "0 to 9"},
        {"image0.png,cat\n", "labels.csv:1:", "'cat'"},
        {"image0.png\n", "labels.csv:1:", "NAME,CLASS"},
    };
    char options[2048];
    cli_write(labels, cases[_i].text, strlen(cases[_i].text));
    snprintf(options, sizeof options, "%s --labels %s", photos, labels);
    run(options, "refused");
    refused(cases[_i].word, cases[_i].other_word);
}
END_TEST

START_TEST(an_unreadable_image_ends_the_run_and_is_named)
{
    char options[1024];
    snprintf(options, sizeof options, "%s -j %d", folder_with_a_bad_image(), _i);
    run(options, "bad");
    refused("bad.png", "--skip-bad");
}
END_TEST

START_TEST(skip_bad_leaves_it_out_names_it_and_counts_it)
{
    char options[1024];
    snprintf(options, sizeof options, "%s --skip-bad -j %d", folder_with_a_bad_image(), _i);
    run(options, "skipped");
    accepted();
    ck_assert(strstr(result.output, "Left out: 1 of 5") && strstr(result.output, "bad.png"));
    json_t *report = report_in("skipped"), *totals = json_object_get(report, "totals");
    ck_assert(real(totals, "images") == 4 && real(totals, "skipped_images") == 1);
    ck_assert_uint_eq(json_array_size(json_object_get(report, "images")), 4);
    const json_t *skipped = json_object_get(json_object_get(report, "inputs"), "skipped");
    const char *path = json_string_value(json_object_get(json_array_get(skipped, 0), "path"));
    ck_assert(path && strstr(path, "mixed/bad.png"));
    json_decref(report);
    run(photos, "good");
    accepted();
    json_t *good = report_in("good");
    report = report_in("skipped");
    ck_assert(json_equal(json_object_get(report, "layers"), json_object_get(good, "layers")));
    ck_assert(json_equal(json_object_get(report, "images"), json_object_get(good, "images")));
    json_decref(report);
    json_decref(good);
}
END_TEST

START_TEST(nothing_but_bad_images_is_an_error)
{
    char bad[600], options[1024];
    snprintf(bad, sizeof bad, "%s/only.png", cli_dir());
    cli_write(bad, "no image", 8);
    snprintf(options, sizeof options, "%s --skip-bad", bad);
    run(options, "none");
    refused("none of the 1 images", "only.png");
}
END_TEST

START_TEST(an_empty_folder_is_refused)
{
    char folder[600];
    snprintf(folder, sizeof folder, "%s/empty", cli_dir());
    mkdir(folder, 0777);
    run(folder, "empty_run");
    refused("empty", "without images");
}
END_TEST

static void make_images(void)
{
    make_network("net", "timm", 1, 4);
    calibrate_network("net");
}

int main(void)
{
    Suite *suite = suite_create("golden.many_images");
    TCase *tcase = tcase_create("folders of images");
    snprintf(photos, sizeof photos, "%s/net/images", cli_dir());
    snprintf(labels, sizeof labels, "%s/labels.csv", cli_dir());
    tcase_add_checked_fixture(tcase, make_images, NULL);
    tcase_add_test(tcase, a_folder_is_its_images_in_the_order_of_their_names);
    tcase_add_loop_test(tcase, any_number_of_processes_gives_the_same_bytes, 2, 4);
    tcase_add_test(tcase, cycles_per_image_are_those_of_the_images);
    tcase_add_loop_test(tcase, labels_that_do_not_match_are_refused_with_file_and_line, 0, 6);
    tcase_add_loop_test(tcase, an_unreadable_image_ends_the_run_and_is_named, 1, 4);
    tcase_add_loop_test(tcase, skip_bad_leaves_it_out_names_it_and_counts_it, 1, 4);
    tcase_add_test(tcase, nothing_but_bad_images_is_an_error);
    tcase_add_test(tcase, an_empty_folder_is_refused);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
