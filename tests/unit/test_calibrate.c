// SPDX-License-Identifier: Apache-2.0
#include "assign.h"
#include "calibrate.h"
#include "fixed.h"
#include "small_vit.h"
#include "of_vit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"

enum { MAX_SAMPLES = 1500 };

static int16_t lo[MAX_SAMPLES], hi[MAX_SAMPLES];

static void random_ranges(rng *random, int num)
{
    for (int i = 0; i < num; i++) {
        int width = 1 << rng_int(random, 0, 13);
        lo[i] = (int16_t)-rng_int(random, 0, width);
        hi[i] = (int16_t)rng_int(random, lo[i], width);
    }
}

static uint64_t total_distance(const int16_t *lower, const int16_t *upper, int num, int G, igq_distance distance)
{
    static uint16_t group[MAX_SAMPLES];
    uint64_t total = 0;
    igq_assign_ref(group, lo, hi, lower, upper, num, G, distance);
    for (int i = 0; i < num; i++)
        total += igq_assign_distance(lo[i], hi[i], lower[group[i]], upper[group[i]], distance);
    return total;
}

// Bounds are a fixed point of the alternation: the mean of the samples that are nearest to them.
START_TEST(bounds_are_the_means_of_their_samples)
{
    static uint16_t group[MAX_SAMPLES];
    rng random = {(uint64_t)_i + 1};
    int16_t lower[16], upper[16];
    int num = rng_int(&random, 600, MAX_SAMPLES), G = rng_int(&random, 1, 16);
    random_ranges(&random, num);
    int iterations = igq_calibrate_groups(lower, upper, lo, hi, num, G, IGQ_DISTANCE_L2, 10000, (igq_list_limit){0});
    ck_assert_int_lt(iterations, 10000);
    igq_assign_ref(group, lo, hi, lower, upper, num, G, IGQ_DISTANCE_L2);
    for (int g = 0; g < G; g++) {
        double sum_lo = 0, sum_hi = 0, count = 0;
        for (int i = 0; i < num; i++)
            if (group[i] == g) {
                sum_lo += lo[i];
                sum_hi += hi[i];
                count++;
            }
        ck_assert_double_gt(count, 0);
        ck_assert_int_eq(lower[g], (int)floor(sum_lo / count + 0.5));
        ck_assert_int_eq(upper[g], (int)floor(sum_hi / count + 0.5));
    }
}
END_TEST

/// The procedure again, from its description in calibrate.h, with all in plain arrays ///

typedef struct naive {
    int num, G;
    uint16_t group[MAX_SAMPLES];
    int16_t lower[16], upper[16];
} naive;

static uint64_t naive_distance(const naive *n, int sample, int g)
{
    return igq_assign_distance(lo[sample], hi[sample], n->lower[g], n->upper[g], IGQ_DISTANCE_L2);
}

static int naive_farthest(naive *n, int G)
{
    int farthest = 0;
    igq_assign_ref(n->group, lo, hi, n->lower, n->upper, n->num, G, IGQ_DISTANCE_L2);
    for (int i = 1; i < n->num; i++)
        if (naive_distance(n, i, n->group[i]) > naive_distance(n, farthest, n->group[farthest]))
            farthest = i;
    return farthest;
}

static void naive_set(naive *n, int g, int sample)
{
    n->lower[g] = lo[sample];
    n->upper[g] = hi[sample];
}

// Means of the groups in n->group; empty groups are out of reach until they take a sample.
static void naive_update(naive *n)
{
    int count[16] = {0};
    for (int g = 0; g < n->G; g++) {
        double sum_lo = 0, sum_hi = 0;
        for (int i = 0; i < n->num; i++)
            if (n->group[i] == g) {
                sum_lo += lo[i];
                sum_hi += hi[i];
                count[g]++;
            }
        n->lower[g] = (int16_t)(count[g] ? floor(sum_lo / count[g] + 0.5) : INT16_MIN);
        n->upper[g] = (int16_t)(count[g] ? floor(sum_hi / count[g] + 0.5) : INT16_MIN);
    }
    for (int g = 0; g < n->G; g++)
        if (count[g] == 0)
            naive_set(n, g, naive_farthest(n, n->G));
}

static uint64_t naive_alternate(naive *n)
{
    uint16_t before[MAX_SAMPLES];
    do {
        igq_assign_ref(n->group, lo, hi, n->lower, n->upper, n->num, n->G, IGQ_DISTANCE_L2);
        naive_update(n);
        memcpy(before, n->group, sizeof before);
        igq_assign_ref(n->group, lo, hi, n->lower, n->upper, n->num, n->G, IGQ_DISTANCE_L2);
    } while (memcmp(before, n->group, (size_t)n->num * sizeof *before) != 0);
    return total_distance(n->lower, n->upper, n->num, n->G, IGQ_DISTANCE_L2);
}

static void naive_farthest_first(naive *n)
{
    memset(n->group, 0, sizeof n->group);
    int G = n->G;
    n->G = 1;
    naive_update(n);
    naive_set(n, 0, naive_farthest(n, 1));
    for (n->G = 1; n->G < G; n->G++)
        naive_set(n, n->G, naive_farthest(n, n->G));
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void naive_quantiles(naive *n)
{
    static int width[MAX_SAMPLES];
    for (int i = 0; i < n->num; i++)
        width[i] = hi[i] - lo[i];
    qsort(width, (size_t)n->num, sizeof *width, by_value);
    for (int i = 0; i < n->num; i++)
        for (n->group[i] = 0; hi[i] - lo[i] > width[n->num * (n->group[i] + 1) / n->G - 1];)
            n->group[i]++;
    naive_update(n);
}

// Samples of few widths make quantiles fall together, so that groups start empty.
START_TEST(groups_are_those_of_the_described_procedure)
{
    static naive first, second;
    rng random = {(uint64_t)_i + 1000};
    int16_t lower[16], upper[16];
    first.num = second.num = rng_int(&random, 50, 300);
    first.G = second.G = rng_int(&random, 2, 16);
    for (int i = 0; i < first.num; i++) {
        lo[i] = (int16_t)-rng_int(&random, 0, 2000);
        hi[i] = (int16_t)(lo[i] + (_i % 2 ? 40 * rng_int(&random, 0, 2) : rng_int(&random, 0, 3000)));
    }
    igq_calibrate_groups(lower, upper, lo, hi, first.num, first.G, IGQ_DISTANCE_L2, 10000, (igq_list_limit){0});
    naive_farthest_first(&first);
    naive_quantiles(&second);
    const naive *winner = naive_alternate(&first) <= naive_alternate(&second) ? &first : &second;
    for (int g = 0; g < winner->G; g++) {
        int found = 0;
        for (int i = 0; i < winner->G; i++)
            found |= lower[i] == winner->lower[g] && upper[i] == winner->upper[g];
        ck_assert(found);
    }
}
END_TEST

START_TEST(groups_leave_ordered_by_width_then_lower_bound)
{
    rng random = {(uint64_t)_i + 100};
    int16_t lower[12], upper[12];
    random_ranges(&random, 400);
    igq_calibrate_groups(lower, upper, lo, hi, 400, 12, (igq_distance)(_i % IGQ_DISTANCE_COUNT), 300,
                         (igq_list_limit){0});
    for (int g = 1; g < 12; g++) {
        int width = upper[g] - lower[g], before = upper[g - 1] - lower[g - 1];
        ck_assert(before < width || (before == width && lower[g - 1] <= lower[g]));
    }
}
END_TEST

START_TEST(separate_clusters_are_found)
{
    static const int16_t center_lo[4] = {-10, -2000, 500, -9000}, center_hi[4] = {10, 100, 3000, 20000};
    rng random = {9};
    int16_t lower[4], upper[4];
    for (int i = 0; i < 400; i++) { // deviations of every cluster add up to zero
        int deviation = i % 8 < 4 ? rng_int(&random, 0, 5) : -(hi[i - 4] - center_hi[i % 4]);
        lo[i] = (int16_t)(center_lo[i % 4] - deviation);
        hi[i] = (int16_t)(center_hi[i % 4] + deviation);
    }
    igq_calibrate_groups(lower, upper, lo, hi, 400, 4, IGQ_DISTANCE_L2, 300, (igq_list_limit){0});
    ck_assert_mem_eq(lower, ((int16_t[4]){-10, -2000, 500, -9000}), sizeof lower);
    ck_assert_mem_eq(upper, ((int16_t[4]){10, 100, 3000, 20000}), sizeof upper);
}
END_TEST

START_TEST(means_round_half_up_on_both_sides_of_zero)
{
    int16_t lower, upper;
    lo[0] = -1, lo[1] = -2, hi[0] = 0, hi[1] = 1;
    igq_calibrate_groups(&lower, &upper, lo, hi, 2, 1, IGQ_DISTANCE_L2, 300, (igq_list_limit){0});
    ck_assert_int_eq(lower, -1); // -1.5
    ck_assert_int_eq(upper, 1);  // 0.5
}
END_TEST

START_TEST(few_distinct_samples_repeat_the_last_bounds)
{
    int16_t lower[5], upper[5];
    for (int i = 0; i < 30; i++) {
        lo[i] = i % 2 ? -3 : -100;
        hi[i] = i % 2 ? 4 : 0;
    }
    igq_calibrate_groups(lower, upper, lo, hi, 30, 5, IGQ_DISTANCE_L2, 300, (igq_list_limit){0});
    ck_assert_mem_eq(lower, ((int16_t[5]){-3, -100, -100, -100, -100}), sizeof lower);
    ck_assert_mem_eq(upper, ((int16_t[5]){4, 0, 0, 0, 0}), sizeof upper);
}
END_TEST

START_TEST(equal_samples_and_one_sample_work)
{
    int16_t lower[2], upper[2];
    lo[0] = lo[1] = lo[2] = 7, hi[0] = hi[1] = hi[2] = 7;
    igq_calibrate_groups(lower, upper, lo, hi, 3, 2, IGQ_DISTANCE_L2, 300, (igq_list_limit){0});
    ck_assert_int_eq(lower[0], 7);
    ck_assert_int_eq(upper[1], 7);
    igq_calibrate_groups(lower, upper, lo, hi, 1, 1, IGQ_DISTANCE_L1, 300, (igq_list_limit){0});
    ck_assert_int_eq(upper[0], 7);
}
END_TEST

START_TEST(more_groups_or_iterations_do_not_lose_in_l2)
{
    rng random = {5};
    int16_t lower[32], upper[32];
    uint64_t before = UINT64_MAX;
    random_ranges(&random, 1000);
    for (int G = 1; G <= 32; G *= 2) {
        igq_calibrate_groups(lower, upper, lo, hi, 1000, G, IGQ_DISTANCE_L2, 300, (igq_list_limit){0});
        uint64_t total = total_distance(lower, upper, 1000, G, IGQ_DISTANCE_L2);
        ck_assert_uint_lt(total, before);
        before = total;
    }
    ck_assert_int_eq(igq_calibrate_groups(lower, upper, lo, hi, 1000, 32, IGQ_DISTANCE_L2, 1, (igq_list_limit){0}), 1);
    ck_assert_uint_gt(total_distance(lower, upper, 1000, 32, IGQ_DISTANCE_L2), before);
}
END_TEST

/// A whole network ///

static igq_real_instance *collect(const small_vit *vit, const float *image)
{
    igq_range_collector collector = {.instance = real_instance_of_vit(&vit->shape)};
    igq_observer observer = igq_range_collector_observer(&collector);
    float logits[SMALL_VIT_CLASSES];
    vit_pass pass = vit_pass_new(&vit->weights, &vit->shape);
    vit_pass_fp32(logits, &pass, image, &observer);
    vit_pass_free(&pass);
    return collector.instance;
}

static const igq_calibrate_cfg cfg = {.num_groups = 3,
                                      .act_bits = 4,
                                      .weight_bits = 5,
                                      .attn_bits = 6,
                                      .edge_bits = 8,
                                      .weight_epsilon_pct = 0.05,
                                      .distance = IGQ_DISTANCE_L2,
                                      .max_iterations = 300};

START_TEST(collector_keeps_least_and_largest_of_each_tensor)
{
    igq_vit_shape shape = {.image_size = 4,
                           .patch_size = 2,
                           .image_channels = 1,
                           .dim = 4,
                           .depth = 1,
                           .heads = 2,
                           .mlp_dim = 2,
                           .classes = 2,
                           .prefix_tokens = 1};
    igq_range_collector collector = {.instance = real_instance_of_vit(&shape)};
    igq_observer observer = igq_range_collector_observer(&collector);
    float x[2 * 4] = {1, -2, 3, 0, 5, -7, 3, 0};
    const igq_layer qkv_layer = {.linear = 1, .T = 2, .C = 4};
    observer.linear_input(observer.context, &qkv_layer, x);
    const igq_real_range *linear = &collector.instance->linear[1];
    ck_assert_mem_eq(linear->lo, ((float[4]){1, -7, 3, 0}), sizeof(float[4]));
    ck_assert_mem_eq(linear->hi, ((float[4]){5, -2, 3, 0}), sizeof(float[4]));

    // Operands of two heads: queries, keys, values.
    static const float qkv[2][3][4] = {{{1, 2, 0, 2}, {5, 6, 5, 5}, {9, 10, -1, 0}},
                                       {{3, 4, 3, 9}, {7, 8, 8, 8}, {11, 12, 1, 2}}};
    const igq_layer scores = {.linear = -1, .T = 2, .C = 2, .O = 2, .heads = 2}, context = scores;
    for (int h = 0; h < 2; h++) {
        observer.attention_input(observer.context, &scores, h, IGQ_OPERAND_QUERY, qkv[h][0]);
        observer.attention_input(observer.context, &scores, h, IGQ_OPERAND_KEY, qkv[h][1]);
        observer.attention_input(observer.context, &context, h, IGQ_OPERAND_VALUE, qkv[h][2]);
    }
    const igq_real_range *head = collector.instance->qkv;
    ck_assert_mem_eq(head[0].lo, ((float[3]){0, 5, -1}), sizeof(float[3]));
    ck_assert_mem_eq(head[0].hi, ((float[3]){2, 6, 10}), sizeof(float[3]));
    ck_assert_mem_eq(head[1].lo, ((float[3]){3, 7, 1}), sizeof(float[3]));
    ck_assert_mem_eq(head[1].hi, ((float[3]){9, 8, 12}), sizeof(float[3]));

    float softmax[2][2][2] = {{{.25f, .75f}, {.5f, .5f}}, {{1, 0}, {.125f, .875f}}};
    for (int h = 0; h < 2; h++)
        observer.attention_input(observer.context, &context, h, IGQ_OPERAND_SOFTMAX, softmax[h][0]);
    const igq_real_range *rows = collector.instance->softmax;
    ck_assert_mem_eq(rows[0].lo, ((float[2]){.25f, .5f}), sizeof(float[2]));
    ck_assert_mem_eq(rows[1].hi, ((float[2]){1, .875f}), sizeof(float[2]));
    igq_real_instance_free(collector.instance);
}
END_TEST

START_TEST(grids_hold_the_largest_magnitude_with_one_bit_to_spare)
{
    small_vit *vit = small_vit_new(1, 1);
    igq_real_instance *instance = collect(vit, vit->image);
    igq_calibration *calibration = calibrate_vit(&vit->shape, &instance, 1, &cfg);
    for (int linear = 0; linear < vit_num_linear(&vit->shape); linear++) {
        const igq_group_bounds *act = &calibration->linear[linear].act;
        int largest = 0;
        for (int c = 0; c < act->num_members; c++) {
            largest = largest > -act->member_lo[c] ? largest : -act->member_lo[c];
            largest = largest > act->member_hi[c] ? largest : act->member_hi[c];
        }
        ck_assert_int_le(largest, 1 << 14);
        ck_assert_int_ge(largest, (1 << 13) - 1);
    }
    ck_assert_int_eq(calibration->head[0].softmax.exponent, IGQ_SOFTMAX_EXPONENT);
    igq_calibration_free(calibration);
    igq_real_instance_free(instance);
    small_vit_free(vit);
}
END_TEST

START_TEST(member_ranges_and_head_bounds_are_the_hull_over_images)
{
    small_vit *vit = small_vit_new(2, 1), *other = small_vit_new(3, 1);
    igq_real_instance *instance[2] = {collect(vit, vit->image), collect(vit, other->image)};
    igq_calibration *calibration = calibrate_vit(&vit->shape, instance, 2, &cfg);
    ck_assert_int_eq(calibration->num_images, 2);
    for (int linear = 0; linear < vit_num_linear(&vit->shape); linear++) {
        const igq_group_bounds *act = &calibration->linear[linear].act;
        for (int c = 0; c < act->num_members; c++) {
            float least = fminf(instance[0]->linear[linear].lo[c], instance[1]->linear[linear].lo[c]);
            float largest = fmaxf(instance[0]->linear[linear].hi[c], instance[1]->linear[linear].hi[c]);
            int16_t expected[2];
            igq_to_fixed_ref(&expected[0], &least, 1, act->exponent);
            igq_to_fixed_ref(&expected[1], &largest, 1, act->exponent);
            ck_assert_int_eq(act->member_lo[c], expected[0]);
            ck_assert_int_eq(act->member_hi[c], expected[1]);
        }
    }
    for (int h = 0; h < vit->shape.depth * vit->shape.heads; h++) {
        float least = fminf(instance[0]->qkv[h].lo[1], instance[1]->qkv[h].lo[1]);
        float largest = fmaxf(instance[0]->qkv[h].hi[2], instance[1]->qkv[h].hi[2]);
        int16_t expected[2];
        int exponent = calibration->qkv_exponent[h / vit->shape.heads];
        igq_to_fixed_ref(&expected[0], &least, 1, exponent);
        igq_to_fixed_ref(&expected[1], &largest, 1, exponent);
        ck_assert_int_eq(calibration->head[h].k_lower, expected[0]);
        ck_assert_int_eq(calibration->head[h].v_upper, expected[1]);
    }
    igq_calibration_free(calibration);
    igq_real_instance_free(instance[0]);
    igq_real_instance_free(instance[1]);
    small_vit_free(vit);
    small_vit_free(other);
}
END_TEST

START_TEST(edge_layers_get_one_group_and_their_own_bits)
{
    small_vit *vit = small_vit_new(4, 1);
    igq_real_instance *instance = collect(vit, vit->image);
    igq_calibration *calibration = calibrate_vit(&vit->shape, &instance, 1, &cfg);
    int num_linear = vit_num_linear(&vit->shape);
    for (int linear = 0; linear < num_linear; linear++) {
        const igq_linear_calibration *layer = &calibration->linear[linear];
        int is_edge = linear == 0 || linear == num_linear - 1;
        ck_assert_int_eq(layer->act.num_groups, is_edge ? 1 : 3);
        ck_assert_int_eq(layer->act.bits, is_edge ? 8 : 4);
        ck_assert_int_eq(layer->weight_bits, is_edge ? 8 : 5);
        int least = INT16_MAX, largest = INT16_MIN;
        for (int c = 0; c < layer->act.num_members; c++) {
            least = layer->act.member_lo[c] < least ? layer->act.member_lo[c] : least;
            largest = layer->act.member_hi[c] > largest ? layer->act.member_hi[c] : largest;
        }
        if (is_edge) {
            ck_assert_int_eq(layer->act.lower[0], least);
            ck_assert_int_eq(layer->act.upper[0], largest);
        }
    }
    ck_assert_int_eq(calibration->attn_bits, 6);
    ck_assert_int_eq(calibration->head[5].softmax.num_groups, 3);
    ck_assert_int_eq(calibration->head[5].softmax.bits, 4);
    igq_calibration_free(calibration);
    igq_real_instance_free(instance);
    small_vit_free(vit);
}
END_TEST

START_TEST(extreme_bounds_cover_the_samples_nearest_to_each_group)
{
    // Nearest to (-10, 10): samples 0, 1, 3; to (-50, 50): 2; to (-400, 400): none.
    const int16_t least[] = {-10, -5, -60, -20}, largest[] = {8, 15, 40, 9};
    int16_t lower[] = {-10, -50, -400}, upper[] = {10, 50, 400};
    const int16_t covering_lower[] = {-20, -60, -400}, covering_upper[] = {15, 40, 400};
    igq_cover_groups(lower, upper, least, largest, 4, 3, IGQ_DISTANCE_L2, (igq_list_limit){0});
    ck_assert_mem_eq(lower, covering_lower, sizeof lower);
    ck_assert_mem_eq(upper, covering_upper, sizeof upper);
}
END_TEST

START_TEST(bounds_between_mean_and_extreme_are_so_far_from_both)
{
    small_vit *vit = small_vit_new(4, 1);
    igq_real_instance *instance = collect(vit, vit->image);
    igq_calibrate_cfg halfway = cfg, extreme = cfg;
    halfway.bounds_alpha = 0.5;
    extreme.bounds = IGQ_BOUNDS_EXTREME;
    igq_calibration *mean = calibrate_vit(&vit->shape, &instance, 1, &cfg),
                    *half = calibrate_vit(&vit->shape, &instance, 1, &halfway),
                    *all = calibrate_vit(&vit->shape, &instance, 1, &extreme);
    ck_assert_double_eq(mean->bounds_alpha, 0);
    ck_assert_double_eq(half->bounds_alpha, 0.5);
    ck_assert_double_eq(all->bounds_alpha, 1);
    const igq_group_bounds *act = &half->linear[1].act, *widest = &all->linear[1].act;
    ck_assert(!mean->linear[1].act.covers && act->covers);
    ck_assert(!half->linear[0].act.covers); // not grouped
    for (int g = 0; g < act->num_groups; g++) {
        ck_assert_int_eq(act->lower[g], mean->linear[1].act.lower[g]); // which assign
        ck_assert_int_eq(act->cover_lower[g], (act->lower[g] + widest->cover_lower[g] + 1) >> 1);
        ck_assert_int_eq(act->cover_upper[g], (act->upper[g] + widest->cover_upper[g] + 1) >> 1);
    }
    igq_calibration_free(mean);
    igq_calibration_free(half);
    igq_calibration_free(all);
    igq_real_instance_free(instance);
    small_vit_free(vit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calibrate");
    TCase *groups = tcase_create("groups"), *network = tcase_create("network");
    tcase_add_loop_test(groups, bounds_are_the_means_of_their_samples, 0, 20);
    tcase_add_loop_test(groups, groups_are_those_of_the_described_procedure, 0, 60);
    tcase_add_loop_test(groups, groups_leave_ordered_by_width_then_lower_bound, 0, 6);
    tcase_add_test(groups, separate_clusters_are_found);
    tcase_add_test(groups, extreme_bounds_cover_the_samples_nearest_to_each_group);
    tcase_add_test(groups, means_round_half_up_on_both_sides_of_zero);
    tcase_add_test(groups, few_distinct_samples_repeat_the_last_bounds);
    tcase_add_test(groups, equal_samples_and_one_sample_work);
    tcase_add_test(groups, more_groups_or_iterations_do_not_lose_in_l2);
    tcase_add_test(network, collector_keeps_least_and_largest_of_each_tensor);
    tcase_add_test(network, grids_hold_the_largest_magnitude_with_one_bit_to_spare);
    tcase_add_test(network, member_ranges_and_head_bounds_are_the_hull_over_images);
    tcase_add_test(network, edge_layers_get_one_group_and_their_own_bits);
    tcase_add_test(network, bounds_between_mean_and_extreme_are_so_far_from_both);
    suite_add_tcase(suite, groups);
    suite_add_tcase(suite, network);
    return run_suite(suite);
}
