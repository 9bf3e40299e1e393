// SPDX-License-Identifier: Apache-2.0
#include "executor.h"
#include "operation_code.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN_BYTES = 64 };

// Where the elements of a value lie. A reshaped value lies where its input does: `root` is the value that was computed.
typedef struct place {
    int root;
    int first, last;      // nodes: that computes the root, that reads it last
    size_t offset, bytes; // of a root in the executor's memory
} place;

struct igq_executor {
    const igq_products *products;
    const igq_graph *graph;
    place *place;      // (num_values)
    const void **data; // (num_values)
    char *memory;
    size_t memory_bytes;
    float *windows, *pixels; // of a convolution: its input as rows [T][C], its result [T][O]
    const void **in;         // (most inputs of a node)
    void **out;              // (most outputs)
};

/// Plan ///

static int is_computed(const igq_graph *graph, int value)
{
    return graph->value[value].node >= 0;
}

static void find_lives(igq_executor *e)
{
    const igq_graph *graph = e->graph;
    for (int v = 0; v < graph->num_values; v++) {
        const igq_value *value = &graph->value[v];
        size_t bytes = (size_t)igq_shape_elements(&value->shape) * igq_element_bytes(value->element);
        e->place[v] = (place){.root = v, .first = value->node, .last = value->node};
        e->place[v].bytes = (bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
    }
    for (int n = 0; n < graph->num_nodes; n++) {
        const igq_node *node = &graph->node[n];
        if (node->op == IGQ_OP_RESHAPE)
            e->place[node->output[0]].root = e->place[node->input[0]].root;
        for (int i = 0; i < node->num_inputs; i++)
            if (node->input[i] >= 0)
                e->place[e->place[node->input[i]].root].last = n;
    }
    for (int i = 0; i < graph->num_outputs; i++)
        e->place[e->place[graph->output[i]].root].last = graph->num_nodes;
}

// The lowest place that no living value has. live (num) is in the order of offsets.
static size_t lowest_gap(const igq_executor *e, const int *live, int num, size_t bytes, int *at)
{
    size_t offset = 0;
    for (*at = 0; *at < num; ++*at) {
        const place *other = &e->place[live[*at]];
        if (other->offset >= offset + bytes)
            break;
        offset = other->offset + other->bytes;
    }
    return offset;
}

// Gives every root its offset. live: room for all values.
static void place_values(igq_executor *e, int *live)
{
    int num_live = 0;
    for (int n = 0; n < e->graph->num_nodes; n++) {
        const igq_node *node = &e->graph->node[n];
        int kept = 0;
        for (int i = 0; i < num_live; i++)
            if (e->place[live[i]].last >= n)
                live[kept++] = live[i];
        num_live = kept;
        for (int i = 0; i < node->num_outputs; i++) {
            place *own = &e->place[node->output[i]];
            int at;
            if (own->root != node->output[i])
                continue;
            own->offset = lowest_gap(e, live, num_live, own->bytes, &at);
            memmove(live + at + 1, live + at, (size_t)(num_live - at) * sizeof *live);
            live[at] = node->output[i];
            num_live++;
            if (own->offset + own->bytes > e->memory_bytes)
                e->memory_bytes = own->offset + own->bytes;
        }
    }
}

static int take_convolution(igq_executor *e)
{
    size_t windows = 0, pixels = 0;
    for (int k = 0; k < e->products->network->num_layers; k++) {
        const igq_graph_product *product = &e->products->product[k];
        const igq_layer *layer = product->layer;
        if (e->graph->node[product->node].op != IGQ_OP_CONV)
            continue;
        size_t in = (size_t)layer->T * (size_t)layer->C, out = (size_t)layer->T * (size_t)layer->O;
        windows = in > windows ? in : windows;
        pixels = out > pixels ? out : pixels;
    }
    e->windows = malloc((windows + 1) * sizeof *e->windows);
    e->pixels = malloc((pixels + 1) * sizeof *e->pixels);
    return e->windows && e->pixels;
}

static int take_memory(igq_executor *e)
{
    int most_inputs = 1, most_outputs = 1;
    for (int n = 0; n < e->graph->num_nodes; n++) {
        const igq_node *node = &e->graph->node[n];
        most_inputs = node->num_inputs > most_inputs ? node->num_inputs : most_inputs;
        most_outputs = node->num_outputs > most_outputs ? node->num_outputs : most_outputs;
    }
    size_t num_values = (size_t)e->graph->num_values + 1;
    int *live = malloc(num_values * sizeof *live);
    e->place = calloc(num_values, sizeof *e->place);
    e->data = calloc(num_values, sizeof *e->data);
    e->in = calloc((size_t)most_inputs, sizeof *e->in);
    e->out = calloc((size_t)most_outputs, sizeof *e->out);
    int enough = live && e->place && e->data && e->in && e->out && take_convolution(e);
    if (enough) {
        find_lives(e);
        place_values(e, live);
        e->memory = aligned_alloc(ALIGN_BYTES, e->memory_bytes + ALIGN_BYTES);
    }
    free(live);
    return enough && e->memory;
}

igq_executor *igq_executor_new(const igq_products *products)
{
    igq_executor *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->products = products;
    e->graph = products->graph;
    if (!take_memory(e)) {
        igq_executor_free(e);
        return NULL;
    }
    return e;
}

void igq_executor_free(igq_executor *e)
{
    if (!e)
        return;
    free(e->place);
    free(e->data);
    free(e->in);
    free(e->out);
    free(e->windows);
    free(e->pixels);
    free(e->memory);
    free(e);
}

size_t igq_executor_memory_bytes(const igq_executor *e)
{
    return e->memory_bytes;
}

/// Products ///

// One row of a convolution's input as products read it: [channel][kernel row][kernel column] of an output pixel. What
// lies outside of the image is 0.
static float *cut_window(float *row, const float *x, const igq_shape *shape, const igq_shape *kernel,
                         const igq_attributes *with, int64_t top, int64_t left)
{
    int64_t height = shape->dim[2], width = shape->dim[3];
    for (int64_t channel = 0; channel < shape->dim[1]; channel++, x += height * width)
        for (int64_t i = 0; i < kernel->dim[2]; i++)
            for (int64_t j = 0; j < kernel->dim[3]; j++) {
                int64_t at_row = top + i * with->dilation[0], at_column = left + j * with->dilation[1];
                int inside = at_row >= 0 && at_row < height && at_column >= 0 && at_column < width;
                *row++ = inside ? x[at_row * width + at_column] : 0;
            }
    return row;
}

static void cut_windows(float *rows, const float *x, const igq_graph *graph, const igq_node *node)
{
    const igq_shape *shape = &graph->value[node->input[0]].shape, *kernel = &graph->value[node->input[1]].shape;
    const igq_shape *out = &graph->value[node->output[0]].shape;
    const igq_attributes *with = &node->attributes;
    for (int64_t image = 0; image < shape->dim[0]; image++, x += igq_shape_elements(shape) / shape->dim[0])
        for (int64_t i = 0; i < out->dim[2]; i++)
            for (int64_t j = 0; j < out->dim[3]; j++)
                rows = cut_window(rows, x, shape, kernel, with, i * with->stride[0] - with->pad[0],
                                  j * with->stride[1] - with->pad[1]);
}

static void convolve(igq_executor *e, const igq_engine *engine, const igq_graph_product *product, float *y,
                     const float *x)
{
    const igq_node *node = &e->graph->node[product->node];
    const igq_shape *out = &e->graph->value[node->output[0]].shape;
    size_t channels = (size_t)out->dim[1], size = (size_t)(out->dim[2] * out->dim[3]);
    cut_windows(e->windows, x, e->graph, node);
    engine->linear(engine->context, product, e->pixels, e->windows);
    for (size_t image = 0; image < (size_t)out->dim[0]; image++)
        for (size_t channel = 0; channel < channels; channel++)
            for (size_t pixel = 0; pixel < size; pixel++)
                *y++ = e->pixels[(image * size + pixel) * channels + channel];
}

static void run_product(igq_executor *e, const igq_engine *engine, const igq_graph_product *product)
{
    const igq_node *node = &e->graph->node[product->node];
    if (product->layer->linear < 0)
        engine->matmul(engine->context, product, e->out[0], e->in[0], e->in[1]);
    else if (node->op == IGQ_OP_CONV)
        convolve(e, engine, product, e->out[0], e->in[0]);
    else
        engine->linear(engine->context, product, e->out[0], e->in[0]);
}

/// Passes ///

void igq_executor_start(igq_executor *e, const void *const *inputs)
{
    for (int v = 0; v < e->graph->num_values; v++)
        e->data[v] = is_computed(e->graph, v) ? e->memory + e->place[v].offset : e->graph->value[v].data;
    for (int i = 0; i < e->graph->num_inputs; i++)
        e->data[e->graph->input[i]] = inputs[i];
    for (int v = 0; v < e->graph->num_values; v++)
        e->data[v] = e->data[e->place[v].root];
}

void igq_executor_run(igq_executor *e, const igq_engine *engine, int first, int before)
{
    for (int n = first; n < before; n++) {
        const igq_node *node = &e->graph->node[n];
        int layer = e->products->of_node[n];
        for (int i = 0; i < node->num_inputs; i++)
            e->in[i] = node->input[i] >= 0 ? e->data[node->input[i]] : NULL;
        for (int i = 0; i < node->num_outputs; i++)
            e->out[i] = e->memory + e->place[node->output[i]].offset;
        if (layer >= 0)
            run_product(e, engine, &e->products->product[layer]);
        else if (node->op != IGQ_OP_RESHAPE)
            igq_op_code_of(node->op)(&(igq_operands){e->graph, node, e->in, e->out});
    }
}

void igq_execute(igq_executor *e, const igq_engine *engine, const void *const *inputs)
{
    igq_executor_start(e, inputs);
    igq_executor_run(e, engine, 0, e->graph->num_nodes);
}

const void *igq_executor_output(const igq_executor *e, int i)
{
    return e->data[e->graph->output[i]];
}

/// States ///

// Computed before node `first`, and read by it or behind it.
static int is_alive(const igq_executor *e, int value, int first)
{
    const place *own = &e->place[value];
    return own->root == value && is_computed(e->graph, value) && own->first < first && own->last >= first;
}

size_t igq_executor_state_bytes(const igq_executor *e, int first)
{
    size_t bytes = 0;
    for (int v = 0; v < e->graph->num_values; v++)
        bytes += is_alive(e, v, first) ? e->place[v].bytes : 0;
    return bytes;
}

void igq_executor_save(void *state, const igq_executor *e, int first)
{
    char *next = state;
    for (int v = 0; v < e->graph->num_values; v++)
        if (is_alive(e, v, first)) {
            memcpy(next, e->memory + e->place[v].offset, e->place[v].bytes);
            next += e->place[v].bytes;
        }
}

void igq_executor_restore(igq_executor *e, int first, const void *state)
{
    const char *next = state;
    for (int v = 0; v < e->graph->num_values; v++)
        if (is_alive(e, v, first)) {
            memcpy(e->memory + e->place[v].offset, next, e->place[v].bytes);
            next += e->place[v].bytes;
        }
}
