// SPDX-License-Identifier: Apache-2.0
#include "graph_run.h"
#include "datapath.h"
#include "decoder_result.h"
#include "finite.h"
#include "model.h"
#include "record.h"
#include "metrics.h"
#include "progress.h"
#include "run_timing.h"
#include "safetensors.h"
#include "samples.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Samples that calibrate a run without a calibration, the first ones, if there are so many.
enum { MAX_CALIBRATING = 32 };

// What an output was in full precision and on the datapath, of the samples that are kept.
typedef struct output {
    float *reference, *datapath;
    igq_tensor_error error; // of all samples
} output;

typedef struct graph_run {
    igq_run_context *context;
    igq_model model;
    const igq_graph *graph; // of the model
    igq_fp32_engine *fp32;
    igq_datapath *datapath;
    igq_samples *samples;
    int num_samples;
    int num_calibrating;        // the first of them; 0: there is a calibration
    int num_kept;               // whose outputs are kept: calibrating ones, all that are written, or one
    igq_real_instance **ranges; // (num_calibrating)
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

/// Passes ///

// A decoder looks its tokens up.
static igq_status check_ids(const graph_run *run, int sample, const void *const *inputs, igq_error *error)
{
    if (!igq_workload_decodes(&run->context->workload))
        return IGQ_OK;
    int vocabulary = run->context->workload.llama.vocabulary;
    const int64_t *ids = inputs[0];
    for (size_t i = 0; i < elements(input_value(run, 0)); i++)
        if (ids[i] < 0 || ids[i] >= vocabulary)
            return igq_fail(error, "%s: tensor %s: sample %d, token %zu is %lld; allowed: 0 to %d",
                            run->context->request->inputs_path, input_value(run, 0)->name, sample, i, (long long)ids[i],
                            vocabulary - 1);
    return IGQ_OK;
}

static igq_status pass(graph_run *run, const igq_engine *engine, int sample, igq_error *error)
{
    const void *const *inputs;
    igq_status status = igq_samples_load(&inputs, run->samples, sample, error);
    if (status == IGQ_OK)
        status = check_ids(run, sample, inputs, error);
    if (status == IGQ_OK)
        igq_execute(run->model.executor, engine, inputs);
    return status;
}

// Output i of a sample that is kept, or is the last one that ran; those before it are not needed any more.
static float *output_of(const graph_run *run, int i, int sample, int is_datapath)
{
    size_t slot = sample < run->num_kept ? (size_t)sample : 0;
    return (is_datapath ? run->output[i].datapath : run->output[i].reference) + slot * elements(output_value(run, i));
}

// The outputs of the last pass; whole numbers as floats.
static void keep_outputs(graph_run *run, int sample, int is_datapath)
{
    for (int i = 0; i < run->graph->num_outputs; i++) {
        const igq_value *value = output_value(run, i);
        size_t num = elements(value);
        const void *from = igq_executor_output(run->model.executor, i);
        float *to = output_of(run, i, sample, is_datapath);
        for (size_t k = 0; k < num; k++)
            to[k] = value->element == IGQ_ELEMENT_FLOAT ? ((const float *)from)[k] : (float)((const int64_t *)from)[k];
    }
}

// Fails where an output of a sample is not finite in full precision.
static igq_status check_outputs(const graph_run *run, int sample, igq_error *error)
{
    for (int i = 0; i < run->graph->num_outputs; i++) {
        size_t num = elements(output_value(run, i));
        const float *values = output_of(run, i, sample, 0);
        size_t bad = igq_first_not_finite(values, num);
        if (bad < num)
            return igq_fail(error, "%s: output %.100s of sample %d: element %zu is %s; allowed: finite numbers",
                            run->context->request->workload_path, output_value(run, i)->name, sample, bad,
                            igq_not_finite_text(values[bad]));
    }
    return IGQ_OK;
}

static igq_status run_reference(graph_run *run, int sample, igq_error *error)
{
    const igq_engine engine = igq_fp32_engine_get(run->fp32);
    igq_status status = pass(run, &engine, sample, error);
    if (status != IGQ_OK)
        return status;
    keep_outputs(run, sample, 0);
    return check_outputs(run, sample, error);
}

// The first samples in full precision, for their ranges.
static igq_status calibrate(graph_run *run, const igq_calibrate_cfg *cfg, igq_error *error)
{
    igq_run_context *context = run->context;
    igq_range_collector collector = {0};
    const igq_observer observer = igq_range_collector_observer(&collector);
    igq_status status = IGQ_OK;
    run->fp32 = igq_fp32_engine_new(run->model.products, &observer);
    run->ranges = calloc((size_t)run->num_calibrating, sizeof *run->ranges);
    if (!run->fp32 || !run->ranges)
        return igq_out_of_memory(error);
    for (int s = 0; status == IGQ_OK && s < run->num_calibrating; s++) {
        igq_progress("full precision, sample", s, run->num_calibrating, "");
        collector.instance = run->ranges[s] = igq_real_instance_new(run->model.products->network);
        if (!collector.instance)
            return igq_out_of_memory(error);
        status = run_reference(run, s, error);
    }
    igq_fp32_engine_free(run->fp32); // which has the observer
    run->fp32 = NULL;
    if (status != IGQ_OK)
        return status;
    context->own_calibration = igq_calibrate(run->model.products->network, run->ranges, run->num_calibrating, cfg);
    context->calibration = context->own_calibration;
    return context->calibration ? IGQ_OK : igq_out_of_memory(error);
}

/// Answers ///

static int row_length(const igq_value *value)
{
    return value->shape.rank > 0 ? (int)value->shape.dim[value->shape.rank - 1] : 1;
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

// Not where an id is no word.
static igq_status add_prediction(graph_run *run, int sample, igq_error *error)
{
    igq_run_result *result = run->context->result;
    const igq_value *logits = output_value(run, 0);
    const void *const *inputs;
    int input = find_ids(run);
    igq_status status = input >= 0 ? igq_samples_load(&inputs, run->samples, sample, error) : IGQ_OK;
    if (input < 0 || status != IGQ_OK)
        return status;
    const int64_t *ids = inputs[input];
    int num_ids = (int)elements(input_value(run, input)), words = row_length(logits);
    int rows = (int)(elements(logits) / (size_t)words);
    for (int i = 0; i < num_ids; i++)
        if (ids[i] < 0 || ids[i] >= words)
            return IGQ_OK;
    igq_prediction_add(&result->full_precision, output_of(run, 0, sample, 0), ids, num_ids, rows, words);
    igq_prediction_add(&result->datapath, output_of(run, 0, sample, 1), ids, num_ids, rows, words);
    return IGQ_OK;
}

// What became of a sample's outputs; classes are those of the first.
static igq_status compare(graph_run *run, int sample, igq_error *error)
{
    for (int i = 0; i < run->graph->num_outputs; i++) {
        const igq_value *value = output_value(run, i);
        igq_tensor_error_add(&run->output[i].error, output_of(run, i, sample, 0), output_of(run, i, sample, 1),
                             elements(value), row_length(value));
    }
    const igq_value *first = output_value(run, 0);
    igq_accuracy_of(&run->context->result->image[sample].accuracy, output_of(run, 0, sample, 0),
                    output_of(run, 0, sample, 1), elements(first), row_length(first), -1);
    return add_prediction(run, sample, error);
}

// Of all samples.
static igq_status set_outputs(graph_run *run, igq_error *error)
{
    igq_run_result *result = run->context->result;
    int num = run->graph->num_outputs;
    result->output = calloc((size_t)num, sizeof *result->output);
    if (!result->output)
        return igq_out_of_memory(error);
    result->num_outputs = num;
    for (int i = 0; i < num; i++) {
        igq_output_error *off = &result->output[i];
        snprintf(off->name, sizeof off->name, "%s", output_value(run, i)->name);
        off->sqnr_db = igq_tensor_sqnr_db(&run->output[i].error);
        off->relative_error = igq_tensor_relative_error(&run->output[i].error);
        off->kl_divergence = igq_tensor_kl_divergence(&run->output[i].error);
    }
    return IGQ_OK;
}

/// The datapath ///

static igq_status run_datapath(graph_run *run, igq_error *error)
{
    igq_run_context *context = run->context;
    igq_batch batch = {0};
    igq_status status = igq_batch_init(&batch, context->result, error);
    run->datapath = igq_datapath_new(run->model.products, context->calibration, &context->accelerator.scheme, NULL);
    run->fp32 = igq_fp32_engine_new(run->model.products, NULL);
    if (status == IGQ_OK && (!run->datapath || !run->fp32))
        status = igq_out_of_memory(error);
    for (int s = 0; status == IGQ_OK && s < run->num_samples; s++) {
        igq_progress("datapath, sample", s, run->num_samples, "");
        igq_image_name(context->result->image[s].name, sizeof context->result->image[s].name,
                       igq_samples_name(run->samples, s));
        int left = run->num_samples - s;
        if (batch.num_images == 0)
            status = igq_batch_plan(&batch, context->result, left < batch.capacity ? left : batch.capacity,
                                    context->calibration, error);
        if (status != IGQ_OK)
            break;
        if (s >= run->num_calibrating)
            status = run_reference(run, s, error);
        if (status != IGQ_OK)
            break;
        igq_datapath_cut(run->datapath, igq_batch_tile_channels(&batch, context->result));
        const igq_engine engine = igq_datapath_engine(run->datapath, igq_batch_next(&batch));
        status = pass(run, &engine, s, error);
        if (status != IGQ_OK)
            break;
        keep_outputs(run, s, 1);
        status = compare(run, s, error);
        if (status != IGQ_OK)
            break;
        igq_batch_add(&batch, s);
        status = igq_run_time_full_batch(context->result, &batch, s, context->calibration,
                                         context->request->assign_model, error);
    }
    igq_progress("datapath, sample", run->num_samples, run->num_samples, "");
    igq_batch_free(&batch);
    return status;
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

// The network, and what it is fed with.
static igq_status open_run(graph_run *run, igq_error *error)
{
    igq_run_context *context = run->context;
    const igq_run_request *request = context->request;
    igq_status status = igq_model_open(&run->model, &context->workload, request->weights_path, error);
    run->graph = run->model.graph;
    if (status == IGQ_OK && request->num_image_paths)
        status = igq_image_list_open(&context->images, request->image_paths, request->num_image_paths, error);
    const igq_sample_source source = {.image_paths = (const char *const *)context->images.path,
                                      .num_images = context->images.num,
                                      .preprocess = &context->workload.preprocess,
                                      .inputs_path = request->inputs_path,
                                      .network_path = request->workload_path};
    if (status == IGQ_OK)
        status = igq_samples_open(&run->samples, run->graph, &source, error);
    if (status != IGQ_OK)
        return status;
    run->num_samples = igq_samples_num(run->samples);
    if (!context->calibration)
        run->num_calibrating = run->num_samples < MAX_CALIBRATING ? run->num_samples : MAX_CALIBRATING;
    run->num_kept = request->outputs_path ? run->num_samples : run->num_calibrating > 0 ? run->num_calibrating : 1;
    return IGQ_OK;
}

static igq_status take_memory(graph_run *run, igq_error *error)
{
    run->output = calloc((size_t)run->graph->num_outputs, sizeof *run->output);
    if (!run->output)
        return igq_out_of_memory(error);
    for (int i = 0; i < run->graph->num_outputs; i++) {
        size_t num = elements(output_value(run, i)) * (size_t)run->num_kept + 1;
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
    for (int s = 0; run->ranges && s < run->num_calibrating; s++)
        igq_real_instance_free(run->ranges[s]);
    free(run->output);
    free(run->ranges);
    igq_datapath_free(run->datapath);
    igq_fp32_engine_free(run->fp32);
    igq_samples_close(run->samples);
    igq_model_close(&run->model);
}

igq_status igq_run_graph(igq_run_context *context, const igq_calibrate_cfg *cfg, igq_start_result start,
                         igq_error *error)
{
    graph_run run = {.context = context};
    igq_status status = open_run(&run, error);
    if (status == IGQ_OK)
        status = start(context, IGQ_RUN_EXECUTION, run.num_samples, error);
    if (status == IGQ_OK)
        status = take_memory(&run, error);
    if (status == IGQ_OK && run.num_calibrating > 0)
        status = calibrate(&run, cfg, error);
    if (status == IGQ_OK)
        status = run_datapath(&run, error);
    if (status == IGQ_OK)
        status = set_outputs(&run, error);
    if (status == IGQ_OK && context->request->outputs_path)
        status = write_outputs(&run, context->request->outputs_path, error);
    give_memory(&run);
    return status;
}
