// SPDX-License-Identifier: Apache-2.0
// of_vit.h - what is made for a network, from the shape of a vision transformer.
#ifndef OF_VIT_H
#define OF_VIT_H
#include "calibrate.h"
#include "vit.h"

static inline igq_instance *instance_of_vit(const igq_vit_shape *shape)
{
    igq_network *network = igq_vit_network(shape);
    igq_instance *instance = igq_instance_new(network);
    igq_network_free(network);
    return instance;
}

static inline igq_real_instance *real_instance_of_vit(const igq_vit_shape *shape)
{
    igq_network *network = igq_vit_network(shape);
    igq_real_instance *instance = igq_real_instance_new(network);
    igq_network_free(network);
    return instance;
}

static inline igq_calibration *calibrate_vit(const igq_vit_shape *shape, igq_real_instance *const *instances,
                                             int num_images, const igq_calibrate_cfg *cfg)
{
    igq_network *network = igq_vit_network(shape);
    igq_calibration *calibration = igq_calibrate(network, instances, num_images, cfg);
    igq_network_free(network);
    return calibration;
}

#endif
