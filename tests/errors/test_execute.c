// SPDX-License-Identifier: Apache-2.0
// Bad weights and images, through every command that executes a network.
#include "golden/small_network.h"

static void weights_and_images(const char *command, const char *weights, const char *images)
{
    const char *dir = cli_dir();
    if (strcmp(command, "run") == 0)
        igqsim("run -a configs/accelerators/igq_temporal.yaml -w %s/net/network.yaml -c %s/net/calibration.yaml "
               "--weights %s/%s --images %s -o %s/out",
               dir, dir, dir, weights, images, dir);
    else
        igqsim("%s -w %s/net/network.yaml --weights %s/%s --images %s -o %s/out", command, dir, dir, weights, images,
               dir);
}

static const char *const commands[] = {"trace", "calibrate", "run"};

START_TEST(weights_that_are_no_numbers_are_refused_by_tensor_and_index)
{
    // The last tensor of the file is a bias of the head or a norm: its last value becomes NaN, then infinity.
    static const char *const numbers[][2] = {{"\\000\\000\\300\\177", "nan"}, {"\\000\\000\\200\\377", "-inf"}};
    for (int i = 0; i < 2; i++) {
        shell("cd %s && head -c -4 net/weights.safetensors >bad && printf '%s' >>bad", cli_dir(), numbers[i][0]);
        for (int c = 0; c < 3; c++) {
            weights_and_images(commands[c], "bad", test_path("net/images"));
            refused("bad: tensor ", numbers[i][1]);
            ck_assert_ptr_nonnull(strstr(result.output, ": element "));
            shell("test ! -e %s/out || test -z \"$(ls -A %s/out)\"", cli_dir(), cli_dir());
        }
    }
}
END_TEST

START_TEST(weights_that_overflow_are_refused_by_image)
{
    // Weights of the head, the last tensors of the file: the largest float, 400 times.
    shell("cd %s && head -c -1600 net/weights.safetensors >huge && for i in $(seq 400); do printf "
          "'\\377\\377\\177\\177'; done >>huge",
          cli_dir());
    for (int c = 0; c < 3; c++) {
        weights_and_images(commands[c], "huge", test_path("net/images"));
        refused("in full precision", "allowed: weights with which all activations are finite");
    }
}
END_TEST

START_TEST(all_commands_take_folders_of_images)
{
    for (int c = 0; c < 3; c++) {
        weights_and_images(commands[c], "net/weights.safetensors", test_path("net/images"));
        accepted();
        shell("mv %s/out %s/folder", cli_dir(), cli_dir());
        char list[1024];
        snprintf(list, sizeof list, "%s/net/images/*", cli_dir());
        weights_and_images(commands[c], "net/weights.safetensors", list);
        accepted();
        shell("cd %s && diff -r out folder && rm -r out folder", cli_dir());
    }
}
END_TEST

START_TEST(names_of_images_that_cannot_be_shown_are_refused)
{
    static const char *const names[][2] = {{"caf\\351.png", "caf\\xe9.png"}, {"a\\033[2J.png", "a\\x1b[2J.png"}};
    for (int i = 0; i < 2; i++) {
        shell("cd %s && rm -rf odd && mkdir odd && cp \"$(ls net/images/*.png | head -1)\" \"odd/$(printf '%s')\"",
              cli_dir(), names[i][0]);
        for (int c = 0; c < 3; c++) {
            weights_and_images(commands[c], "net/weights.safetensors", test_path("odd"));
            refused(names[i][1], "not printable");
        }
    }
}
END_TEST

START_TEST(images_that_are_no_regular_files_are_refused)
{
    shell("cd %s && rm -rf pipes && mkdir pipes && mkfifo pipes/a.png", cli_dir());
    for (int c = 0; c < 3; c++) {
        weights_and_images(commands[c], "net/weights.safetensors", test_path("pipes"));
        refused("pipes/a.png", "not a regular file");
        weights_and_images(commands[c], "net/weights.safetensors", "/dev/null");
        refused("/dev/null", "not a regular file");
        weights_and_images(commands[c], "pipes/a.png", test_path("net/images"));
        refused("pipes/a.png", "not a regular file");
    }
}
END_TEST

static void make(void)
{
    shell("rm -rf %s/out", cli_dir());
    make_network("net", "timm", 1, 2);
    calibrate_network("net");
}

int main(void)
{
    Suite *suite = suite_create("errors.execute");
    TCase *tcase = tcase_create("bad weights and images");
    cli_dir();
    tcase_add_checked_fixture(tcase, make, NULL);
    tcase_add_test(tcase, weights_that_are_no_numbers_are_refused_by_tensor_and_index);
    tcase_add_test(tcase, weights_that_overflow_are_refused_by_image);
    tcase_add_test(tcase, all_commands_take_folders_of_images);
    tcase_add_test(tcase, names_of_images_that_cannot_be_shown_are_refused);
    tcase_add_test(tcase, images_that_are_no_regular_files_are_refused);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
