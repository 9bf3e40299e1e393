// SPDX-License-Identifier: Apache-2.0
#include "image_workers.h"
#include "accelerator_file.h"
#include "deal.h"
#include "file.h"
#include "progress.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct dealt_batches {
    const igq_run_context *context;
    igq_execution *execution;
} dealt_batches;

// The images of a batch: what is dealt is a batch, so that nothing depends on who gets which images.
typedef struct batch_span {
    int first, num;
} batch_span;

static batch_span span_of(const igq_run_context *context, int batch)
{
    int batch_images = context->accelerator.tiling.batch_images;
    int left = context->images.num - batch * batch_images;
    return (batch_span){batch * batch_images, left < batch_images ? left : batch_images};
}

static int count_batches(const igq_run_context *context)
{
    int batch_images = context->accelerator.tiling.batch_images;
    return (context->images.num + batch_images - 1) / batch_images;
}

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

static int receive_image(FILE *from, igq_run_result *result, int i, igq_error *error)
{
    igq_image_result *image = &result->image[i];
    if (igq_run_result_open_image(result, i, error) != IGQ_OK)
        return 0;
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
static igq_status settle(const igq_run_context *context, int i, const igq_outcome *one, igq_error *error)
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

static int work(void *context, int batch, FILE *answer)
{
    const dealt_batches *batches = context;
    batch_span span = span_of(batches->context, batch);
    igq_outcome outcome[IGQ_MAX_BATCH_IMAGES];
    int sent = 1;
    igq_execution_batch(batches->execution, span.first, span.num, outcome);
    for (int k = 0; k < span.num; k++) {
        sent = sent && igq_deal_put(answer, &outcome[k], sizeof outcome[k]) &&
               (outcome[k].status != IGQ_OK || send_image(answer, batches->context->result, span.first + k));
        igq_run_result_close_image(batches->context->result, span.first + k);
    }
    return sent;
}

static igq_status collect(void *context, int batch, FILE *answer, igq_error *error)
{
    const igq_run_context *run = ((const dealt_batches *)context)->context;
    batch_span span = span_of(run, batch);
    igq_status status = IGQ_OK;
    for (int i = span.first; status == IGQ_OK && i < span.first + span.num; i++) {
        igq_outcome one;
        igq_progress("image", i, run->images.num, run->images.path[i]);
        if (!igq_deal_get(answer, &one, sizeof one) ||
            (one.status == IGQ_OK && !receive_image(answer, run->result, i, error)))
            return igq_deal_died(run->images.path[i], error);
        status = settle(run, i, &one, error);
        if (one.status == IGQ_OK)
            status = igq_run_result_add_image(run->result, i, error);
    }
    return status;
}

// A hash of everything but the images that answers depend on: the program, machine and workload under the
// settings of the command line, and all files that were read.
static igq_status common_key(igq_answer_key *key, const igq_run_context *context, igq_error *error)
{
    const igq_run_request *request = context->request;
    const igq_run_result *result = context->result;
    char *text = NULL, program[65] = "", technology[65] = "";
    size_t bytes = 0;
    igq_error ignored;
    igq_sha256_file(program, "/proc/self/exe", &ignored); // where there is none, the version has to do
    if (request->technology_path && igq_sha256_file(technology, request->technology_path, error) != IGQ_OK)
        return IGQ_USER_ERROR;
    FILE *all = open_memstream(&text, &bytes);
    if (!all)
        return igq_out_of_memory(error);
    // Values, not files alone: settings of the command line go before those.
    json_t *values = json_pack("{s:o, s:o}", "accelerator", igq_accelerator_to_json(&context->accelerator), "workload",
                               igq_workload_to_json(&context->workload));
    fprintf(all, "%s %s %s %d %d ", IGQSIM_VERSION, program, technology, (int)request->assign_model,
            request->datapath_rtl);
    json_dumpf(values, all, JSON_COMPACT);
    json_decref(values);
    for (int i = 0; i < result->num_inputs; i++)
        fprintf(all, "\n%s %s", result->input[i].role, result->input[i].sha256);
    if (fclose(all) != 0)
        return igq_out_of_memory(error);
    igq_sha256_bytes(key->hex, text, bytes);
    free(text);
    return IGQ_OK;
}

// Of a batch of images, whose paths are in the answer; empty where one cannot be read.
static void batch_key(igq_answer_key *key, const igq_answer_key *common, const igq_run_context *context, int batch)
{
    char image[65], *text = NULL;
    size_t bytes = 0;
    igq_error ignored;
    int readable = 1;
    batch_span span = span_of(context, batch);
    *key = (igq_answer_key){""};
    FILE *all = open_memstream(&text, &bytes);
    if (!all)
        return;
    fprintf(all, "%s", common->hex);
    for (int i = span.first; readable && i < span.first + span.num; i++) {
        readable = igq_sha256_file(image, context->images.path[i], &ignored) == IGQ_OK;
        fprintf(all, " %s %s", image, context->images.path[i]);
    }
    if (fclose(all) == 0 && readable)
        igq_sha256_bytes(key->hex, text, bytes);
    free(text);
}

static igq_status open_answers(igq_answer_store **store, igq_answer_key *key, const igq_run_context *context,
                               igq_error *error)
{
    const igq_run_request *request = context->request;
    igq_answer_key common;
    igq_status status = common_key(&common, context, error);
    if (status != IGQ_OK)
        return status;
    int num_batches = count_batches(context), num_resumed = 0;
    for (int batch = 0; batch < num_batches; batch++)
        batch_key(&key[batch], &common, context, batch);
    if ((request->timeline_path && access(request->timeline_path, R_OK) != 0) || request->dram_trace_path)
        key[0] = (igq_answer_key){""}; // the first image draws it
    status = igq_answer_store_open(store, request->answers_path, key, num_batches, request->resume, error);
    for (int batch = 0; status == IGQ_OK && batch < num_batches; batch++)
        num_resumed += igq_answer_store_has(*store, batch) ? span_of(context, batch).num : 0;
    if (status == IGQ_OK && request->resume)
        printf("Resumed: %d of %d images were executed before\n\n", num_resumed, context->images.num);
    return status;
}

static igq_status execute_dealt(const igq_run_context *context, igq_execution *execution, igq_error *error)
{
    int num_batches = count_batches(context);
    dealt_batches batches = {context, execution};
    igq_deal deal = {num_batches, context->request->num_jobs, &batches, work, collect, NULL};
    igq_answer_key *key = calloc((size_t)num_batches, sizeof *key);
    igq_status status = key ? IGQ_OK : igq_out_of_memory(error);
    if (status == IGQ_OK && context->request->answers_path)
        status = open_answers(&deal.store, key, context, error);
    if (status == IGQ_OK)
        status = igq_deal_run(&deal, error);
    igq_answer_store_close(deal.store);
    free(key);
    return status;
}

static igq_status execute_here(const igq_run_context *context, igq_execution *execution, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (int batch = 0; status == IGQ_OK && batch < count_batches(context); batch++) {
        batch_span span = span_of(context, batch);
        igq_outcome outcome[IGQ_MAX_BATCH_IMAGES];
        igq_progress("image", span.first, context->images.num, context->images.path[span.first]);
        igq_execution_batch(execution, span.first, span.num, outcome);
        for (int k = 0; status == IGQ_OK && k < span.num; k++) {
            status = settle(context, span.first + k, &outcome[k], error);
            if (outcome[k].status == IGQ_OK)
                status = igq_run_result_add_image(context->result, span.first + k, error);
        }
    }
    return status;
}

igq_status igq_execute_images(const igq_run_context *context, igq_execution *execution, igq_error *error)
{
    int num_images = context->images.num;
    int is_dealt = context->request->num_jobs > 1 || context->request->answers_path;
    igq_status status = is_dealt ? execute_dealt(context, execution, error) : execute_here(context, execution, error);
    igq_progress("image", num_images, num_images, "");
    if (status == IGQ_OK)
        igq_run_result_drop_skipped(context->result);
    if (status == IGQ_OK && context->result->num_images == 0)
        status = igq_fail(error, "none of the %d images can be read; the first: %.1800s", num_images,
                          context->result->skipped[0].reason);
    return status;
}
