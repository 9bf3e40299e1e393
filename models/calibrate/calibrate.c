// SPDX-License-Identifier: Apache-2.0
#include "calibrate.h"
#include "assign.h"
#include "fixed.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const igq_bounds_names[IGQ_BOUNDS_COUNT] = {[IGQ_BOUNDS_MEAN] = "mean", [IGQ_BOUNDS_EXTREME] = "extreme"};

enum { HEADROOM_BITS = 1 }; // of the grids: other images may be twice as large before they saturate

// Room for the samples of the largest layer: images x windows x members.
typedef struct work {
    const igq_real_range **range; // (num_ranges) of the members at hand: of each image and window
    int num_ranges;
    int16_t *lo, *hi;
} work;

typedef struct image_ranges {
    igq_real_instance *const *instance; // (num)
    int num;
} image_ranges;

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

// Samples of the layer, and the calibrated range of each member: the hull over images and windows.
static void fill_samples(work *w, igq_group_bounds *bounds)
{
    int num = bounds->num_members;
    for (int r = 0; r < w->num_ranges; r++) {
        int16_t *lo = w->lo + (size_t)r * (size_t)num, *hi = w->hi + (size_t)r * (size_t)num;
        assert(w->range[r]->num == num);
        igq_to_fixed(lo, w->range[r]->lo, (size_t)num, bounds->exponent);
        igq_to_fixed(hi, w->range[r]->hi, (size_t)num, bounds->exponent);
        for (int m = 0; m < num; m++) {
            if (r == 0 || lo[m] < bounds->member_lo[m])
                bounds->member_lo[m] = lo[m];
            if (r == 0 || hi[m] > bounds->member_hi[m])
                bounds->member_hi[m] = hi[m];
        }
    }
}

// How far bounds lie from the mean to the extreme.
static double alpha_of(const igq_calibrate_cfg *cfg)
{
    return cfg->bounds == IGQ_BOUNDS_EXTREME ? 1 : cfg->bounds_alpha;
}

static int16_t between(int16_t mean, int16_t extreme, double alpha)
{
    return (int16_t)igq_round(mean + alpha * (extreme - mean));
}

static void calibrate_grouped(work *w, igq_group_bounds *bounds, const igq_calibrate_cfg *cfg)
{
    int num_groups = cfg->num_groups < bounds->num_members ? cfg->num_groups : bounds->num_members;
    int num_samples = w->num_ranges * bounds->num_members;
    bounds->bits = cfg->act_bits;
    bounds->num_groups = num_groups;
    fill_samples(w, bounds);
    igq_list_limit limit = {bounds->num_members, igq_list_capacity(bounds->num_members, num_groups,
                                                                   cfg->group_capacity_pct, cfg->capacity_multiple)};
    igq_calibrate_groups(bounds->lower, bounds->upper, w->lo, w->hi, num_samples, num_groups, cfg->distance,
                         cfg->max_iterations, limit);
    double alpha = alpha_of(cfg);
    bounds->covers = alpha > 0;
    if (!bounds->covers)
        return;
    memcpy(bounds->cover_lower, bounds->lower, (size_t)num_groups * sizeof *bounds->lower);
    memcpy(bounds->cover_upper, bounds->upper, (size_t)num_groups * sizeof *bounds->upper);
    igq_cover_groups(bounds->cover_lower, bounds->cover_upper, w->lo, w->hi, num_samples, num_groups, cfg->distance,
                     limit);
    for (int g = 0; g < num_groups; g++) {
        bounds->cover_lower[g] = between(bounds->lower[g], bounds->cover_lower[g], alpha);
        bounds->cover_upper[g] = between(bounds->upper[g], bounds->cover_upper[g], alpha);
    }
}

// One quantizer that covers everything: patch embedding, head, and all else that is not grouped.
static void calibrate_whole(work *w, igq_group_bounds *bounds, int bits)
{
    bounds->bits = bits;
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

static void calibrate_linear(igq_linear_calibration *out, const igq_layer *layer, work *w, const image_ranges *images,
                             const igq_calibrate_cfg *cfg)
{
    int is_edge = igq_layer_kind_is_edge(layer->kind);
    w->num_ranges = images->num;
    for (int i = 0; i < images->num; i++)
        w->range[i] = &images->instance[i]->linear[layer->linear];
    out->act.exponent = common_exponent(w->range, w->num_ranges);
    out->weight_bits = is_edge ? cfg->edge_bits : cfg->weight_bits;
    out->weight_groups = is_edge ? 0 : cfg->weight_groups;
    out->weight_epsilon_pct = cfg->weight_epsilon_pct;
    if (igq_layer_kind_is_grouped(layer->kind))
        calibrate_grouped(w, &out->act, cfg);
    else
        calibrate_whole(w, &out->act, is_edge ? cfg->edge_bits : cfg->act_bits);
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

// 1 if a context layer is `whole`, or a part of the prompt's attention that shares its quantizers of q, k and v.
static int is_part(const igq_layer *layer, const igq_layer *whole, const igq_network *network)
{
    return layer == whole || (layer->kind == IGQ_LAYER_CONTEXT && layer->step == 0 && layer->like >= 0 &&
                              &network->layer[layer->like] == whole);
}

static void calibrate_qkv(igq_calibration *calibration, const igq_layer *whole, const igq_network *network,
                          const image_ranges *images)
{
    double largest = 0;
    for (int pass = 0, exponent = 0; pass < 2; pass++) {
        int seen = 0;
        for (int k = 0; k < network->num_layers; k++) {
            const igq_layer *layer = &network->layer[k];
            if (!is_part(layer, whole, network))
                continue;
            for (int i = 0; i < images->num; i++, seen++)
                for (int h = 0; h < whole->heads; h++) {
                    const igq_real_range *qkv = &images->instance[i]->qkv[layer->first_head + h];
                    igq_head_calibration *out = &calibration->head[whole->first_head + h];
                    largest = fmax(largest, max_abs(qkv));
                    if (pass == 0)
                        continue;
                    widen(&out->q_lower, &out->q_upper, qkv, 0, exponent, seen);
                    widen(&out->k_lower, &out->k_upper, qkv, 1, exponent, seen);
                    widen(&out->v_lower, &out->v_upper, qkv, 2, exponent, seen);
                }
        }
        exponent = calibration->qkv_exponent[whole->attention] = igq_grid_exponent(largest, HEADROOM_BITS);
    }
}

static void calibrate_softmax(igq_group_bounds *out, const igq_layer *context, int h, work *w,
                              const image_ranges *images, const igq_calibrate_cfg *cfg)
{
    w->num_ranges = 0;
    for (int i = 0; i < images->num; i++)
        for (int p = h; p < context->products; p += context->heads)
            w->range[w->num_ranges++] = &images->instance[i]->softmax[context->first_product + p];
    calibrate_grouped(w, out, cfg);
}

static void calibrate_attention(igq_calibration *calibration, const igq_layer *context, const igq_network *network,
                                work *w, const image_ranges *images, const igq_calibrate_cfg *cfg)
{
    if (context->like < 0)
        calibrate_qkv(calibration, context, network, images);
    for (int h = 0; h < context->heads; h++)
        calibrate_softmax(&calibration->head[context->first_head + h].softmax, context, h, w, images, cfg);
}

/// Layers that are like others ///

// Rows of a later token are quantized as those of the last token of the prompt, in as many parts as heads share a
// product.
static void copy_softmax(igq_group_bounds *bounds, const igq_group_bounds *from)
{
    int tokens = from->num_members / bounds->num_members;
    int16_t *lo = bounds->member_lo, *hi = bounds->member_hi;
    int num = bounds->num_members;
    *bounds = *from; // the groups are theirs
    bounds->num_members = num;
    bounds->member_lo = lo;
    bounds->member_hi = hi;
    for (int m = 0; m < num; m++) {
        lo[m] = from->member_lo[m * tokens + tokens - 1];
        hi[m] = from->member_hi[m * tokens + tokens - 1];
    }
}

static void copy_attention(igq_calibration *calibration, const igq_layer *context, const igq_layer *from)
{
    calibration->qkv_exponent[context->attention] = calibration->qkv_exponent[from->attention];
    for (int h = 0; h < context->heads; h++) {
        igq_head_calibration *head = &calibration->head[context->first_head + h], own = *head;
        const igq_head_calibration *other = &calibration->head[from->first_head + h];
        *head = *other;
        head->softmax = own.softmax;
        if (context->step > 0)
            copy_softmax(&head->softmax, &other->softmax);
    }
}

static void copy_likes(igq_calibration *calibration, const igq_network *network)
{
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k], *from = layer->like >= 0 ? &network->layer[layer->like] : NULL;
        if (from && layer->linear >= 0)
            calibration->linear[layer->linear] = calibration->linear[from->linear];
        else if (from && layer->kind == IGQ_LAYER_CONTEXT)
            copy_attention(calibration, layer, from);
    }
}

/// All ///

// Room for the most ranges and samples that a layer has.
static int work_init(work *w, const igq_network *network, int num_images)
{
    size_t ranges = 1, samples = 1;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        size_t windows = layer->kind == IGQ_LAYER_CONTEXT ? (size_t)(layer->products / layer->heads) : 1;
        size_t members = windows * (size_t)(layer->linear >= 0 ? layer->C : layer->T);
        ranges = windows > ranges ? windows : ranges;
        samples = members > samples ? members : samples;
    }
    *w = (work){.range = malloc(ranges * (size_t)num_images * sizeof *w->range),
                .lo = malloc(samples * (size_t)num_images * sizeof *w->lo),
                .hi = malloc(samples * (size_t)num_images * sizeof *w->hi)};
    return w->range && w->lo && w->hi;
}

igq_calibration *igq_calibrate(const igq_network *network, igq_real_instance *const *instances, int num_images,
                               const igq_calibrate_cfg *cfg)
{
    assert(num_images >= 1);
    const image_ranges all = {instances, num_images};
    work w;
    igq_calibration *calibration = igq_calibration_new(network, cfg->num_groups);
    if (work_init(&w, network, num_images) && calibration) {
        calibration->attn_bits = cfg->attn_bits;
        calibration->num_images = num_images;
        calibration->bounds_alpha = alpha_of(cfg);
        for (int k = 0; k < network->num_layers; k++) {
            const igq_layer *layer = &network->layer[k];
            if (layer->step > 0)
                continue;
            if (layer->linear >= 0)
                calibrate_linear(&calibration->linear[layer->linear], layer, &w, &all, cfg);
            else if (layer->kind == IGQ_LAYER_CONTEXT)
                calibrate_attention(calibration, layer, network, &w, &all, cfg);
        }
        copy_likes(calibration, network);
    } else {
        igq_calibration_free(calibration);
        calibration = NULL;
    }
    free(w.range);
    free(w.lo);
    free(w.hi);
    return calibration;
}
