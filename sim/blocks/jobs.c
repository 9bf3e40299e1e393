// SPDX-License-Identifier: Apache-2.0
#include "jobs.h"
#include "arena.h"
#include "events.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

// Everything that the jobs of one network are made from.
typedef struct job_source {
    const igq_calibration *calibration;
    const igq_instance *instance;
    const igq_accelerator *accelerator;
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
    igq_scheme_cfg scheme = igq_scheme_of_layer(&source->accelerator->scheme, layer->kind);
    if (layer->kind == IGQ_LAYER_SCORES)
        return (job_members){0};
    if (layer->kind == IGQ_LAYER_CONTEXT)
        return (job_members){layer->T, layer->C, igq_softmax_bounds(source->calibration, layer, job->head),
                             &source->instance->softmax[layer->first_product + job->head], scheme};
    return (job_members){layer->C, layer->T, &source->calibration->linear[layer->linear].act,
                         &source->instance->linear[layer->linear], scheme};
}

// Jobs of layers 0 .. k; the last of them is the last of layer k, because scores and context end together.
static int count_jobs(const igq_network *network, int k)
{
    int num_jobs = 0;
    for (int i = 0; i <= k; i++)
        num_jobs += network->layer[i].products;
    return num_jobs;
}

// Scores and context of an attention, in turn. Returns the number of jobs so far.
static int order_attention(igq_job *jobs, int num, const igq_network *network, int k)
{
    const igq_layer *layer = &network->layer[k];
    int keys_from_job = count_jobs(network, layer->keys_from) - 1;
    igq_job scores = {.layer = layer,
                      .layer_index = k,
                      .acts_from_job = count_jobs(network, layer->input) - 1,
                      .weights_from_job = keys_from_job};
    igq_job context = {.layer = layer + 1, .layer_index = k + 1, .weights_from_job = keys_from_job};
    for (int head = 0; head <= layer->products; head++) {
        int context_waits_for = head == 1 ? num - 1 : num - 2; // the scores before the context before, if any
        if (head < layer->products) {
            scores.head = head;
            jobs[num++] = scores;
        }
        if (head > 0) {
            context.head = head - 1;
            context.acts_from_job = context_waits_for;
            jobs[num++] = context;
        }
    }
    return num;
}

// Jobs in the order in which they run, with the jobs that they wait for. Returns their number.
static int order_jobs(igq_job *jobs, const igq_network *network)
{
    int num = 0;
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        if (layer->kind == IGQ_LAYER_SCORES)
            num = order_attention(jobs, num, network, k++);
        else
            jobs[num++] = (igq_job){.layer = layer,
                                    .layer_index = k,
                                    .acts_from_job = count_jobs(network, layer->input) - 1,
                                    .weights_from_job = -1};
    }
    return num;
}

static void describe_job(igq_job *job, const job_source *source)
{
    int linear = job->layer->linear;
    job_members members = members_of(job, source);
    job->act_bits = members.bounds ? members.bounds->bits : source->calibration->attn_bits;
    job->weight_bits = linear < 0 ? source->calibration->attn_bits : source->calibration->linear[linear].weight_bits;
    if (!members.bounds || !igq_scheme_needs_ranges(members.scheme.scheme))
        return;
    job->assign = members.scheme.scheme == IGQ_SCHEME_IGQ ? IGQ_ASSIGN_NEAREST : IGQ_ASSIGN_RANGES;
    job->assign_members = members.num;
    job->assign_observations = members.observations;
    job->num_groups = igq_scheme_num_groups(&members.scheme, members.bounds);
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
    if (skips_zeros(job, source) && source->instance->executed)
        job->zeros.weights = source->instance->zero_weights[job->layer->linear];
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

igq_jobs *igq_jobs_new(const igq_network *network, const igq_calibration *calibration, const igq_instance *instance,
                       const igq_accelerator *accelerator)
{
    const job_source source = {calibration, instance, accelerator};
    int num_jobs = count_jobs(network, network->num_layers - 1);
    igq_jobs *jobs = calloc(1, sizeof *jobs);
    uint16_t *scratch = malloc(IGQ_MAX_CHANNELS * sizeof *scratch);
    if (jobs)
        *jobs = (igq_jobs){num_jobs, calloc((size_t)num_jobs, sizeof *jobs->job), NULL};
    if (!jobs || !jobs->job || !scratch) {
        free(scratch);
        igq_jobs_free(jobs);
        return NULL;
    }
    num_jobs = order_jobs(jobs->job, network);
    assert(num_jobs == jobs->num_jobs);

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
    free(jobs->lists_memory);
    free(jobs->job);
    free(jobs);
}
