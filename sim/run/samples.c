// SPDX-License-Identifier: Apache-2.0
#include "samples.h"
#include "safetensors.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct igq_samples {
    const igq_graph *graph;
    igq_sample_source source;
    int num;
    char name[32];         // of a sample of tensors
    float *photo;          // one at a time
    igq_safetensors *file; // of tensors
    const char **all;      // (num_inputs) of all samples
    void **own;            // (num_inputs) whole numbers that were converted
    const void **input;    // (num_inputs) of the sample that was loaded
};

static const igq_value *input_value(const igq_samples *samples, int i)
{
    return igq_graph_value(samples->graph, samples->graph->input[i]);
}

/// Tensors ///

// How many samples a tensor holds; 0: it does not fit.
static int samples_of(const igq_tensor *tensor, const igq_shape *shape)
{
    if (tensor->rank != shape->rank)
        return 0;
    for (int i = 1; i < shape->rank; i++)
        if (tensor->shape[i] != shape->dim[i])
            return 0;
    if (shape->rank == 0)
        return 1;
    int64_t num = tensor->shape[0] / shape->dim[0];
    return tensor->shape[0] % shape->dim[0] == 0 && num <= IGQ_MAX_TENSOR_SAMPLES ? (int)num : 0;
}

// Whole numbers as int64, of a tensor of I64, or of one that converts to floats exactly.
static igq_status read_ints(int64_t *out, igq_samples *samples, const igq_tensor *tensor, igq_error *error)
{
    size_t num = igq_tensor_num_elems(tensor);
    if (tensor->dtype == IGQ_DTYPE_I64) {
        memcpy(out, tensor->data, num * sizeof *out);
        return IGQ_OK;
    }
    const float *values;
    igq_status status = igq_safetensors_floats(&values, samples->file, tensor, error);
    for (size_t i = 0; status == IGQ_OK && i < num; i++) {
        int fits = fabsf(values[i]) <= 0x1p24f;
        out[i] = fits ? (int64_t)values[i] : 0;
        if (!fits || (float)out[i] != values[i])
            status = igq_fail(error, "%s: tensor %s: element %zu is %g; allowed: whole numbers",
                              igq_safetensors_path(samples->file), tensor->name, i, (double)values[i]);
    }
    return status;
}

static igq_status read_input(igq_samples *samples, int i, igq_error *error)
{
    const igq_value *value = input_value(samples, i);
    const char *path = igq_safetensors_path(samples->file);
    const igq_tensor *tensor = igq_safetensors_find(samples->file, value->name);
    char got[128], wanted[128];
    igq_tensor_shape_text(wanted, sizeof wanted, value->shape.rank, value->shape.dim);
    if (!tensor)
        return igq_fail(error, "%s: tensor %.100s is missing, an input %s of the network", path, value->name, wanted);
    int num = samples_of(tensor, &value->shape);
    igq_tensor_shape_text(got, sizeof got, tensor->rank, tensor->shape);
    if (num < 1 || (samples->num > 0 && num != samples->num))
        return igq_fail(error,
                        "%s: tensor %.100s has shape %s; allowed: %s, or up to %d of that along the first dimension "
                        "(as many in every input)",
                        path, value->name, got, wanted, IGQ_MAX_TENSOR_SAMPLES);
    samples->num = num;
    if (value->element == IGQ_ELEMENT_FLOAT) {
        const float *values = NULL;
        igq_status status = igq_safetensors_floats(&values, samples->file, tensor, error);
        samples->all[i] = (const char *)values;
        return status;
    }
    samples->own[i] = malloc((igq_tensor_num_elems(tensor) + 1) * sizeof(int64_t));
    samples->all[i] = samples->own[i];
    return samples->own[i] ? read_ints(samples->own[i], samples, tensor, error) : igq_out_of_memory(error);
}

static igq_status open_tensors(igq_samples *samples, igq_error *error)
{
    size_t num = (size_t)samples->graph->num_inputs + 1;
    igq_status status = igq_safetensors_open(&samples->file, samples->source.inputs_path, error);
    samples->all = calloc(num, sizeof *samples->all);
    samples->own = calloc(num, sizeof *samples->own);
    if (status == IGQ_OK && (!samples->all || !samples->own))
        status = igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < samples->graph->num_inputs; i++)
        status = read_input(samples, i, error);
    samples->num = samples->num > 0 ? samples->num : 1; // a network without inputs
    return status;
}

/// Photos ///

static igq_status open_photos(igq_samples *samples, igq_error *error)
{
    const igq_graph *graph = samples->graph;
    const igq_value *value = graph->num_inputs == 1 ? input_value(samples, 0) : NULL;
    const igq_shape *shape = value ? &value->shape : NULL;
    if (!value || value->element != IGQ_ELEMENT_FLOAT || shape->rank != 4 || shape->dim[0] != 1 || shape->dim[1] != 3)
        return igq_fail(
            error,
            "%s: --images with a network whose input is no photo; allowed: one input [1][3][height][width], "
            "or --inputs with tensors",
            samples->source.network_path);
    samples->num = samples->source.num_images;
    samples->photo = malloc((size_t)igq_shape_elements(shape) * sizeof *samples->photo);
    return samples->photo ? IGQ_OK : igq_out_of_memory(error);
}

/// All ///

igq_status igq_samples_open(igq_samples **samples, const igq_graph *graph, const igq_sample_source *source,
                            igq_error *error)
{
    if (graph->num_inputs > IGQ_MAX_GRAPH_INPUTS)
        return igq_fail(error, "%s: %d inputs; supported: up to %d", source->network_path, graph->num_inputs,
                        IGQ_MAX_GRAPH_INPUTS);
    igq_samples *opened = calloc(1, sizeof *opened);
    if (!opened)
        return igq_out_of_memory(error);
    opened->graph = graph;
    opened->source = *source;
    opened->input = calloc((size_t)graph->num_inputs + 1, sizeof *opened->input);
    igq_status status = !opened->input        ? igq_out_of_memory(error)
                        : source->inputs_path ? open_tensors(opened, error)
                                              : open_photos(opened, error);
    if (status == IGQ_OK)
        *samples = opened;
    else
        igq_samples_close(opened);
    return status;
}

void igq_samples_close(igq_samples *samples)
{
    if (!samples)
        return;
    for (int i = 0; samples->own && i < samples->graph->num_inputs; i++)
        free(samples->own[i]);
    free(samples->own);
    free(samples->all);
    free(samples->input);
    free(samples->photo);
    igq_safetensors_close(samples->file);
    free(samples);
}

int igq_samples_num(const igq_samples *samples)
{
    return samples->num;
}

const char *igq_samples_name(igq_samples *samples, int i)
{
    if (!samples->source.inputs_path)
        return samples->source.image_paths[i];
    snprintf(samples->name, sizeof samples->name, "sample %d", i);
    return samples->name;
}

igq_status igq_samples_load(const void *const **inputs, igq_samples *samples, int i, igq_error *error)
{
    *inputs = samples->input;
    if (!samples->source.inputs_path) {
        const igq_shape *shape = &input_value(samples, 0)->shape;
        samples->input[0] = samples->photo;
        return igq_image_load(samples->photo, samples->source.image_paths[i], (int)shape->dim[2], (int)shape->dim[3],
                              samples->source.preprocess, error);
    }
    for (int k = 0; k < samples->graph->num_inputs; k++) {
        const igq_value *value = input_value(samples, k);
        size_t bytes = (size_t)igq_shape_elements(&value->shape) * igq_element_bytes(value->element);
        samples->input[k] = samples->all[k] + (size_t)i * bytes;
    }
    return IGQ_OK;
}
