// SPDX-License-Identifier: Apache-2.0
// Worker w of n executes images w, w + n, ... and writes each result into a pipe of its own. The parent reads image
// after image in order, so that nothing depends on which worker was faster.
#include "image_workers.h"
#include "progress.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct outcome {
    igq_status status;
    int unreadable;
    igq_error error;
} outcome;

typedef struct worker {
    pid_t pid;
    FILE *results;
} worker;

static int put(FILE *to, const void *data, size_t bytes)
{
    return bytes == 0 || fwrite(data, bytes, 1, to) == 1;
}

static int get(FILE *from, void *data, size_t bytes)
{
    return bytes == 0 || fread(data, bytes, 1, from) == 1;
}

static int send_image(FILE *to, const igq_run_result *result, int i)
{
    const igq_image_result *image = &result->image[i];
    size_t layers = (size_t)result->num_layers;
    int sent = put(to, image, sizeof *image) && put(to, image->layer, layers * sizeof *image->layer) &&
               put(to, result->act_bits, layers * sizeof(int)) && put(to, result->weight_bits, layers * sizeof(int));
    for (size_t k = 0; sent && k < layers; k++)
        sent = put(to, image->layer[k].group_sizes, (size_t)image->layer[k].num_groups * sizeof(uint64_t));
    return sent;
}

static int receive_image(FILE *from, igq_run_result *result, int i)
{
    igq_image_result *image = &result->image[i];
    igq_layer_result *layer = image->layer;
    size_t layers = (size_t)result->num_layers;
    int received = get(from, image, sizeof *image);
    image->layer = layer; // the pointers that were sent are the worker's
    received = received && get(from, layer, layers * sizeof *layer);
    for (size_t k = 0; k < layers; k++)
        layer[k].group_sizes = NULL;
    received = received && get(from, result->act_bits, layers * sizeof(int)) &&
               get(from, result->weight_bits, layers * sizeof(int));
    for (size_t k = 0; received && k < layers; k++) {
        layer[k].group_sizes = calloc((size_t)layer[k].num_groups + 1, sizeof(uint64_t));
        received =
            layer[k].group_sizes && get(from, layer[k].group_sizes, (size_t)layer[k].num_groups * sizeof(uint64_t));
    }
    return received;
}

_Noreturn static void work(const igq_run_context *context, igq_execution *execution, int first, FILE *to)
{
    int sent = 1;
    for (int i = first; sent && i < context->images.num; i += context->request->num_jobs) {
        outcome one = {0};
        one.status = igq_execution_image(execution, i, &one.unreadable, &one.error);
        sent = put(to, &one, sizeof one) && (one.status != IGQ_OK || send_image(to, context->result, i)) &&
               fflush(to) == 0;
    }
    _exit(!sent);
}

static igq_status start_worker(worker *out, const igq_run_context *context, igq_execution *execution, int first,
                               igq_error *error)
{
    int ends[2];
    if (pipe(ends) != 0)
        return igq_fail(error, "-j %d: cannot make a pipe", context->request->num_jobs);
    pid_t pid = fork();
    if (pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return igq_fail(error, "-j %d: cannot start a process", context->request->num_jobs);
    }
    if (pid == 0) {
        close(ends[0]);
        FILE *to = fdopen(ends[1], "wb");
        if (!to)
            _exit(1);
        work(context, execution, first, to);
    }
    close(ends[1]);
    *out = (worker){pid, fdopen(ends[0], "rb")};
    return out->results ? IGQ_OK : igq_out_of_memory(error);
}

static void end_workers(worker *workers, int num)
{
    for (int w = 0; w < num; w++) {
        if (workers[w].pid <= 0)
            continue;
        kill(workers[w].pid, SIGTERM); // done already, unless an image failed
        if (workers[w].results)
            fclose(workers[w].results);
        waitpid(workers[w].pid, NULL, 0);
    }
}

// An outcome becomes the run's status: unreadable images may be left out.
static igq_status settle(const igq_run_context *context, int i, const outcome *one, igq_error *error)
{
    if (one->status == IGQ_OK)
        return IGQ_OK;
    if (one->unreadable && context->request->skip_bad)
        return igq_run_result_skip(context->result, i, context->images.path[i], one->error.message, error);
    if (one->unreadable && context->images.num > 1)
        return igq_fail(error, "%s (--skip-bad goes on without such images)", one->error.message);
    *error = one->error;
    return one->status;
}

static igq_status execute_dealt(const igq_run_context *context, igq_execution *execution, worker *workers,
                                igq_error *error)
{
    int num_jobs = context->request->num_jobs, num_images = context->images.num;
    igq_status status = IGQ_OK;
    for (int w = 0; status == IGQ_OK && w < num_jobs && w < num_images; w++)
        status = start_worker(&workers[w], context, execution, w, error);
    for (int i = 0; status == IGQ_OK && i < num_images; i++) {
        FILE *from = workers[i % num_jobs].results;
        outcome one;
        igq_progress("image", i, num_images, context->images.path[i]);
        if (!get(from, &one, sizeof one) || (one.status == IGQ_OK && !receive_image(from, context->result, i))) {
            igq_fail(error, "%s: the process that worked on this image died", context->images.path[i]);
            return IGQ_INTERNAL_ERROR;
        }
        status = settle(context, i, &one, error);
    }
    return status;
}

igq_status igq_execute_images(const igq_run_context *context, igq_execution *execution, igq_error *error)
{
    int num_jobs = context->request->num_jobs, num_images = context->images.num;
    igq_status status = IGQ_OK;
    if (num_jobs > 1) {
        worker *workers = calloc((size_t)num_jobs, sizeof *workers);
        status = workers ? execute_dealt(context, execution, workers, error) : igq_out_of_memory(error);
        if (workers)
            end_workers(workers, num_jobs);
        free(workers);
    } else {
        for (int i = 0; status == IGQ_OK && i < num_images; i++) {
            outcome one = {0};
            igq_progress("image", i, num_images, context->images.path[i]);
            one.status = igq_execution_image(execution, i, &one.unreadable, &one.error);
            status = settle(context, i, &one, error);
        }
    }
    igq_progress("image", num_images, num_images, "");
    if (status == IGQ_OK)
        igq_run_result_drop_skipped(context->result);
    if (status == IGQ_OK && context->result->num_images == 0)
        status = igq_fail(error, "none of the %d images can be read; the first: %s", num_images,
                          context->result->skipped[0].reason);
    return status;
}
