// SPDX-License-Identifier: Apache-2.0
// Families that are no vision transformer, calibrated, traced and executed: a recorded run costs what the executed one
// did. On small networks with drawn weights.
#include "small_network.h"
#include <jansson.h>

// net/images of make_network, and a network of a family made from one of configs/workloads by these replacements.
static void make_family(const char *name, const char *edits)
{
    make_network("net", "timm", 1, 3);
    shell("sed -E '%s' configs/workloads/%s.yaml > %s/family.yaml", edits, name, cli_dir());
}

#define SWIN_EDITS                                                                                                     \
    "s/(image_(height|width)): 224/\\1: 48/; s/ dim: 96/ dim: 32/; s/depth: [26]/depth: 2/; s/head_dim: 32/head_dim: " \
    "8/; "                                                                                                             \
    "s/window_size: 7/window_size: 3/; s/mlp_ratio: 4/mlp_ratio: 2/; s/classes: 1000/classes: 10/"
#define BERT_EDITS                                                                                                     \
    "s/tokens: 128/tokens: 12/; s/dim: 768/dim: 24/; s/depth: 12/depth: 2/; s/heads: 12/heads: 3/; s/mlp_dim: "        \
    "3072/mlp_dim: "                                                                                                   \
    "48\\n  vocabulary: 20/"

static json_t *report(const char *name)
{
    char path[1200];
    json_error_t ignored;
    snprintf(path, sizeof path, "%s/%s/report.json", cli_dir(), name);
    json_t *read = json_load_file(path, 0, &ignored);
    ck_assert_ptr_nonnull(read);
    return read;
}

static json_int_t total(const char *name, const char *key)
{
    json_t *read = report(name);
    json_int_t value = json_integer_value(json_object_get(json_object_get(read, "totals"), key));
    json_decref(read);
    return value;
}

START_TEST(a_recorded_run_costs_what_the_executed_one_did)
{
    const char *dir = cli_dir();
    make_family("swin_tiny", SWIN_EDITS);
    igqsim("calibrate -w %s/family.yaml --images %s/net/images -g 4 -o %s/c.yaml", dir, dir, dir);
    accepted();
    igqsim("run -a configs/accelerators/igq_temporal.yaml -w %s/family.yaml -c %s/c.yaml --images %s/net/images -j 1 "
           "--record %s/t.safetensors --no-html -o %s/executed",
           dir, dir, dir, dir, dir);
    accepted();
    igqsim("run -a configs/accelerators/igq_temporal.yaml -w %s/family.yaml -c %s/c.yaml --trace %s/t.safetensors "
           "--no-html -o %s/traced",
           dir, dir, dir, dir);
    accepted();
    ck_assert_int_eq(total("executed", "cycles"), total("traced", "cycles"));
    ck_assert_int_eq(total("executed", "dram_bytes"), total("traced", "dram_bytes"));
    ck_assert_int_gt(total("executed", "cycles"), 0);
    igqsim("run -a configs/accelerators/igq_temporal.yaml -w %s/family.yaml -c %s/c.yaml --images %s/net/images -j 2 "
           "--no-html -o %s/two",
           dir, dir, dir, dir);
    accepted();
    ck_assert_int_eq(total("executed", "cycles"), total("two", "cycles"));
}
END_TEST

// Whole activations of a trace in full precision give the noise that a calibration on the same images promises.
START_TEST(whole_activations_of_all_attentions_are_read_back)
{
    const char *dir = cli_dir();
    make_family("swin_tiny", SWIN_EDITS);
    igqsim("trace -w %s/family.yaml --images %s/net/images --full -o %s/t.safetensors", dir, dir, dir);
    accepted();
    igqsim("calibrate -w %s/family.yaml --trace %s/t.safetensors -g 4 -o %s/c.yaml", dir, dir, dir);
    accepted();
    igqsim("run -a configs/accelerators/igq_temporal.yaml -w %s/family.yaml -c %s/c.yaml --trace %s/t.safetensors "
           "--no-html -o %s/traced",
           dir, dir, dir, dir);
    accepted();
    json_t *read = report("traced");
    size_t k;
    json_t *layer;
    int num = 0;
    json_array_foreach(json_object_get(read, "layers"), k, layer)
    {
        const char *name = json_string_value(json_object_get(layer, "name"));
        if (strstr(name, ".context") || strstr(name, ".qkv")) {
            ck_assert_msg(json_number_value(json_object_get(layer, "sqnr_db")) > 10, "%s", name);
            num++;
        }
    }
    ck_assert_int_eq(num, 2 * 8);
    json_decref(read);
}
END_TEST

// A file of the test's own with one tensor.
static void write_tensor(const char *name, const char *header, const void *data, size_t bytes)
{
    char path[1200];
    const long long length = (long long)strlen(header);
    snprintf(path, sizeof path, "%s/%s.safetensors", cli_dir(), name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fwrite(&length, 8, 1, file);
    fwrite(header, 1, (size_t)length, file);
    fwrite(data, 1, bytes, file);
    ck_assert_int_eq(fclose(file), 0);
}

// Token ids as 32-bit integers.
static void write_ids(void)
{
    int ids[24];
    for (int i = 0; i < 24; i++)
        ids[i] = i * 7 % 20;
    write_tensor("ids", "{\"input_ids\":{\"dtype\":\"I32\",\"shape\":[2,12],\"data_offsets\":[0,96]}}", ids,
                 sizeof ids);
}

START_TEST(text_is_calibrated_traced_and_executed)
{
    const char *dir = cli_dir();
    make_family("bert_base", BERT_EDITS);
    write_ids();
    igqsim("calibrate -w %s/family.yaml --inputs %s/ids.safetensors -g 4 -o %s/c.yaml", dir, dir, dir);
    accepted();
    igqsim("calibrate -w %s/family.yaml --inputs %s/ids.safetensors --allocate bops=g4 --iterations 4 --period 2 -j 1 "
           "-o %s/allocated.yaml",
           dir, dir, dir);
    accepted();
    igqsim("trace -w %s/family.yaml --inputs %s/ids.safetensors -o %s/t.safetensors", dir, dir, dir);
    accepted();
    igqsim("run -a configs/accelerators/igq_temporal.yaml -w %s/family.yaml -c %s/allocated.yaml --trace "
           "%s/t.safetensors --no-html -o %s/traced",
           dir, dir, dir, dir);
    accepted();
    igqsim("run -a configs/accelerators/igq_shared.yaml -w %s/family.yaml -c %s/c.yaml --inputs %s/ids.safetensors "
           "--scheme layerwise,igq,mx --no-html -o %s/schemes",
           dir, dir, dir, dir);
    accepted();
    // A calibration of another network is refused.
    igqsim("run -a configs/accelerators/igq_shared.yaml -w configs/workloads/bert_base.yaml -c %s/c.yaml --inputs "
           "%s/ids.safetensors",
           dir, dir);
    refused("c.yaml", "another network");
    igqsim("run -a configs/accelerators/igq_shared.yaml -w configs/workloads/bert_base.yaml -c %s/c.yaml --trace "
           "%s/t.safetensors",
           dir, dir);
    refused("yaml", "another network");
}
END_TEST

START_TEST(a_network_without_attention_is_calibrated_and_run)
{
    const char *dir = cli_dir();
    float x[36];
    for (int i = 0; i < 36; i++)
        x[i] = (float)(i * 7 % 20) - 9;
    write_tensor("x", "{\"x\":{\"dtype\":\"F32\",\"shape\":[1,1,6,6],\"data_offsets\":[0,144]}}", x, sizeof x);
    igqsim("calibrate -w tests/fuzz/onnx/conv.onnx --inputs %s/x.safetensors -o %s/plain.yaml", dir, dir);
    accepted();
    igqsim("run -a configs/accelerators/igq_temporal.yaml -w tests/fuzz/onnx/conv.onnx --inputs %s/x.safetensors -c "
           "%s/plain.yaml --no-html -o %s/plain",
           dir, dir, dir);
    accepted();
    ck_assert_int_eq(total("plain", "macs"), 168);
    ck_assert_int_eq(total("plain", "left_macs"), 8); // a convolution in groups
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph modes");
    TCase *tests = tcase_create("graph modes");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_test(tests, a_recorded_run_costs_what_the_executed_one_did);
    tcase_add_test(tests, whole_activations_of_all_attentions_are_read_back);
    tcase_add_test(tests, text_is_calibrated_traced_and_executed);
    tcase_add_test(tests, a_network_without_attention_is_calibrated_and_run);
    suite_add_tcase(suite, tests);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
