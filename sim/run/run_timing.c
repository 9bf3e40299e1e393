// SPDX-License-Identifier: Apache-2.0
#include "run_timing.h"
#include "batch_parts.h"
#include "bops.h"
#include "dram_trace.h"
#include "job_events.h"
#include "jobs.h"
#include "latency.h"
#include "lower_bounds.h"
#include "rtl_assign.h"
#include "rtl_tiles.h"
#include "timeline.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int max_int(int a, int b)
{
    return a > b ? a : b;
}

// Adds the sizes of one product's groups. Heads of a layer add up index by index; one with more groups than those
// before makes room.
static igq_status add_group_sizes(igq_layer_result *layer, const igq_grouping *grouping, igq_error *error)
{
    if (grouping->G > layer->num_groups) {
        uint64_t *grown = realloc(layer->group_sizes, (size_t)grouping->G * sizeof *grown);
        if (!grown)
            return igq_out_of_memory(error);
        memset(grown + layer->num_groups, 0, (size_t)(grouping->G - layer->num_groups) * sizeof *grown);
        layer->group_sizes = grown;
        layer->num_groups = grouping->G;
    }
    for (int g = 0; g < grouping->G; g++)
        layer->group_sizes[g] += (uint64_t)(grouping->start[g + 1] - grouping->start[g]);
    return IGQ_OK;
}

// The rows of a softmax matrix are grouped, not its channels: their lists do not reach the row selector, so the job has
// none.
static igq_status add_row_groups(igq_layer_result *layer, const igq_group_bounds *bounds, const igq_range *range,
                                 const igq_scheme_cfg *cfg, igq_error *error)
{
    int G = igq_scheme_num_groups(cfg, bounds);
    void *memory = malloc(igq_grouping_size(bounds->num_members, G));
    uint16_t *scratch = malloc((size_t)bounds->num_members * sizeof *scratch);
    igq_status status = memory && scratch ? IGQ_OK : igq_out_of_memory(error);
    if (status == IGQ_OK) {
        igq_grouping grouping;
        igq_grouping_init(&grouping, memory, bounds->num_members, G);
        igq_scheme_group(&grouping, cfg, bounds, range, scratch);
        status = add_group_sizes(layer, &grouping, error);
    }
    free(memory);
    free(scratch);
    return status;
}

static uint64_t skipped_channels_of(const igq_job *job)
{
    return (uint64_t)(job->grouping->C - igq_grouping_num_listed(job->grouping));
}

static igq_status collect(igq_run_result *result, const igq_batch *batch, const igq_jobs *jobs,
                          const igq_job_result *timing, const igq_events *events, const igq_calibration *calibration,
                          igq_error *error)
{
    const igq_scheme_cfg *cfg = &result->accelerator.scheme;
    igq_status status = IGQ_OK;
    for (int j = 0; status == IGQ_OK && j < jobs->num_jobs; j++) {
        const igq_job *job = &jobs->job[j];
        const igq_layer *layer = job->layer;
        igq_layer_result *sum = &result->image[batch->image[job->image]].layer[job->layer_index];
        igq_job_result_add(&sum->timing, &timing[j]);
        igq_events_add(&sum->events, &events[j]);
        if (job->head == 0) {
            sum->tiling = jobs->plan[j].tiling;
            sum->stores = jobs->plan[j].product.acts.bits > 0 ? IGQ_STORES_CODES : IGQ_STORES_VALUES;
            igq_storage results = igq_stored_results(job->stored, job->layer_index);
            sum->kept_bytes = igq_storage_bytes(&results, layer->T, layer->kept_channels);
        }
        sum->skipped_channels += skipped_channels_of(job);
        result->act_bits[job->layer_index] = job->act_bits;
        result->weight_bits[job->layer_index] = job->weight_bits;
        sum->bops += igq_matmul_bops(layer->T, layer->C, layer->O, job->act_bits, job->weight_bits);
        if (job->assign != IGQ_ASSIGN_NONE)
            sum->assign_bops += igq_assign_bops(job->assign_observations, job->assign_members,
                                                job->assign == IGQ_ASSIGN_NEAREST ? job->num_groups : 0, cfg->distance);
        if (layer->kind == IGQ_LAYER_CONTEXT)
            status =
                add_row_groups(sum, igq_softmax_bounds(calibration, layer, job->head),
                               &batch->instance[job->image]->softmax[layer->first_product + job->head], cfg, error);
        else
            status = add_group_sizes(sum, job->grouping, error);
    }
    return status;
}

// Multipliers that an executed image leaves still: counted by layer, and shared evenly by its products. Those of
// skipped channels were not asked for in the first place.
static void gate_zeros(igq_events *events, const igq_run_result *result, const igq_batch *batch, const igq_jobs *jobs)
{
    if (!result->accelerator.zero_gating)
        return;
    for (int j = 0; j < jobs->num_jobs; j++) {
        const igq_job *job = &jobs->job[j];
        const igq_instance *instance = batch->instance[job->image];
        if (!instance->executed)
            continue;
        uint64_t skipped = skipped_channels_of(job) * (uint64_t)job->layer->T * (uint64_t)job->layer->O;
        uint64_t zeros = instance->zero_products[job->layer_index] - skipped, products = (uint64_t)job->layer->products;
        uint64_t head = (uint64_t)job->head;
        int passes = igq_mac_passes(job->act_bits, job->weight_bits, &result->accelerator.mac_array);
        igq_events_gate(&events[j], zeros * (head + 1) / products - zeros * head / products, passes);
    }
}

static void collect_noise(igq_run_result *result, int image, const igq_instance *instance)
{
    for (int k = 0; k < result->num_layers; k++) {
        const igq_layer *layer = &result->layer[k];
        igq_layer_noise *noise = &result->image[image].layer[k].noise;
        if (layer->linear >= 0)
            *noise = instance->linear_noise[layer->linear];
        else if (layer->kind == IGQ_LAYER_CONTEXT)
            *noise = instance->softmax_noise[layer->attention];
    }
}

// --assign rtl: a unit must have been built for this machine, and every layer must fit it.
static igq_status check_rtl(const igq_accelerator *accelerator, const igq_jobs *jobs, igq_error *error)
{
    igq_rtl_assign *unit = igq_rtl_assign_new(accelerator, error);
    igq_status status = unit ? IGQ_OK : IGQ_USER_ERROR;
    for (int j = 0; status == IGQ_OK && j < jobs->num_jobs; j++)
        if (jobs->job[j].assign == IGQ_ASSIGN_NEAREST)
            status = igq_rtl_assign_check(unit, jobs->job[j].assign_observations, jobs->job[j].assign_members,
                                          jobs->job[j].num_groups, error);
    igq_rtl_assign_free(unit);
    return status;
}

static void add_cost(igq_unit_cost *sum, const igq_job_result *timing, int num_jobs)
{
    for (int j = 0; j < num_jobs; j++) {
        sum->cycles += timing[j].cycles;
        sum->assign_cycles += timing[j].assign_cycles;
        sum->waiting_cycles += timing[j].cause_cycles[IGQ_CAUSE_ASSIGNMENT];
    }
}

// --datapath rtl: one that takes the largest tile of the batch works the tiles of all its jobs.
static igq_status start_rtl_tiles(igq_rtl_tiles **tiles, const igq_accelerator *accelerator, igq_jobs *jobs,
                                  igq_error *error)
{
    igq_rtl_tiles_size size = {0};
    for (int j = 0; j < jobs->num_jobs; j++) {
        const igq_tiling *tiling = &jobs->plan[j].tiling;
        const igq_grouping *lists = jobs->job[j].grouping;
        int block_tokens = igq_tiling_block_tokens(tiling, &accelerator->mac_array);
        int lanes = accelerator->mac_array.lanes;
        size.num_groups = max_int(size.num_groups, lists->G);
        size.num_channels = max_int(size.num_channels, lists->C);
        size.token_blocks = max_int(size.token_blocks, (tiling->tile_tokens + block_tokens - 1) / block_tokens);
        size.output_blocks = max_int(size.output_blocks, (tiling->tile_outputs + lanes - 1) / lanes);
    }
    igq_status status = igq_rtl_tiles_new(tiles, accelerator, &size, error);
    for (int j = 0; j < jobs->num_jobs; j++)
        jobs->job[j].rtl_tiles = *tiles;
    return status;
}

static igq_status write_timeline(const igq_run_result *result, const igq_timeline *timeline, const igq_jobs *jobs,
                                 const igq_events *events, igq_error *error)
{
    char title[2 * IGQ_NAME_BYTES + 8];
    snprintf(title, sizeof title, "%s on %s", result->workload.name, result->accelerator.name);
    igq_power_track *power = NULL;
    if (result->technology)
        power = igq_power_track_new(events, jobs->num_jobs, &result->accelerator, result->technology);
    if (result->technology && !power)
        return igq_out_of_memory(error);
    igq_status status =
        igq_timeline_write(result->timeline_path, timeline, power, title, jobs->job, jobs->num_jobs, error);
    igq_power_track_free(power);
    return status;
}

// In place of a run, what no run can beat.
static igq_status bound_machine(const igq_run_result *result, igq_job_result *timing, igq_events *events,
                                igq_jobs *jobs, igq_error *error)
{
    char message[1024];
    if (igq_jobs_bound(timing, jobs, message, sizeof message, &result->accelerator) != 0)
        return igq_fail(error, "accelerator %s: %s", result->accelerator.name, message);
    igq_jobs_bound_events(events, jobs, timing, &result->accelerator);
    return IGQ_OK;
}

// The machine's run, and what each job did; of the first image's batch a timeline is written.
static igq_status run_machine(const igq_run_result *result, const igq_batch *batch, igq_job_result *timing,
                              igq_events *events, const igq_jobs *jobs, igq_assign_model assign_model, igq_error *error)
{
    int is_first = batch->image[0] == 0;
    int records = result->timeline_path && is_first, traces = result->dram_trace_path && is_first;
    igq_dram_trace transfers = {0};
    igq_timeline timeline = {.dram_trace = traces ? &transfers : NULL};
    const igq_machine_runner *runner = result->runner;
    igq_status status =
        runner ? runner->run(runner->context, timing, &result->accelerator, jobs->job, jobs->plan, jobs->num_jobs,
                             assign_model, error)
               : igq_machine_run_planned(timing, records || traces ? &timeline : NULL, &result->accelerator, jobs->job,
                                         jobs->plan, jobs->num_jobs, assign_model, error);
    if (status == IGQ_OK) {
        igq_jobs_events(events, jobs, timing, &result->accelerator);
        gate_zeros(events, result, batch, jobs);
    }
    if (status == IGQ_OK && records)
        status = write_timeline(result, &timeline, jobs, events, error);
    if (status == IGQ_OK && traces)
        status = igq_dram_trace_write(result->dram_trace_path, &transfers, &result->accelerator, error);
    igq_dram_trace_free(&transfers);
    igq_timeline_free(&timeline);
    return status;
}

// The same, with the tiles worked by the Verilated datapath where that is asked for.
static igq_status run_machine_and_rtl(const igq_run_result *result, const igq_batch *batch, igq_job_result *timing,
                                      igq_events *events, igq_jobs *jobs, igq_assign_model assign_model,
                                      igq_error *error)
{
    igq_rtl_tiles *tiles = NULL;
    igq_status status = result->datapath_rtl ? start_rtl_tiles(&tiles, &result->accelerator, jobs, error) : IGQ_OK;
    if (status == IGQ_OK)
        status = run_machine(result, batch, timing, events, jobs, assign_model, error);
    if (status == IGQ_OK && tiles)
        status = igq_rtl_tiles_verdict(tiles, error);
    igq_rtl_tiles_free(tiles);
    return status;
}

igq_status igq_batch_init(igq_batch *batch, const igq_run_result *result, igq_error *error)
{
    int batch_images = result->accelerator.tiling.batch_images;
    *batch = (igq_batch){.capacity = batch_images < result->num_images ? batch_images : result->num_images};
    for (int i = 0; i < batch->capacity; i++)
        if ((batch->instance[i] = igq_instance_new(result->network)) == NULL)
            return igq_out_of_memory(error);
    return IGQ_OK;
}

void igq_batch_free(igq_batch *batch)
{
    for (int i = 0; i < batch->capacity; i++)
        igq_instance_free(batch->instance[i]);
    free(batch->tile_channels);
}

// Of a layer of an image in the tiles of a batch.
static size_t place_of(const igq_job *job, const igq_run_result *result)
{
    return (size_t)job->image * (size_t)result->num_layers + (size_t)job->layer_index;
}

// The jobs of so many images of the batch, planned; with the channels of tiles that were executed.
static igq_status plan_batch(igq_jobs **jobs, const igq_batch *batch, int num_images, const igq_run_result *result,
                             const igq_calibration *calibration, igq_error *error)
{
    char message[1024];
    if (result->bounds_only) {
        *jobs = igq_jobs_new(result->network, calibration, (const igq_instance *const *)batch->instance, num_images,
                             &result->accelerator);
        return *jobs ? IGQ_OK : igq_out_of_memory(error);
    }
    const igq_batch_source source = {.network = result->network,
                                     .calibration = calibration,
                                     .instance = (const igq_instance *const *)batch->instance,
                                     .accelerator = &result->accelerator,
                                     .executed_tile_channels =
                                         batch->planned_images == num_images ? batch->tile_channels : NULL};
    *jobs = igq_batch_jobs_new(&source, num_images, message, sizeof message);
    if (*jobs)
        return IGQ_OK;
    return message[0] ? igq_fail(error, "accelerator %s: %s", result->accelerator.name, message)
                      : igq_out_of_memory(error);
}

igq_status igq_batch_plan(igq_batch *batch, const igq_run_result *result, int num_images,
                          const igq_calibration *calibration, igq_error *error)
{
    if (num_images == batch->planned_images)
        return IGQ_OK;
    size_t num_layers = (size_t)result->num_layers;
    igq_jobs *jobs = NULL;
    int *tiles = calloc((size_t)num_images * num_layers, sizeof *tiles);
    igq_status status =
        tiles ? plan_batch(&jobs, batch, num_images, result, calibration, error) : igq_out_of_memory(error);
    for (int j = 0; status == IGQ_OK && j < jobs->num_jobs; j++)
        tiles[place_of(&jobs->job[j], result)] = jobs->plan[j].tiling.tile_channels;
    igq_jobs_free(jobs);
    if (status != IGQ_OK) {
        free(tiles);
        return status;
    }
    free(batch->tile_channels);
    batch->tile_channels = tiles;
    batch->planned_images = num_images;
    return IGQ_OK;
}

// 1 if what was executed is what is timed.
static int follows_plan(const igq_batch *batch, const igq_jobs *jobs, const igq_run_result *result)
{
    for (int j = 0; batch->tile_channels && j < jobs->num_jobs; j++)
        if (batch->tile_channels[place_of(&jobs->job[j], result)] != jobs->plan[j].tiling.tile_channels)
            return 0;
    return 1;
}

igq_status igq_run_time_full_batch(igq_run_result *result, igq_batch *batch, int image,
                                   const igq_calibration *calibration, igq_assign_model assign_model, igq_error *error)
{
    if (batch->num_images < batch->capacity && image < result->num_images - 1)
        return IGQ_OK;
    int num_images = batch->num_images;
    igq_status status = igq_run_time_batch(result, batch, calibration, assign_model, error);
    for (int i = 0; status == IGQ_OK && i < num_images; i++)
        status = igq_run_result_add_image(result, batch->image[i], error);
    return status;
}

// The same batch on the machine as it is, with its own assignment unit.
static igq_status time_own_unit(const igq_run_result *result, const igq_batch *batch,
                                const igq_calibration *calibration, igq_error *error)
{
    igq_user_unit_report *report = igq_user_unit_report_of(result->unit);
    igq_run_result own = {
        .accelerator = result->accelerator, .network = result->network, .num_layers = result->num_layers};
    own.accelerator.group_assignment = report->machine_lanes;
    igq_jobs *jobs = NULL;
    igq_status status = plan_batch(&jobs, batch, batch->num_images, &own, calibration, error);
    igq_job_result *timing = status == IGQ_OK ? calloc((size_t)jobs->num_jobs, sizeof *timing) : NULL;
    if (status == IGQ_OK && !timing)
        status = igq_out_of_memory(error);
    if (status == IGQ_OK)
        status = igq_machine_run_planned(timing, NULL, &own.accelerator, jobs->job, jobs->plan, jobs->num_jobs,
                                         IGQ_ASSIGN_MODEL_C, error);
    if (status == IGQ_OK)
        add_cost(&report->with_machine, timing, jobs->num_jobs);
    free(timing);
    igq_jobs_free(jobs);
    return status;
}

igq_status igq_run_time_batch(igq_run_result *result, igq_batch *batch, const igq_calibration *calibration,
                              igq_assign_model assign_model, igq_error *error)
{
    igq_jobs *jobs;
    igq_status status = plan_batch(&jobs, batch, batch->num_images, result, calibration, error);
    igq_job_result *timing = status == IGQ_OK ? calloc((size_t)jobs->num_jobs, sizeof *timing) : NULL;
    igq_events *events = status == IGQ_OK ? calloc((size_t)jobs->num_jobs, sizeof *events) : NULL;
    if (status == IGQ_OK && (!timing || !events))
        status = igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < batch->num_images; i++)
        status = igq_run_result_open_image(result, batch->image[i], error);
    assert(status != IGQ_OK || follows_plan(batch, jobs, result));
    if (status == IGQ_OK && assign_model == IGQ_ASSIGN_MODEL_RTL)
        status = check_rtl(&result->accelerator, jobs, error);
    if (status == IGQ_OK && assign_model == IGQ_ASSIGN_MODEL_MEASURED)
        status = igq_user_unit_assign(result->unit, jobs->job, jobs->num_jobs, error);
    if (status == IGQ_OK)
        status = result->bounds_only ? bound_machine(result, timing, events, jobs, error)
                                     : run_machine_and_rtl(result, batch, timing, events, jobs, assign_model, error);
    if (status == IGQ_OK && assign_model == IGQ_ASSIGN_MODEL_MEASURED) {
        add_cost(&igq_user_unit_report_of(result->unit)->with_unit, timing, jobs->num_jobs);
        status = time_own_unit(result, batch, calibration, error);
    }
    if (status == IGQ_OK) {
        status = collect(result, batch, jobs, timing, events, calibration, error);
        for (int i = 0; i < batch->num_images; i++)
            collect_noise(result, batch->image[i], batch->instance[i]);
    }
    batch->num_images = 0;
    free(events);
    free(timing);
    igq_jobs_free(jobs);
    return status;
}
