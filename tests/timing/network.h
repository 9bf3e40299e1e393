// SPDX-License-Identifier: Apache-2.0
// network.h - networks for timing tests: a shape, with calibration and ranges drawn from a seed. Groups are uneven, as
// those of real activations are.
#ifndef TEST_NETWORK_H
#define TEST_NETWORK_H
#include "calibration.h"
#include "instance.h"
#include "jobs.h"
#include "vit.h"
#include "../unit/rng.h"
#include <stdlib.h>

typedef struct test_network {
    igq_network *network;
    igq_calibration *calibration;
    igq_instance *instance;
} test_network;

static inline void test_network_draw_bounds(igq_group_bounds *bounds, igq_range *range, int G, int bits, rng *random)
{
    bounds->bits = bits;
    bounds->num_groups = G < bounds->num_members ? G : bounds->num_members;
    for (int m = 0; m < bounds->num_members; m++) {
        int width = rng_int(random, 1, 100);
        int reach = width * width * width / 64; // many narrow members, few wide ones
        range->lo[m] = (int16_t)(-reach - rng_int(random, 0, 20));
        range->hi[m] = (int16_t)(reach + rng_int(random, 0, 20));
        bounds->member_lo[m] = range->lo[m];
        bounds->member_hi[m] = range->hi[m];
    }
    for (int g = 0; g < bounds->num_groups; g++) {
        int member = rng_int(random, 0, bounds->num_members - 1);
        bounds->lower[g] = range->lo[member];
        bounds->upper[g] = range->hi[member];
    }
}

// Takes the list over.
static inline void test_network_of(test_network *network, igq_network *list, int G, int bits, uint64_t seed)
{
    rng random = {.state = seed};
    network->network = list;
    network->calibration = igq_calibration_new(list, G);
    network->instance = igq_instance_new(list);
    network->calibration->attn_bits = bits;
    for (int linear = 0; linear < list->num_linear; linear++) {
        network->calibration->linear[linear].weight_bits = bits;
        test_network_draw_bounds(&network->calibration->linear[linear].act, &network->instance->linear[linear], G, bits,
                                 &random);
    }
    for (int k = 0; k < list->num_layers; k++) {
        const igq_layer *layer = &list->layer[k];
        for (int p = 0; layer->kind == IGQ_LAYER_CONTEXT && p < layer->products; p++)
            test_network_draw_bounds(&network->calibration->head[layer->first_head + p % layer->heads].softmax,
                                     &network->instance->softmax[layer->first_product + p], G, bits, &random);
    }
}

static inline void test_network_init(test_network *network, const igq_vit_shape *shape, int G, int bits, uint64_t seed)
{
    test_network_of(network, igq_vit_network(shape), G, bits, seed);
}

static inline void test_network_free(test_network *network)
{
    igq_network_free(network->network);
    igq_calibration_free(network->calibration);
    igq_instance_free(network->instance);
}

static inline igq_jobs *test_network_jobs(const test_network *network, const igq_accelerator *accelerator)
{
    return igq_jobs_new(network->network, network->calibration, (const igq_instance *const *)&network->instance, 1,
                        accelerator);
}

static const igq_vit_shape test_deit_tiny = {.image_size = 224,
                                             .patch_size = 16,
                                             .image_channels = 3,
                                             .dim = 192,
                                             .depth = 12,
                                             .heads = 3,
                                             .mlp_dim = 768,
                                             .classes = 1000,
                                             .prefix_tokens = 1,
                                             .layer_norm_epsilon = 1e-6};
static const igq_vit_shape test_deit_base = {.image_size = 224,
                                             .patch_size = 16,
                                             .image_channels = 3,
                                             .dim = 768,
                                             .depth = 12,
                                             .heads = 12,
                                             .mlp_dim = 3072,
                                             .classes = 1000,
                                             .prefix_tokens = 1,
                                             .layer_norm_epsilon = 1e-6};

#endif
