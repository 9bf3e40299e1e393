// SPDX-License-Identifier: Apache-2.0
#include "workload_file.h"
#include <stdint.h>
#include <check.h>
#include "temp_dir.h"
#include "edited_file.h"

#define GOOD "configs/workloads/deit_tiny.yaml"
static igq_error error;
static igq_workload workload;

static igq_status load(const char *path)
{
    return igq_workload_load(&workload, path, &error);
}
static igq_status load_edited(const char *old, const char *new)
{
    return load(edited_file(GOOD, old, new));
}

START_TEST(the_deit_family_has_its_published_shapes)
{
    const char *const names[] = {"deit_tiny", "deit_small", "deit_base"};
    for (int i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "configs/workloads/%s.yaml", names[i]);
        ck_assert_msg(load(path) == IGQ_OK, "%s", error.message);
        ck_assert_str_eq(workload.name, names[i]);
        ck_assert_int_eq(workload.shape.dim, 192 << i);
        ck_assert_int_eq(workload.shape.heads, 3 << i);
        ck_assert_int_eq(workload.shape.mlp_dim, 768 << i);
        ck_assert_int_eq(workload.shape.depth, 12);
        ck_assert_int_eq(igq_vit_tokens(&workload.shape), 197);
    }
}
END_TEST

START_TEST(values_arrive_in_their_members)
{
    ck_assert_int_eq(load(GOOD), IGQ_OK);
    ck_assert_double_eq(workload.shape.layer_norm_epsilon, 1e-6);
    ck_assert_double_eq(workload.preprocess.crop_pct, 0.9);
    ck_assert_double_eq(workload.preprocess.mean[2], 0.406);
    ck_assert_double_eq(workload.preprocess.std[0], 0.229);
    ck_assert_int_eq(workload.precision.attn_bits, 8);
    ck_assert_double_eq(workload.precision.weight_epsilon_pct, 0.05);
    ck_assert_double_eq(workload.synthetic_ranges.fc2.instance_spread, 0.624);
    ck_assert_double_eq(workload.synthetic_ranges.softmax_median, 0.147);
    json_t *echo = igq_workload_to_json(&workload);
    json_t *mean = json_object_get(json_object_get(echo, "preprocess"), "mean");
    ck_assert_double_eq(json_real_value(json_array_get(mean, 1)), 0.456);
    json_decref(echo);
}
END_TEST

START_TEST(faulty_lists_are_refused)
{
    ASSERT_REFUSED(load_edited("[0.485, 0.456, 0.406]", "[0.485, 0.456]"), &error, "preprocess.mean",
                   "three numbers, not 2", line_of(GOOD, "mean:"));
    ASSERT_REFUSED(load_edited("[0.485, 0.456, 0.406]", "[0.485, 0.456, 0.406, 1]"), &error, "preprocess.mean",
                   "three numbers, not 4");
    ASSERT_REFUSED(load_edited("[0.485, 0.456, 0.406]", "0.485"), &error, "preprocess.mean", "list");
    ASSERT_REFUSED(load_edited("0.456", "red"), &error, "preprocess.mean", "\"red\"", "-10 to 10");
}
END_TEST

START_TEST(faulty_numbers_are_refused)
{
    ASSERT_REFUSED(load_edited("crop_pct: 0.9", "crop_pct: nan"), &error, "crop_pct", "\"nan\"", "0.1 to 1");
    ASSERT_REFUSED(load_edited("crop_pct: 0.9", "crop_pct: 1.01"), &error, "crop_pct", "1.01", "0.1 to 1");
    ASSERT_REFUSED(load_edited("crop_pct: 0.9", "crop_pct: 0x1p-1"), &error, "crop_pct", "not a number");
    ASSERT_REFUSED(load_edited("crop_pct: 0.9", "crop_pct: 1e999"), &error, "crop_pct", "out of range");
    ASSERT_REFUSED(load_edited("act_bits: 4", "act_bits: 9"), &error, "precision.act_bits", "9", "2 to 8");
}
END_TEST

START_TEST(the_family_says_which_keys_there_are)
{
    static const char *const swin = "configs/workloads/swin_tiny.yaml", *const bert =
                                                                            "configs/workloads/bert_base.yaml";
    ASSERT_REFUSED(load_edited("family: vit", "family: cnn"), &error, "network.family", "\"cnn\"",
                   "vit, swin, mask_rcnn, detr, bert, llama, gpt2", line_of(GOOD, "family"));
    ASSERT_REFUSED(load_edited("  family: vit", "# none"), &error, "network", "key family is missing");
    ASSERT_REFUSED(load_edited("family: vit", "family: bert"), &error, "network.image_size", "unknown key", "tokens");
    ASSERT_REFUSED(load(edited_file(swin, "head_dim: 32", "head_dim: 36")), &error, "network.dim", "96",
                   "multiples of network.head_dim", "36", line_of(swin, "dim:"));
    ASSERT_REFUSED(load(edited_file(swin, "  window_size: 7", "  patch_sise: 7")), &error, "network.patch_sise",
                   "unknown key");
    ASSERT_REFUSED(load(edited_file(swin, "stage3_depth: 6", "stage3_depth: 0")), &error, "network.stage3_depth", "0",
                   "1 to 64");
    ASSERT_REFUSED(load(edited_file(swin, "  dim: 96", "  dim: 1024")), &error, "network.mlp_ratio", "32768");
    ASSERT_REFUSED(load(edited_file(bert, "heads: 12", "heads: 7")), &error, "network.dim", "768", "7");
    ASSERT_REFUSED(load(edited_file(bert, "tokens: 128", "tokens: 20000")), &error, "network.tokens", "16384");
}
END_TEST

START_TEST(shapes_that_do_not_divide_are_refused)
{
    ASSERT_REFUSED(load_edited("patch_size: 16", "patch_size: 15"), &error, "network.patch_size", "15", "224",
                   line_of(GOOD, "patch_size"));
    ASSERT_REFUSED(load_edited("heads: 3", "heads: 5"), &error, "network.dim", "192", "multiples", "5");
    ASSERT_REFUSED(load_edited("patch_size: 16", "patch_size: 112"), &error, "network.patch_size", "37632");
    ASSERT_REFUSED(load_edited("image_size: 224", "image_size: 4096"), &error, "network.image_size", "65537", "16384");
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("workload_file", the_deit_family_has_its_published_shapes, values_arrive_in_their_members,
                            the_family_says_which_keys_there_are, faulty_lists_are_refused, faulty_numbers_are_refused,
                            shapes_that_do_not_divide_are_refused);
}
