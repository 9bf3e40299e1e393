// SPDX-License-Identifier: Apache-2.0
#include "batch_parts.h"
#include "machine_check.h"
#include "plan_cycles.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_IMAGES_ALL_WAYS = 4, MOST_IMAGES_HALVED = 8 };

// Images that follow one another, worked on in the best way.
typedef struct span {
    int is_known;
    igq_jobs *together;      // their jobs in one part; NULL: they do not fit
    uint64_t cycles, bytes;  // of DRAM; UINT64_MAX: there is no way
    int first_images;        // of the first of two spans that they are divided into; 0: together
    int second_waits;        // 1: until all of the first is through
    int num_parts, num_jobs; // in all
} span;

typedef struct search {
    const igq_batch_source *source;
    int images, part_images; // of a part, for least traffic
    span *spans;             // (images, images), by first image and number of images - 1
    int failed;              // memory is short
    char *message;
    int message_bytes;
} search;

static span *span_of(const search *of, int first, int images)
{
    return &of->spans[first * of->images + images - 1];
}

static uint64_t run_cycles(search *of, const igq_jobs *jobs)
{
    const igq_accelerator *accelerator = of->source->accelerator;
    igq_tile_clock *clock = igq_tile_clock_new(jobs->job, jobs->num_jobs, accelerator);
    uint64_t cycles =
        clock ? igq_plan_cycles(jobs->job, jobs->plan, jobs->num_jobs, clock, UINT64_MAX - 1, accelerator) : UINT64_MAX;
    of->failed |= cycles == UINT64_MAX;
    igq_tile_clock_free(clock);
    return cycles;
}

static uint64_t dram_bytes(const igq_jobs *jobs)
{
    uint64_t bytes = 0;
    for (int j = 0; j < jobs->num_jobs; j++)
        bytes += jobs->plan[j].read_bytes + jobs->plan[j].write_bytes;
    return bytes;
}

/// Together

static const int *executed_channels(const search *of, int first, const igq_job *job)
{
    const igq_batch_source *source = of->source;
    return source->executed_tile_channels + (first + job->image) * source->network->num_layers + job->layer_index;
}

// 1 if the sums of values that were computed were cut as the plan cuts them.
static int follows_execution(const search *of, int first, const igq_jobs *jobs)
{
    for (int j = 0; of->source->executed_tile_channels && j < jobs->num_jobs; j++)
        if (*executed_channels(of, first, &jobs->job[j]) != jobs->plan[j].tiling.tile_channels)
            return 0;
    return 1;
}

// Plans the images in one part.
static void plan_together(search *of, span *all, int first, int images)
{
    const igq_batch_source *source = of->source;
    igq_jobs *jobs =
        igq_jobs_new(source->network, source->calibration, source->instance + first, images, source->accelerator);
    of->failed |= !jobs;
    for (int j = 0; jobs && source->executed_tile_channels && j < jobs->num_jobs; j++)
        jobs->job[j].executed_tile_channels = *executed_channels(of, first, &jobs->job[j]);
    if (!jobs || igq_jobs_plan(jobs, of->message, of->message_bytes, source->accelerator) != 0 ||
        !follows_execution(of, first, jobs)) {
        igq_jobs_free(jobs);
        return;
    }
    all->together = jobs;
    all->num_parts = 1;
    all->num_jobs = jobs->num_jobs;
    if (of->images == 1) // nothing to compare
        return;
    all->cycles = run_cycles(of, jobs);
    all->bytes = dram_bytes(jobs);
}

/// In parts

static int moved(int job, int offset)
{
    return job < 0 ? job : job + offset;
}

// Appends the jobs of a part, which begins when the first `waits_for_jobs` are through.
static void append_part(igq_jobs *jobs, igq_jobs *part, int first_image, int waits_for_jobs)
{
    int offset = jobs->num_jobs;
    for (int j = 0; j < part->num_jobs; j++) {
        igq_job *job = &jobs->job[offset + j];
        igq_job_plan *plan = &jobs->plan[offset + j];
        *job = part->job[j];
        *plan = part->plan[j];
        job->image += first_image;
        job->acts_from_job = moved(job->acts_from_job, offset);
        job->weights_from_job = moved(job->weights_from_job, offset);
        plan->waits_for_jobs = waits_for_jobs;
        plan->residual_from = moved(plan->residual_from, offset);
        plan->observer = moved(plan->observer, offset);
    }
    jobs->num_jobs += part->num_jobs;
    jobs->part[jobs->num_parts++] = part;
}

static void append_span(igq_jobs *jobs, const search *of, int first, int images, int waits_for_jobs)
{
    const span *all = span_of(of, first, images);
    if (all->first_images == 0) {
        append_part(jobs, all->together, first, waits_for_jobs);
        return;
    }
    append_span(jobs, of, first, all->first_images, waits_for_jobs);
    append_span(jobs, of, first + all->first_images, images - all->first_images,
                all->second_waits ? jobs->num_jobs : waits_for_jobs);
}

// The jobs of a span that is divided. The parts are still the search's. NULL if memory is short.
static igq_jobs *join_parts(search *of, int first, int images)
{
    const span *all = span_of(of, first, images);
    igq_jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs)
        *jobs = (igq_jobs){.job = calloc((size_t)all->num_jobs, sizeof *jobs->job),
                           .plan = calloc((size_t)all->num_jobs, sizeof *jobs->plan),
                           .part = calloc((size_t)all->num_parts, sizeof(igq_jobs *))};
    if (jobs && jobs->job && jobs->plan && jobs->part) {
        append_span(jobs, of, first, images, 0);
        return jobs;
    }
    igq_jobs_free(jobs);
    of->failed = 1;
    return NULL;
}

static void free_joined(igq_jobs *jobs)
{
    jobs->num_parts = 0;
    igq_jobs_free(jobs);
}

static int is_less(const search *of, uint64_t cycles, uint64_t bytes, const span *than)
{
    if (of->source->accelerator->tiling.objective == IGQ_TILING_OBJECTIVE_CYCLES)
        return cycles < than->cycles || (cycles == than->cycles && bytes < than->bytes);
    return bytes < than->bytes || (bytes == than->bytes && cycles < than->cycles);
}

// Takes two parts, one after the other, if that is better than what there is.
static void try_two(search *of, int first, int images, int first_images)
{
    span *all = span_of(of, first, images);
    const span *a = span_of(of, first, first_images);
    const span *b = span_of(of, first + first_images, images - first_images);
    if (a->bytes == UINT64_MAX || b->bytes == UINT64_MAX ||
        !is_less(of, a->cycles + b->cycles, a->bytes + b->bytes, all))
        return;
    all->cycles = a->cycles + b->cycles;
    all->bytes = a->bytes + b->bytes;
    all->first_images = first_images;
    all->num_parts = a->num_parts + b->num_parts;
    all->num_jobs = a->num_jobs + b->num_jobs;
}

// The second part begins while the first is ending, if that is better.
static void try_overlap(search *of, int first, int images)
{
    span *all = span_of(of, first, images);
    all->second_waits = 0;
    igq_jobs *jobs = join_parts(of, first, images);
    uint64_t cycles = jobs ? run_cycles(of, jobs) : UINT64_MAX;
    if (jobs)
        free_joined(jobs);
    all->second_waits = cycles > all->cycles;
    all->cycles = all->second_waits ? all->cycles : cycles;
}

// 1 if a first part of so many images is tried.
static int is_tried(const search *of, int images, int part)
{
    if (part == of->part_images)
        return 1;
    if (images <= MOST_IMAGES_ALL_WAYS)
        return part >= (images + 1) / 2;
    return part == (images + 1) / 2 && (images <= MOST_IMAGES_HALVED || images == of->images);
}

static void find_best(search *of, int first, int images)
{
    span *all = span_of(of, first, images);
    if (all->is_known || of->failed)
        return;
    *all = (span){.is_known = 1, .cycles = UINT64_MAX, .bytes = UINT64_MAX};
    plan_together(of, all, first, images);
    for (int part = 1; part < images; part++) {
        if (!is_tried(of, images, part))
            continue;
        find_best(of, first, part);
        find_best(of, first + part, images - part);
        try_two(of, first, images, part);
    }
    if (all->first_images > 0 && !of->failed)
        try_overlap(of, first, images);
}

// The jobs of the best way to work on all images, which are the caller's now.
static igq_jobs *take_best(search *of)
{
    span *all = span_of(of, 0, of->images);
    igq_jobs *jobs = all->together;
    if (all->first_images > 0)
        jobs = join_parts(of, 0, of->images);
    for (int i = 0; i < of->images * of->images; i++) {
        int is_part = of->spans[i].together == jobs;
        for (int part = 0; jobs && part < jobs->num_parts; part++)
            is_part |= of->spans[i].together == jobs->part[part];
        if (!is_part)
            igq_jobs_free(of->spans[i].together);
    }
    return jobs;
}

igq_jobs *igq_batch_jobs_new(const igq_batch_source *source, int num_images, char *message, int message_bytes)
{
    search of = {.source = source, .images = num_images, .message = message, .message_bytes = message_bytes};
    of.part_images = num_images > MOST_IMAGES_ALL_WAYS
                         ? igq_jobs_part(source->network, source->calibration, num_images, source->accelerator)
                         : num_images;
    of.spans = calloc((size_t)num_images * (size_t)num_images, sizeof *of.spans);
    of.failed = !of.spans || of.part_images == 0;
    igq_jobs *jobs = NULL;
    if (!of.failed) {
        find_best(&of, 0, num_images);
        jobs = take_best(&of);
    }
    free(of.spans);
    if (of.failed) {
        igq_jobs_free(jobs);
        jobs = NULL;
        message[0] = '\0';
    }
    return jobs;
}
