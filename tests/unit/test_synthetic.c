// SPDX-License-Identifier: Apache-2.0
#include "of_vit.h"
#include "synthetic.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <check.h>
#include "temp_dir.h"

enum { NUM_IMAGES = 40 };
static igq_workload workload;
static igq_network *network;
static igq_real_instance *instance[NUM_IMAGES];

static void draw_images(void)
{
    igq_error error;
    ck_assert_msg(igq_workload_load(&workload, "configs/workloads/deit_tiny.yaml", &error) == IGQ_OK, "%s",
                  error.message);
    igq_network_free(network);
    network = igq_workload_network(&workload);
    for (int i = 0; i < NUM_IMAGES; i++) {
        igq_real_instance_free(instance[i]);
        instance[i] = igq_real_instance_new(network);
        igq_synthetic_instance(instance[i], network, &workload.synthetic_ranges, i);
    }
}

static double log_width(const igq_real_range *range, int c)
{
    return log((double)range->hi[c] - (double)range->lo[c]);
}

// Standard deviations of ln(width) over channels (of their means) and over images (of a channel), of one layer.
static igq_range_spread measure(int linear)
{
    double sum = 0, squares = 0, within = 0;
    int C = vit_linear(&workload.shape, linear).C;
    for (int c = 0; c < C; c++) {
        double channel = 0, channel_squares = 0;
        for (int i = 0; i < NUM_IMAGES; i++) {
            double x = log_width(&instance[i]->linear[linear], c);
            channel += x / NUM_IMAGES;
            channel_squares += x * x / NUM_IMAGES;
        }
        sum += channel / C;
        squares += channel * channel / C;
        within += (channel_squares - channel * channel) * NUM_IMAGES / (NUM_IMAGES - 1) / C;
    }
    // The means still hold the images' part divided by their number.
    double between = squares - sum * sum - within / NUM_IMAGES;
    return (igq_range_spread){.channel_spread = sqrt(between > 0 ? between : 0), .instance_spread = sqrt(within)};
}

START_TEST(spreads_are_those_of_the_workload)
{
    draw_images();
    const igq_synthetic_ranges *ranges = &workload.synthetic_ranges;
    const igq_range_spread expected[4] = {ranges->qkv, ranges->proj, ranges->fc1, ranges->fc2};
    for (int kind = 0; kind < 4; kind++)
        for (int block = 0; block < 12; block += 11) {
            igq_range_spread measured = measure(1 + 4 * block + kind);
            double channel = expected[kind].channel_spread, own = expected[kind].instance_spread;
            ck_assert_double_eq_tol(measured.instance_spread, own, 0.05 * own); // 40 x 192 samples: 1 % standard error
            ck_assert_double_eq_tol(measured.channel_spread, channel, 0.2 * channel); // 192 samples: 5 %
        }
}
END_TEST

START_TEST(softmax_rows_begin_at_zero_and_stay_below_one)
{
    draw_images();
    int num_below = 0, num = 0;
    for (int h = 0; h < 36; h++) {
        const igq_real_range *rows = &instance[0]->softmax[h];
        for (int row = 0; row < rows->num; row++, num++) {
            ck_assert_float_eq(rows->lo[row], 0.0f);
            ck_assert(rows->hi[row] > 0.0f && rows->hi[row] <= 1.0f);
            num_below += (double)rows->hi[row] < workload.synthetic_ranges.softmax_median;
        }
    }
    ck_assert_double_eq_tol((double)num_below / num, 0.5, 0.03);
    workload.synthetic_ranges.softmax_median = 1;
    igq_synthetic_instance(instance[0], network, &workload.synthetic_ranges, 0);
    for (int row = 0; row < 197; row++)
        ck_assert_float_le(instance[0]->softmax[0].hi[row], 1.0f);
}
END_TEST

START_TEST(every_range_is_in_order)
{
    draw_images();
    for (int linear = 0; linear < vit_num_linear(&workload.shape); linear++)
        for (int c = 0; c < instance[1]->linear[linear].num; c++)
            ck_assert_float_lt(instance[1]->linear[linear].lo[c], instance[1]->linear[linear].hi[c]);
    for (int h = 0; h < 36; h++)
        for (int tensor = 0; tensor < 3; tensor++)
            ck_assert_float_lt(instance[1]->qkv[h].lo[tensor], instance[1]->qkv[h].hi[tensor]);
}
END_TEST

START_TEST(every_layer_of_every_family_has_ranges)
{
    static const char *const names[] = {"swin_tiny", "mask_rcnn_swin_tiny", "detr_resnet50", "bert_base"};
    for (int n = 0; n < 4; n++) {
        igq_error error;
        char path[128];
        snprintf(path, sizeof path, "configs/workloads/%s.yaml", names[n]);
        ck_assert_msg(igq_workload_load(&workload, path, &error) == IGQ_OK, "%s", error.message);
        igq_network *other = igq_workload_network(&workload);
        igq_real_instance *drawn = igq_real_instance_new(other);
        igq_synthetic_instance(drawn, other, &workload.synthetic_ranges, 0);
        for (int k = 0; k < other->num_layers; k++) {
            int linear = other->layer[k].linear;
            for (int c = 0; linear >= 0 && c < other->layer[k].C; c++)
                ck_assert_float_lt(drawn->linear[linear].lo[c], drawn->linear[linear].hi[c]);
        }
        for (int p = 0; p < other->num_softmax; p++)
            ck_assert_float_gt(drawn->softmax[p].hi[drawn->softmax[p].num - 1], 0);
        igq_real_instance_free(drawn);
        igq_network_free(other);
    }
}
END_TEST

START_TEST(an_image_is_the_same_whenever_it_is_drawn_and_another_is_not)
{
    draw_images();
    size_t bytes = (size_t)instance[0]->linear[1].num * sizeof(float);
    igq_real_instance *again = igq_real_instance_new(network);
    igq_synthetic_instance(again, network, &workload.synthetic_ranges, 3);
    ck_assert_mem_eq(again->linear[1].hi, instance[3]->linear[1].hi, bytes);
    ck_assert_mem_ne(again->linear[1].hi, instance[4]->linear[1].hi, bytes);
    workload.synthetic_ranges.seed++;
    igq_synthetic_instance(again, network, &workload.synthetic_ranges, 3);
    ck_assert_mem_ne(again->linear[1].hi, instance[3]->linear[1].hi, bytes);
    igq_real_instance_free(again);
}
END_TEST

START_TEST(without_spread_between_images_all_images_are_equal)
{
    draw_images();
    igq_synthetic_ranges *ranges = &workload.synthetic_ranges;
    ranges->fc1.instance_spread = 0;
    for (int i = 0; i < 2; i++)
        igq_synthetic_instance(instance[i], network, ranges, i);
    ck_assert_mem_eq(instance[0]->linear[3].hi, instance[1]->linear[3].hi, 192 * sizeof(float));
    ck_assert_mem_ne(instance[0]->linear[1].hi, instance[1]->linear[1].hi, 192 * sizeof(float));
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("synthetic", spreads_are_those_of_the_workload,
                            softmax_rows_begin_at_zero_and_stay_below_one, every_range_is_in_order,
                            every_layer_of_every_family_has_ranges,
                            an_image_is_the_same_whenever_it_is_drawn_and_another_is_not,
                            without_spread_between_images_all_images_are_equal);
}
