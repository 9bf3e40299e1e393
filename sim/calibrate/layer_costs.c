// SPDX-License-Identifier: Apache-2.0
#include "layer_costs.h"
#include "bops.h"
#include "costs.h"
#include "perturbation.h"
#include "run_timing.h"
#include <stdlib.h>

// Bit operations of one product: the head's groups count where rows of its softmax are grouped.
static double product_bops(const igq_layer *layer, const igq_calibration *calibration, int product,
                           igq_distance distance)
{
    int attn_bits = calibration->attn_bits;
    uint64_t bops;
    if (layer->kind == IGQ_LAYER_SCORES) {
        bops = igq_matmul_bops(layer->T, layer->C, layer->O, attn_bits, attn_bits);
    } else if (layer->kind == IGQ_LAYER_CONTEXT) {
        const igq_group_bounds *softmax = igq_softmax_bounds(calibration, layer, product);
        bops = igq_matmul_bops(layer->T, layer->C, layer->O, softmax->bits, attn_bits) +
               igq_assign_bops(layer->C, layer->T, softmax->num_groups, distance);
    } else {
        const igq_linear_calibration *one = &calibration->linear[layer->linear];
        bops = igq_matmul_bops(layer->T, layer->C, layer->O, one->act.bits, one->weight_bits);
        if (layer->block >= 0)
            bops += igq_assign_bops(layer->T, layer->C, one->act.num_groups, distance);
    }
    return (double)bops;
}

static void cycles_of(double *layer_cost, const igq_run_result *result)
{
    for (int k = 0; k < result->num_layers; k++)
        layer_cost[k] = (double)result->sum[k].timing.cycles;
}

static igq_status energy_of(double *layer_cost, const igq_run_result *result, const igq_cost_source *source,
                            igq_error *error)
{
    igq_activity activity;
    igq_costs costs = {0};
    igq_status status = igq_activity_of_run(&activity, result, error);
    if (status == IGQ_OK)
        status = igq_costs_of(&costs, &activity, source->technology, source->technology_path, error);
    for (int k = 0; status == IGQ_OK && k < result->num_layers; k++)
        layer_cost[k] = costs.layer[k].pj;
    igq_costs_free(&costs);
    igq_activity_free(&activity);
    return status;
}

// Simulates all images; layer_cost out (num_layers), zero before: mean over the images.
static igq_status simulate(double *layer_cost, const igq_cost_source *source, const igq_calibration *calibration,
                           igq_error *error)
{
    igq_run_result *result = igq_run_result_new(source->workload, source->accelerator, source->num_images);
    igq_batch batch = {0};
    igq_status status = result ? igq_batch_init(&batch, result, error) : igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < source->num_images; i++) {
        igq_real_instance_to_grid(igq_batch_next(&batch), source->images[i], calibration);
        igq_batch_add(&batch, i);
        status = igq_run_time_full_batch(result, &batch, i, calibration, IGQ_ASSIGN_MODEL_C, error);
    }
    if (status == IGQ_OK && source->kind == IGQ_BUDGET_ENERGY)
        status = energy_of(layer_cost, result, source, error);
    else if (status == IGQ_OK)
        cycles_of(layer_cost, result);
    for (int k = 0; status == IGQ_OK && k < result->num_layers; k++)
        layer_cost[k] /= source->num_images;
    igq_run_result_free(result);
    igq_batch_free(&batch);
    return status;
}

// The grouped layer that a product of the network's layer belongs to; -1: none.
static int grouped_of(const igq_network *network, int layer, int product)
{
    int heads = network->layer[layer].heads;
    for (int i = 0; i < igq_num_grouped(network); i++) {
        igq_grouped grouped = igq_grouped_at(network, i);
        if (grouped.layer == layer && (heads == 0 || grouped.head == product % heads))
            return i;
    }
    return -1;
}

// Cycles and energy of a softmax are told by layer: its heads share them evenly.
igq_status igq_layer_costs(double *cost, double *other, const igq_cost_source *source,
                           const igq_calibration *calibration, igq_error *error)
{
    const igq_network *network = source->network;
    double *layer_cost = calloc((size_t)network->num_layers, sizeof *layer_cost);
    igq_status status = layer_cost ? IGQ_OK : igq_out_of_memory(error);
    if (status == IGQ_OK && source->kind != IGQ_BUDGET_BOPS)
        status = simulate(layer_cost, source, calibration, error);
    *other = 0;
    for (int i = 0; i < igq_num_grouped(network); i++)
        cost[i] = 0;
    for (int k = 0; status == IGQ_OK && k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        for (int product = 0; product < layer->products; product++) {
            int grouped = grouped_of(network, k, product);
            *(grouped >= 0 ? &cost[grouped] : other) +=
                source->kind == IGQ_BUDGET_BOPS ? product_bops(layer, calibration, product, source->distance)
                                                : layer_cost[k] / layer->products;
        }
    }
    free(layer_cost);
    return status;
}
