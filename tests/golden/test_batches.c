// SPDX-License-Identifier: Apache-2.0
// tiling.batch_images on the command line: recorded traces, executed images over processes, and shapes.
#include "small_network.h"
#include <jansson.h>

enum { NUM_IMAGES = 5 };

static json_t *report_in(const char *folder)
{
    char path[1200];
    json_error_t error;
    snprintf(path, sizeof path, "%s/report.json", test_path(folder));
    json_t *report = json_load_file(path, 0, &error);
    ck_assert_msg(report != NULL, "%s", error.text);
    return report;
}

static json_int_t get(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_integer(value), "%s is no integer", key);
    return json_integer_value(value);
}

// A machine of the project with another number of images in a batch; the folder gets its name.
static const char *machine_with(const char *machine, int batch_images, int activation_bytes)
{
    static char name[64];
    snprintf(name, sizeof name, "%s_%d", machine, batch_images);
    shell("printf 'base: %%s/configs/accelerators/%s.yaml\\ntiling: {batch_images: %d}\\nactivation_buffer: "
          "{capacity_bytes: %d}\\n' \"$PWD\" >%s/%s.yaml",
          machine, batch_images, activation_bytes, cli_dir(), name);
    return name;
}

static void run_photos(int batch_images, const char *output)
{
    igqsim(
        "run -a %s/%s.yaml -w configs/workloads/deit_tiny.yaml -c configs/calibration/deit_tiny_w4a4_g8.yaml --trace "
        "traces/deit_tiny_photos.safetensors -o %s/%s",
        cli_dir(), machine_with("igq_temporal", batch_images, 4 << 20), cli_dir(), output);
    accepted();
}

START_TEST(weights_of_a_layer_come_once_for_a_batch_of_photos)
{
    // With 4 MB for activations all tensors of three photos stay on the chip, so all that sharing changes is that the
    // weights of 50 layers come once for them; the fourth photo is a batch of its own.
    run_photos(1, "one");
    run_photos(3, "three");
    json_t *one = report_in("one"), *three = report_in("three"), *layer;
    json_int_t weight_bytes = 0, cycles = 0;
    size_t k;
    json_array_foreach(json_object_get(one, "layers"), k, layer)
    {
        const char *kind = json_string_value(json_object_get(layer, "kind"));
        json_int_t elements = get(layer, "C") * get(layer, "O");
        if (strcmp(kind, "patch_embed") == 0 || strcmp(kind, "head") == 0)
            weight_bytes += elements; // 8 bits; a multiple of bursts, as all of them are
        else if (strcmp(kind, "scores") != 0 && strcmp(kind, "context") != 0)
            weight_bytes += elements / 2;
        const json_t *batched = json_array_get(json_object_get(three, "layers"), k);
        ck_assert(json_equal(json_object_get(layer, "group_sizes"), json_object_get(batched, "group_sizes")));
    }
    const json_t *alone = json_object_get(one, "totals"), *shared = json_object_get(three, "totals");
    ck_assert_int_eq(get(alone, "dram_bytes") - get(shared, "dram_bytes"), 2 * weight_bytes);
    // All cycles belong to an image; the photo that is left for the second batch costs what it costs alone.
    for (size_t i = 0; i < 4; i++)
        cycles += get(json_array_get(json_object_get(three, "images"), i), "cycles");
    ck_assert_int_eq(cycles, get(shared, "cycles"));
    ck_assert_int_eq(get(json_array_get(json_object_get(three, "images"), 3), "cycles"),
                     get(json_array_get(json_object_get(one, "images"), 3), "cycles"));
    json_decref(one);
    json_decref(three);
}
END_TEST

START_TEST(batches_over_any_number_of_processes_give_the_same_bytes)
{
    static const char *const files[] = {"report.json", "layers.csv", "timeline.json"};
    const char *dir = cli_dir();
    make_network("net", "timm", 1, NUM_IMAGES);
    calibrate_network("net");
    shell("cp %s/net/images/$(ls %s/net/images | sed -n 2p) %s/net/images/0b.png && printf no >%s/net/images/0a.png",
          dir, dir, dir, dir); // the first of all cannot be read: its batch is smaller
    for (int jobs = 1; jobs <= 3; jobs++) {
        igqsim("run -a %s/%s.yaml -w %s/net/network.yaml -c %s/net/calibration.yaml --weights "
               "%s/net/weights.safetensors --images %s/net/images --skip-bad -j %d -o %s/j%d",
               dir, machine_with("igq_elastic", 2, 524288), dir, dir, dir, dir, jobs, dir, jobs);
        accepted();
    }
    for (int jobs = 2; jobs <= 3; jobs++) {
        for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
            char a[1200], b[1200];
            snprintf(a, sizeof a, "%s/%s", test_path("j1"), files[i]);
            snprintf(b, sizeof b, "%s/j%d/%s", dir, jobs, files[i]);
            if (cli_exists(a) || cli_exists(b))
                ck_assert_msg(cli_same_bytes(a, b), "%s and %s differ", a, b);
        }
    }
    json_t *report = report_in("j1");
    ck_assert_uint_eq(json_array_size(json_object_get(report, "images")), NUM_IMAGES + 1);
    ck_assert_int_eq(get(json_object_get(report, "totals"), "skipped_images"), 1);
    json_decref(report);
}
END_TEST

START_TEST(shapes_alone_draw_a_whole_batch)
{
    igqsim("run -a %s/%s.yaml -w configs/workloads/deit_tiny.yaml -o %s/shape", cli_dir(),
           machine_with("igq_shared", 2, 524288), cli_dir());
    accepted();
    json_t *report = report_in("shape"), *images = json_object_get(report, "images");
    ck_assert_uint_eq(json_array_size(images), 2);
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(images, 1), "name")), "drawn 2");
    ck_assert(!json_equal(json_object_get(json_array_get(images, 0), "group_sizes"),
                          json_object_get(json_array_get(images, 1), "group_sizes")));
    json_decref(report);
}
END_TEST

START_TEST(impossible_batches_are_refused_by_key)
{
    static const int impossible[] = {0, 65};
    for (int i = 0; i < 2; i++) {
        igqsim("run -a %s/%s.yaml -w configs/workloads/deit_tiny.yaml -o %s/none", cli_dir(),
               machine_with("igq_shared", impossible[i], 524288), cli_dir());
        refused("tiling.batch_images", "1 to 64");
    }
}
END_TEST

int main(void)
{
    cli_dir();
    Suite *suite = suite_create("batches");
    TCase *batches = tcase_create("batches");
    tcase_add_test(batches, weights_of_a_layer_come_once_for_a_batch_of_photos);
    tcase_add_test(batches, batches_over_any_number_of_processes_give_the_same_bytes);
    tcase_add_test(batches, shapes_alone_draw_a_whole_batch);
    tcase_add_test(batches, impossible_batches_are_refused_by_key);
    suite_add_tcase(suite, batches);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
