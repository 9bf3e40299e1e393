// SPDX-License-Identifier: Apache-2.0
// datapath_fixture.h - a small random network with everything that the integer datapath needs to run it.
#ifndef TEST_DATAPATH_FIXTURE_H
#define TEST_DATAPATH_FIXTURE_H
#include "calibrate.h"
#include "datapath.h"
#include "small_vit.h"

enum { TOKENS = 17, DIM = 12, HEADS = 3, HEAD_DIM = 4, MLP = 24, MAX_VALUES = TOKENS * 48 };

// A network, calibrated on its own image, and a datapath with what it saw.
typedef struct fixture {
    small_vit *vit;
    vit_pass pass;
    igq_calibration *calibration;
    igq_scheme_cfg cfg;
    igq_instance *instance;
} fixture;

static inline fixture make_fixture(int seed, int prefix_tokens, igq_scheme scheme, int bits, int num_groups)
{
    fixture f = {.vit = small_vit_new(seed, prefix_tokens)};
    float logits[SMALL_VIT_CLASSES];
    f.pass = vit_pass_new(&f.vit->weights, &f.vit->shape);
    igq_range_collector collector = {.instance = real_instance_of_vit(&f.vit->shape)};
    igq_observer observer = igq_range_collector_observer(&collector);
    igq_calibrate_cfg calibrate = {.num_groups = num_groups,
                                   .act_bits = bits,
                                   .weight_bits = bits,
                                   .weight_groups = seed % 3, // by channel, one for the layer, two
                                   .attn_bits = bits,
                                   .edge_bits = bits,
                                   .distance = IGQ_DISTANCE_L2,
                                   .max_iterations = 300};
    vit_pass_fp32(logits, &f.pass, f.vit->image, &observer);
    f.calibration = calibrate_vit(&f.vit->shape, &collector.instance, 1, &calibrate);
    igq_real_instance_free(collector.instance);
    f.cfg = (igq_scheme_cfg){.scheme = scheme,
                             .distance = IGQ_DISTANCE_L2,
                             .group_scale = IGQ_GROUP_SCALE_FP32,
                             .group_scale_bits = 8,
                             .num_groups = num_groups,
                             .acc_bits = 32,
                             .vector_length = 4,
                             .vsquant_act_scale_bits = 8,
                             .vsquant_weight_scale_bits = 8,
                             .mx_element = IGQ_ELEMENT_INT8,
                             .mx_block_length = 8,
                             .bfp_block_length = 8};
    f.instance = instance_of_vit(&f.vit->shape);
    return f;
}

static inline void free_fixture(fixture *f)
{
    igq_instance_free(f->instance);
    igq_calibration_free(f->calibration);
    vit_pass_free(&f->pass);
    small_vit_free(f->vit);
}

static inline void datapath_forward(float *logits, const fixture *f, const igq_observer *observer)
{
    igq_datapath *datapath = igq_datapath_new(f->pass.products, f->calibration, &f->cfg, observer);
    igq_engine engine = igq_datapath_engine(datapath, f->instance);
    vit_pass_run(logits, &f->pass, &engine, f->vit->image);
    igq_datapath_free(datapath);
}

#endif
