// SPDX-License-Identifier: Apache-2.0
#include "trace_file.h"
#include "datapath.h"
#include "safetensors.h"
#include "shape_members.h"
#include "text.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const igq_trace_source_names[IGQ_TRACE_SOURCE_COUNT] = {
    [IGQ_TRACE_FP32] = "fp32", [IGQ_TRACE_DATAPATH] = "datapath"};

void igq_trace_attention(char name[IGQ_TRACE_ATTENTION_BYTES], const igq_layer *context)
{
    static const char end[] = "context";
    size_t length = strlen(context->name), cut = strlen(end);
    if (length >= cut && strcmp(context->name + length - cut, end) == 0)
        snprintf(name, IGQ_TRACE_ATTENTION_BYTES, "%.*s", (int)(length - cut), context->name);
    else
        snprintf(name, IGQ_TRACE_ATTENTION_BYTES, "%s.", context->name);
}

struct igq_trace {
    igq_safetensors *file;
    igq_network *network;
    int num_images;
    char **image; // names
};

// The network's name, NULL with an error if the file is no trace.
static const char *network_of(const igq_safetensors *file, igq_error *error)
{
    const char *network = igq_safetensors_metadata(file, "network");
    if (network == NULL || igq_safetensors_metadata(file, "source") == NULL) {
        igq_fail(error, "%s: not a trace of igqsim: metadata \"network\" and \"source\" are missing",
                 igq_safetensors_path(file));
        return NULL;
    }
    return network;
}

igq_status igq_trace_workload(igq_workload *workload, const char *path, igq_error *error)
{
    igq_safetensors *file;
    igq_status status = igq_safetensors_open(&file, path, error);
    if (status != IGQ_OK)
        return status;
    memset(workload, 0, sizeof *workload);
    const char *network = network_of(file, error);
    status = network != NULL ? IGQ_OK : IGQ_USER_ERROR;
    for (int i = 0; status == IGQ_OK && i < IGQ_NUM_SHAPE_MEMBERS; i++) {
        const igq_shape_member *member = &igq_shape_members[i];
        const char *given = igq_safetensors_metadata(file, member->name);
        int *value = (int *)((char *)&workload->shape + member->offset);
        *value = given != NULL ? atoi(given) : 0;
        if (*value < 1)
            status = igq_fail(error, "%s: metadata \"%s\" is %.20s; allowed: a number of at least 1", path,
                              member->name, given != NULL ? given : "missing");
    }
    if (status == IGQ_OK)
        snprintf(workload->name, sizeof workload->name, "%s", network);
    igq_safetensors_close(file);
    return status;
}

// Names and widths of layers tell the rest.
static igq_status check_graph(const igq_safetensors *file, const igq_workload *workload, int num_layers,
                              igq_error *error)
{
    const char *family = igq_safetensors_metadata(file, "family"), *layers = igq_safetensors_metadata(file, "layers");
    char wanted[16];
    snprintf(wanted, sizeof wanted, "%d", num_layers);
    if (family && layers && strcmp(family, igq_family_names[workload->family]) == 0 && strcmp(layers, wanted) == 0)
        return IGQ_OK;
    return igq_fail(
        error,
        "%s: trace of another network (%.60s, family %.20s, layers %.20s); allowed with workload %s: family "
        "%s, layers %s",
        igq_safetensors_path(file), igq_safetensors_metadata(file, "network"), family ? family : "vit",
        layers ? layers : "missing", workload->name, igq_family_names[workload->family], wanted);
}

static igq_status check_network(const igq_safetensors *file, const igq_workload *workload, int num_layers,
                                igq_error *error)
{
    const char *path = igq_safetensors_path(file), *network = network_of(file, error);
    if (network == NULL)
        return IGQ_USER_ERROR;
    if (workload->family != IGQ_FAMILY_VIT)
        return check_graph(file, workload, num_layers, error);
    for (int i = 0; i < IGQ_NUM_SHAPE_MEMBERS; i++) {
        const char *name = igq_shape_members[i].name, *given = igq_safetensors_metadata(file, name);
        char wanted[16];
        snprintf(wanted, sizeof wanted, "%d", igq_shape_value(&workload->shape, i));
        if (given == NULL || strcmp(given, wanted) != 0)
            return igq_fail(error, "%s: trace of another network (%.60s): %s is %.20s; allowed with workload %s: %s",
                            path, network, name, given == NULL ? "missing" : given, workload->name, wanted);
    }
    return IGQ_OK;
}

static int compare_places(const void *a, const void *b)
{
    const igq_tensor *const *left = a, *const *right = b;
    return ((*left)->data > (*right)->data) - ((*left)->data < (*right)->data);
}

// Every image has the range of the first layer: it tells which images there are, and its place in the file their order.
static igq_status find_images(igq_trace *trace, igq_error *error)
{
    char ending[IGQ_TRACE_NAME_BYTES];
    snprintf(ending, sizeof ending, IGQ_TRACE_LINEAR_RANGE, "", igq_network_linear(trace->network, 0)->name);
    const char *path = igq_safetensors_path(trace->file);
    int num_tensors = igq_safetensors_num(trace->file);
    const igq_tensor **first = malloc(((size_t)num_tensors + 1) * sizeof(*first));
    trace->image = calloc((size_t)num_tensors + 1, sizeof *trace->image);
    if (first == NULL || trace->image == NULL) {
        free(first);
        return igq_fail(error, "%s: not enough memory", path);
    }
    int num = 0;
    for (int i = 0; i < num_tensors; i++) {
        const igq_tensor *tensor = igq_safetensors_at(trace->file, i);
        size_t length = strlen(tensor->name);
        if (length > strlen(ending) && strcmp(tensor->name + length - strlen(ending), ending) == 0)
            first[num++] = tensor;
    }
    qsort(first, (size_t)num, sizeof *first, compare_places);
    igq_status status = num > 0 ? IGQ_OK : igq_fail(error, "%s: trace without images", path);
    for (; status == IGQ_OK && trace->num_images < num; trace->num_images++) {
        const char *name = first[trace->num_images]->name;
        char *image = strndup(name, strlen(name) - strlen(ending));
        trace->image[trace->num_images] = image;
        if (image == NULL)
            status = igq_fail(error, "%s: not enough memory", path);
        else if (!igq_is_printable(image))
            status = igq_fail(error, "%s: tensor %s: the name of the image is not printable", path, name);
    }
    free(first);
    return status;
}

// Notes the tensor of that name, if there is one, as known.
__attribute__((format(printf, 3, 4))) static void note(unsigned char *known, const igq_safetensors *file,
                                                       const char *format, ...)
{
    char name[IGQ_TRACE_NAME_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    const igq_tensor *tensor = igq_safetensors_find(file, name);
    if (tensor != NULL)
        known[tensor - igq_safetensors_at(file, 0)] = 1;
}

// Whole activations may be missing: one under a misspelt name would be left out of the run without a word.
static igq_status check_strangers(const igq_trace *trace, igq_error *error)
{
    const igq_safetensors *file = trace->file;
    unsigned char *known = calloc((size_t)igq_safetensors_num(file) + 1, 1);
    if (known == NULL)
        return igq_out_of_memory(error);
    for (int i = 0; i < trace->num_images; i++) {
        const char *image = trace->image[i];
        for (int k = 0; k < trace->network->num_linear; k++) {
            const char *layer = igq_network_linear(trace->network, k)->name;
            note(known, file, IGQ_TRACE_LINEAR, image, layer);
            note(known, file, IGQ_TRACE_LINEAR_RANGE, image, layer);
        }
        for (int k = 0; k < trace->network->num_attention; k++) {
            char attention[IGQ_TRACE_ATTENTION_BYTES];
            igq_trace_attention(attention, igq_network_attention(trace->network, k));
            note(known, file, IGQ_TRACE_SOFTMAX, image, attention);
            note(known, file, IGQ_TRACE_SOFTMAX_RANGE, image, attention);
            note(known, file, IGQ_TRACE_QKV, image, attention);
            note(known, file, IGQ_TRACE_QKV_RANGE, image, attention);
        }
    }
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < igq_safetensors_num(file); i++)
        if (!known[i])
            status = igq_fail(
                error, "%s: tensor %s belongs to no image and layer of the trace; allowed: names of docs/formats.md",
                igq_safetensors_path(file), igq_safetensors_at(file, i)->name);
    free(known);
    return status;
}

igq_status igq_trace_open(igq_trace **trace, const char *path, const igq_workload *workload, igq_error *error)
{
    if (workload->family == IGQ_FAMILY_MATMULS)
        return igq_fail(error, "--trace with workload %s of family matmuls; allowed: a run on shapes alone",
                        workload->name);
    igq_trace *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return igq_fail(error, "%s: not enough memory", path);
    opened->network = igq_workload_network(workload);
    igq_status status = opened->network ? igq_safetensors_open(&opened->file, path, error)
                                        : igq_fail(error, "%s: not enough memory", path);
    if (status == IGQ_OK)
        status = check_network(opened->file, workload, opened->network->num_layers, error);
    if (status == IGQ_OK)
        status = find_images(opened, error);
    if (status == IGQ_OK)
        status = check_strangers(opened, error);
    if (status == IGQ_OK)
        *trace = opened;
    else
        igq_trace_close(opened);
    return status;
}

void igq_trace_close(igq_trace *trace)
{
    if (trace == NULL)
        return;
    for (int i = 0; i < trace->num_images; i++)
        free(trace->image[i]);
    free(trace->image);
    igq_safetensors_close(trace->file);
    igq_network_free(trace->network);
    free(trace);
}

int igq_trace_num_images(const igq_trace *trace)
{
    return trace->num_images;
}

const char *igq_trace_image_name(const igq_trace *trace, int image)
{
    assert(image >= 0 && image < trace->num_images);
    return trace->image[image];
}

// The values of a tensor of the given shape. *values is NULL if there is none of that name and it is optional.
static igq_status fetch(const float **values, igq_trace *trace, const char *name, int optional, int rank,
                        const int64_t *shape, igq_error *error)
{
    const char *path = igq_safetensors_path(trace->file);
    const igq_tensor *tensor = igq_safetensors_find(trace->file, name);
    *values = NULL;
    if (tensor == NULL)
        return optional ? IGQ_OK : igq_fail(error, "%s: tensor %s is missing", path, name);
    if (tensor->rank != rank || memcmp(tensor->shape, shape, (size_t)rank * sizeof *shape) != 0) {
        char got[128], expected[128];
        igq_tensor_shape_text(got, sizeof got, tensor->rank, tensor->shape);
        igq_tensor_shape_text(expected, sizeof expected, rank, shape);
        return igq_fail(error, "%s: tensor %s has shape %s, the workload's network needs %s", path, name, got,
                        expected);
    }
    return igq_safetensors_floats(values, trace->file, tensor, error);
}

// Fails for NaN too.
static igq_status check_order(const igq_real_range *range, const igq_trace *trace, const char *name, igq_error *error)
{
    for (int i = 0; i < range->num; i++)
        if (!(range->lo[i] <= range->hi[i]))
            return igq_fail(error, "%s: tensor %s: range %d is %g to %g; allowed: minimum <= maximum",
                            igq_safetensors_path(trace->file), name, i, (double)range->lo[i], (double)range->hi[i]);
    return IGQ_OK;
}

static igq_status read_linear_range(igq_real_range *out, igq_trace *trace, int image, int linear, igq_error *error)
{
    char name[IGQ_TRACE_NAME_BYTES];
    const float *values;
    const igq_layer *layer = igq_network_linear(trace->network, linear);
    int C = layer->C;
    snprintf(name, sizeof name, IGQ_TRACE_LINEAR_RANGE, trace->image[image], layer->name);
    igq_status status = fetch(&values, trace, name, 0, 2, (int64_t[]){2, C}, error);
    if (status != IGQ_OK)
        return status;
    memcpy(out->lo, values, (size_t)C * sizeof *values);
    memcpy(out->hi, values + C, (size_t)C * sizeof *values);
    return check_order(out, trace, name, error);
}

static igq_status read_attention_ranges(igq_real_instance *out, igq_trace *trace, int image, const igq_layer *context,
                                        igq_error *error)
{
    char name[IGQ_TRACE_NAME_BYTES], attention[IGQ_TRACE_ATTENTION_BYTES];
    const float *values;
    int heads = context->heads, T = context->T;
    igq_trace_attention(attention, context);
    snprintf(name, sizeof name, IGQ_TRACE_SOFTMAX_RANGE, trace->image[image], attention);
    igq_status status = fetch(&values, trace, name, 0, 3, (int64_t[]){context->products, 2, T}, error);
    for (int p = 0; status == IGQ_OK && p < context->products; p++, values += 2 * T) {
        igq_real_range *range = &out->softmax[context->first_product + p];
        memcpy(range->lo, values, (size_t)T * sizeof *values);
        memcpy(range->hi, values + T, (size_t)T * sizeof *values);
        status = check_order(range, trace, name, error);
    }
    if (status != IGQ_OK)
        return status;
    snprintf(name, sizeof name, IGQ_TRACE_QKV_RANGE, trace->image[image], attention);
    status = fetch(&values, trace, name, 0, 3, (int64_t[]){heads, 3, 2}, error);
    for (int h = 0; status == IGQ_OK && h < heads; h++) {
        igq_real_range *range = &out->qkv[context->first_head + h];
        for (int tensor = 0; tensor < 3; tensor++, values += 2) {
            range->lo[tensor] = values[0];
            range->hi[tensor] = values[1];
        }
        status = check_order(range, trace, name, error);
    }
    return status;
}

igq_status igq_trace_real_instance(igq_real_instance *out, igq_trace *trace, int image, igq_error *error)
{
    igq_status status = IGQ_OK;
    assert(image >= 0 && image < trace->num_images);
    for (int linear = 0; status == IGQ_OK && linear < trace->network->num_linear; linear++)
        status = read_linear_range(&out->linear[linear], trace, image, linear, error);
    for (int i = 0; status == IGQ_OK && i < trace->network->num_attention; i++)
        status = read_attention_ranges(out, trace, image, igq_network_attention(trace->network, i), error);
    return status;
}

// Recorded ranges must be those of the recorded activations: the ranges of whole columns, or of whole rows.
static igq_status check_agreement(const igq_real_range *range, const float *x, int num_observations,
                                  size_t member_stride, size_t observation_stride, const igq_trace *trace,
                                  const char *name, igq_error *error)
{
    for (int i = 0; i < range->num; i++) {
        const float *member = x + (size_t)i * member_stride;
        float lo = member[0], hi = member[0];
        for (int k = 1; k < num_observations; k++) {
            float value = member[(size_t)k * observation_stride];
            lo = value < lo ? value : lo;
            hi = value > hi ? value : hi;
        }
        if (lo != range->lo[i] || hi != range->hi[i])
            return igq_fail(error,
                            "%s: tensor %s: activations of %d range from %.9g to %.9g, its minmax says %.9g to %.9g",
                            igq_safetensors_path(trace->file), name, i, (double)lo, (double)hi, (double)range->lo[i],
                            (double)range->hi[i]);
    }
    return IGQ_OK;
}

// What an instance is made from, and room to work in.
typedef struct observation {
    igq_trace *trace;
    int image;
    const igq_calibration *calibration;
    const igq_scheme_cfg *cfg;
    const igq_real_instance *real;
    void *scratch;
} observation;

static igq_status observe_linear(igq_instance *out, const observation *from, int linear, igq_error *error)
{
    char name[IGQ_TRACE_NAME_BYTES];
    const float *x;
    igq_trace *trace = from->trace;
    const igq_group_bounds *bounds = &from->calibration->linear[linear].act;
    const igq_layer *layer = igq_network_linear(trace->network, linear);
    int T = layer->T, C = layer->C;
    out->linear_noise[linear] = (igq_layer_noise){0};
    snprintf(name, sizeof name, IGQ_TRACE_LINEAR, trace->image[from->image], layer->name);
    igq_status status = fetch(&x, trace, name, 1, 2, (int64_t[]){T, C}, error);
    if (status != IGQ_OK || x == NULL)
        return status;
    status = check_agreement(&from->real->linear[linear], x, T, 1, (size_t)C, trace, name, error);
    if (status != IGQ_OK)
        return status;
    const igq_scheme_cfg cfg = igq_scheme_of_layer(from->cfg, layer->kind);
    igq_observe_linear(&out->linear[linear], &out->linear_noise[linear], x, T, C, bounds, &cfg, from->scratch);
    return IGQ_OK;
}

static igq_status observe_softmax(igq_instance *out, const observation *from, const igq_layer *context,
                                  igq_error *error)
{
    char name[IGQ_TRACE_NAME_BYTES], attention[IGQ_TRACE_ATTENTION_BYTES];
    const float *x;
    igq_trace *trace = from->trace;
    int T = context->T, keys = context->C;
    igq_layer_noise *noise = &out->softmax_noise[context->attention];
    *noise = (igq_layer_noise){0};
    igq_trace_attention(attention, context);
    snprintf(name, sizeof name, IGQ_TRACE_SOFTMAX, trace->image[from->image], attention);
    igq_status status = fetch(&x, trace, name, 1, 3, (int64_t[]){context->products, T, keys}, error);
    if (x == NULL)
        return status;
    for (int p = 0; status == IGQ_OK && p < context->products; p++, x += (size_t)T * (size_t)keys) {
        int head = context->first_head + p % context->heads, product = context->first_product + p;
        status = check_agreement(&from->real->softmax[product], x, keys, (size_t)keys, 1, trace, name, error);
        if (status == IGQ_OK)
            igq_observe_softmax(&out->softmax[product], noise, x, T, keys, &from->calibration->head[head].softmax,
                                from->cfg, from->scratch);
    }
    return status;
}

// Enough for every linear layer's input and for the softmax of a head.
static size_t scratch_bytes(const igq_network *network)
{
    size_t most = 0;
    for (int k = 0; k < network->num_layers; k++) {
        size_t bytes = igq_observe_scratch(network->layer[k].T, network->layer[k].C);
        most = bytes > most ? bytes : most;
    }
    return most;
}

igq_status igq_trace_instance(igq_instance *out, igq_trace *trace, int image, const igq_calibration *calibration,
                              const igq_scheme_cfg *cfg, igq_error *error)
{
    igq_real_instance *real = igq_real_instance_new(trace->network);
    void *scratch = malloc(scratch_bytes(trace->network));
    const observation from = {trace, image, calibration, cfg, real, scratch};
    igq_status status = IGQ_OK;
    if (real == NULL || scratch == NULL)
        status = igq_fail(error, "%s: not enough memory", igq_safetensors_path(trace->file));
    if (status == IGQ_OK)
        status = igq_trace_real_instance(real, trace, image, error);
    if (status == IGQ_OK)
        igq_real_instance_to_grid(out, real, calibration);
    for (int linear = 0; status == IGQ_OK && linear < trace->network->num_linear; linear++)
        status = observe_linear(out, &from, linear, error);
    for (int i = 0; status == IGQ_OK && i < trace->network->num_attention; i++)
        status = observe_softmax(out, &from, igq_network_attention(trace->network, i), error);
    free(scratch);
    igq_real_instance_free(real);
    return status;
}
