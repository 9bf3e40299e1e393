// SPDX-License-Identifier: Apache-2.0
#include "safetensors.h"
#include "shape_members.h"
#include "trace_file.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct igq_trace_writer {
    const igq_workload *workload;
    igq_network *network; // of the workload
    igq_trace_source source;
    unsigned char *whole_blocks; // (igq_trace_blocks)
    int whole_rest;
    igq_range_collector collector;
    igq_observer collect; // fills the collector's instance
    char image[256];      // being recorded, "" before the first
    int num_tensors, room;
    igq_tensor *tensor;   // names and data are the writer's
    float *qkv, *softmax; // data of the attention that is being recorded whole
    int out_of_memory;    // observers cannot fail: save tells
};

int igq_trace_blocks(const igq_network *network)
{
    int most = -1;
    for (int k = 0; k < network->num_layers; k++)
        most = network->layer[k].block > most ? network->layer[k].block : most;
    return most + 1;
}

igq_trace_writer *igq_trace_writer_new(const igq_workload *workload, igq_trace_source source,
                                       const unsigned char *whole_blocks, int whole_rest)
{
    igq_trace_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return NULL;
    writer->workload = workload;
    writer->source = source;
    writer->whole_rest = whole_rest;
    writer->network = igq_workload_network(workload);
    size_t blocks = writer->network != NULL ? (size_t)igq_trace_blocks(writer->network) : 0;
    writer->whole_blocks = calloc(blocks + 1, 1);
    writer->collector.instance = writer->network != NULL ? igq_real_instance_new(writer->network) : NULL;
    writer->collect = igq_range_collector_observer(&writer->collector);
    if (writer->whole_blocks == NULL || writer->collector.instance == NULL) {
        igq_trace_writer_free(writer);
        return NULL;
    }
    if (whole_blocks != NULL)
        memcpy(writer->whole_blocks, whole_blocks, blocks);
    return writer;
}

void igq_trace_writer_free(igq_trace_writer *writer)
{
    if (writer == NULL)
        return;
    for (int i = 0; i < writer->num_tensors; i++) {
        free((char *)writer->tensor[i].name);
        free((void *)writer->tensor[i].data);
    }
    free(writer->tensor);
    free(writer->whole_blocks);
    igq_network_free(writer->network);
    igq_real_instance_free(writer->collector.instance);
    free(writer);
}

static int make_room(igq_trace_writer *writer)
{
    if (writer->num_tensors < writer->room)
        return 1;
    int room = 2 * writer->room + 64;
    igq_tensor *grown = realloc(writer->tensor, (size_t)room * sizeof *grown);
    if (grown == NULL)
        return 0;
    writer->tensor = grown;
    writer->room = room;
    return 1;
}

// A new tensor of the image, to be filled; NULL when memory is short.
static float *add_tensor(igq_trace_writer *writer, int rank, const int64_t *shape, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static float *add_tensor(igq_trace_writer *writer, int rank, const int64_t *shape, const char *format, ...)
{
    char name[IGQ_TRACE_NAME_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    igq_tensor tensor = igq_tensor_make(NULL, IGQ_DTYPE_F32, NULL, rank, shape);
    char *own_name = strdup(name);
    float *data = malloc(tensor.bytes);
    if (own_name == NULL || data == NULL || !make_room(writer)) {
        writer->out_of_memory = 1;
        free(own_name);
        free(data);
        return NULL;
    }
    tensor.name = own_name;
    tensor.data = data;
    writer->tensor[writer->num_tensors++] = tensor;
    return data;
}

static int is_whole(const igq_trace_writer *writer, const igq_layer *layer)
{
    return layer->block < 0 ? writer->whole_rest : writer->whole_blocks[layer->block];
}

static void observe_linear(void *context, const igq_layer *layer, const float *x)
{
    igq_trace_writer *writer = context;
    int T = layer->T, C = layer->C;
    writer->collect.linear_input(writer->collect.context, layer, x);
    if (!is_whole(writer, layer))
        return;
    float *whole = add_tensor(writer, 2, (int64_t[]){T, C}, IGQ_TRACE_LINEAR, writer->image, layer->name);
    if (whole != NULL)
        memcpy(whole, x, (size_t)T * (size_t)C * sizeof *x);
}

// Queries, keys or values [T][head dim] of a head into their columns of qkv [T][3 dim].
static void put_head(float *qkv, const float *x, int T, int head_dim, int heads, int column)
{
    size_t row = (size_t)(3 * heads * head_dim);
    for (size_t t = 0; t < (size_t)T; t++)
        memcpy(qkv + t * row + column, x + t * (size_t)head_dim, (size_t)head_dim * sizeof *qkv);
}

// Heads of an attention come one after another, queries and keys before softmax and values. Queries, keys and values
// are one tensor where there are as many of each, and no windows.
static void observe_attention(void *context, const igq_layer *layer, int product, igq_operand operand, const float *x)
{
    igq_trace_writer *writer = context;
    char attention[IGQ_TRACE_ATTENTION_BYTES];
    int is_scores = layer->kind == IGQ_LAYER_SCORES, heads = layer->heads, T = layer->T;
    int head_dim = is_scores ? layer->C : layer->O, keys = is_scores ? layer->O : layer->C;
    size_t matrix = (size_t)T * (size_t)keys;
    writer->collect.attention_input(writer->collect.context, layer, product, operand, x);
    if (!is_whole(writer, layer))
        return;
    igq_trace_attention(attention, is_scores ? layer + 1 : layer);
    if (operand == IGQ_OPERAND_QUERY && product == 0)
        writer->qkv =
            layer->products == heads && T == keys
                ? add_tensor(writer, 2, (int64_t[]){T, 3 * heads * head_dim}, IGQ_TRACE_QKV, writer->image, attention)
                : NULL;
    if (operand == IGQ_OPERAND_SOFTMAX && product == 0)
        writer->softmax =
            add_tensor(writer, 3, (int64_t[]){layer->products, T, keys}, IGQ_TRACE_SOFTMAX, writer->image, attention);
    if (operand == IGQ_OPERAND_SOFTMAX && writer->softmax != NULL)
        memcpy(writer->softmax + (size_t)product * matrix, x, matrix * sizeof *x);
    int tensor = operand == IGQ_OPERAND_QUERY ? 0 : operand == IGQ_OPERAND_KEY ? 1 : 2;
    if (operand != IGQ_OPERAND_SOFTMAX && writer->qkv != NULL)
        put_head(writer->qkv, x, T, head_dim, heads, (tensor * heads + product) * head_dim);
}

igq_observer igq_trace_writer_observer(igq_trace_writer *writer)
{
    return (igq_observer){writer, observe_linear, observe_attention};
}

static void add_attention_ranges(igq_trace_writer *writer, const igq_layer *context)
{
    char attention[IGQ_TRACE_ATTENTION_BYTES];
    int heads = context->heads, products = context->products, T = context->T;
    igq_trace_attention(attention, context);
    const igq_real_range *softmax = &writer->collector.instance->softmax[context->first_product];
    const igq_real_range *qkv = &writer->collector.instance->qkv[context->first_head];
    float *out = add_tensor(writer, 3, (int64_t[]){products, 2, T}, IGQ_TRACE_SOFTMAX_RANGE, writer->image, attention);
    for (int p = 0; out != NULL && p < products; p++, out += 2 * T) {
        memcpy(out, softmax[p].lo, (size_t)T * sizeof *out);
        memcpy(out + T, softmax[p].hi, (size_t)T * sizeof *out);
    }
    out = add_tensor(writer, 3, (int64_t[]){heads, 3, 2}, IGQ_TRACE_QKV_RANGE, writer->image, attention);
    for (int i = 0; out != NULL && i < 3 * heads; i++) {
        *out++ = qkv[i / 3].lo[i % 3];
        *out++ = qkv[i / 3].hi[i % 3];
    }
}

// The ranges of the image that was being recorded become tensors.
static void finish_image(igq_trace_writer *writer)
{
    if (*writer->image == '\0')
        return;
    for (int linear = 0; linear < writer->network->num_linear; linear++) {
        const igq_real_range *range = &writer->collector.instance->linear[linear];
        const char *layer = igq_network_linear(writer->network, linear)->name;
        size_t bytes = (size_t)range->num * sizeof(float);
        float *out = add_tensor(writer, 2, (int64_t[]){2, range->num}, IGQ_TRACE_LINEAR_RANGE, writer->image, layer);
        if (out != NULL) {
            memcpy(out, range->lo, bytes);
            memcpy(out + range->num, range->hi, bytes);
        }
    }
    for (int i = 0; i < writer->network->num_attention; i++)
        add_attention_ranges(writer, igq_network_attention(writer->network, i));
    *writer->image = '\0';
}

static int has_image(const igq_trace_writer *writer, const char *name)
{
    size_t length = strlen(name);
    for (int i = 0; i < writer->num_tensors; i++)
        if (strncmp(writer->tensor[i].name, name, length) == 0 && writer->tensor[i].name[length] == '/')
            return 1;
    return 0;
}

void igq_trace_writer_begin(igq_trace_writer *writer, const char *file_name)
{
    finish_image(writer);
    const char *slash = strrchr(file_name, '/');
    const char *base = slash != NULL ? slash + 1 : file_name, *dot = strrchr(base, '.');
    int length = dot != NULL && dot > base ? (int)(dot - base) : (int)strlen(base);
    length = length > 200 ? 200 : length;
    snprintf(writer->image, sizeof writer->image, "%.*s", length, base);
    for (int number = 2; has_image(writer, writer->image); number++)
        snprintf(writer->image, sizeof writer->image, "%.*s-%d", length, base, number);
}

igq_status igq_trace_writer_save(igq_trace_writer *writer, const char *path, igq_error *error)
{
    igq_metadata metadata[IGQ_NUM_SHAPE_MEMBERS + 3];
    char values[IGQ_NUM_SHAPE_MEMBERS][16];
    int num = 0;
    finish_image(writer);
    if (writer->out_of_memory)
        return igq_fail(error, "%s: not enough memory to record the trace", path);
    metadata[num++] = (igq_metadata){"igqsim_version", IGQSIM_VERSION};
    metadata[num++] = (igq_metadata){"network", writer->workload->name};
    metadata[num++] = (igq_metadata){"source", igq_trace_source_names[writer->source]};
    for (int i = 0; writer->workload->family == IGQ_FAMILY_VIT && i < IGQ_NUM_SHAPE_MEMBERS; i++) {
        snprintf(values[i], sizeof values[i], "%d", igq_shape_value(&writer->workload->shape, i));
        metadata[num++] = (igq_metadata){igq_shape_members[i].name, values[i]};
    }
    if (writer->workload->family != IGQ_FAMILY_VIT) {
        snprintf(values[0], sizeof values[0], "%d", writer->network->num_layers);
        metadata[num++] = (igq_metadata){"family", igq_family_names[writer->workload->family]};
        metadata[num++] = (igq_metadata){"layers", values[0]};
    }
    return igq_safetensors_write(path, writer->tensor, writer->num_tensors, metadata, num, error);
}
