// SPDX-License-Identifier: Apache-2.0
// Networks that are no plain chain of layers, small ones on random machines.
#include "batch_parts.h"
#include "bert.h"
#include "detr.h"
#include "machine.h"
#include "mask_rcnn.h"
#include "products.h"
#include "random_machine.h"
#include "sc_main.h"
#include "../suite.h"

enum { NUM_MACHINES = 200, GROUPS = 4 };

static igq_network *random_network(rng *random)
{
    int heads = rng_int(random, 1, 2), head_dim = rng_int(random, 2, 5);
    const igq_swin_shape swin = {.image_height = rng_int(random, 3, 12),
                                 .image_width = rng_int(random, 3, 12),
                                 .image_channels = 1,
                                 .patch_size = rng_int(random, 1, 2),
                                 .dim = heads * head_dim,
                                 .depth = {1, rng_int(random, 1, 2), 1, 1},
                                 .head_dim = head_dim,
                                 .window_size = rng_int(random, 2, 3),
                                 .mlp_ratio = 2,
                                 .classes = 3};
    const igq_mask_rcnn_shape mask_rcnn = {.backbone = swin,
                                           .fpn_channels = rng_int(random, 2, 6),
                                           .anchors = 1,
                                           .proposals = rng_int(random, 1, 5),
                                           .detections = rng_int(random, 1, 3),
                                           .cascade_stages = rng_int(random, 1, 2),
                                           .box_convs = rng_int(random, 0, 1),
                                           .box_fcs = rng_int(random, 1, 2),
                                           .box_fc_dim = 8,
                                           .box_size = 2,
                                           .mask_size = 2,
                                           .mask_convs = rng_int(random, 0, 1)};
    const igq_detr_shape detr = {.image_height = rng_int(random, 8, 40),
                                 .image_width = rng_int(random, 8, 40),
                                 .image_channels = 1,
                                 .depth = {1, 1, 1, 1},
                                 .dim = 4 * heads, // sines and cosines of two dimensions
                                 .heads = heads,
                                 .mlp_dim = 12,
                                 .encoder_depth = 1,
                                 .decoder_depth = 2,
                                 .queries = rng_int(random, 2, 6),
                                 .classes = 3};
    const igq_bert_shape bert = {.tokens = rng_int(random, 1, 9),
                                 .vocabulary = 5,
                                 .dim = heads * head_dim,
                                 .depth = 2,
                                 .heads = heads,
                                 .mlp_dim = 12};
    switch (rng_int(random, 0, 3)) {
    case 0:
        return igq_network_of(igq_swin_graph(&swin));
    case 1:
        return igq_network_of(igq_mask_rcnn_graph(&mask_rcnn));
    case 2:
        return igq_network_of(igq_detr_graph(&detr));
    default:
        return igq_network_of(igq_bert_graph(&bert));
    }
}

START_TEST(all_networks_run_to_their_end_on_random_machines)
{
    rng random = {.state = 23};
    int ran = 0;
    for (int i = 0; i < NUM_MACHINES; i++) {
        igq_accelerator machine = random_machine(GROUPS, &random);
        machine.weight_buffer.capacity_bytes *= 40; // products of a ResNet are deep
        machine.activation_buffer.capacity_bytes *= 20;
        machine.tiling.batch_images = rng_int(&random, 1, 3);
        test_network network;
        test_network_of(&network, random_network(&random), GROUPS, rng_int(&random, 2, 8), (uint64_t)i);
        const igq_instance *images[3] = {network.instance, network.instance, network.instance};
        char message[512];
        const igq_batch_source source = {network.network, network.calibration, images, &machine, NULL};
        igq_jobs *jobs = igq_batch_jobs_new(&source, machine.tiling.batch_images, message, sizeof message);
        if (jobs) {
            igq_error error;
            igq_job_result *results = calloc((size_t)jobs->num_jobs, sizeof *results);
            ck_assert_int_eq(igq_machine_run_planned(results, NULL, &machine, jobs->job, jobs->plan, jobs->num_jobs,
                                                     IGQ_ASSIGN_MODEL_C, &error), // fails on a deadlock
                             IGQ_OK);
            for (int j = 0; j < jobs->num_jobs; j++)
                ck_assert_uint_ge(results[j].cycles, results[j].compute_bound_cycles);
            free(results);
            ran++;
        }
        igq_jobs_free(jobs);
        test_network_free(&network);
    }
    ck_assert_int_ge(ran, NUM_MACHINES / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("networks");
    TCase *tests = tcase_create("networks");
    tcase_add_test(tests, all_networks_run_to_their_end_on_random_machines);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
