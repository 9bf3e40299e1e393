// SPDX-License-Identifier: Apache-2.0
#include "accelerator_file.h"
#include "allocation.h"
#include "calibrate.h"
#include "calibration_file.h"
#include "collect.h"
#include "commands.h"
#include "file.h"
#include "image_list.h"
#include "model.h"
#include "options.h"
#include "psi_table.h"
#include "technology_file.h"
#include "workload_file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// In a vision transformer every layer has to have as many channels or rows; elsewhere layers differ, and one that has
// fewer has fewer groups.
static igq_status check_groups(int64_t groups, const igq_network *network, igq_family family, igq_error *error)
{
    int members = 0;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        int own = layer->kind == IGQ_LAYER_CONTEXT ? layer->T : igq_layer_kind_is_grouped(layer->kind) ? layer->C : 0;
        if (own > 0 && (members == 0 || (family == IGQ_FAMILY_VIT ? own < members : own > members)))
            members = own;
    }
    if (members > 0 && groups > members)
        return igq_fail(error,
                        "--groups %d: more groups than the %d channels or softmax rows of a layer; allowed: 1 to %d",
                        (int)groups, members, members < IGQ_MAX_GROUPS ? members : IGQ_MAX_GROUPS);
    return IGQ_OK;
}

typedef struct calibrate_request {
    const char *workload_path, *weights_path, *inputs_path, *output_path, *distance, *bounds;
    igq_string_list images, traces, sets;
    int64_t groups, iterations;
    int64_t act_bits, weight_bits, attn_bits, edge_bits; // 0: the workload's
    int64_t capacity_pct, capacity_multiple;
    int64_t weight_groups;             // negative: the workload's
    double epsilon_pct;                // likewise
    const char *epsilon_grid;          // NULL: no search
    const char *allocate, *candidates; // NULL: the same number of groups in every layer; default
    const char *accelerator_path, *technology_path;
    int64_t period, num_jobs;
} calibrate_request;

static int chooses_bounds(const calibrate_request *request)
{
    return strcmp(request->bounds, "kl") == 0;
}

static igq_status fill_bounds(igq_calibrate_cfg *cfg, const char *text)
{
    char *end;
    double alpha = strtod(text, &end);
    for (int bounds = 0; bounds < IGQ_BOUNDS_COUNT; bounds++)
        if (strcmp(text, igq_bounds_names[bounds]) == 0) {
            cfg->bounds = (igq_bounds)bounds;
            return IGQ_OK;
        }
    if (strcmp(text, "kl") == 0)
        return IGQ_OK;
    if (end == text || *end != '\0' || !(alpha >= 0 && alpha <= 1))
        return IGQ_USER_ERROR;
    cfg->bounds_alpha = alpha;
    return IGQ_OK;
}

static igq_status fill_cfg(igq_calibrate_cfg *cfg, const calibrate_request *request, const igq_precision *precision,
                           igq_error *error)
{
    *cfg = (igq_calibrate_cfg){
        .num_groups = (int)request->groups,
        .act_bits = request->act_bits ? (int)request->act_bits : precision->act_bits,
        .weight_bits = request->weight_bits ? (int)request->weight_bits : precision->weight_bits,
        .attn_bits = request->attn_bits ? (int)request->attn_bits : precision->attn_bits,
        .edge_bits = request->edge_bits ? (int)request->edge_bits : precision->edge_bits,
        .weight_groups = request->weight_groups >= 0 ? (int)request->weight_groups : precision->weight_groups,
        .weight_epsilon_pct = request->epsilon_pct >= 0 ? request->epsilon_pct : precision->weight_epsilon_pct,
        .group_capacity_pct = (int)request->capacity_pct,
        .capacity_multiple = (int)request->capacity_multiple,
        .max_iterations = (int)request->iterations};
    if (cfg->group_capacity_pct > 0 && cfg->group_capacity_pct < 100)
        return igq_fail(error,
                        "--group-capacity-pct %d; allowed: 0 (no limit), 100 to 800: lists must hold all channels",
                        cfg->group_capacity_pct);
    if (fill_bounds(cfg, request->bounds) != IGQ_OK)
        return igq_fail(error, "--bounds %s; allowed: mean, extreme, a number from 0 (mean) to 1 (extreme), kl",
                        request->bounds);
    for (int d = 0; d < IGQ_DISTANCE_COUNT; d++)
        if (strcmp(request->distance, igq_distance_names[d]) == 0) {
            cfg->distance = (igq_distance)d;
            return IGQ_OK;
        }
    return igq_fail(error, "--distance %s; allowed: l2, l1, linf", request->distance);
}

// What a calibration is made from.
typedef struct material {
    const calibrate_request *request;
    igq_workload workload;
    igq_network *network;
    igq_calibrate_cfg cfg;
    igq_image_list images;
    igq_sample_source samples;
    igq_collected ranges;
    igq_accelerator accelerator;
    igq_technology technology;
} material;

static igq_status load_machine(material *m, igq_allocation_request *allocation, igq_error *error)
{
    const calibrate_request *request = m->request;
    igq_cost_source *costs = &allocation->costs;
    int needs_machine = costs->kind != IGQ_BUDGET_BOPS, needs_technology = costs->kind == IGQ_BUDGET_ENERGY;
    if (needs_machine && !request->accelerator_path)
        return igq_fail(error, "--allocate %s without --accelerator; allowed: with the machine that it is a budget of",
                        igq_budget_names[costs->kind]);
    if (needs_technology && !request->technology_path)
        return igq_fail(error, "--allocate energy_pj without --technology; allowed: with the figures of a technology");
    if (!needs_machine)
        return IGQ_OK;
    igq_status status =
        igq_accelerator_load_with(&m->accelerator, request->accelerator_path, &request->sets, NULL, error);
    if (status == IGQ_OK && m->accelerator.scheme.scheme != IGQ_SCHEME_IGQ)
        status = igq_fail(error, "%s: scheme: %s; allowed with --allocate: igq", request->accelerator_path,
                          igq_scheme_names[m->accelerator.scheme.scheme]);
    if (status == IGQ_OK && m->accelerator.scheme.distance != m->cfg.distance)
        status = igq_fail(error, "--distance %s, but %s has distance: %s; allowed: the same", request->distance,
                          request->accelerator_path, igq_distance_names[m->accelerator.scheme.distance]);
    if (status == IGQ_OK && needs_technology)
        status = igq_technology_load(&m->technology, request->technology_path, error);
    costs->accelerator = &m->accelerator;
    costs->technology = &m->technology;
    costs->technology_path = request->technology_path;
    return status;
}

// Without --candidates those that the network or the machine cannot hold are left out; asked for, they are an error.
static igq_status fit_candidates(igq_candidates *candidates, const material *m, igq_error *error)
{
    int holds = m->accelerator.num_groups ? m->accelerator.num_groups : IGQ_MAX_GROUPS;
    while (candidates->num) {
        int most = candidates->groups[candidates->num - 1];
        igq_status status = check_groups(most, m->network, m->workload.family, error);
        if (status == IGQ_OK && most > holds)
            status = igq_fail(error, "--candidates: %d, but %s has num_groups: %d; allowed: up to that", most,
                              m->request->accelerator_path, holds);
        if (status == IGQ_OK)
            return IGQ_OK;
        if (m->request->candidates)
            return status;
        candidates->num--;
    }
    return IGQ_USER_ERROR;
}

// Everything about --allocate that can be wrong before the images are looked at.
static igq_status prepare_allocation(igq_allocation_request *allocation, material *m, igq_error *error)
{
    const calibrate_request *request = m->request;
    *allocation = (igq_allocation_request){.period = (int)request->period, .num_jobs = (int)request->num_jobs};
    igq_status status = igq_budget_parse(&allocation->budget, request->allocate, error);
    if (status == IGQ_OK)
        status = igq_candidates_parse(&allocation->candidates,
                                      request->candidates ? request->candidates : "1,2,4,6,8,12,16", error);
    allocation->weights_path = request->weights_path;
    allocation->costs = (igq_cost_source){
        .kind = allocation->budget.kind, .workload = &m->workload, .network = m->network, .distance = m->cfg.distance};
    if (status == IGQ_OK)
        status = load_machine(m, allocation, error);
    if (status == IGQ_OK)
        status = fit_candidates(&allocation->candidates, m, error);
    return status;
}

static igq_status collect(material *m, igq_error *error)
{
    const calibrate_request *request = m->request;
    m->ranges.workload = &m->workload;
    m->ranges.network = m->network;
    if (request->traces.num)
        return igq_collect_traces(&m->ranges, &request->traces, error);
    igq_status status = IGQ_OK;
    if (request->images.num)
        status = igq_image_list_open(&m->images, request->images.items, request->images.num, error);
    m->samples = (igq_sample_source){.image_paths = (const char *const *)m->images.path,
                                     .num_images = m->images.num,
                                     .preprocess = &m->workload.preprocess,
                                     .inputs_path = request->inputs_path,
                                     .network_path = request->workload_path};
    return status == IGQ_OK ? igq_collect_samples(&m->ranges, request->weights_path, &m->samples, error) : status;
}

// KL divergence of the calibration that m->cfg makes, on its own images.
static igq_status measure(double *kl, const material *m, igq_error *error)
{
    const igq_psi_source source = {&m->workload, m->request->weights_path, m->samples, (int)m->request->num_jobs,
                                   igq_calibrated_scheme(&m->cfg)};
    igq_calibration *calibration = igq_calibrate(m->network, m->ranges.image, m->ranges.num_images, &m->cfg);
    igq_status status = calibration ? igq_kl_measure(kl, &source, calibration, error) : igq_out_of_memory(error);
    igq_calibration_free(calibration);
    return status;
}

// The weight quantizers' epsilon whose predictions are nearest to full precision: the grid search of IGQ-ViT.
static igq_status search_epsilon(material *m, igq_error *error)
{
    const calibrate_request *request = m->request;
    double best_kl = INFINITY, best_pct = 0;
    for (const char *next = request->epsilon_grid; next; next = *next == ',' ? next + 1 : NULL) {
        char *end;
        double kl;
        m->cfg.weight_epsilon_pct = strtod(next, &end);
        if (end == next || (*end != ',' && *end != '\0') ||
            !(m->cfg.weight_epsilon_pct >= 0 && m->cfg.weight_epsilon_pct <= 49))
            return igq_fail(error, "--epsilon-grid %s; allowed: numbers from 0 to 49, separated by commas",
                            request->epsilon_grid);
        next = end;
        igq_status status = measure(&kl, m, error);
        if (status != IGQ_OK)
            return status;
        printf("epsilon %8g %%: KL divergence %.6f nats\n", m->cfg.weight_epsilon_pct, kl);
        if (kl < best_kl) {
            best_kl = kl;
            best_pct = m->cfg.weight_epsilon_pct;
        }
    }
    m->cfg.weight_epsilon_pct = best_pct;
    return IGQ_OK;
}

// The bounds between mean and extreme whose predictions are nearest to full precision.
static igq_status search_bounds(material *m, igq_error *error)
{
    static const double grid[] = {0, 0.125, 0.25, 0.5, 0.75, 1};
    double best_kl = INFINITY, best_alpha = 0;
    for (size_t i = 0; i < sizeof grid / sizeof *grid; i++) {
        double kl;
        m->cfg.bounds_alpha = grid[i];
        igq_status status = measure(&kl, m, error);
        if (status != IGQ_OK)
            return status;
        printf("bounds %5g: KL divergence %.6f nats\n", grid[i], kl);
        if (kl < best_kl) {
            best_kl = kl;
            best_alpha = grid[i];
        }
    }
    m->cfg.bounds_alpha = best_alpha;
    return IGQ_OK;
}

static igq_status check_feed(const material *m, igq_error *error)
{
    const calibrate_request *request = m->request;
    if (request->traces.num)
        return IGQ_OK;
    if (m->workload.family == IGQ_FAMILY_VIT && (!request->weights_path || request->inputs_path))
        return igq_fail(error, "needs activations; allowed: --weights and --images together, or --trace");
    return igq_model_check(&m->workload, request->weights_path, request->inputs_path ? "--inputs" : "--images", error);
}

static igq_status calibrate(material *m, igq_error *error)
{
    const calibrate_request *request = m->request;
    igq_allocation_request allocation;
    igq_status status = igq_workload_load_with(&m->workload, request->workload_path, &request->sets, error);
    if (status == IGQ_OK)
        status = igq_sets_check(&request->sets, request->accelerator_path != NULL, &m->workload, error);
    if (status == IGQ_OK)
        status = check_feed(m, error);
    if (status == IGQ_OK && (m->network = igq_workload_network(&m->workload)) == NULL)
        status = igq_out_of_memory(error);
    if (status == IGQ_OK)
        status = fill_cfg(&m->cfg, request, &m->workload.precision, error);
    if (status == IGQ_OK)
        status = check_groups(request->groups, m->network, m->workload.family, error);
    if (status == IGQ_OK && request->allocate)
        status = prepare_allocation(&allocation, m, error);
    if (status == IGQ_OK)
        status = collect(m, error);
    if (status == IGQ_OK && request->epsilon_grid)
        status = search_epsilon(m, error);
    if (status == IGQ_OK && chooses_bounds(request))
        status = search_bounds(m, error);
    if (status != IGQ_OK)
        return status;
    igq_calibration *calibration = NULL;
    if (request->allocate) {
        allocation.samples = m->samples;
        allocation.costs.images = m->ranges.image;
        allocation.costs.num_images = m->ranges.num_images;
        status = igq_allocate_groups(&calibration, &allocation, &m->cfg, error);
    } else {
        calibration = igq_calibrate(m->network, m->ranges.image, m->ranges.num_images, &m->cfg);
        status = calibration ? IGQ_OK : igq_out_of_memory(error);
    }
    if (status == IGQ_OK)
        status = igq_calibration_save(request->output_path, calibration, &m->workload, error);
    if (status == IGQ_OK) {
        char groups[64] = "groups allocated to each layer";
        if (!request->allocate)
            snprintf(groups, sizeof groups, "%d groups", m->cfg.num_groups);
        printf("Written: %s (%s, %d-bit activations, %d-bit weights, from %d image%s)\n", request->output_path, groups,
               m->cfg.act_bits, m->cfg.weight_bits, m->ranges.num_images, m->ranges.num_images == 1 ? "" : "s");
    }
    igq_calibration_free(calibration);
    return status;
}

static igq_status check_combination(const calibrate_request *request, igq_error *error)
{
    if (!request->workload_path || !request->output_path)
        return igq_fail(error, "%s is missing; see igqsim calibrate --help",
                        !request->workload_path ? "--workload" : "--output");
    int from_images = request->images.num > 0, from_traces = request->traces.num > 0;
    if (from_images + from_traces + (request->inputs_path != NULL) != 1 || (from_traces && request->weights_path))
        return igq_fail(error, "needs activations; allowed: --weights and --images together, or --trace; networks that "
                               "are no vit: --images or --inputs, with or without --weights, or --trace");
    if (from_traces && (request->allocate || request->epsilon_grid || chooses_bounds(request)))
        return igq_fail(error, "%s with --trace: a trace has no predictions; allowed: with --weights and --images",
                        request->allocate       ? "--allocate"
                        : request->epsilon_grid ? "--epsilon-grid"
                                                : "--bounds kl");
    if (!request->allocate && (request->candidates || request->accelerator_path || request->technology_path))
        return igq_fail(error, "%s without --allocate; allowed: both together",
                        request->candidates         ? "--candidates"
                        : request->accelerator_path ? "--accelerator"
                                                    : "--technology");
    return igq_file_check_output(request->output_path, error);
}

igq_status igq_cmd_calibrate(int argc, const char *const *argv, igq_error *error)
{
    calibrate_request request = {.groups = 8,
                                 .iterations = 300,
                                 .capacity_multiple = 1,
                                 .period = 75,
                                 .weight_groups = -1,
                                 .epsilon_pct = -1,
                                 .distance = "l2",
                                 .bounds = "mean",
                                 .num_jobs = igq_num_cores()};
    const igq_option options[] = {
        {"--workload", 'w', IGQ_OPTION_STRING, &request.workload_path, "FILE", "the network (YAML)", 0, 0},
        {"--weights", 0, IGQ_OPTION_STRING, &request.weights_path, "FILE", "checkpoint (safetensors)", 0, 0},
        {"--images", 0, IGQ_OPTION_LIST, &request.images, "PATH...", "photos to calibrate on, or folders of them", 0,
         0},
        {"--inputs", 0, IGQ_OPTION_STRING, &request.inputs_path, "FILE",
         "or tensors for the inputs of the network, by their names", 0, 0},
        {"--trace", 0, IGQ_OPTION_LIST, &request.traces, "FILE...", "or recorded traces", 0, 0},
        {"--groups", 'g', IGQ_OPTION_INT, &request.groups, "G", "groups of each layer (default 8)", 1, IGQ_MAX_GROUPS},
        {"--act-bits", 0, IGQ_OPTION_INT, &request.act_bits, "B", "activation codes (default: the workload's)", 2, 8},
        {"--weight-bits", 0, IGQ_OPTION_INT, &request.weight_bits, "B", "weight codes", 2, 8},
        {"--weight-groups", 0, IGQ_OPTION_INT, &request.weight_groups, "N",
         "quantizers of a layer's weights; 0: one per output channel", 0, IGQ_MAX_CHANNELS},
        {"--attn-bits", 0, IGQ_OPTION_INT, &request.attn_bits, "B", "codes of Q, K and V", 2, 8},
        {"--edge-bits", 0, IGQ_OPTION_INT, &request.edge_bits, "B", "codes of patch embedding and head", 2, 8},
        {"--epsilon-pct", 0, IGQ_OPTION_REAL, &request.epsilon_pct, "E", "weight bounds at percentiles E and 100-E", 0,
         49},
        {"--distance", 0, IGQ_OPTION_STRING, &request.distance, "l2|l1|linf", "of a channel from a group (default l2)",
         0, 0},
        {"--bounds", 0, IGQ_OPTION_STRING, &request.bounds, "mean|extreme|kl",
         "of a group: mean of its members (default), around them all, (1 - A) mean + A extreme, with kl the A nearest "
         "to full precision",
         0, 0},
        {"--group-capacity-pct", 0, IGQ_OPTION_INT, &request.capacity_pct, "P",
         "most channels of a group, of channels / groups, as the machine has it; 0: no limit", 0, 800},
        {"--capacity-multiple", 0, IGQ_OPTION_INT, &request.capacity_multiple, "N",
         "that number is rounded up to a multiple (default 1; the vector length with capacity_rounds_to: vector)", 1,
         1024},
        {"--iterations", 0, IGQ_OPTION_INT, &request.iterations, "N", "at most so many updates (default 300)", 1,
         100000},
        {"--epsilon-grid", 0, IGQ_OPTION_STRING, &request.epsilon_grid, "E,E,...",
         "take the E nearest to full precision", 0, 0},
        {"--allocate", 0, IGQ_OPTION_STRING, &request.allocate, "KEY=LIMIT",
         "choose each layer's groups; KEY: bops, cycles, energy_pj", 0, 0},
        {"--candidates", 0, IGQ_OPTION_STRING, &request.candidates, "G,G,...", "out of these (default 1,2,4,6,8,12,16)",
         0, 0},
        {"--period", 0, IGQ_OPTION_INT, &request.period, "T", "iterations between two allocations (default 75)", 1,
         100000},
        {"--accelerator", 'a', IGQ_OPTION_STRING, &request.accelerator_path, "FILE",
         "the machine of cycles and energy (YAML)", 0, 0},
        {"--technology", 't', IGQ_OPTION_STRING, &request.technology_path, "FILE", "the technology of energy (YAML)", 0,
         0},
        {"--jobs", 'j', IGQ_OPTION_JOBS, &request.num_jobs, "JOBS",
         "images measured at the same time (default: all cores)", 1, IGQ_MAX_JOBS},
        {"--set", 0, IGQ_OPTION_EACH, &request.sets, "KEY=VALUE",
         "instead of what the files of machine and workload say, such as precision.act_bits=6; repeatable", 0, 0},
        {"--output", 'o', IGQ_OPTION_STRING, &request.output_path, "FILE", "the calibration to write (YAML)", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "calibrate -w WORKLOAD.yaml|NETWORK.onnx ([--weights W.safetensors] --images PATH...|--inputs FILE | --trace "
        "T...)\n"
        "                        [--allocate KEY=LIMIT [-a ACCELERATOR.yaml] [-t TECHNOLOGY.yaml]] [--set "
        "KEY=VALUE]... -o CALIBRATION.yaml",
        "Finds the fixed-point grid of every layer, the quantizers of its groups (assignment and update in turn until "
        "no\n"
        "channel moves) and the bits of weights, and writes one readable file. With --allocate every layer gets its "
        "own number\n"
        "of groups: those that change the predictions least within LIMIT bit operations, cycles or pJ an image. LIMIT "
        "is a\n"
        "number, or gN for what N groups in every layer cost. It is Algorithm 1 of IGQ-ViT: quantizers are refined for "
        "--iterations\n"
        "(its N_iter), and after each --period (its T) groups are allocated anew to those that moved.",
        "  igqsim calibrate -w configs/workloads/deit_tiny.yaml --trace traces/deit_tiny_photos.safetensors \\\n"
        "    --groups 4 -o deit_tiny_g4.yaml\n"
        "  igqsim calibrate -w configs/workloads/deit_tiny.yaml --weights deit_tiny.safetensors --images photos/ -j 2 "
        "\\\n"
        "    --allocate cycles=g8 -a configs/accelerators/igq_temporal.yaml -o deit_tiny_allocated.yaml\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    status = check_combination(&request, error);
    if (status != IGQ_OK)
        return status;
    material m = {.request = &request};
    status = calibrate(&m, error);
    igq_collected_free(&m.ranges);
    igq_network_free(m.network);
    igq_workload_free(&m.workload);
    igq_image_list_free(&m.images);
    return status;
}
