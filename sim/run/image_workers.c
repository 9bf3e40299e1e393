// SPDX-License-Identifier: Apache-2.0
#include "image_workers.h"
#include "deal.h"
#include "progress.h"
#include <stdlib.h>

typedef struct outcome {
    igq_status status;
    int unreadable;
    igq_error error;
} outcome;

typedef struct dealt_images {
    const igq_run_context *context;
    igq_execution *execution;
} dealt_images;

static int send_image(FILE *to, const igq_run_result *result, int i)
{
    const igq_image_result *image = &result->image[i];
    size_t layers = (size_t)result->num_layers;
    int sent = igq_deal_put(to, image, sizeof *image) &&
               igq_deal_put(to, image->layer, layers * sizeof *image->layer) &&
               igq_deal_put(to, result->act_bits, layers * sizeof(int)) &&
               igq_deal_put(to, result->weight_bits, layers * sizeof(int));
    for (size_t k = 0; sent && k < layers; k++)
        sent = igq_deal_put(to, image->layer[k].group_sizes, (size_t)image->layer[k].num_groups * sizeof(uint64_t));
    return sent;
}

static int receive_image(FILE *from, igq_run_result *result, int i)
{
    igq_image_result *image = &result->image[i];
    igq_layer_result *layer = image->layer;
    size_t layers = (size_t)result->num_layers;
    int received = igq_deal_get(from, image, sizeof *image);
    image->layer = layer; // the pointers that were sent are the worker's
    received = received && igq_deal_get(from, layer, layers * sizeof *layer);
    for (size_t k = 0; k < layers; k++)
        layer[k].group_sizes = NULL;
    received = received && igq_deal_get(from, result->act_bits, layers * sizeof(int)) &&
               igq_deal_get(from, result->weight_bits, layers * sizeof(int));
    for (size_t k = 0; received && k < layers; k++) {
        layer[k].group_sizes = calloc((size_t)layer[k].num_groups + 1, sizeof(uint64_t));
        received = layer[k].group_sizes &&
                   igq_deal_get(from, layer[k].group_sizes, (size_t)layer[k].num_groups * sizeof(uint64_t));
    }
    return received;
}

// An outcome becomes the run's status: unreadable images may be left out.
static igq_status settle(const igq_run_context *context, int i, const outcome *one, igq_error *error)
{
    if (one->status == IGQ_OK)
        return IGQ_OK;
    if (one->unreadable && context->request->skip_bad)
        return igq_run_result_skip(context->result, i, context->images.path[i], one->error.message, error);
    if (one->unreadable && context->images.num > 1)
        return igq_fail(error, "%.1900s (--skip-bad goes on without such images)", one->error.message);
    *error = one->error;
    return one->status;
}

static int work(void *context, int i, FILE *answer)
{
    const dealt_images *images = context;
    outcome one = {0};
    one.status = igq_execution_image(images->execution, i, &one.unreadable, &one.error);
    return igq_deal_put(answer, &one, sizeof one) &&
           (one.status != IGQ_OK || send_image(answer, images->context->result, i));
}

static igq_status collect(void *context, int i, FILE *answer, igq_error *error)
{
    const igq_run_context *run = ((const dealt_images *)context)->context;
    outcome one;
    igq_progress("image", i, run->images.num, run->images.path[i]);
    if (!igq_deal_get(answer, &one, sizeof one) || (one.status == IGQ_OK && !receive_image(answer, run->result, i)))
        return igq_deal_died(run->images.path[i], error);
    return settle(run, i, &one, error);
}

static igq_status execute_here(const igq_run_context *context, igq_execution *execution, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < context->images.num; i++) {
        outcome one = {0};
        igq_progress("image", i, context->images.num, context->images.path[i]);
        one.status = igq_execution_image(execution, i, &one.unreadable, &one.error);
        status = settle(context, i, &one, error);
    }
    return status;
}

igq_status igq_execute_images(const igq_run_context *context, igq_execution *execution, igq_error *error)
{
    int num_images = context->images.num, num_jobs = context->request->num_jobs;
    dealt_images images = {context, execution};
    const igq_deal deal = {num_images, num_jobs, &images, work, collect};
    igq_status status = num_jobs > 1 ? igq_deal_run(&deal, error) : execute_here(context, execution, error);
    igq_progress("image", num_images, num_images, "");
    if (status == IGQ_OK)
        igq_run_result_drop_skipped(context->result);
    if (status == IGQ_OK && context->result->num_images == 0)
        status = igq_fail(error, "none of the %d images can be read; the first: %.1800s", num_images,
                          context->result->skipped[0].reason);
    return status;
}
