// SPDX-License-Identifier: Apache-2.0
// of_vit.h - what is made for a network, from the shape of a vision transformer.
#ifndef OF_VIT_H
#define OF_VIT_H
#include "calibrate.h"
#include "executor.h"
#include "vit.h"
#include <string.h>

// The layer with weights of this number, and how many there are.
static inline igq_layer vit_linear(const igq_vit_shape *shape, int linear)
{
    igq_network *network = igq_vit_network(shape);
    igq_layer layer = *igq_network_linear(network, linear);
    igq_network_free(network);
    return layer;
}

static inline int vit_num_linear(const igq_vit_shape *shape)
{
    return 2 + 4 * shape->depth;
}

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

// A network that can be run.
typedef struct vit_pass {
    igq_graph *graph;
    igq_products *products;
    igq_executor *executor;
} vit_pass;

static inline vit_pass vit_pass_new(const igq_vit_weights *weights, const igq_vit_shape *shape)
{
    vit_pass pass = {.graph = igq_vit_graph(shape, weights)};
    pass.products = igq_products_of(pass.graph);
    pass.executor = igq_executor_new(pass.products);
    return pass;
}

static inline void vit_pass_free(vit_pass *pass)
{
    igq_executor_free(pass->executor);
    igq_products_free(pass->products);
    igq_graph_free(pass->graph);
}

// logits out (classes).
static inline void vit_pass_run(float *logits, const vit_pass *pass, const igq_engine *engine, const float *image)
{
    const void *const inputs[] = {image};
    igq_execute(pass->executor, engine, inputs);
    size_t num = (size_t)igq_shape_elements(&pass->graph->value[pass->graph->output[0]].shape);
    memcpy(logits, igq_executor_output(pass->executor, 0), num * sizeof *logits);
}

static inline void vit_pass_fp32(float *logits, const vit_pass *pass, const float *image, const igq_observer *observer)
{
    igq_fp32_engine *fp32 = igq_fp32_engine_new(pass->products, observer);
    igq_engine engine = igq_fp32_engine_get(fp32);
    vit_pass_run(logits, pass, &engine, image);
    igq_fp32_engine_free(fp32);
}

// The product of the layer with weights of this number.
static inline const igq_graph_product *vit_product(const vit_pass *pass, int linear)
{
    return &pass->products
                ->product[igq_network_linear(pass->products->network, linear) - pass->products->network->layer];
}

#endif
