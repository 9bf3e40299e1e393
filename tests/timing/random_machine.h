// SPDX-License-Identifier: Apache-2.0
// random_machine.h - machines and small networks drawn from a seed, for properties that must hold for all of them.
#ifndef TEST_RANDOM_MACHINE_H
#define TEST_RANDOM_MACHINE_H
#include "network.h"
#include "slices.h"
#include "../unit/rng.h"

static inline igq_vit_shape random_vit_shape(rng *random)
{
    int heads = rng_int(random, 1, 3);
    igq_vit_shape shape = {
        .patch_size = 2,
        .image_channels = rng_int(random, 1, 3),
        .dim = heads * rng_int(random, 2, 12),
        .depth = rng_int(random, 1, 2),
        .heads = heads,
        .mlp_dim = rng_int(random, 8, 60),
        .classes = rng_int(random, 1, 20),
        .prefix_tokens = rng_int(random, 1, 2),
        .layer_norm_epsilon = 1e-6,
    };
    shape.image_size = shape.patch_size * rng_int(random, 1, 5);
    return shape;
}

static inline igq_mac_array_cfg random_mac_array(igq_organisation organisation, int G, rng *random)
{
    igq_mac_array_cfg array = {
        .num_arrays = organisation == IGQ_ORGANISATION_PER_GROUP ? G
                      : organisation == IGQ_ORGANISATION_ELASTIC ? rng_int(random, G, 3 * G)
                      : organisation == IGQ_ORGANISATION_UNBOUND ? rng_int(random, 1, 2 * G)
                                                                 : 1,
        .lanes = rng_int(random, 1, 8),
        .vector_length = organisation == IGQ_ORGANISATION_TEMPORAL ? 1 : rng_int(random, 1, 6),
        .token_rows = rng_int(random, 1, 4),
        .mac_bits = rng_int(random, 2, 8),
        .acc_bits = 24,
        .accumulator_sets = rng_int(random, 1, 2),
        .rescale_cycles = rng_int(random, 0, 3),
    };
    array.wide_rate = (igq_wide_rate)(array.lanes % IGQ_WIDE_RATE_COUNT);
    array.stream_sums = organisation != IGQ_ORGANISATION_UNBOUND && array.token_rows % 2;
    array.systolic = organisation != IGQ_ORGANISATION_UNBOUND && array.lanes % 3 == 0;
    array.tokens_in_flight = array.token_rows * (organisation == IGQ_ORGANISATION_TEMPORAL ? 1 : rng_int(random, 1, 4));
    return array;
}

// G: groups of the machine. Buffers range from too small (igq_machine_check refuses) to everything on the chip.
static inline igq_accelerator random_machine(int G, rng *random)
{
    igq_organisation organisation = (igq_organisation)rng_int(random, 0, IGQ_ORGANISATION_COUNT - 1);
    igq_scheme scheme = (igq_scheme)rng_int(random, 0, IGQ_SCHEME_VSQUANT);
    if (scheme == IGQ_SCHEME_CHANNELWISE && igq_works_in_lockstep(organisation))
        scheme = IGQ_SCHEME_IGQ;
    igq_accelerator machine = {
        .name = "random",
        .clock_mhz = 1000,
        .mac_organisation = organisation,
        .num_groups = G,
        .scheme = {.scheme = scheme,
                   .distance = (igq_distance)rng_int(random, 0, IGQ_DISTANCE_COUNT - 1),
                   .group_scale = (igq_group_scale)rng_int(random, 0, IGQ_GROUP_SCALE_COUNT - 1),
                   .group_scale_bits = 8,
                   .num_groups = G,
                   .acc_bits = 24,
                   .vector_length = 4,
                   .mx_block_length = 8,
                   .bfp_block_length = 4},
        .mac_array = random_mac_array(organisation, G, random),
        .weight_buffer = {rng_int(random, 100, 2000), rng_int(random, 0, 1)},
        .activation_buffer = {rng_int(random, 500, 16000), rng_int(random, 0, 1)},
        .output_buffer = {rng_int(random, 100, 2000), rng_int(random, 0, 1)},
        .tiling = {.batch_images = 1},
        .row_selector = {rng_int(random, 1, 16), rng_int(random, 1, 2), rng_int(random, 8, 64), rng_int(random, 1, 6)},
        .group_assignment = {(igq_range_source)rng_int(random, 0, IGQ_RANGE_SOURCE_COUNT - 1), rng_int(random, 1, 16),
                             rng_int(random, 1, 8), IGQ_MAX_CHANNELS, 2},
        .post_processing = {rng_int(random, 1, 16), rng_int(random, 0, 9)},
        .vector_unit = {rng_int(random, 1, 16), rng_int(random, 0, 9), rng_int(random, 0, 4), rng_int(random, 0, 4),
                        rng_int(random, 0, 2), rng_int(random, 0, 2)},
        .dram = {rng_int(random, 1, 32), rng_int(random, 0, 60), 1 << rng_int(random, 0, 6)},
    };
    if (scheme == IGQ_SCHEME_VSQUANT) // or another format with scales of blocks
        machine.scheme.scheme = (igq_scheme)(IGQ_SCHEME_VSQUANT + machine.mac_array.lanes % 4);
    if (scheme == IGQ_SCHEME_PEG && machine.scheme.group_scale == IGQ_GROUP_SCALE_POW2)
        machine.scheme.scheme = IGQ_SCHEME_TENDER;                            // groups of unlike size
    if (scheme < IGQ_SCHEME_VSQUANT && machine.mac_array.mac_bits % 3 == 0) { // groups, and weights with scales
        machine.scheme.weight_scheme = IGQ_WEIGHT_SCHEME_VSQUANT;
        machine.scheme.vsquant_weight_scale_bits = 6;
    }
    machine.operand_bits_per_cycle = machine.post_processing.lanes % 3 * 16; // a third has them for nothing
    machine.row_selector.zero_skip = machine.row_selector.queue_depth % 2;   // every other machine
    return machine;
}

#endif
