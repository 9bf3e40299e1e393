// SPDX-License-Identifier: Apache-2.0
#include "of_vit.h"
#include "calibration_file.h"
#include <stdint.h>
#include <check.h>
#include "temp_dir.h"
#include "edited_file.h"

static const igq_workload small = {.name = "small",
                                   .shape = {.image_size = 4,
                                             .patch_size = 2,
                                             .image_channels = 1,
                                             .dim = 4,
                                             .depth = 2,
                                             .heads = 2,
                                             .mlp_dim = 6,
                                             .classes = 3,
                                             .prefix_tokens = 1,
                                             .layer_norm_epsilon = 1e-6}};
static igq_error error;
static uint32_t random_state = 1;

static int random_below(int limit)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (int)((random_state >> 8) % (uint32_t)limit);
}

static void fill(int16_t *lower, int16_t *upper, int num)
{
    for (int i = 0; i < num; i++) {
        lower[i] = (int16_t)(random_below(65536) - 32768);
        upper[i] = (int16_t)(lower[i] + random_below(32768 - lower[i]));
    }
}

static void fill_bounds(igq_group_bounds *bounds, int num_groups)
{
    bounds->bits = 2 + random_below(7);
    bounds->num_groups = num_groups;
    fill(bounds->lower, bounds->upper, num_groups);
    bounds->covers = random_below(2);
    if (bounds->covers)
        fill(bounds->cover_lower, bounds->cover_upper, num_groups);
    fill(bounds->member_lo, bounds->member_hi, bounds->num_members);
}

static igq_calibration *random_calibration(const igq_vit_shape *shape, int num_groups)
{
    igq_network *network = igq_vit_network(shape);
    igq_calibration *calibration = igq_calibration_new(network, num_groups);
    igq_network_free(network);
    ck_assert_ptr_nonnull(calibration);
    calibration->num_images = 4;
    calibration->attn_bits = 7;
    calibration->bounds_alpha = random_below(5) / 4.0;
    for (int i = 0; i < vit_num_linear(shape); i++) {
        calibration->linear[i].act.exponent = random_below(81) - 40;
        calibration->linear[i].weight_bits = 2 + random_below(7);
        calibration->linear[i].weight_groups = i % 2 ? random_below(5) : 0;
        calibration->linear[i].weight_epsilon_pct = random_below(1000) / 1000.0;
        fill_bounds(&calibration->linear[i].act, i == 0 ? 1 : num_groups);
    }
    for (int block = 0; block < shape->depth; block++)
        calibration->qkv_exponent[block] = random_below(81) - 40;
    for (int h = 0; h < shape->depth * shape->heads; h++) {
        igq_head_calibration *head = &calibration->head[h];
        fill(&head->q_lower, &head->q_upper, 1);
        fill(&head->k_lower, &head->k_upper, 1);
        fill(&head->v_lower, &head->v_upper, 1);
        fill_bounds(&head->softmax, num_groups);
    }
    return calibration;
}

static void assert_same_bounds(const igq_group_bounds *a, const igq_group_bounds *b)
{
    ck_assert_int_eq(a->exponent, b->exponent);
    ck_assert_int_eq(a->bits, b->bits);
    ck_assert_int_eq(a->num_groups, b->num_groups);
    ck_assert_int_eq(a->num_members, b->num_members);
    size_t groups = (size_t)a->num_groups * sizeof(int16_t), members = (size_t)a->num_members * sizeof(int16_t);
    ck_assert_mem_eq(a->lower, b->lower, groups);
    ck_assert_mem_eq(a->upper, b->upper, groups);
    ck_assert_int_eq(a->covers, b->covers);
    if (a->covers) {
        ck_assert_mem_eq(a->cover_lower, b->cover_lower, groups);
        ck_assert_mem_eq(a->cover_upper, b->cover_upper, groups);
    }
    ck_assert_mem_eq(a->member_lo, b->member_lo, members);
    ck_assert_mem_eq(a->member_hi, b->member_hi, members);
}

static void check_round_trip(const igq_workload *workload, int num_groups)
{
    igq_calibration *saved = random_calibration(&workload->shape, num_groups), *loaded;
    ck_assert_int_eq(igq_calibration_save(temp_path("c.yaml"), saved, workload, &error), IGQ_OK);
    ck_assert_msg(igq_calibration_load(&loaded, temp_path("c.yaml"), workload, &error) == IGQ_OK, "%s", error.message);
    ck_assert_int_eq(loaded->num_images, 4);
    ck_assert_int_eq(loaded->attn_bits, 7);
    ck_assert_double_eq(loaded->bounds_alpha, saved->bounds_alpha);
    for (int i = 0; i < vit_num_linear(&workload->shape); i++) {
        assert_same_bounds(&loaded->linear[i].act, &saved->linear[i].act);
        ck_assert_int_eq(loaded->linear[i].weight_bits, saved->linear[i].weight_bits);
        ck_assert_int_eq(loaded->linear[i].weight_groups, saved->linear[i].weight_groups);
        ck_assert_double_eq(loaded->linear[i].weight_epsilon_pct, saved->linear[i].weight_epsilon_pct);
    }
    size_t exponents = (size_t)workload->shape.depth * sizeof(int);
    ck_assert_mem_eq(loaded->qkv_exponent, saved->qkv_exponent, exponents);
    for (int h = 0; h < workload->shape.depth * workload->shape.heads; h++) {
        assert_same_bounds(&loaded->head[h].softmax, &saved->head[h].softmax);
        ck_assert_mem_eq(&loaded->head[h], &saved->head[h], offsetof(igq_head_calibration, v_upper) + sizeof(int16_t));
    }
    igq_calibration_free(saved);
    igq_calibration_free(loaded);
}

START_TEST(what_is_saved_is_loaded)
{
    igq_workload deit_tiny;
    check_round_trip(&small, 1);
    check_round_trip(&small, 4); // as many groups as channels
    ck_assert_int_eq(igq_workload_load(&deit_tiny, "configs/workloads/deit_tiny.yaml", &error), IGQ_OK);
    check_round_trip(&deit_tiny, 8);
}
END_TEST

START_TEST(the_same_calibration_gives_the_same_bytes)
{
    char *first, *second;
    size_t first_size, second_size;
    igq_calibration *calibration = random_calibration(&small.shape, 2);
    ck_assert_int_eq(igq_calibration_save(temp_path("a"), calibration, &small, &error), IGQ_OK);
    ck_assert_int_eq(igq_calibration_save(temp_path("b"), calibration, &small, &error), IGQ_OK);
    ck_assert_int_eq(igq_file_read(&first, &first_size, temp_path("a"), &error), IGQ_OK);
    ck_assert_int_eq(igq_file_read(&second, &second_size, temp_path("b"), &error), IGQ_OK);
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
    igq_calibration_free(calibration);
}
END_TEST

// Every number of the file is known: bounds -5..5, members -9..9, bits 4, exponents -3.
static void save_plain(void)
{
    igq_calibration *calibration = random_calibration(&small.shape, 2);
    for (int i = 0; i < vit_num_linear(&small.shape) + small.shape.depth * small.shape.heads; i++) {
        int linear = i < vit_num_linear(&small.shape);
        igq_group_bounds *bounds =
            linear ? &calibration->linear[i].act : &calibration->head[i - vit_num_linear(&small.shape)].softmax;
        bounds->bits = 4;
        bounds->covers = 0;
        for (int g = 0; g < bounds->num_groups; g++) {
            bounds->lower[g] = -5;
            bounds->upper[g] = 5;
        }
        for (int m = 0; m < bounds->num_members; m++) {
            bounds->member_lo[m] = -9;
            bounds->member_hi[m] = 9;
        }
        if (linear) {
            bounds->exponent = -3;
            calibration->linear[i].weight_bits = 4;
            calibration->linear[i].weight_epsilon_pct = 0.05;
        }
    }
    for (int h = 0; h < small.shape.depth * small.shape.heads; h++) {
        calibration->head[h].q_lower = -7;
        calibration->head[h].q_upper = 7;
    }
    ck_assert_int_eq(igq_calibration_save(temp_path("plain.yaml"), calibration, &small, &error), IGQ_OK);
    igq_calibration_free(calibration);
}

static igq_status load_edited(const char *old, const char *new)
{
    igq_calibration *loaded;
    return igq_calibration_load(&loaded, edited_file(temp_path("plain.yaml"), old, new), &small, &error);
}

START_TEST(the_calibration_of_another_network_is_refused)
{
    save_plain();
    ASSERT_REFUSED(load_edited("  dim: 4", "  dim: 8"), &error, "network.dim", "is 8", "another network (small)",
                   "workload small: 4", line_of(temp_path("plain.yaml"), "dim:"));
    ASSERT_REFUSED(load_edited("  depth: 2", "  depth: 12"), &error, "network.depth", "another network");
}
END_TEST

START_TEST(faulty_groups_are_refused)
{
    save_plain();
    ASSERT_REFUSED(load_edited("lower: [-5, -5]", "lower: [6, -5]"), &error, "linear[1].lower", "entry 0 is 6",
                   "lower <= upper", line_of(temp_path("edited.yaml"), "lower: [6"));
    ASSERT_REFUSED(load_edited("lower: [-5, -5]", "lower: [-5]"), &error, "linear[1].upper", "2 entries",
                   "lower has 1");
    ASSERT_REFUSED(
        load_edited("lower: [-5, -5]\n    upper: [5, 5]", "lower: [-5, -5, -5, -5, -5]\n    upper: [5, 5, 5, 5, 5]"),
        &error, "linear[1].lower", "5 groups for 4 members");
    ASSERT_REFUSED(load_edited("upper: [5, 5]", "upper: [5, 5]\n    cover_lower: [-6, -6]"), &error,
                   "linear[1]: cover_lower and cover_upper", "one entry each per group");
    ASSERT_REFUSED(load_edited("upper: [5, 5]", "upper: {a: 5, b: 5}"), &error, "linear[1].upper: must be a list");
    ASSERT_REFUSED(
        load_edited("upper: [5, 5]", "upper: [5, 5]\n    cover_lower: [1, 1]\n    cover_upper: {a: 1, b: 1}"), &error,
        "linear[1]: cover_lower and cover_upper", "one entry each per group");
    ASSERT_REFUSED(load_edited("upper: [5, 5]", "upper: [5, 5]\n    cover_lower: [7, -6]\n    cover_upper: [6, 6]"),
                   &error, "linear[1].cover_lower", "entry 0 is 7");
    ASSERT_REFUSED(load_edited("upper: [5, 5]", "upper: [5, 40000]"), &error, "linear[1].upper", "40000", "32767");
    ASSERT_REFUSED(load_edited("upper: [5, 5]", "upper: [5, x]"), &error, "linear[1].upper", "\"x\"");
    ASSERT_REFUSED(load_edited("upper: [5, 5]", "upper: []"), &error, "linear[1].upper", "has 0 entries", "1 to 64");
    char many[400] = "upper: [5";
    for (int i = 0; i < IGQ_MAX_GROUPS; i++)
        strcat(many, ", 5");
    strcat(many, "]");
    ASSERT_REFUSED(load_edited("upper: [5, 5]", many), &error, "linear[1].upper", "has 65 entries");
    ASSERT_REFUSED(load_edited("q: [-7, 7]", "q: [8, 7]"), &error, "blocks[0].heads[0].q", "lower <= upper");
}
END_TEST

START_TEST(faulty_member_ranges_are_refused)
{
    save_plain();
    const char *const good = "member_lo: \"-9 -9 -9 -9\"";
    ASSERT_REFUSED(load_edited(good, "member_lo: \"-9 -9 -9\""), &error, "linear[0].member_lo", "has 3 numbers", "4");
    ASSERT_REFUSED(load_edited(good, "member_lo: \"-9 -9 -9 -9 -9\""), &error, "linear[0].member_lo",
                   "after 4 numbers");
    ASSERT_REFUSED(load_edited(good, "member_lo: \"-9 -9 x -9\""), &error, "linear[0].member_lo", "after 2 numbers");
    ASSERT_REFUSED(load_edited(good, "member_lo: \"-9 -9  -9 -9\""), &error, "linear[0].member_lo", "after 2");
    ASSERT_REFUSED(load_edited(good, "member_lo: \"-9 32768 -9 -9\""), &error, "linear[0].member_lo", "after 1",
                   "32767");
    ASSERT_REFUSED(load_edited(good, "member_lo: \"-9 -9 -9 99999999999\""), &error, "after 3");
    ASSERT_REFUSED(load_edited(good, "member_lo: \"-9 10 -9 -9\""), &error, "member_lo", "entry 1 is 10");
    ASSERT_REFUSED(load_edited(good, "member_lo: \"\""), &error, "has 0 numbers");
}
END_TEST

START_TEST(faulty_keys_and_layers_are_refused)
{
    save_plain();
    ASSERT_REFUSED(load_edited("attn_bits: 7", "attn_bits: 9"), &error, "attn_bits", "9", "2 to 8");
    ASSERT_REFUSED(load_edited("  bits: 4", "  bits: 1"), &error, "linear[0].bits", "1", "2 to 8");
    ASSERT_REFUSED(load_edited("exponent: -3", "exponent: 41"), &error, "linear[0].exponent", "41", "-40 to 40");
    ASSERT_REFUSED(load_edited("name: b0.proj", "name: b1.proj"), &error, "linear[2].name", "b1.proj", "b0.proj",
                   line_of(temp_path("edited.yaml"), "name: b1.proj"));
    ASSERT_REFUSED(load_edited("    weight_bits: 4\n", ""), &error, "linear[0]", "weight_bits is missing");
    ASSERT_REFUSED(load_edited("    weight_bits: 4\n", "    weight_bits: 4\n    wait_bits: 4\n"), &error,
                   "linear[0].wait_bits", "unknown key", "allowed here: name",
                   line_of(temp_path("edited.yaml"), "wait_bits"));
    ASSERT_REFUSED(load_edited("    weight_bits: 4\n", "    weight_bits: 4\n    weight_groups: -1\n"), &error,
                   "linear[0].weight_groups", "-1", "0 to 16384");
    ASSERT_REFUSED(load_edited("blocks: #", "blocks: []\nblocks2: #"), &error, "blocks2", "unknown key");
    ASSERT_REFUSED(load_edited("weight_epsilon_pct: 0.05", "weight_epsilon_pct: 50"), &error,
                   "linear[0].weight_epsilon_pct", "50", "0 to 49");
}
END_TEST

START_TEST(files_that_are_not_plain_are_refused)
{
    save_plain();
    ASSERT_REFUSED(load_edited("attn_bits: 7", "attn_bits: &a 7"), &error, "attn_bits", "anchors",
                   line_of(temp_path("plain.yaml"), "attn_bits"));
    ASSERT_REFUSED(load_edited("attn_bits: 7", "attn_bits: \"7\\0\""), &error, "attn_bits", "control character");
    ASSERT_REFUSED(load_edited("attn_bits: 7", "attn_bits: \"7\\n\\e[2J\""), &error, "attn_bits: \"7 \\x1b[2J\"",
                   "line break");
    ASSERT_REFUSED(load_edited("attn_bits: 7", "attn_bits: 7\nattn_bits: 7"), &error, "attn_bits", "given twice");
    ASSERT_REFUSED(load_edited("attn_bits: 7", "attn_bits: [7]"), &error, "attn_bits", "must be a single value");
    ASSERT_REFUSED(load_edited("attn_bits: 7", ""), &error, "key attn_bits is missing");
    put_bytes(temp_path("raw.yaml"), "name: a\nb: 8\0 9\n", 16);
    igq_calibration *loaded;
    ASSERT_REFUSED(igq_calibration_load(&loaded, temp_path("raw.yaml"), &small, &error), &error,
                   ".yaml:2: ", "cannot be read as YAML");
}
END_TEST

START_TEST(too_few_layers_are_refused)
{
    char *text;
    size_t size;
    save_plain();
    ck_assert_int_eq(igq_file_read(&text, &size, temp_path("plain.yaml"), &error), IGQ_OK);
    char *last = strstr(text, "  - name: head"), *blocks = strstr(text, "\nblocks:");
    ck_assert(last != NULL && blocks != NULL);
    memmove(last, blocks, strlen(blocks) + 1);
    put_text(temp_path("short.yaml"), text);
    igq_calibration *loaded;
    ASSERT_REFUSED(igq_calibration_load(&loaded, temp_path("short.yaml"), &small, &error), &error, "linear",
                   "has 9 entries", "10");
    free(text);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_refused)
{
    igq_calibration *calibration = random_calibration(&small.shape, 2);
    put_text(temp_path("file"), "");
    ASSERT_REFUSED(igq_calibration_save(temp_path("file/c.yaml"), calibration, &small, &error), &error, "file/c.yaml",
                   "cannot write");
    igq_calibration_free(calibration);
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("calibration_file", what_is_saved_is_loaded, the_same_calibration_gives_the_same_bytes,
                            the_calibration_of_another_network_is_refused, faulty_groups_are_refused,
                            faulty_member_ranges_are_refused, faulty_keys_and_layers_are_refused,
                            files_that_are_not_plain_are_refused, too_few_layers_are_refused,
                            a_folder_that_cannot_be_written_is_refused);
}
