// SPDX-License-Identifier: Apache-2.0
#include "graph_run.h"
#include "datapath.h"
#include "decoder_result.h"
#include "executor.h"
#include "finite.h"
#include "graph_weights.h"
#include "metrics.h"
#include "progress.h"
#include "run_timing.h"
#include "safetensors.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SAMPLES = 4096 };

// What an output was in full precision and on the datapath, sample after sample.
typedef struct output {
    float *reference, *datapath;
} output;

typedef struct graph_run {
    igq_run_context *context;
    igq_graph *graph;
    igq_graph *own_graph; // of a family, with weights; NULL: of an ONNX file
    igq_graph_weights *weights;
    igq_products *products;
    igq_executor *executor;
    igq_fp32_engine *fp32;
    igq_datapath *datapath;
    igq_safetensors *file;
    int num_samples;
    const void **input;         // (num_inputs) of all samples
    void **own;                 // (num_inputs) whole numbers that were converted
    igq_real_instance **ranges; // (num_samples)
    output *output;             // (num_outputs)
} graph_run;

static const igq_value *input_value(const graph_run *run, int i)
{
    return igq_graph_value(run->graph, run->graph->input[i]);
}

static const igq_value *output_value(const graph_run *run, int i)
{
    return igq_graph_value(run->graph, run->graph->output[i]);
}

static size_t elements(const igq_value *value)
{
    return (size_t)igq_shape_elements(&value->shape);
}

/// Inputs ///

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
    return tensor->shape[0] % shape->dim[0] == 0 && num <= MAX_SAMPLES ? (int)num : 0;
}

// Whole numbers as int64, of a tensor of I64, or of one that converts to floats exactly.
static igq_status read_ints(int64_t *out, graph_run *run, const igq_tensor *tensor, igq_error *error)
{
    size_t num = igq_tensor_num_elems(tensor);
    if (tensor->dtype == IGQ_DTYPE_I64) {
        memcpy(out, tensor->data, num * sizeof *out);
        return IGQ_OK;
    }
    const float *values;
    igq_status status = igq_safetensors_floats(&values, run->file, tensor, error);
    for (size_t i = 0; status == IGQ_OK && i < num; i++) {
        out[i] = (int64_t)values[i];
        if ((float)out[i] != values[i] || fabsf(values[i]) > 0x1p24f)
            status = igq_fail(error, "%s: tensor %s: element %zu is %g; allowed: whole numbers",
                              igq_safetensors_path(run->file), tensor->name, i, (double)values[i]);
    }
    return status;
}

static igq_status read_input(graph_run *run, int i, igq_error *error)
{
    const igq_value *value = input_value(run, i);
    const char *path = igq_safetensors_path(run->file);
    const igq_tensor *tensor = igq_safetensors_find(run->file, value->name);
    char got[128], wanted[128];
    igq_tensor_shape_text(wanted, sizeof wanted, value->shape.rank, value->shape.dim);
    if (!tensor)
        return igq_fail(error, "%s: tensor %.100s is missing, an input %s of the network", path, value->name, wanted);
    int samples = samples_of(tensor, &value->shape);
    igq_tensor_shape_text(got, sizeof got, tensor->rank, tensor->shape);
    if (samples < 1 || (run->num_samples > 0 && samples != run->num_samples))
        return igq_fail(error,
                        "%s: tensor %.100s has shape %s; allowed: %s, or up to %d of that along the first dimension "
                        "(as many in every input)",
                        path, value->name, got, wanted, MAX_SAMPLES);
    run->num_samples = samples;
    if (value->element == IGQ_ELEMENT_FLOAT) {
        const float *values;
        igq_status status = igq_safetensors_floats(&values, run->file, tensor, error);
        run->input[i] = values;
        return status;
    }
    run->own[i] = malloc((igq_tensor_num_elems(tensor) + 1) * sizeof(int64_t));
    run->input[i] = run->own[i];
    return run->own[i] ? read_ints(run->own[i], run, tensor, error) : igq_out_of_memory(error);
}

static igq_status read_inputs(graph_run *run, igq_error *error)
{
    size_t num = (size_t)run->graph->num_inputs + 1;
    igq_status status = igq_safetensors_open(&run->file, run->context->request->inputs_path, error);
    run->input = calloc(num, sizeof *run->input);
    run->own = calloc(num, sizeof *run->own);
    if (status == IGQ_OK && (!run->input || !run->own))
        status = igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < run->graph->num_inputs; i++)
        status = read_input(run, i, error);
    run->num_samples = run->num_samples > 0 ? run->num_samples : 1; // a network without inputs
    return status;
}

/// Passes ///

static void pass(graph_run *run, const igq_engine *engine, int sample)
{
    const void *inputs[64];
    for (int i = 0; i < run->graph->num_inputs; i++) {
        const igq_value *value = input_value(run, i);
        inputs[i] = (const char *)run->input[i] + (size_t)sample * elements(value) * igq_element_bytes(value->element);
    }
    igq_execute(run->executor, engine, inputs);
}

// The outputs of the last pass; whole numbers as floats.
static void keep_outputs(graph_run *run, int sample, int is_datapath)
{
    for (int i = 0; i < run->graph->num_outputs; i++) {
        const igq_value *value = output_value(run, i);
        size_t num = elements(value);
        const void *from = igq_executor_output(run->executor, i);
        float *to = (is_datapath ? run->output[i].datapath : run->output[i].reference) + (size_t)sample * num;
        for (size_t k = 0; k < num; k++)
            to[k] = value->element == IGQ_ELEMENT_FLOAT ? ((const float *)from)[k] : (float)((const int64_t *)from)[k];
    }
}

static igq_status run_reference(graph_run *run, igq_error *error)
{
    igq_range_collector collector = {0};
    igq_observer observer = igq_range_collector_observer(&collector);
    igq_status status = IGQ_OK;
    run->fp32 = igq_fp32_engine_new(run->products, &observer);
    run->ranges = calloc((size_t)run->num_samples, sizeof *run->ranges);
    if (!run->fp32 || !run->ranges)
        return igq_out_of_memory(error);
    const igq_engine engine = igq_fp32_engine_get(run->fp32);
    for (int s = 0; status == IGQ_OK && s < run->num_samples; s++) {
        igq_progress("full precision, sample", s, run->num_samples, "");
        collector.instance = run->ranges[s] = igq_real_instance_new(run->products->network);
        if (!collector.instance)
            return igq_out_of_memory(error);
        pass(run, &engine, s);
        keep_outputs(run, s, 0);
        for (int i = 0; status == IGQ_OK && i < run->graph->num_outputs; i++) {
            size_t num = elements(output_value(run, i)), first = (size_t)s * num;
            size_t bad = igq_first_not_finite(run->output[i].reference + first, num);
            if (bad < num)
                status = igq_fail(error, "%s: output %.100s of sample %d: element %zu is %s; allowed: finite numbers",
                                  run->context->request->workload_path, output_value(run, i)->name, s, bad,
                                  igq_not_finite_text(run->output[i].reference[first + bad]));
        }
    }
    return status;
}

static igq_status run_datapath(graph_run *run, igq_error *error)
{
    igq_run_context *context = run->context;
    igq_batch batch = {0};
    igq_status status = igq_batch_init(&batch, context->result, error);
    run->datapath = igq_datapath_new(run->products, context->calibration, &context->accelerator.scheme, NULL);
    if (status == IGQ_OK && !run->datapath)
        status = igq_out_of_memory(error);
    for (int s = 0; status == IGQ_OK && s < run->num_samples; s++) {
        igq_progress("datapath, sample", s, run->num_samples, "");
        snprintf(context->result->image[s].name, sizeof context->result->image[s].name, "sample %d", s);
        int left = run->num_samples - s;
        if (batch.num_images == 0)
            status = igq_batch_plan(&batch, context->result, left < batch.capacity ? left : batch.capacity,
                                    context->calibration, error);
        if (status != IGQ_OK)
            break;
        igq_datapath_cut(run->datapath, igq_batch_tile_channels(&batch, context->result));
        const igq_engine engine = igq_datapath_engine(run->datapath, igq_batch_next(&batch));
        pass(run, &engine, s);
        keep_outputs(run, s, 1);
        igq_batch_add(&batch, s);
        status = igq_run_time_full_batch(context->result, &batch, s, context->calibration,
                                         context->request->assign_model, error);
    }
    igq_progress("datapath, sample", run->num_samples, run->num_samples, "");
    igq_batch_free(&batch);
    return status;
}

/// Answers ///

// Rows of the last dimension are logits: the divergence is the mean over them.
static double mean_divergence(const float *reference, const float *datapath, size_t num, int row)
{
    double sum = 0;
    for (size_t first = 0; first < num; first += (size_t)row)
        sum += igq_kl_divergence(reference + first, datapath + first, row);
    return num ? sum / ((double)num / row) : 0;
}

static int row_length(const igq_value *value)
{
    return value->shape.rank > 0 ? (int)value->shape.dim[value->shape.rank - 1] : 1;
}

static void compare_output(igq_output_error *error, const graph_run *run, int i)
{
    const igq_value *value = output_value(run, i);
    size_t num = elements(value) * (size_t)run->num_samples;
    const float *reference = run->output[i].reference, *datapath = run->output[i].datapath;
    float largest = 0, off = 0;
    for (size_t k = 0; k < num; k++) {
        largest = fmaxf(largest, fabsf(reference[k]));
        off = fmaxf(off, fabsf(datapath[k] - reference[k]));
    }
    snprintf(error->name, sizeof error->name, "%s", value->name);
    error->sqnr_db = igq_sqnr_db(reference, datapath, (int)num);
    error->relative_error = largest > 0 ? (double)off / (double)largest : 0;
    error->kl_divergence = mean_divergence(reference, datapath, num, row_length(value));
}

// Of the first output: classes of its last row, divergence and SQNR of all of it.
static void set_accuracy(igq_image_result *image, const graph_run *run, int sample)
{
    const igq_value *value = output_value(run, 0);
    size_t num = elements(value), first = (size_t)sample * num;
    int row = row_length(value);
    const float *reference = run->output[0].reference + first, *datapath = run->output[0].datapath + first;
    igq_accuracy_of(&image->accuracy, reference + num - (size_t)row, datapath + num - (size_t)row, row, -1);
    image->accuracy.kl_divergence = mean_divergence(reference, datapath, num, row);
    image->accuracy.logits_sqnr_db = igq_sqnr_db(reference, datapath, (int)num);
}

// Logits of what follows the tokens of an input: NAME_ids of whole numbers and the first output, which is named
// logits. -1: there are none.
static int find_ids(const graph_run *run)
{
    static const char ids[] = "ids";
    for (int i = 0; i < run->graph->num_inputs; i++) {
        const igq_value *value = input_value(run, i), *logits = output_value(run, 0);
        size_t length = strlen(value->name), words = (size_t)row_length(logits);
        if (value->element == IGQ_ELEMENT_INT && length >= 3 && strcmp(value->name + length - 3, ids) == 0 &&
            strcmp(logits->name, "logits") == 0 && words > 0 && elements(logits) / words <= elements(value))
            return i;
    }
    return -1;
}

static void add_predictions(graph_run *run, int input)
{
    igq_run_result *result = run->context->result;
    const igq_value *logits = output_value(run, 0);
    size_t num_ids = elements(input_value(run, input)), num = elements(logits);
    int words = row_length(logits), rows = (int)(num / (size_t)words);
    const int64_t *ids = run->input[input];
    for (size_t i = 0; i < num_ids * (size_t)run->num_samples; i++)
        if (ids[i] < 0 || ids[i] >= words)
            return;
    for (int s = 0; s < run->num_samples; s++) {
        const int64_t *of_sample = ids + (size_t)s * num_ids;
        igq_prediction_add(&result->full_precision, run->output[0].reference + (size_t)s * num, of_sample, (int)num_ids,
                           rows, words);
        igq_prediction_add(&result->datapath, run->output[0].datapath + (size_t)s * num, of_sample, (int)num_ids, rows,
                           words);
    }
}

static igq_status compare(graph_run *run, igq_error *error)
{
    igq_run_result *result = run->context->result;
    int num = run->graph->num_outputs;
    result->output = calloc((size_t)num, sizeof *result->output);
    if (!result->output)
        return igq_out_of_memory(error);
    result->num_outputs = num;
    for (int i = 0; i < num; i++)
        compare_output(&result->output[i], run, i);
    for (int s = 0; s < run->num_samples; s++)
        set_accuracy(&result->image[s], run, s);
    int ids = find_ids(run);
    if (ids >= 0)
        add_predictions(run, ids);
    return IGQ_OK;
}

// fp32/NAME and datapath/NAME, samples along the first dimension.
static igq_status write_outputs(const graph_run *run, const char *path, igq_error *error)
{
    enum { NAME_BYTES = 256 };
    size_t num = 2 * (size_t)run->graph->num_outputs;
    igq_tensor *tensor = calloc(num, sizeof *tensor);
    char(*name)[NAME_BYTES] = calloc(num, sizeof *name);
    igq_status status = tensor && name ? IGQ_OK : igq_out_of_memory(error);
    for (size_t k = 0; status == IGQ_OK && k < num; k++) {
        int i = (int)(k % (num / 2)), is_datapath = k >= num / 2;
        const igq_value *value = output_value(run, i);
        igq_shape shape = value->shape;
        shape.rank = shape.rank > 0 ? shape.rank : 1;
        shape.dim[0] = (value->shape.rank > 0 ? shape.dim[0] : 1) * run->num_samples;
        snprintf(name[k], NAME_BYTES, "%s/%s", is_datapath ? "datapath" : "fp32", value->name);
        tensor[k] =
            igq_tensor_make(name[k], IGQ_DTYPE_F32, is_datapath ? run->output[i].datapath : run->output[i].reference,
                            shape.rank, shape.dim);
    }
    if (status == IGQ_OK)
        status = igq_safetensors_write(path, tensor, (int)num, NULL, 0, error);
    free(tensor);
    free(name);
    return status;
}

/// All ///

static igq_status take_memory(graph_run *run, igq_error *error)
{
    run->products = igq_products_of(run->graph);
    run->executor = run->products ? igq_executor_new(run->products) : NULL;
    run->output = calloc((size_t)run->graph->num_outputs, sizeof *run->output);
    if (!run->executor || !run->output)
        return igq_out_of_memory(error);
    for (int i = 0; i < run->graph->num_outputs; i++) {
        size_t num = elements(output_value(run, i)) * (size_t)run->num_samples + 1;
        run->output[i].reference = malloc(num * sizeof(float));
        run->output[i].datapath = malloc(num * sizeof(float));
        if (!run->output[i].reference || !run->output[i].datapath)
            return igq_out_of_memory(error);
    }
    return IGQ_OK;
}

static void give_memory(graph_run *run)
{
    for (int i = 0; run->output && i < run->graph->num_outputs; i++) {
        free(run->output[i].reference);
        free(run->output[i].datapath);
    }
    for (int i = 0; run->own && run->graph && i < run->graph->num_inputs; i++)
        free(run->own[i]);
    for (int s = 0; run->ranges && s < run->num_samples; s++)
        igq_real_instance_free(run->ranges[s]);
    free(run->output);
    free(run->own);
    free(run->input);
    free(run->ranges);
    igq_datapath_free(run->datapath);
    igq_fp32_engine_free(run->fp32);
    igq_executor_free(run->executor);
    igq_products_free(run->products);
    igq_graph_free(run->own_graph);
    igq_graph_weights_close(run->weights);
    igq_safetensors_close(run->file);
}

static igq_status open_graph(graph_run *run, igq_error *error)
{
    const igq_run_request *request = run->context->request;
    run->graph = run->context->workload.onnx.graph;
    if (run->graph)
        return IGQ_OK;
    run->graph = run->own_graph = igq_llama_graph(&run->context->workload.llama);
    return run->graph ? igq_graph_weights_open(&run->weights, run->graph, request->weights_path, error)
                      : igq_out_of_memory(error);
}

igq_status igq_run_graph(igq_run_context *context, const igq_calibrate_cfg *cfg, igq_start_result start,
                         igq_error *error)
{
    graph_run run = {.context = context};
    igq_status status = open_graph(&run, error);
    if (status == IGQ_OK && run.graph->num_inputs > 64)
        status = igq_fail(error, "%s: %d inputs; supported: up to 64", context->request->workload_path,
                          run.graph->num_inputs);
    if (status == IGQ_OK)
        status = read_inputs(&run, error);
    if (status == IGQ_OK)
        status = start(context, IGQ_RUN_EXECUTION, run.num_samples, error);
    if (status == IGQ_OK)
        status = take_memory(&run, error);
    if (status == IGQ_OK)
        status = run_reference(&run, error);
    if (status == IGQ_OK) {
        context->own_calibration = igq_calibrate(run.products->network, run.ranges, run.num_samples, cfg);
        context->calibration = context->own_calibration;
        status = context->calibration ? IGQ_OK : igq_out_of_memory(error);
    }
    if (status == IGQ_OK)
        status = run_datapath(&run, error);
    if (status == IGQ_OK)
        status = compare(&run, error);
    if (status == IGQ_OK && context->request->outputs_path)
        status = write_outputs(&run, context->request->outputs_path, error);
    give_memory(&run);
    return status;
}
