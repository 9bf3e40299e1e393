// SPDX-License-Identifier: Apache-2.0
#include "synthetic.h"
#include "elementary.h"
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

static double next_factor(streams *random, const igq_range_spread *spread)
{
    double own = spread->channel_spread * next_normal(&random->channel);
    return igq_exp(own + spread->instance_spread * next_normal(&random->instance));
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
    const igq_range_spread *spread = spread_of(ranges, kind);
    for (int c = 0; c < out->num; c++) {
        double width = place->median_width * next_factor(random, spread);
        double share = 0.5 + place->share_spread * next_normal(&random->channel);
        double lo = kind == IGQ_LAYER_FC2 ? GELU_MINIMUM : -share * width;
        out->lo[c] = (float)lo;
        out->hi[c] = (float)(lo + width);
    }
}

static void draw_softmax(igq_real_range *out, streams *random, const igq_synthetic_ranges *ranges)
{
    for (int row = 0; row < out->num; row++) {
        out->lo[row] = 0;
        out->hi[row] = (float)fmin(1, ranges->softmax_median * next_factor(random, &ranges->softmax));
    }
}

static void draw_qkv(igq_real_range *out, streams *random, const igq_synthetic_ranges *ranges)
{
    for (int tensor = 0; tensor < out->num; tensor++) {
        double width = around_zero[IGQ_LAYER_QKV].median_width * next_factor(random, &ranges->qkv);
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
