// SPDX-License-Identifier: Apache-2.0
#include "calibrate.h"
#include "calibration_file.h"
#include "commands.h"
#include "options.h"
#include "record.h"
#include "trace_file.h"
#include "workload_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The ranges of every image seen so far, in order; only ranges are kept, never activations.
typedef struct collected {
    const igq_workload *workload;
    igq_real_instance **image;
    int num_images;
    igq_range_collector collector;
} collected;

static igq_status add_image(collected *all, igq_error *error)
{
    igq_real_instance **grown = realloc(all->image, (size_t)(all->num_images + 1) * sizeof *grown);
    if (!grown)
        return igq_out_of_memory(error);
    all->image = grown;
    grown[all->num_images] = igq_real_instance_new(&all->workload->shape);
    if (!grown[all->num_images])
        return igq_out_of_memory(error);
    all->num_images++;
    return IGQ_OK;
}

static igq_status begin_image(void *context, const char *path, igq_error *error)
{
    (void)path;
    collected *all = context;
    igq_status status = add_image(all, error);
    if (status == IGQ_OK)
        all->collector.instance = all->image[all->num_images - 1];
    return status;
}

static igq_status collect_traces(collected *all, const igq_string_list *traces, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (int f = 0; status == IGQ_OK && f < traces->num; f++) {
        igq_trace *trace = NULL;
        status = igq_trace_open(&trace, traces->items[f], all->workload, error);
        for (int i = 0; status == IGQ_OK && i < igq_trace_num_images(trace); i++) {
            status = add_image(all, error);
            if (status == IGQ_OK)
                status = igq_trace_real_instance(all->image[all->num_images - 1], trace, i, error);
        }
        igq_trace_close(trace);
    }
    return status;
}

static igq_status check_groups(int64_t groups, const igq_vit_shape *shape, igq_error *error)
{
    int members = igq_vit_tokens(shape) < shape->dim ? igq_vit_tokens(shape) : shape->dim;
    if (groups > members)
        return igq_fail(error, "--groups %d: more groups than the %d channels or softmax rows of a layer; allowed: 1 to %d",
                        (int)groups, members, members < IGQ_MAX_GROUPS ? members : IGQ_MAX_GROUPS);
    return IGQ_OK;
}

typedef struct calibrate_request {
    const char *workload_path, *weights_path, *output_path, *distance;
    igq_string_list images, traces;
    int64_t groups, iterations;
    int64_t act_bits, weight_bits, attn_bits, edge_bits; // 0: the workload's
    double epsilon_pct;                                  // negative: the workload's
} calibrate_request;

static igq_status fill_cfg(igq_calibrate_cfg *cfg, const calibrate_request *request, const igq_precision *precision,
                           igq_error *error)
{
    *cfg = (igq_calibrate_cfg){
        .num_groups = (int)request->groups,
        .act_bits = request->act_bits ? (int)request->act_bits : precision->act_bits,
        .weight_bits = request->weight_bits ? (int)request->weight_bits : precision->weight_bits,
        .attn_bits = request->attn_bits ? (int)request->attn_bits : precision->attn_bits,
        .edge_bits = request->edge_bits ? (int)request->edge_bits : precision->edge_bits,
        .weight_epsilon_pct = request->epsilon_pct >= 0 ? request->epsilon_pct : precision->weight_epsilon_pct,
        .max_iterations = (int)request->iterations};
    for (int d = 0; d < IGQ_DISTANCE_COUNT; d++)
        if (strcmp(request->distance, igq_distance_names[d]) == 0) {
            cfg->distance = (igq_distance)d;
            return IGQ_OK;
        }
    return igq_fail(error, "--distance %s; allowed: l2, l1, linf", request->distance);
}

static igq_status calibrate(const calibrate_request *request, igq_error *error)
{
    igq_workload workload;
    igq_calibrate_cfg cfg;
    igq_status status = igq_workload_load(&workload, request->workload_path, error);
    if (status == IGQ_OK)
        status = fill_cfg(&cfg, request, &workload.precision, error);
    if (status == IGQ_OK)
        status = check_groups(request->groups, &workload.shape, error);
    if (status != IGQ_OK)
        return status;
    collected all = {.workload = &workload, .collector = {.shape = &workload.shape}};
    if (request->traces.num) {
        status = collect_traces(&all, &request->traces, error);
    } else {
        igq_observer observer = igq_range_collector_observer(&all.collector);
        igq_image_listener listener = {&all, begin_image};
        status = igq_record_images(&workload, request->weights_path, request->images.items, request->images.num, &observer,
                                   &listener, error);
    }
    igq_calibration *calibration = NULL;
    if (status == IGQ_OK) {
        calibration = igq_calibrate(&workload.shape, all.image, all.num_images, &cfg);
        status = calibration ? igq_calibration_save(request->output_path, calibration, &workload, error)
                             : igq_out_of_memory(error);
    }
    if (status == IGQ_OK)
        printf("Written: %s (%d groups, %d-bit activations, %d-bit weights, from %d image%s)\n", request->output_path,
               cfg.num_groups, cfg.act_bits, cfg.weight_bits, all.num_images, all.num_images == 1 ? "" : "s");
    igq_calibration_free(calibration);
    for (int i = 0; i < all.num_images; i++)
        igq_real_instance_free(all.image[i]);
    free(all.image);
    return status;
}

int igq_cmd_calibrate(int argc, const char *const *argv, igq_error *error)
{
    calibrate_request request = {.groups = 8, .iterations = 300, .epsilon_pct = -1, .distance = "l2"};
    const igq_option options[] = {
        {"--workload", 'w', IGQ_OPTION_STRING, &request.workload_path, "FILE", "the network (YAML)", 0, 0},
        {"--weights", 0, IGQ_OPTION_STRING, &request.weights_path, "FILE", "checkpoint (safetensors)", 0, 0},
        {"--images", 0, IGQ_OPTION_LIST, &request.images, "PATH...", "photos to calibrate on", 0, 0},
        {"--trace", 0, IGQ_OPTION_LIST, &request.traces, "FILE...", "or recorded traces", 0, 0},
        {"--groups", 'g', IGQ_OPTION_INT, &request.groups, "G", "groups of each layer (default 8)", 1, IGQ_MAX_GROUPS},
        {"--act-bits", 0, IGQ_OPTION_INT, &request.act_bits, "B", "activation codes (default: the workload's)", 2, 8},
        {"--weight-bits", 0, IGQ_OPTION_INT, &request.weight_bits, "B", "weight codes", 2, 8},
        {"--attn-bits", 0, IGQ_OPTION_INT, &request.attn_bits, "B", "codes of Q, K and V", 2, 8},
        {"--edge-bits", 0, IGQ_OPTION_INT, &request.edge_bits, "B", "codes of patch embedding and head", 2, 8},
        {"--epsilon-pct", 0, IGQ_OPTION_REAL, &request.epsilon_pct, "E", "weight bounds at percentiles E and 100-E", 0, 49},
        {"--distance", 0, IGQ_OPTION_STRING, &request.distance, "NAME", "l2 (default), l1 or linf", 0, 0},
        {"--iterations", 0, IGQ_OPTION_INT, &request.iterations, "N", "at most so many updates (default 300)", 1, 100000},
        {"--output", 'o', IGQ_OPTION_STRING, &request.output_path, "FILE", "the calibration to write (YAML)", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "calibrate -w WORKLOAD.yaml (--weights W.safetensors --images PATH... | --trace T...) -o CALIBRATION.yaml",
        "Finds the fixed-point grid of every layer, the quantizers of its groups (assignment and update in turn until no\n"
        "channel moves) and the bits of weights, and writes one readable file.",
        "  igqsim calibrate -w configs/workloads/deit_tiny.yaml --trace traces/deit_tiny_photos.safetensors \\\n"
        "    --groups 4 -o deit_tiny_g4.yaml\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (!request.workload_path || !request.output_path)
        return igq_fail(error, "%s is missing; see igqsim calibrate --help", !request.workload_path ? "--workload" : "--output");
    int from_images = request.weights_path && request.images.num, from_traces = request.traces.num > 0;
    if (from_images == from_traces || (from_traces && (request.weights_path || request.images.num)))
        return igq_fail(error, "needs activations; allowed: --weights and --images together, or --trace");
    return calibrate(&request, error);
}
