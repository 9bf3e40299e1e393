// SPDX-License-Identifier: Apache-2.0
#include "synthetic.h"
#include "elementary.h"
#include <assert.h>
#include <math.h>
#include <stdint.h>

// splitmix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
static uint64_t next_bits(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// Standard normal to a good approximation: twelve uniform numbers have variance 1, and their sum needs no libm.
static double next_normal(uint64_t *state)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (double)(next_bits(state) >> 11) * 0x1p-53;
    return sum;
}

// Where a channel's range lies: it begins at -share * width. GELU's output (fc2) begins at its minimum instead. Median
// width and the channels' spread of the share around 1/2, fitted by tools/fit_ranges.sh.
typedef struct placement {
    double median_width;
    double share_spread;
} placement;
static const placement around_zero[IGQ_LAYER_KIND_COUNT] = {
    [IGQ_LAYER_QKV] = {4.59, 0.06},
    [IGQ_LAYER_PROJ] = {0.84, 0.25},
    [IGQ_LAYER_FC1] = {5.76, 0.09},
    [IGQ_LAYER_FC2] = {0.68, 0},
};
#define GELU_MINIMUM (-0.17)

// Two streams of random numbers: one that every image begins anew, and one of this image alone.
typedef struct streams {
    uint64_t channel, instance;
} streams;

enum { CHUNK = 64 }; // members that are drawn at once

// Factors of up to CHUNK members. Of each, `share` (unless NULL) is drawn from the stream of the channels after it.
// Returns how many: those from `first` on.
static int next_factors(double factor[CHUNK], double share[CHUNK], streams *random, const igq_range_spread *spread,
                        int first, int end)
{
    int num = end - first < CHUNK ? end - first : CHUNK;
    for (int i = 0; i < num; i++) {
        double own = spread->channel_spread * next_normal(&random->channel);
        factor[i] = own + spread->instance_spread * next_normal(&random->instance);
        if (share)
            share[i] = next_normal(&random->channel);
    }
    igq_exp_all(factor, (size_t)num);
    return num;
}

// The kind whose inputs are drawn in place of this one's: what LayerNorm wrote for the MLP, or for attention. Pixels
// and convolutions have one quantizer whatever their channels are; they are drawn like the latter.
static igq_layer_kind drawn_as(igq_layer_kind kind)
{
    switch (kind) {
    case IGQ_LAYER_PROJ:
    case IGQ_LAYER_FC1:
    case IGQ_LAYER_FC2:
        return kind;
    case IGQ_LAYER_MERGE:
    case IGQ_LAYER_HEAD:
        return IGQ_LAYER_FC1;
    default:
        return IGQ_LAYER_QKV;
    }
}

static const igq_range_spread *spread_of(const igq_synthetic_ranges *ranges, igq_layer_kind kind)
{
    switch (kind) {
    case IGQ_LAYER_PROJ:
        return &ranges->proj;
    case IGQ_LAYER_FC1:
        return &ranges->fc1;
    case IGQ_LAYER_FC2:
        return &ranges->fc2;
    default:
        return &ranges->qkv;
    }
}

static void draw_linear(igq_real_range *out, streams *random, const igq_synthetic_ranges *ranges, igq_layer_kind kind)
{
    const placement *place = &around_zero[kind];
    double factor[CHUNK], share[CHUNK];
    for (int first = 0, num; first < out->num; first += num) {
        num = next_factors(factor, share, random, spread_of(ranges, kind), first, out->num);
        for (int i = 0; i < num; i++) {
            double width = place->median_width * factor[i];
            double begin = -(0.5 + place->share_spread * share[i]) * width;
            double lo = kind == IGQ_LAYER_FC2 ? GELU_MINIMUM : begin;
            out->lo[first + i] = (float)lo;
            out->hi[first + i] = (float)(lo + width);
        }
    }
}

static void draw_softmax(igq_real_range *out, streams *random, const igq_synthetic_ranges *ranges)
{
    double factor[CHUNK];
    for (int first = 0, num; first < out->num; first += num) {
        num = next_factors(factor, NULL, random, &ranges->softmax, first, out->num);
        for (int i = 0; i < num; i++) {
            out->lo[first + i] = 0;
            out->hi[first + i] = (float)fmin(1, ranges->softmax_median * factor[i]);
        }
    }
}

static void draw_qkv(igq_real_range *out, streams *random, const igq_synthetic_ranges *ranges)
{
    double factor[CHUNK];
    assert(out->num <= CHUNK);
    next_factors(factor, NULL, random, &ranges->qkv, 0, out->num);
    for (int tensor = 0; tensor < out->num; tensor++) {
        double width = around_zero[IGQ_LAYER_QKV].median_width * factor[tensor];
        out->lo[tensor] = (float)(-width / 2);
        out->hi[tensor] = (float)(width / 2);
    }
}

void igq_synthetic_instance(igq_real_instance *out, const igq_network *network, const igq_synthetic_ranges *ranges,
                            int image)
{
    uint64_t seed = (uint64_t)ranges->seed, state = seed << 32 | (uint32_t)image;
    streams random = {.channel = seed, .instance = next_bits(&state)};
    for (int k = 0; k < network->num_layers; k++)
        if (network->layer[k].linear >= 0)
            draw_linear(&out->linear[network->layer[k].linear], &random, ranges, drawn_as(network->layer[k].kind));
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        for (int p = 0; layer->kind == IGQ_LAYER_CONTEXT && p < layer->products; p++) {
            draw_softmax(&out->softmax[layer->first_product + p], &random, ranges);
            if (p < layer->heads)
                draw_qkv(&out->qkv[layer->first_head + p], &random, ranges);
        }
    }
}
