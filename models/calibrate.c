// SPDX-License-Identifier: Apache-2.0
#include "calibrate.h"
#include "fixed.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

const char *const igq_bounds_names[IGQ_BOUNDS_COUNT] = {[IGQ_BOUNDS_MEAN] = "mean", [IGQ_BOUNDS_EXTREME] = "extreme"};

enum { HEADROOM_BITS = 1 }; // of the grids: other images may be twice as large before they saturate

// Room for the samples of the largest layer: images x members.
typedef struct work {
    const igq_real_range **range; // (num_images) of the layer at hand
    int16_t *lo, *hi;
    int num_images;
} work;

static double max_abs(const igq_real_range *range)
{
    double largest = 0;
    for (int i = 0; i < range->num; i++) {
        if (-(double)range->lo[i] > largest)
            largest = -(double)range->lo[i];
        if (range->hi[i] > largest)
            largest = range->hi[i];
    }
    return largest;
}

static int common_exponent(const igq_real_range *const *range, int num)
{
    double largest = 0;
    for (int i = 0; i < num; i++)
        if (max_abs(range[i]) > largest)
            largest = max_abs(range[i]);
    return igq_grid_exponent(largest, HEADROOM_BITS);
}

// Samples of the layer, and the calibrated range of each member: the hull over images.
static void fill_samples(work *w, igq_group_bounds *bounds)
{
    int num = bounds->num_members;
    for (int image = 0; image < w->num_images; image++) {
        int16_t *lo = w->lo + (size_t)image * (size_t)num, *hi = w->hi + (size_t)image * (size_t)num;
        assert(w->range[image]->num == num);
        igq_to_fixed(lo, w->range[image]->lo, (size_t)num, bounds->exponent);
        igq_to_fixed(hi, w->range[image]->hi, (size_t)num, bounds->exponent);
        for (int m = 0; m < num; m++) {
            if (image == 0 || lo[m] < bounds->member_lo[m])
                bounds->member_lo[m] = lo[m];
            if (image == 0 || hi[m] > bounds->member_hi[m])
                bounds->member_hi[m] = hi[m];
        }
    }
}

static void calibrate_grouped(work *w, igq_group_bounds *bounds, const igq_calibrate_cfg *cfg)
{
    assert(cfg->num_groups <= bounds->num_members);
    bounds->bits = cfg->act_bits;
    bounds->num_groups = cfg->num_groups;
    fill_samples(w, bounds);
    igq_calibrate_groups(bounds->lower, bounds->upper, w->lo, w->hi, w->num_images * bounds->num_members,
                         cfg->num_groups, cfg->distance, cfg->max_iterations);
    bounds->covers = cfg->bounds == IGQ_BOUNDS_EXTREME;
    if (!bounds->covers)
        return;
    memcpy(bounds->cover_lower, bounds->lower, (size_t)cfg->num_groups * sizeof *bounds->lower);
    memcpy(bounds->cover_upper, bounds->upper, (size_t)cfg->num_groups * sizeof *bounds->upper);
    igq_cover_groups(bounds->cover_lower, bounds->cover_upper, w->lo, w->hi, w->num_images * bounds->num_members,
                     cfg->num_groups, cfg->distance);
}

// Patch embedding and head: one quantizer that covers everything.
static void calibrate_edge(work *w, igq_group_bounds *bounds, const igq_calibrate_cfg *cfg)
{
    bounds->bits = cfg->edge_bits;
    bounds->num_groups = 1;
    fill_samples(w, bounds);
    bounds->lower[0] = bounds->member_lo[0];
    bounds->upper[0] = bounds->member_hi[0];
    for (int m = 1; m < bounds->num_members; m++) {
        if (bounds->member_lo[m] < bounds->lower[0])
            bounds->lower[0] = bounds->member_lo[m];
        if (bounds->member_hi[m] > bounds->upper[0])
            bounds->upper[0] = bounds->member_hi[m];
    }
}

static void calibrate_linear(igq_calibration *calibration, int linear, work *w, igq_real_instance *const *instances,
                             const igq_calibrate_cfg *cfg)
{
    igq_linear_calibration *layer = &calibration->linear[linear];
    igq_layer_kind kind = igq_vit_linear_kind(&calibration->shape, linear);
    int is_edge = kind == IGQ_LAYER_PATCH_EMBED || kind == IGQ_LAYER_HEAD;
    for (int image = 0; image < w->num_images; image++)
        w->range[image] = &instances[image]->linear[linear];
    layer->act.exponent = common_exponent(w->range, w->num_images);
    layer->weight_bits = is_edge ? cfg->edge_bits : cfg->weight_bits;
    layer->weight_epsilon_pct = cfg->weight_epsilon_pct;
    if (is_edge)
        calibrate_edge(w, &layer->act, cfg);
    else
        calibrate_grouped(w, &layer->act, cfg);
}

// Widens [lower, upper] by one tensor (0 q, 1 k, 2 v) of one image; the first image starts it.
static void widen(int16_t *lower, int16_t *upper, const igq_real_range *qkv, int tensor, int exponent, int image)
{
    int16_t lo, hi;
    igq_to_fixed(&lo, &qkv->lo[tensor], 1, exponent);
    igq_to_fixed(&hi, &qkv->hi[tensor], 1, exponent);
    if (image == 0 || lo < *lower)
        *lower = lo;
    if (image == 0 || hi > *upper)
        *upper = hi;
}

static void calibrate_block_attention(igq_calibration *calibration, int block, work *w,
                                      igq_real_instance *const *instances, const igq_calibrate_cfg *cfg)
{
    int heads = calibration->shape.heads;
    double largest = 0;
    for (int image = 0; image < w->num_images; image++)
        for (int h = block * heads; h < (block + 1) * heads; h++)
            if (max_abs(&instances[image]->qkv[h]) > largest)
                largest = max_abs(&instances[image]->qkv[h]);
    int exponent = calibration->qkv_exponent[block] = igq_grid_exponent(largest, HEADROOM_BITS);
    for (int h = block * heads; h < (block + 1) * heads; h++) {
        igq_head_calibration *head = &calibration->head[h];
        for (int image = 0; image < w->num_images; image++) {
            const igq_real_range *qkv = &instances[image]->qkv[h];
            widen(&head->q_lower, &head->q_upper, qkv, 0, exponent, image);
            widen(&head->k_lower, &head->k_upper, qkv, 1, exponent, image);
            widen(&head->v_lower, &head->v_upper, qkv, 2, exponent, image);
            w->range[image] = &instances[image]->softmax[h];
        }
        calibrate_grouped(w, &head->softmax, cfg);
    }
}

igq_calibration *igq_calibrate(const igq_vit_shape *shape, igq_real_instance *const *instances, int num_images,
                               const igq_calibrate_cfg *cfg)
{
    assert(num_images >= 1);
    size_t members = (size_t)igq_vit_tokens(shape);
    for (int linear = 0; linear < igq_vit_num_linear(shape); linear++)
        if ((size_t)igq_vit_linear_channels(shape, linear) > members)
            members = (size_t)igq_vit_linear_channels(shape, linear);
    size_t samples = members * (size_t)num_images;
    igq_calibration *calibration = igq_calibration_new(shape, cfg->num_groups);
    work w = {.range = malloc((size_t)num_images * sizeof *w.range),
              .lo = malloc(samples * sizeof *w.lo),
              .hi = malloc(samples * sizeof *w.hi),
              .num_images = num_images};
    if (calibration && w.range && w.lo && w.hi) {
        calibration->attn_bits = cfg->attn_bits;
        calibration->num_images = num_images;
        for (int linear = 0; linear < igq_vit_num_linear(shape); linear++)
            calibrate_linear(calibration, linear, &w, instances, cfg);
        for (int block = 0; block < shape->depth; block++)
            calibrate_block_attention(calibration, block, &w, instances, cfg);
    } else {
        igq_calibration_free(calibration);
        calibration = NULL;
    }
    free(w.range);
    free(w.lo);
    free(w.hi);
    return calibration;
}
