// SPDX-License-Identifier: Apache-2.0
#include "network_print.h"
#include "family.h"
#include "fold_norms.h"
#include "graph_operations.h"
#include "layer_kinds.h"
#include "vector_work.h"
#include <inttypes.h>
#include <stdio.h>

static const char *grouping_of(const igq_layer *layer)
{
    if (layer->kind == IGQ_LAYER_CONTEXT)
        return "rows";
    return igq_layer_kind_is_grouped(layer->kind) ? "channels" : "-";
}

static const char *post_of(const igq_layer *layer)
{
    static const char *const names[IGQ_VECTOR_OP_COUNT] = {[IGQ_VECTOR_OP_NONE] = "",
                                                           [IGQ_VECTOR_OP_LAYER_NORM] = "norm",
                                                           [IGQ_VECTOR_OP_SOFTMAX] = "softmax",
                                                           [IGQ_VECTOR_OP_GELU] = "activation",
                                                           [IGQ_VECTOR_OP_ROTARY] = "rotary"};
    return names[layer->post_op];
}

// A name of the file, on one line whatever it holds.
static void print_name(const char *name)
{
    for (; *name; name++)
        putchar(*name >= ' ' && *name < 127 ? *name : '_');
}

static void print_vector_work(const igq_layer *layer)
{
    const char *comma = "";
    if (layer->residual)
        printf("residual");
    comma = layer->residual ? ", " : "";
    if (layer->post_op != IGQ_VECTOR_OP_NONE)
        printf("%s%s", comma, post_of(layer));
    comma = layer->residual || layer->post_op != IGQ_VECTOR_OP_NONE ? ", " : "";
    if (layer->elementwise > 0)
        printf("%s%d elementwise", comma, layer->elementwise);
    comma = layer->elementwise > 0 ? ", " : comma;
    if (layer->moves > 0)
        printf("%s%d moved", comma, layer->moves);
    printf("\n");
}

static uint64_t print_products(const igq_network *network)
{
    uint64_t macs = 0;
    printf("  %-31s %-12s %8s %9s %7s %7s %14s  %-9s %s\n", "product", "kind", "times", "T", "C", "O", "MACs",
           "grouped", "vector unit");
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        printf("  %-31s %-12s %8d %9d %7d %7d %14" PRIu64 "  %-9s ", layer->name, igq_layer_kind_names[layer->kind],
               layer->products, layer->T, layer->C, layer->O, igq_layer_macs(layer), grouping_of(layer));
        print_vector_work(layer);
        macs += igq_layer_macs(layer);
    }
    return macs;
}

static void print_left(const igq_node *node, uint64_t macs)
{
    printf("  left to full precision: ");
    print_name(node->name);
    printf(" (%s), %" PRIu64 " MACs\n", igq_op_rules[node->op].name, macs);
}

// Products that no array does.
static void print_left_products(const igq_graph *graph)
{
    for (int n = 0; n < graph->num_nodes; n++) {
        const igq_node *node = &graph->node[n];
        uint64_t own = node->kind < 0 ? igq_node_macs(graph, node) : 0;
        if (own > 0)
            print_left(node, own);
    }
}

// All other operations: how many there are, how many values they give, and the key that says what they cost.
static void print_operations(const igq_graph *graph)
{
    int times[IGQ_OP_COUNT][IGQ_VECTOR_WORK_COUNT] = {{0}};
    int64_t values[IGQ_OP_COUNT][IGQ_VECTOR_WORK_COUNT] = {{0}};
    for (int n = 0; n < graph->num_nodes; n++) {
        const igq_node *node = &graph->node[n];
        if (node->kind >= 0 || igq_node_macs(graph, node) > 0)
            continue;
        igq_vector_work work = igq_vector_work_of(graph, node);
        times[node->op][work]++;
        for (int i = 0; i < node->num_outputs; i++)
            values[node->op][work] += igq_shape_elements(&graph->value[node->output[i]].shape);
    }
    printf("\nOn the vector unit, in full precision, at the passes that these keys of vector_unit say\n");
    for (int op = 0; op < IGQ_OP_COUNT; op++)
        for (int work = 0; work < IGQ_VECTOR_WORK_COUNT; work++)
            if (times[op][work] > 0)
                printf("  %-20s %6d times %14" PRId64 " values  %s\n", igq_op_rules[op].name, times[op][work],
                       values[op][work], igq_vector_work_names[work]);
}

// Sums with constants that hide scores from a softmax: how much they hide. Nothing is left out for them.
static void print_masks(const igq_graph *graph)
{
    const float least_kept = -50; // below, a softmax gives nothing worth a code
    int num_masks = 0;
    int64_t hidden = 0, all = 0;
    for (int n = 0; n < graph->num_nodes; n++) {
        const igq_node *node = &graph->node[n];
        const igq_value *mask = node->op == IGQ_OP_ADD ? igq_graph_value(graph, node->input[1]) : NULL;
        if (!mask || !mask->is_constant || !mask->data || mask->element != IGQ_ELEMENT_FLOAT)
            continue;
        int64_t num = igq_shape_elements(&mask->shape), below = 0;
        int64_t sums = igq_shape_elements(&igq_graph_value(graph, node->output[0])->shape);
        for (int64_t i = 0; i < num; i++)
            below += ((const float *)mask->data)[i] < least_kept;
        if (below == 0)
            continue;
        num_masks++;
        hidden += below * (sums / num);
        all += sums;
    }
    if (num_masks > 0)
        printf("\nMasks: %d sums hide %.1f %% of their scores from a softmax; the products compute all of them\n",
               num_masks, 100.0 * (double)hidden / (double)all);
}

static void print_ends(const igq_graph *graph, const char *title, int num, const int *list)
{
    for (int i = 0; i < num; i++) {
        const igq_value *value = igq_graph_value(graph, list[i]);
        printf("  %-7s ", title);
        print_name(value->name);
        for (int k = 0; k < value->shape.rank; k++)
            printf("[%" PRId64 "]", value->shape.dim[k]);
        printf(" %s\n", value->element == IGQ_ELEMENT_FLOAT ? "float" : "integer");
    }
}

// The graph that a network is executed as; NULL: it has none, or memory is short. Free *own.
static const igq_graph *graph_of(igq_graph **own, const igq_workload *workload)
{
    *own = NULL;
    if (workload->family == IGQ_FAMILY_ONNX || workload->family == IGQ_FAMILY_MATMULS)
        return workload->onnx.graph;
    *own = igq_workload_graph(workload);
    if (*own && igq_graph_fold_batch_norms(*own))
        return *own;
    igq_graph_free(*own);
    *own = NULL;
    return NULL;
}

igq_status igq_network_print(const igq_workload *workload, igq_error *error)
{
    igq_graph *own;
    igq_network *network = igq_workload_network(workload);
    const igq_graph *graph = graph_of(&own, workload);
    if (!network || (!graph && workload->family != IGQ_FAMILY_MATMULS)) {
        igq_network_free(network);
        igq_graph_free(own);
        return igq_out_of_memory(error);
    }
    printf("%s: family %s, %d products\n\n", workload->name, igq_family_names[workload->family], network->num_layers);
    if (graph) {
        print_ends(graph, "input", graph->num_inputs, graph->input);
        print_ends(graph, "output", graph->num_outputs, graph->output);
        printf("\n");
    }
    uint64_t covered = print_products(network), left = graph ? igq_graph_left_macs(graph) : 0;
    if (graph)
        print_left_products(graph);
    printf("\n%" PRIu64 " multiply-accumulates, %.2f %% of the network's on the arrays\n", covered,
           covered + left > 0 ? 100.0 * (double)covered / (double)(covered + left) : 100.0);
    if (graph) {
        print_operations(graph);
        print_masks(graph);
    }
    const char *note = igq_family_of(workload->family)->note;
    if (note)
        printf("\n%s\n", note);
    igq_graph_free(own);
    igq_network_free(network);
    return IGQ_OK;
}
