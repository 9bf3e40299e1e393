// SPDX-License-Identifier: Apache-2.0
#include "perturbation.h"
#include "datapath.h"
#include "executor.h"
#include "metrics.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct igq_perturbation {
    const igq_products *products;
    igq_executor *executor;
    igq_fp32_engine *fp32;
    igq_datapath *datapath;
    igq_instance *instance;
    igq_engine exact, quantized;
    int *order;          // (grouped) by the nodes from where on a pass differs
    igq_grouped grouped; // the layer that is quantized
    float *results;      // of a product on the datapath
    char *state;         // what is alive before the first node of the layer, in full precision
    float *reference_logits;
    int num_logits, num_classes; // of the first output, and of a row of it
};

/// Which layers ///

static int num_grouped_of(const igq_layer *layer)
{
    return layer->kind == IGQ_LAYER_CONTEXT ? layer->heads : igq_layer_kind_is_grouped(layer->kind);
}

int igq_num_grouped(const igq_network *network)
{
    int num = 0;
    for (int k = 0; k < network->num_layers; k++)
        num += num_grouped_of(&network->layer[k]);
    return num;
}

igq_grouped igq_grouped_at(const igq_network *network, int index)
{
    int k = 0;
    for (; index >= num_grouped_of(&network->layer[k]); k++)
        index -= num_grouped_of(&network->layer[k]);
    assert(k < network->num_layers);
    return (igq_grouped){.layer = k, .head = index};
}

igq_group_bounds *igq_grouped_bounds(igq_calibration *calibration, const igq_network *network, int index)
{
    igq_grouped grouped = igq_grouped_at(network, index);
    const igq_layer *layer = &network->layer[grouped.layer];
    return layer->kind == IGQ_LAYER_CONTEXT ? &calibration->head[layer->first_head + grouped.head].softmax
                                            : &calibration->linear[layer->linear].act;
}

/// Memory ///

// The node from where on a pass differs when a layer is quantized: of a context, its scores.
static int first_node(const igq_products *products, const igq_grouped *grouped)
{
    int is_context = products->network->layer[grouped->layer].kind == IGQ_LAYER_CONTEXT;
    return products->product[grouped->layer - is_context].node;
}

static int first_of(const igq_products *products, int index)
{
    const igq_grouped grouped = igq_grouped_at(products->network, index);
    return first_node(products, &grouped);
}

// order out (num): insertion sort, stable.
static void sort_by_node(int *order, int num, const igq_products *products)
{
    for (int i = 0; i < num; i++) {
        int at = i, first = first_of(products, i);
        for (; at > 0 && first_of(products, order[at - 1]) > first; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static int take_memory(igq_perturbation *p, const igq_calibration *calibration, const igq_scheme_cfg *cfg)
{
    const igq_network *network = p->products->network;
    const igq_graph *graph = p->products->graph;
    size_t results = 1, state = 1;
    p->executor = igq_executor_new(p->products);
    p->fp32 = igq_fp32_engine_new(p->products, NULL);
    p->datapath = igq_datapath_new(p->products, calibration, cfg, NULL);
    p->instance = igq_instance_new(network);
    if (!p->executor || !p->fp32 || !p->datapath || !p->instance)
        return 0;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        size_t num = (size_t)layer->products * (size_t)layer->T * (size_t)layer->O;
        results = layer->linear < 0 && num > results ? num : results;
    }
    for (int i = 0; i < igq_num_grouped(network); i++) {
        size_t bytes = igq_executor_state_bytes(p->executor, first_of(p->products, i));
        state = bytes > state ? bytes : state;
    }
    const igq_shape *logits = &graph->value[graph->output[0]].shape;
    p->num_logits = (int)igq_shape_elements(logits);
    p->num_classes = logits->rank > 0 ? (int)logits->dim[logits->rank - 1] : 1;
    p->order = malloc(((size_t)igq_num_grouped(network) + 1) * sizeof *p->order);
    p->results = malloc(results * sizeof *p->results);
    p->state = malloc(state);
    p->reference_logits = malloc((size_t)p->num_logits * sizeof *p->reference_logits);
    if (p->order)
        sort_by_node(p->order, igq_num_grouped(network), p->products);
    return p->order && p->results && p->state && p->reference_logits;
}

igq_perturbation *igq_perturbation_new(const igq_products *products, const igq_calibration *calibration,
                                       const igq_scheme_cfg *cfg)
{
    igq_perturbation *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->products = products;
    if (!take_memory(p, calibration, cfg)) {
        igq_perturbation_free(p);
        return NULL;
    }
    p->exact = igq_fp32_engine_get(p->fp32);
    p->quantized = igq_datapath_engine(p->datapath, p->instance);
    return p;
}

void igq_perturbation_free(igq_perturbation *p)
{
    if (!p)
        return;
    igq_executor_free(p->executor);
    igq_fp32_engine_free(p->fp32);
    igq_datapath_free(p->datapath);
    igq_instance_free(p->instance);
    free(p->order);
    free(p->results);
    free(p->state);
    free(p->reference_logits);
    free(p);
}

/// An engine that quantizes p->grouped alone ///

static void linear(void *context, const igq_graph_product *product, float *y, const float *x)
{
    const igq_perturbation *p = context;
    int is_quantized = product->layer == &p->products->network->layer[p->grouped.layer];
    const igq_engine *engine = is_quantized ? &p->quantized : &p->exact;
    engine->linear(engine->context, product, y, x);
}

static void matmul(void *context, const igq_graph_product *product, float *y, const float *a, const float *b)
{
    const igq_perturbation *p = context;
    const igq_layer *layer = product->layer;
    size_t matrix = (size_t)layer->T * (size_t)layer->O;
    p->exact.matmul(p->exact.context, product, y, a, b);
    if (layer->attention != p->products->network->layer[p->grouped.layer].attention)
        return;
    p->quantized.matmul(p->quantized.context, product, p->results, a, b);
    for (int i = p->grouped.head; i < layer->products; i += layer->heads)
        memcpy(y + (size_t)i * matrix, p->results + (size_t)i * matrix, matrix * sizeof *y);
}

void igq_perturbation_of(double *psi, igq_perturbation *p, const void *const *inputs, const unsigned char *wanted)
{
    const igq_network *network = p->products->network;
    const igq_engine one_quantized = {p, linear, matmul};
    int num_nodes = p->products->graph->num_nodes, reached = 0;
    size_t logits_bytes = (size_t)p->num_logits * sizeof(float);
    igq_execute(p->executor, &p->exact, inputs);
    memcpy(p->reference_logits, igq_executor_output(p->executor, 0), logits_bytes);
    igq_executor_start(p->executor, inputs);
    // The pass in full precision goes on from layer to layer; at each the rest is run with that layer quantized.
    for (int k = 0; k < igq_num_grouped(network); k++) {
        int i = p->order[k];
        psi[i] = 0;
        if (wanted && !wanted[i])
            continue;
        p->grouped = igq_grouped_at(network, i);
        int first = first_node(p->products, &p->grouped);
        igq_executor_run(p->executor, &p->exact, reached, first);
        reached = first;
        igq_executor_save(p->state, p->executor, first);
        igq_executor_run(p->executor, &one_quantized, first, num_nodes);
        psi[i] = igq_mean_kl_divergence(p->reference_logits, igq_executor_output(p->executor, 0), (size_t)p->num_logits,
                                        p->num_classes);
        igq_executor_restore(p->executor, first, p->state);
    }
}
