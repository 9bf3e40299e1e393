// SPDX-License-Identifier: Apache-2.0
#include "products.h"
#include "graph_operations.h"
#include "layer_kinds.h"
#include "vector_work.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

// What is found out about a node on the way.
typedef struct finding {
    int kind;                   // of the layer that it becomes; -1: no product
    int layer;                  // its number
    int residual;               // the vector unit adds as many values to its results
    igq_vector_op post;         // the costliest operation of the vector unit on its results
    int64_t elementwise, moved; // values that others compute or move
} finding;

typedef struct search {
    igq_graph *graph;
    igq_products *products;
    finding *node;         // (num_nodes)
    int *owner;            // (num_values) node of the last product that the value comes from; -1: none
    unsigned char *normed; // (num_values) 1: its owner's norm reads it
    igq_network *network;
} search;

static const igq_value *input_of(const search *s, int node, int i)
{
    return &s->graph->value[s->graph->node[node].input[i]];
}

static int has_input(const igq_node *node, int i)
{
    return i < node->num_inputs && node->input[i] >= 0;
}

static int64_t last_dim(const igq_shape *shape, int back)
{
    return shape->dim[shape->rank - back];
}

/// What the vector unit does ///

static igq_vector_op post_of(igq_vector_work work)
{
    static const igq_vector_op post[IGQ_VECTOR_WORK_COUNT] = {[IGQ_VECTOR_WORK_NORM] = IGQ_VECTOR_OP_LAYER_NORM,
                                                              [IGQ_VECTOR_WORK_SOFTMAX] = IGQ_VECTOR_OP_SOFTMAX,
                                                              [IGQ_VECTOR_WORK_ACTIVATION] = IGQ_VECTOR_OP_GELU,
                                                              [IGQ_VECTOR_WORK_ROTARY] = IGQ_VECTOR_OP_ROTARY};
    return post[work];
}

static int post_rank(igq_vector_op op)
{
    static const int rank[IGQ_VECTOR_OP_COUNT] = {[IGQ_VECTOR_OP_GELU] = 1,
                                                  [IGQ_VECTOR_OP_ROTARY] = 1,
                                                  [IGQ_VECTOR_OP_LAYER_NORM] = 2,
                                                  [IGQ_VECTOR_OP_SOFTMAX] = 3};
    return rank[op];
}

// A sum of the results of `owner` reads a second operand as large, unless it is a bias, or made of the same results.
static int is_residual(const search *s, int node, int owner)
{
    int is_other = 0;
    if (s->graph->node[node].op != IGQ_OP_ADD)
        return 0;
    const igq_value *out = &s->graph->value[s->graph->node[node].output[0]];
    for (int i = 0; i < 2; i++)
        if (igq_shape_elements(&input_of(s, node, i)->shape) * 2 < igq_shape_elements(&out->shape))
            return 0;
    for (int i = 0; i < 2; i++)
        is_other |= s->owner[s->graph->node[node].input[i]] != owner;
    return is_other;
}

// Also what it was before it was given another shape.
static void mark_normed(search *s, int value)
{
    for (int node = s->graph->value[value].node;; node = s->graph->value[value].node) {
        s->normed[value] = 1;
        if (node < 0 || s->graph->node[node].op != IGQ_OP_RESHAPE)
            return;
        value = s->graph->node[node].input[0];
    }
}

// A result that is normalized, and is added later as it was before, begins a residual stream, which costs what adding
// to one does.
static void begin_stream(search *s, int n)
{
    const igq_node *node = &s->graph->node[n];
    for (int i = 0; i < 2; i++) {
        int value = node->input[i], owner = s->owner[value];
        if (owner >= 0 && owner < s->owner[node->input[1 - i]] && s->normed[value])
            s->node[owner].residual = 1;
    }
}

// Gives the values of node n their owner, and the owner the operation.
static void own(search *s, int n)
{
    const igq_node *node = &s->graph->node[n];
    int owner = -1, num_data = node->op == IGQ_OP_GATHER ? 1 : node->num_inputs; // which rows, is no data
    for (int i = 0; i < num_data; i++)
        if (has_input(node, i) && s->owner[node->input[i]] > owner)
            owner = s->owner[node->input[i]];
    if (s->node[n].kind >= 0)
        owner = n;
    for (int i = 0; i < node->num_outputs; i++)
        s->owner[node->output[i]] = owner;
    if (owner < 0 || owner == n)
        return;
    finding *of = &s->node[owner];
    igq_vector_work work = igq_vector_work_of(s->graph, node);
    igq_vector_op post = post_of(work);
    int64_t values = igq_shape_elements(&s->graph->value[node->output[0]].shape);
    if (post == IGQ_VECTOR_OP_LAYER_NORM)
        mark_normed(s, node->input[0]);
    if (post_rank(post) > post_rank(of->post))
        of->post = post;
    if (of->kind != IGQ_LAYER_SCORES && is_residual(s, n, owner)) {
        of->elementwise += of->residual ? values : 0; // of several the first is the residual
        of->residual = 1;
        begin_stream(s, n);
    } else {
        of->elementwise += work == IGQ_VECTOR_WORK_ELEMENTWISE && igq_node_macs(s->graph, node) == 0 ? values : 0;
    }
    of->moved += work == IGQ_VECTOR_WORK_MOVE ? values : 0;
}

/// Layers ///

static void add_linear(search *s, int n)
{
    const igq_node *node = &s->graph->node[n];
    const igq_shape *x = &input_of(s, n, 0)->shape, *w = &input_of(s, n, 1)->shape;
    const igq_shape *y = &s->graph->value[node->output[0]].shape;
    int64_t O = node->op == IGQ_OP_MATMUL ? w->dim[1] : w->dim[0], C = igq_shape_elements(w) / O;
    int64_t T = node->op == IGQ_OP_CONV ? y->dim[0] * y->dim[2] * y->dim[3] : igq_shape_elements(x) / C;
    igq_layer *layer =
        igq_network_add(s->network, (igq_layer_kind)s->node[n].kind, node->block, (int)T, (int)C, (int)O);
    int from = s->owner[node->input[0]];
    layer->input = from >= 0 ? s->node[from].layer : -1;
    s->node[n].layer = s->network->num_layers - 1;
}

// The scores wait for their context, so that both stand together behind what made keys and values.
static void add_attention(search *s, int scores, int context)
{
    const igq_graph *graph = s->graph;
    const igq_shape *q = &input_of(s, scores, 0)->shape;
    const igq_shape *out = &graph->value[graph->node[scores].output[0]].shape;
    int64_t products = igq_shape_elements(out) / (last_dim(out, 1) * last_dim(out, 2));
    int64_t heads = out->rank > 2 ? last_dim(out, 3) : 1;
    int from = s->owner[graph->node[scores].input[0]];
    int keys_from = s->owner[graph->node[scores].input[1]], values_from = s->owner[graph->node[context].input[1]];
    igq_network_add_attention(s->network, graph->node[scores].block, (int)heads, (int)(products / heads),
                              (int)last_dim(out, 2), (int)last_dim(out, 1), (int)last_dim(q, 1),
                              keys_from >= 0 ? s->node[keys_from].layer : -1);
    s->node[scores].layer = s->network->num_layers - 2;
    s->node[context].layer = s->network->num_layers - 1;
    if (s->network->out_of_memory)
        return;
    s->network->layer[s->node[scores].layer].input = from >= 0 ? s->node[from].layer : -1;
    s->network->layer[s->node[context].layer].keys_from = values_from >= 0 ? s->node[values_from].layer : -1;
}

static void find_layers(search *s)
{
    for (int n = 0; n < s->graph->num_nodes; n++)
        s->node[n] = (finding){.kind = s->graph->node[n].kind, .layer = -1};
    for (int n = 0; n < s->graph->num_nodes && !s->network->out_of_memory; n++) {
        own(s, n);
        if (s->node[n].kind == IGQ_LAYER_CONTEXT)
            add_attention(s, s->graph->node[n].scores, n);
        else if (s->node[n].kind >= 0 && s->node[n].kind != IGQ_LAYER_SCORES)
            add_linear(s, n);
    }
}

// The last layer before layer k that has its quantizers.
static int last_like(const igq_network *network, int k)
{
    int own = network->layer[k].like, before = k - 1;
    while (before >= 0 && before != own && network->layer[before].like != own)
        before--;
    return before;
}

static void finish_layers(search *s)
{
    for (int n = 0; n < s->graph->num_nodes; n++) {
        s->products->of_node[n] = s->node[n].layer;
        if (s->node[n].layer < 0)
            continue;
        igq_layer *layer = &s->network->layer[s->node[n].layer];
        layer->post_op = s->node[n].post;
        layer->residual = s->node[n].residual;
        int64_t results = (int64_t)layer->products * layer->T * layer->O;
        layer->elementwise = (int)((s->node[n].elementwise + results - 1) / results);
        layer->moves = (int)((s->node[n].moved + results - 1) / results);
        layer->step = s->graph->node[n].step;
        layer->like = s->graph->node[n].like >= 0 ? s->node[s->graph->node[n].like].layer : -1;
        layer->ranges_from = s->graph->node[n].joins_ranges ? last_like(s->network, s->node[n].layer) : -1;
        layer->kept_channels = s->graph->node[n].kept_channels;
        layer->read_again = layer->kept_channels > 0;
        memcpy(layer->name, s->graph->node[n].name, sizeof layer->name);
        layer->name[sizeof layer->name - 1] = '\0';
    }
}

/// Where the operands lie ///

static void place_weights(igq_graph_product *product, const igq_graph *graph, const igq_node *node)
{
    int is_turned = node->op == IGQ_OP_MATMUL; // [C][O]
    product->num_sets = node->num_inputs > 3 ? 2 : 1;
    for (int i = 0; i < product->num_sets; i++) {
        int bias = 2 + 2 * i;
        product->weights[i] =
            (igq_product_weights){.data = graph->value[node->input[1 + 2 * i]].data,
                                  .bias = has_input(node, bias) ? graph->value[node->input[bias]].data : NULL,
                                  .output_stride = is_turned ? 1 : (size_t)product->layer->C,
                                  .channel_stride = is_turned ? (size_t)product->layer->O : 1};
    }
}

// Offset of each product's matrix in an operand, of which dimensions of 1 are stretched.
static const size_t *batch_offsets(igq_graph *graph, const igq_shape *operand, const igq_shape *out, int num)
{
    size_t *offset = igq_graph_take(graph, (size_t)num * sizeof *offset);
    size_t matrix = (size_t)(last_dim(operand, 1) * last_dim(operand, 2));
    for (int p = 0; offset && p < num; p++) {
        size_t stride = matrix, rest = (size_t)p;
        for (int back = 3; back <= out->rank; back++) {
            size_t size = (size_t)last_dim(out, back), at = rest % size;
            size_t own_size = back <= operand->rank ? (size_t)last_dim(operand, back) : 1;
            rest /= size;
            offset[p] += own_size > 1 ? at * stride : 0;
            stride *= own_size;
        }
    }
    return offset;
}

static void place_matrices(igq_graph_product *product, igq_graph *graph, const igq_node *node)
{
    const igq_shape *a = &graph->value[node->input[0]].shape, *b = &graph->value[node->input[1]].shape;
    const igq_shape *out = &graph->value[node->output[0]].shape;
    product->a_offset = batch_offsets(graph, a, out, product->layer->products);
    product->b_offset = batch_offsets(graph, b, out, product->layer->products);
    product->b_channel_stride = (size_t)last_dim(b, 1);
}

static int place_operands(search *s)
{
    igq_products *products = s->products;
    products->product = calloc((size_t)products->network->num_layers + 1, sizeof *products->product);
    if (!products->product)
        return 0;
    for (int n = 0; n < s->graph->num_nodes; n++) {
        if (s->node[n].layer < 0)
            continue;
        igq_graph_product *product = &products->product[s->node[n].layer];
        product->layer = &products->network->layer[s->node[n].layer];
        product->node = n;
        if (product->layer->linear >= 0)
            place_weights(product, s->graph, &s->graph->node[n]);
        else
            place_matrices(product, s->graph, &s->graph->node[n]);
    }
    return !s->graph->out_of_memory;
}

static int find(search *s)
{
    if (!s->products || !s->products->of_node || !s->node || !s->owner || !s->normed || !s->network)
        return 0;
    for (int v = 0; v < s->graph->num_values; v++)
        s->owner[v] = -1;
    find_layers(s);
    if (s->network->out_of_memory)
        return 0;
    finish_layers(s);
    s->products->network = igq_network_finish(s->network);
    s->network = NULL;
    return s->products->network && place_operands(s);
}

igq_products *igq_products_of(igq_graph *graph)
{
    search s = {.graph = graph, .products = calloc(1, sizeof *s.products), .network = igq_network_new()};
    s.node = calloc((size_t)graph->num_nodes + 1, sizeof *s.node);
    s.owner = calloc((size_t)graph->num_values + 1, sizeof *s.owner);
    s.normed = calloc((size_t)graph->num_values + 1, 1);
    if (s.products) {
        s.products->graph = graph;
        s.products->of_node = calloc((size_t)graph->num_nodes + 1, sizeof *s.products->of_node);
    }
    int found = find(&s);
    free(s.node);
    free(s.owner);
    free(s.normed);
    igq_network_free(s.network);
    if (!found) {
        igq_products_free(s.products);
        return NULL;
    }
    return s.products;
}

void igq_products_free(igq_products *products)
{
    if (!products)
        return;
    igq_network_free(products->network);
    free(products->product);
    free(products->of_node);
    free(products);
}

igq_network *igq_network_of(igq_graph *graph)
{
    igq_products *products = graph ? igq_products_of(graph) : NULL;
    igq_network *network = products ? products->network : NULL;
    if (products)
        products->network = NULL;
    igq_products_free(products);
    igq_graph_free(graph);
    return network;
}
