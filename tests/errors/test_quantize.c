// SPDX-License-Identifier: Apache-2.0
// igqsim quantize: what it writes, and what it refuses. tests/formats holds its numbers against an oracle.
#include "cli.h"
#include <stdint.h>
#include <check.h>

static cli_result result;

static const char *path_of(const char *name)
{
    static char paths[2][512];
    static int next;
    char *path = paths[next++ % 2];
    snprintf(path, sizeof paths[0], "%s/%s", cli_dir(), name);
    return path;
}

// A file with the tensor x [2][channels / 2].
static void put_tensor(const char *dtype, const void *values, size_t bytes, int channels)
{
    char file[1024] = {0}, header[256];
    uint64_t length = 128;
    snprintf(header, sizeof header, "{\"x\":{\"dtype\":\"%s\",\"shape\":[2,%d],\"data_offsets\":[0,%zu]}}", dtype,
             channels, bytes);
    memset(file + 8, ' ', length);
    memcpy(file, &length, 8);
    memcpy(file + 8, header, strlen(header));
    memcpy(file + 8 + length, values, bytes);
    cli_write(path_of("x.safetensors"), file, 8 + length + bytes);
}

static void quantize(const char *options)
{
    char command[1200];
    snprintf(command, sizeof command, "quantize -i %s/x.safetensors -o %s/codes.safetensors %s", cli_dir(), cli_dir(),
             options);
    cli_run(&result, command);
}

static void refused(const char *options, const char *word, const char *other_word)
{
    quantize(options);
    ck_assert_msg(result.status == 1, "%s: exit status %d, said: %s", options, result.status, result.output);
    ck_assert_msg(strstr(result.output, word) && strstr(result.output, other_word), "%s: '%s' and '%s' are not in: %s",
                  options, word, other_word, result.output);
    ck_assert(!cli_exists(path_of("codes.safetensors")));
}

START_TEST(what_cannot_be_coded_is_refused)
{
    const float numbers[4] = {1, 2, 3, 4}, not_finite[4] = {1, 2, 0.0f / 0.0f, 4};
    put_tensor("F32", numbers, sizeof numbers, 2);
    refused("", "--scheme NAME", "missing");
    refused("--scheme igq", "--scheme igq", "allowed: vsquant, mx, nvfp4, bfp, tender");
    refused("--scheme mxx", "\"mxx\"", "allowed: layerwise");
    refused("--scheme mx --set mx.element=fp9", "mx.element=fp9", "fp8_e4m3");
    refused("--scheme mx --set mx.block_length=0", "mx.block_length=0", "1 to 1024");
    refused("--scheme mx --set clock_mhz=1", "clock_mhz=1", "unknown key");
    refused("--scheme tender --set num_groups=17", "num_groups: is 17", "1 to 16");
    refused("--scheme bfp --bits 9", "--bits 9", "2 to 8");
    put_tensor("F32", not_finite, sizeof not_finite, 2);
    refused("--scheme nvfp4", "tensor x", "nan");
    put_tensor("F64", numbers, sizeof numbers, 1);
    refused("--scheme mx", "tensor x", "F64");
    put_tensor("F32", numbers, 0, 0);
    refused("--scheme mx", "x.safetensors: tensor x: has 0 elements", "allowed: 1 to");
}
END_TEST

START_TEST(codes_scales_and_values_are_written)
{
    const float numbers[4] = {6, -1, 0, 0};
    put_tensor("F32", numbers, sizeof numbers, 2);
    quantize("--scheme mx");
    ck_assert_msg(result.status == 0, "%s", result.output);
    size_t size;
    char *file = cli_read(path_of("codes.safetensors"), &size);
    uint64_t length;
    memcpy(&length, file, 8);
    ck_assert_ptr_nonnull(strstr(file + 8, "\"x/codes\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[0,4]}"));
    ck_assert_ptr_nonnull(strstr(file + 8, "\"x/scales\":{\"dtype\":\"U8\",\"shape\":[2,1]"));
    ck_assert_ptr_nonnull(strstr(file + 8, "\"x/values\":{\"dtype\":\"F32\",\"shape\":[2,2]"));
    ck_assert_mem_eq(file + 8 + length, ((uint8_t[]){7, 0xa, 0, 0}), 4); // 6, -1, 0, 0
    free(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantize");
    TCase *tests = tcase_create("quantize");
    tcase_add_test(tests, what_cannot_be_coded_is_refused);
    tcase_add_test(tests, codes_scales_and_values_are_written);
    tcase_add_unchecked_fixture(tests, NULL, cli_remove_dir);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
