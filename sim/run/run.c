// SPDX-License-Identifier: Apache-2.0
#include "run.h"
#include "mapping.h"
#include "model.h"
#include "accelerator_file.h"
#include "calibrate.h"
#include "calibration_file.h"
#include "execution.h"
#include "file.h"
#include "graph_run.h"
#include "format.h"
#include "image_workers.h"
#include "labels.h"
#include "progress.h"
#include "references.h"
#include "run_timing.h"
#include "synthetic.h"
#include "technology_file.h"
#include "tensor_store.h"
#include "trace_file.h"
#include "weight_quant.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static igq_status add_input(igq_run_result *result, const igq_run_loaded *loaded, const char *role, const char *path,
                            igq_error *error)
{
    if (!path)
        return IGQ_OK;
    igq_input_file *grown = realloc(result->input, (size_t)(result->num_inputs + 1) * sizeof *grown);
    if (!grown)
        return igq_out_of_memory(error);
    result->input = grown;
    igq_input_file *file = &grown[result->num_inputs];
    file->role = role;
    file->path = strdup(path);
    if (!file->path)
        return igq_out_of_memory(error);
    result->num_inputs++;
    for (int i = 0; i < loaded->num_files; i++)
        if (strcmp(loaded->file[i].path, path) == 0) {
            memcpy(file->sha256, loaded->file[i].sha256, sizeof file->sha256);
            return IGQ_OK;
        }
    return igq_sha256_file(file->sha256, path, error);
}

static igq_status add_bases(igq_run_result *result, const igq_run_loaded *loaded, const char *role,
                            const igq_base_list *bases, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < bases->num; i++)
        status = add_input(result, loaded, role, bases->path[i], error);
    return status;
}

// Those that an ONNX file keeps tensors in come last. Of a workload that the caller has read, the files that stand in
// the caller's list; its own comes first.
static igq_status add_workload_files(const igq_run_context *context, igq_error *error)
{
    igq_run_result *result = context->result;
    const igq_run_request *request = context->request;
    const igq_run_loaded *loaded = &request->loaded;
    igq_base_list bases = {0};
    igq_status status = add_input(result, loaded, "workload", request->workload_path, error);
    for (int i = 0; loaded->workload && status == IGQ_OK && i < loaded->num_files; i++) {
        const igq_input_file *file = &loaded->file[i];
        if (file->role && strcmp(file->role, "workload") == 0 && strcmp(file->path, request->workload_path) != 0)
            status = add_input(result, loaded, "workload", file->path, error);
    }
    if (!loaded->workload && status == IGQ_OK)
        status = igq_workload_bases(&bases, request->workload_path, error);
    if (status == IGQ_OK)
        status = add_bases(result, loaded, "workload", &bases, error);
    const igq_onnx *onnx = &context->workload.onnx;
    for (int i = 0; !loaded->workload && status == IGQ_OK && i < onnx->num_data; i++)
        status = add_input(result, loaded, "workload", onnx->data[i].path, error);
    igq_base_list_free(&bases);
    return status;
}

// A machine that the caller has made has no bases.
static igq_status add_accelerator_files(igq_run_result *result, const igq_run_request *request, igq_error *error)
{
    const igq_run_loaded *loaded = &request->loaded;
    igq_base_list bases = {0};
    igq_status status = add_input(result, loaded, "accelerator", request->accelerator_path, error);
    if (status == IGQ_OK && !loaded->accelerator)
        status = igq_base_list_open(&bases, request->accelerator_path, error);
    if (status == IGQ_OK)
        status = add_bases(result, loaded, "accelerator", &bases, error);
    igq_base_list_free(&bases);
    return status;
}

static igq_status add_weights(igq_run_result *result, const igq_run_loaded *loaded, const char *path, igq_error *error)
{
    igq_store_files files = {NULL};
    igq_status status = path ? igq_store_files_open(&files, path, error) : IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < files.num; i++)
        status = add_input(result, loaded, "weights", files.path[i], error);
    igq_store_files_free(&files);
    return status;
}

static igq_status start_result(igq_run_context *context, igq_run_mode mode, int num_images, igq_error *error)
{
    const igq_run_request *request = context->request;
    const igq_run_loaded *loaded = &request->loaded;
    context->result = igq_run_result_new(&context->workload, &context->accelerator, num_images);
    if (!context->result)
        return igq_out_of_memory(error);
    if (context->result->num_layers == 0)
        return igq_fail(error, "%s: no matrix product that the arrays could work on; allowed: a network with one",
                        request->workload_path);
    context->result->mode = mode;
    context->result->timeline_path = request->timeline_path;
    context->result->dram_trace_path = request->dram_trace_path;
    context->result->runner = request->runner;
    context->result->unit = request->unit;
    context->result->bounds_only = request->bounds_only;
    context->result->datapath_rtl = request->datapath_rtl;
    if (request->mapping_path && igq_mapping_load(context->result->network, &context->result->accelerator,
                                                  request->mapping_path, error) != IGQ_OK)
        return IGQ_USER_ERROR;
    context->result->technology = request->technology;
    context->result->settings = request->sets;
    igq_status status = add_accelerator_files(context->result, request, error);
    if (status == IGQ_OK)
        status = add_workload_files(context, error);
    if (status == IGQ_OK)
        status = add_input(context->result, loaded, "mapping", request->mapping_path, error);
    if (status == IGQ_OK)
        status = add_input(context->result, loaded, "calibration", request->calibration_path, error);
    if (status == IGQ_OK)
        status = add_input(context->result, loaded, "trace", request->trace_path, error);
    if (status == IGQ_OK)
        status = add_weights(context->result, loaded, request->weights_path, error);
    if (status == IGQ_OK)
        status = add_input(context->result, loaded, "inputs", request->inputs_path, error);
    if (status == IGQ_OK)
        status = add_input(context->result, loaded, "labels", request->labels_path, error);
    return status;
}

// The machine must have a list for every group that the calibration asks for.
static igq_status check_groups(const igq_run_context *context, igq_error *error)
{
    igq_scheme scheme = context->accelerator.scheme.scheme;
    if (igq_schemes[scheme].groups != IGQ_GROUPS_CALIBRATED)
        return IGQ_OK;
    int most = 0;
    for (int i = 0; i < context->calibration->num_linear; i++)
        if (context->calibration->linear[i].act.num_groups > most)
            most = context->calibration->linear[i].act.num_groups;
    for (int i = 0; i < context->calibration->num_heads; i++)
        if (context->calibration->head[i].softmax.num_groups > most)
            most = context->calibration->head[i].softmax.num_groups;
    if (most > context->accelerator.num_groups)
        return igq_fail(error,
                        "%s: num_groups: %d, but the calibration %s has layers of %d groups; allowed: a machine with "
                        "at least as many",
                        context->request->accelerator_path, context->accelerator.num_groups,
                        context->request->calibration_path, most);
    return IGQ_OK;
}

static igq_status run_trace(igq_run_context *context, igq_error *error)
{
    const igq_run_request *request = context->request;
    igq_trace *own_trace = NULL, *trace = request->loaded.trace;
    igq_batch batch = {0};
    igq_status status = IGQ_OK;
    if (!trace) {
        status = igq_trace_open(&own_trace, request->trace_path, &context->workload, error);
        trace = own_trace;
    }
    if (status == IGQ_OK)
        status = start_result(context, IGQ_RUN_TRACE, igq_trace_num_images(trace), error);
    if (status == IGQ_OK)
        status = igq_batch_init(&batch, context->result, error);
    int num_images = status == IGQ_OK ? context->result->num_images : 0;
    for (int i = 0; status == IGQ_OK && i < num_images; i++) {
        const char *name = igq_trace_image_name(trace, i);
        igq_progress("image", i, num_images, name);
        snprintf(context->result->image[i].name, sizeof context->result->image[i].name, "%s", name);
        status = igq_trace_instance(igq_batch_next(&batch), trace, i, context->calibration,
                                    &context->accelerator.scheme, error);
        igq_batch_add(&batch, i);
        if (status == IGQ_OK)
            status =
                igq_run_time_full_batch(context->result, &batch, i, context->calibration, request->assign_model, error);
    }
    igq_progress("image", num_images, num_images, "");
    igq_trace_close(own_trace);
    igq_batch_free(&batch);
    return status;
}

static igq_status load_labels(igq_run_context *context, igq_error *error)
{
    if (!context->request->labels_path)
        return IGQ_OK;
    context->label = calloc((size_t)context->images.num, sizeof *context->label);
    return context->label ? igq_labels_load(context->label, context->request->labels_path, &context->images,
                                            igq_workload_classes(&context->workload), error)
                          : igq_out_of_memory(error);
}

// Images that were left out are no inputs.
static igq_status add_image_inputs(igq_run_context *context, igq_error *error)
{
    igq_run_result *result = context->result;
    igq_status status = IGQ_OK;
    for (int i = 0, skipped = 0; status == IGQ_OK && i < context->images.num; i++) {
        if (skipped < result->num_skipped && result->skipped[skipped].image == i)
            skipped++;
        else
            status = add_input(result, &context->request->loaded, "image", context->images.path[i], error);
    }
    return status;
}

static igq_status run_execution(igq_run_context *context, igq_error *error)
{
    const igq_run_request *request = context->request;
    igq_execution *execution = NULL;
    igq_status status = igq_image_list_open(&context->images, request->image_paths, request->num_image_paths, error);
    if (status == IGQ_OK)
        status = load_labels(context, error);
    if (status == IGQ_OK)
        status = start_result(context, IGQ_RUN_EXECUTION, context->images.num, error);
    if (status == IGQ_OK)
        status = igq_execution_new(&execution, context, error);
    if (status == IGQ_OK)
        status = igq_execute_images(context, execution, error);
    if (status == IGQ_OK)
        status = add_image_inputs(context, error);
    if (status == IGQ_OK)
        status = igq_execution_save_record(execution, error);
    igq_execution_free(execution);
    return status;
}

// Channel ranges from the workload's distribution: two drawn images calibrate, a batch of others runs.
#define SHAPE_CALIBRATION_IMAGES 2

static igq_status time_drawn(igq_run_context *context, igq_real_instance *const *drawn, igq_error *error)
{
    igq_run_result *result = context->result;
    igq_batch batch = {0};
    igq_status status = igq_batch_init(&batch, result, error);
    result->seed = (uint64_t)context->workload.synthetic_ranges.seed;
    for (int i = 0; status == IGQ_OK && i < result->num_images; i++) {
        char *name = result->image[i].name;
        if (i == 0)
            snprintf(name, sizeof result->image[i].name, "drawn");
        else
            snprintf(name, sizeof result->image[i].name, "drawn %d", i + 1);
        igq_real_instance_to_grid(igq_batch_next(&batch), drawn[i], context->calibration);
        igq_batch_add(&batch, i);
        status =
            igq_run_time_full_batch(result, &batch, i, context->calibration, context->request->assign_model, error);
    }
    igq_batch_free(&batch);
    return status;
}

// The bits that a list of products says.
static void set_bits(igq_calibration *calibration, const igq_matmuls *matmuls)
{
    int linear = 0;
    for (int i = 0; i < matmuls->num; i++)
        for (int k = 0; k < matmuls->item[i].count * igq_matmul_slices(matmuls, &matmuls->item[i]); k++, linear++) {
            igq_linear_calibration *layer = &calibration->linear[linear];
            if (matmuls->item[i].act_bits)
                layer->act.bits = matmuls->item[i].act_bits;
            if (matmuls->item[i].weight_bits)
                layer->weight_bits = matmuls->item[i].weight_bits;
        }
}

// How a run without a calibration makes its own.
static igq_calibrate_cfg calibrate_cfg_of(const igq_run_context *context)
{
    const igq_precision *precision = &context->workload.precision;
    return (igq_calibrate_cfg){.num_groups = context->accelerator.num_groups,
                               .act_bits = precision->act_bits,
                               .weight_bits = precision->weight_bits,
                               .attn_bits = precision->attn_bits,
                               .edge_bits = precision->edge_bits,
                               .weight_groups = precision->weight_groups,
                               .weight_epsilon_pct = precision->weight_epsilon_pct,
                               .distance = context->accelerator.scheme.distance,
                               .group_capacity_pct = context->accelerator.scheme.group_capacity_pct,
                               .capacity_multiple = igq_scheme_capacity_multiple(&context->accelerator.scheme),
                               .max_iterations = 20};
}

static igq_status run_graph(igq_run_context *context, igq_error *error)
{
    const igq_calibrate_cfg cfg = calibrate_cfg_of(context);
    igq_status status = igq_run_graph(context, &cfg, start_result, error);
    return status == IGQ_OK ? add_image_inputs(context, error) : status;
}

static igq_status run_shape(igq_run_context *context, igq_error *error)
{
    igq_real_instance *drawn[SHAPE_CALIBRATION_IMAGES + IGQ_MAX_BATCH_IMAGES] = {0};
    int num_images = context->accelerator.tiling.batch_images, num_drawn = SHAPE_CALIBRATION_IMAGES + num_images;
    igq_status status = start_result(context, IGQ_RUN_SHAPE, num_images, error);
    const igq_network *network = status == IGQ_OK ? context->result->network : NULL;
    for (int i = 0; status == IGQ_OK && i < num_drawn; i++) {
        drawn[i] = igq_real_instance_new(network);
        if (!drawn[i])
            status = igq_out_of_memory(error);
        else
            igq_synthetic_instance(drawn[i], network, &context->workload.synthetic_ranges, i);
    }
    if (status == IGQ_OK) {
        const igq_calibrate_cfg cfg = calibrate_cfg_of(context);
        context->calibration = context->own_calibration = igq_calibrate(network, drawn, SHAPE_CALIBRATION_IMAGES, &cfg);
        status = context->calibration ? IGQ_OK : igq_out_of_memory(error);
        if (status == IGQ_OK)
            set_bits(context->own_calibration, &context->workload.matmuls);
    }
    if (status == IGQ_OK)
        status = time_drawn(context, drawn + SHAPE_CALIBRATION_IMAGES, error);
    for (int i = 0; i < num_drawn; i++)
        igq_real_instance_free(drawn[i]);
    return status;
}

// Of every layer with weights.
static void count_weight_quantizers(igq_run_context *context)
{
    igq_run_result *result = context->result;
    for (int k = 0; k < result->num_layers; k++) {
        const igq_layer *layer = &result->layer[k];
        if (layer->linear < 0)
            continue;
        igq_scheme_cfg cfg = igq_scheme_of_layer(&result->accelerator.scheme, layer->kind);
        int groups = igq_weight_groups(&cfg, context->calibration->linear[layer->linear].weight_groups);
        int scales = igq_num_weight_scales(&cfg, layer->C);
        result->weight_quantizers[k] = scales > 0 ? layer->O * scales : igq_num_weight_quantizers(layer->O, groups);
    }
}

static igq_status check_dram_trace(const igq_run_context *context, igq_error *error)
{
    if (context->request->dram_trace_path && context->accelerator.dram.model == IGQ_DRAM_MODEL_IDEAL)
        return igq_fail(error, "--dram-trace %.500s with dram.model ideal, which has no bus; allowed: bandwidth, banks",
                        context->request->dram_trace_path);
    return IGQ_OK;
}

// A memory that the technology does not know is refused before anything runs.
static igq_status check_technology(const igq_run_context *context, igq_error *error)
{
    const igq_run_request *request = context->request;
    igq_units units;
    igq_units_of(&units, &context->accelerator);
    return request->technology ? igq_technology_covers(request->technology, request->technology_path, &units, error)
                               : IGQ_OK;
}

// What a network can be executed on.
static igq_status check_feed(const igq_run_context *context, igq_error *error)
{
    const igq_run_request *request = context->request;
    const char *option = request->inputs_path ? "--inputs" : request->num_image_paths ? "--images" : NULL;
    igq_status status = option ? igq_model_check(&context->workload, request->weights_path, option, error) : IGQ_OK;
    if (status == IGQ_OK && option && context->workload.family == IGQ_FAMILY_VIT && !request->calibration_path &&
        !request->loaded.calibration)
        status = igq_fail(
            error, "--calibration FILE is missing: the quantizers of this network; make one with igqsim calibrate");
    return status;
}

// Photos on quantizers of a file: image after image, in several processes.
static int executes_images(const igq_run_context *context)
{
    const igq_run_request *request = context->request;
    return request->num_image_paths && (request->calibration_path || request->loaded.calibration) &&
           !request->outputs_path;
}

static igq_status load(igq_run_context *context, igq_error *error)
{
    const igq_run_request *request = context->request;
    const igq_run_loaded *loaded = &request->loaded;
    igq_status status = IGQ_OK;
    if (loaded->accelerator)
        context->accelerator = *loaded->accelerator;
    else
        status = igq_accelerator_load_with(&context->accelerator, request->accelerator_path, &request->sets,
                                           request->scheme_name, error);
    if (status == IGQ_OK)
        status = check_technology(context, error);
    if (status == IGQ_OK)
        status = check_dram_trace(context, error);
    if (loaded->workload)
        context->workload = *loaded->workload;
    else if (status == IGQ_OK)
        status = igq_workload_load_with(&context->workload, request->workload_path, &request->sets, error);
    if (status == IGQ_OK)
        status = igq_sets_check(&request->sets, 1, &context->workload, error);
    // Lists of channels, if there are any, lie in memories of max_members.
    context->workload.matmuls.most_channels = igq_scheme_permutes(context->accelerator.scheme.scheme) ||
                                                      igq_scheme_needs_ranges(context->accelerator.scheme.scheme)
                                                  ? context->accelerator.group_assignment.max_members
                                                  : 0;
    context->calibration = loaded->calibration;
    if (status == IGQ_OK)
        status = check_feed(context, error);
    if (status == IGQ_OK && request->calibration_path && !loaded->calibration) {
        status = igq_calibration_load(&context->own_calibration, request->calibration_path, &context->workload, error);
        context->calibration = context->own_calibration;
    }
    if (status == IGQ_OK && request->unit) // takes seconds: last
        status = igq_user_unit_open(request->unit, &context->accelerator, error);
    return status;
}

igq_status igq_simulate(igq_run_result **result, const igq_run_request *request, igq_error *error)
{
    igq_run_context context = {.request = request};
    igq_status status = load(&context, error);
    if (status == IGQ_OK && context.calibration)
        status = check_groups(&context, error);
    if (status == IGQ_OK)
        status = request->trace_path                                ? run_trace(&context, error)
                 : executes_images(&context)                        ? run_execution(&context, error)
                 : request->inputs_path || request->num_image_paths ? run_graph(&context, error)
                                                                    : run_shape(&context, error);
    if (status == IGQ_OK)
        count_weight_quantizers(&context);
    if (status == IGQ_OK && request->technology && !request->bounds_only)
        status = igq_run_time_references(context.result, context.calibration, error);
    igq_calibration_free(context.own_calibration);
    if (!request->loaded.workload)
        igq_workload_free(&context.workload);
    igq_image_list_free(&context.images);
    free(context.label);
    if (status != IGQ_OK) {
        igq_run_result_free(context.result);
        context.result = NULL;
    }
    *result = context.result;
    return status;
}
