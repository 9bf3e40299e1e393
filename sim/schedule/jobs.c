// SPDX-License-Identifier: Apache-2.0
#include "jobs.h"
#include "arena.h"
#include "events.h"
#include "format.h"
#include "residency.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

// Everything that the jobs of one network are made from.
typedef struct job_source {
    const igq_calibration *calibration;
    const igq_instance *const *instance; // by image
    const igq_accelerator *accelerator;
    const igq_stored_layer *stored;
} job_source;

// What is grouped for a job: the channels of a linear layer, or the softmax rows of a head.
typedef struct job_members {
    int num, observations;
    const igq_group_bounds *bounds; // NULL: nothing is grouped (scores)
    const igq_range *range;
    igq_scheme_cfg scheme;
} job_members;

static job_members members_of(const igq_job *job, const job_source *source)
{
    const igq_layer *layer = job->layer;
    const igq_instance *instance = source->instance[job->image];
    igq_scheme_cfg scheme = igq_scheme_of_layer(&source->accelerator->scheme, layer->kind);
    if (layer->kind == IGQ_LAYER_SCORES)
        return (job_members){0};
    if (layer->kind == IGQ_LAYER_CONTEXT)
        return (job_members){layer->T, layer->C, igq_softmax_bounds(source->calibration, layer, job->head),
                             &instance->softmax[layer->first_product + job->head], scheme};
    return (job_members){layer->C, layer->T, &source->calibration->linear[layer->linear].act,
                         &instance->linear[layer->linear], scheme};
}

// For one image.
static int count_jobs(const igq_network *network)
{
    int num_jobs = 0;
    for (int i = 0; i < network->num_layers; i++)
        num_jobs += network->layer[i].products;
    return num_jobs;
}

// The list that is being made, and where each image's last job of each layer is in it.
typedef struct job_order {
    const igq_network *network;
    igq_batch_plan *plan; // (num_layers)
    int images;
    igq_job *job;
    int num_jobs;
    int *last_job; // (num_layers, images)
} job_order;

static int job_of_input(const job_order *order, int layer, int image)
{
    return layer < 0 ? -1 : order->last_job[layer * order->images + image];
}

static void add_job(job_order *order, const igq_job *job)
{
    order->last_job[job->layer_index * order->images + job->image] = order->num_jobs;
    order->job[order->num_jobs++] = *job;
}

static void add_linear(job_order *order, int k, int image)
{
    const igq_layer *layer = &order->network->layer[k];
    add_job(order, &(igq_job){.layer = layer,
                              .layer_index = k,
                              .image = image,
                              .num_partners = order->plan[k].together ? order->images - 1 : 0,
                              .waiting_bytes = order->plan[k].waiting_bytes + order->plan[k].residual_bytes,
                              .residual_from_buffer = order->plan[k].residual_from_buffer,
                              .residual_stays = order->plan[k].residual_stays,
                              .acts_from_job = job_of_input(order, layer->input, image),
                              .weights_from_job = -1});
}

// Scores and context of an attention, in turn.
static void add_attention(job_order *order, int k, int image)
{
    const igq_layer *layer = &order->network->layer[k];
    igq_job scores = {.layer = layer,
                      .layer_index = k,
                      .image = image,
                      .waiting_bytes = order->plan[k].waiting_bytes + order->plan[k].residual_bytes,
                      .acts_from_job = job_of_input(order, layer->input, image),
                      .weights_from_job = job_of_input(order, layer->keys_from, image)};
    igq_job context = scores;
    context.layer = layer + 1;
    context.layer_index = k + 1;
    for (int head = 0; head <= layer->products; head++) {
        int context_waits_for = order->num_jobs - (head == 1 ? 1 : 2); // the scores before the context before, if any
        if (head < layer->products) {
            scores.head = head;
            add_job(order, &scores);
        }
        if (head > 0) {
            context.head = head - 1;
            context.acts_from_job = context_waits_for;
            add_job(order, &context);
        }
    }
}

// Layers first .. end - 1, of one image.
static void add_layers(job_order *order, int first, int end, int image)
{
    for (int k = first; k < end; k++) {
        if (order->network->layer[k].kind == IGQ_LAYER_SCORES)
            add_attention(order, k++, image);
        else
            add_linear(order, k, image);
    }
}

// Jobs in the order in which they run, with the jobs that they wait for.
static void order_jobs(job_order *order)
{
    int num_layers = order->network->num_layers;
    for (int first = 0, end; first < num_layers; first = end) {
        end = first + 1;
        while (!order->plan[first].together && end < num_layers && !order->plan[end].together)
            end++;
        for (int image = 0; image < order->images; image++)
            add_layers(order, first, end, image);
    }
}

static void describe_job(igq_job *job, const job_source *source)
{
    int linear = job->layer->linear;
    job_members members = members_of(job, source);
    job->stored = source->stored;
    igq_scheme_cfg scheme = igq_scheme_of_layer(&source->accelerator->scheme, job->layer->kind);
    int attn_bits = source->calibration->attn_bits;
    job->act_bits = igq_act_code_bits(&scheme, members.bounds ? members.bounds->bits : attn_bits);
    job->weight_bits =
        igq_weight_code_bits(&scheme, linear < 0 ? attn_bits : source->calibration->linear[linear].weight_bits);
    if (!members.bounds || !igq_scheme_needs_ranges(members.scheme.scheme))
        return;
    job->assign = igq_scheme_assigns(members.scheme.scheme) ? IGQ_ASSIGN_NEAREST : IGQ_ASSIGN_RANGES;
    job->assign_members = members.num;
    job->assign_observations = members.observations;
    job->num_groups = igq_scheme_num_groups(&members.scheme, members.bounds);
    job->list_capacity = igq_scheme_capacity(&members.scheme, members.num, job->num_groups);
    job->lo = members.range->lo;
    job->hi = members.range->hi;
    job->lower = members.bounds->lower;
    job->upper = members.bounds->upper;
}

// 1 if the row selector leaves channels of this job out. It follows lists only where they are not in channel order.
static int skips_zeros(const igq_job *job, const job_source *source)
{
    igq_scheme_cfg scheme = igq_scheme_of_layer(&source->accelerator->scheme, job->layer->kind);
    return source->accelerator->row_selector.zero_skip && job->weights_from_job < 0 &&
           igq_scheme_permutes(scheme.scheme);
}

// The lists of a job and, for rows, the module's answer; that for channels is grouping->group itself.
static void place_lists(igq_job *job, igq_arena *arena, const job_source *source)
{
    int groups_channels = job->weights_from_job < 0;
    job_members members = members_of(job, source);
    int G = groups_channels ? igq_scheme_num_groups(&members.scheme, members.bounds) : 1;
    igq_grouping *grouping = igq_arena_take(arena, sizeof *grouping);
    void *memory = igq_arena_take(arena, igq_grouping_size(job->layer->C, G));
    uint16_t *rows = NULL;
    int16_t *zero_lower = NULL, *zero_upper = NULL;
    if (skips_zeros(job, source) && job->assign == IGQ_ASSIGN_NEAREST) {
        zero_lower = igq_arena_take(arena, (size_t)G * sizeof *zero_lower);
        zero_upper = igq_arena_take(arena, (size_t)G * sizeof *zero_upper);
    }
    if (!groups_channels)
        rows = igq_arena_take(arena, (size_t)job->assign_members * sizeof *rows);
    if (!arena->base)
        return;
    igq_grouping_init(grouping, memory, job->layer->C, G);
    job->grouping = grouping;
    job->assigned = groups_channels ? grouping->group : rows;
    if (zero_lower)
        igq_zero_intervals(zero_lower, zero_upper, &members.scheme, members.bounds);
    if (skips_zeros(job, source) && source->instance[job->image]->executed)
        job->zeros.weights = source->instance[job->image]->zero_weights[job->layer->linear];
    job->zeros.lower = zero_lower;
    job->zeros.upper = zero_upper;
}

// Static lists; those of igq are the module's to fill.
static void build_lists(igq_job *job, const job_source *source, uint16_t *scratch)
{
    int groups_channels = job->weights_from_job < 0;
    if (!groups_channels) { // Q and softmax: all channels share a quantizer
        memset(job->grouping->group, 0, (size_t)job->layer->C * sizeof *job->grouping->group);
        igq_grouping_build(job->grouping);
    } else if (job->assign != IGQ_ASSIGN_NEAREST) {
        job_members members = members_of(job, source);
        igq_scheme_group(job->grouping, &members.scheme, members.bounds, members.range, scratch);
        igq_zero_skip(job->grouping, &job->zeros, job->lo, job->hi);
    }
}

// How layers with weights and their activations are coded.
typedef struct layer_codes {
    int *weight_bits;         // (num_linear)
    igq_stored_layer *stored; // (num_layers + 1)
} layer_codes;

// 0 if memory is short.
static int find_codes(layer_codes *codes, const igq_network *network, const igq_calibration *calibration,
                      const igq_accelerator *accelerator)
{
    codes->weight_bits = calloc((size_t)network->num_linear + 1, sizeof *codes->weight_bits);
    codes->stored = calloc((size_t)network->num_layers + 1, sizeof *codes->stored);
    if (!codes->weight_bits || !codes->stored)
        return 0;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        igq_scheme_cfg scheme = igq_scheme_of_layer(&accelerator->scheme, layer->kind);
        if (layer->linear >= 0)
            codes->weight_bits[layer->linear] =
                igq_weight_code_bits(&scheme, calibration->linear[layer->linear].weight_bits);
    }
    igq_stored_layers(codes->stored, network, calibration, accelerator);
    return 1;
}

// 0 if memory is short.
static int make_jobs(igq_jobs *jobs, const igq_network *network, const igq_calibration *calibration, int images,
                     const igq_accelerator *accelerator)
{
    size_t num_layers = (size_t)network->num_layers;
    layer_codes codes;
    job_order order = {.network = network,
                       .plan = calloc(num_layers, sizeof *order.plan),
                       .images = images,
                       .job = jobs->job,
                       .last_job = calloc(num_layers * (size_t)images, sizeof *order.last_job)};
    int made = find_codes(&codes, network, calibration, accelerator) && order.plan && order.last_job;
    if (made) {
        igq_plan_batch(order.plan, network, codes.weight_bits, codes.stored, images, accelerator);
        order_jobs(&order);
        assert(order.num_jobs == jobs->num_jobs);
    }
    jobs->stored = codes.stored;
    free(order.plan);
    free(order.last_job);
    free(codes.weight_bits);
    return made;
}

int igq_jobs_part(const igq_network *network, const igq_calibration *calibration, int num_images,
                  const igq_accelerator *accelerator)
{
    int part = 0;
    layer_codes codes;
    igq_batch_plan *plan = calloc((size_t)network->num_layers, sizeof *plan);
    if (find_codes(&codes, network, calibration, accelerator) && plan)
        part = igq_batch_part(plan, network, codes.weight_bits, codes.stored, num_images, accelerator);
    free(plan);
    free(codes.stored);
    free(codes.weight_bits);
    return part;
}

igq_jobs *igq_jobs_new(const igq_network *network, const igq_calibration *calibration,
                       const igq_instance *const *instances, int num_images, const igq_accelerator *accelerator)
{
    int num_jobs = num_images * count_jobs(network);
    igq_jobs *jobs = calloc(1, sizeof *jobs);
    uint16_t *scratch = malloc(IGQ_MAX_CHANNELS * sizeof *scratch);
    if (jobs)
        *jobs = (igq_jobs){.num_jobs = num_jobs, .job = calloc((size_t)num_jobs, sizeof *jobs->job)};
    if (!jobs || !jobs->job || !scratch || !make_jobs(jobs, network, calibration, num_images, accelerator)) {
        free(scratch);
        igq_jobs_free(jobs);
        return NULL;
    }

    const job_source source = {calibration, instances, accelerator, jobs->stored};
    igq_arena counter = {0};
    for (int j = 0; j < num_jobs; j++) {
        describe_job(&jobs->job[j], &source);
        place_lists(&jobs->job[j], &counter, &source);
    }
    igq_arena arena = {.base = malloc(counter.used_bytes)};
    jobs->lists_memory = arena.base;
    if (arena.base) {
        for (int j = 0; j < num_jobs; j++) {
            place_lists(&jobs->job[j], &arena, &source);
            build_lists(&jobs->job[j], &source, scratch);
        }
    } else {
        igq_jobs_free(jobs);
        jobs = NULL;
    }
    free(scratch);
    return jobs;
}

void igq_jobs_free(igq_jobs *jobs)
{
    if (!jobs)
        return;
    for (int i = 0; i < jobs->num_parts; i++)
        igq_jobs_free(jobs->part[i]);
    free(jobs->part);
    free(jobs->lists_memory);
    free(jobs->stored);
    free(jobs->plan);
    free(jobs->job);
    free(jobs);
}
