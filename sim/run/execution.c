// SPDX-License-Identifier: Apache-2.0
#include "execution.h"
#include "datapath.h"
#include "model.h"
#include "record.h"
#include "run_timing.h"
#include "samples.h"
#include "trace_file.h"
#include <stdlib.h>
#include <string.h>

struct igq_execution {
    const igq_run_context *context;
    igq_model model;
    igq_fp32_engine *reference;
    igq_datapath *datapath;
    igq_trace_writer *recorder; // NULL unless --record
    igq_batch batch;
    igq_samples *samples;
    float *images; // of a batch
    float *reference_logits;
};

static igq_status start(igq_execution *run, igq_error *error)
{
    const igq_run_context *context = run->context;
    igq_status status = igq_model_open(&run->model, &context->workload, context->request->weights_path, error);
    if (status != IGQ_OK)
        return status;
    const igq_sample_source source = {.image_paths = (const char *const *)context->images.path,
                                      .num_images = context->images.num,
                                      .preprocess = &context->workload.preprocess,
                                      .network_path = context->request->workload_path};
    status = igq_samples_open(&run->samples, run->model.graph, &source, error);
    if (status != IGQ_OK)
        return status;
    igq_observer observer = {0};
    if (context->request->record_path) {
        run->recorder = igq_trace_writer_new(&context->workload, IGQ_TRACE_DATAPATH, NULL, 0);
        if (!run->recorder)
            return igq_out_of_memory(error);
        observer = igq_trace_writer_observer(run->recorder);
    }
    run->reference = igq_fp32_engine_new(run->model.products, NULL);
    run->datapath = igq_datapath_new(run->model.products, context->calibration, &context->accelerator.scheme,
                                     run->recorder ? &observer : NULL);
    status = igq_batch_init(&run->batch, context->result, error);
    run->images = malloc((size_t)run->batch.capacity * igq_model_inputs(&run->model) * sizeof *run->images);
    run->reference_logits = malloc((size_t)igq_model_outputs(&run->model) * sizeof *run->reference_logits);
    if (status == IGQ_OK && (!run->reference || !run->datapath || !run->images || !run->reference_logits))
        status = igq_out_of_memory(error);
    return status;
}

igq_status igq_execution_new(igq_execution **execution, const igq_run_context *context, igq_error *error)
{
    igq_execution *run = calloc(1, sizeof *run);
    if (!run)
        return igq_out_of_memory(error);
    run->context = context;
    igq_status status = start(run, error);
    if (status != IGQ_OK) {
        igq_execution_free(run);
        run = NULL;
    }
    *execution = run;
    return status;
}

void igq_execution_free(igq_execution *run)
{
    if (!run)
        return;
    igq_trace_writer_free(run->recorder);
    igq_datapath_free(run->datapath);
    igq_fp32_engine_free(run->reference);
    igq_batch_free(&run->batch);
    igq_samples_close(run->samples);
    free(run->images);
    free(run->reference_logits);
    igq_model_close(&run->model);
    free(run);
}

// Image `image` of the run, whose pixels have been loaded.
static igq_status execute_image(igq_execution *run, int i, const float *pixels, igq_error *error)
{
    const igq_run_context *context = run->context;
    const char *path = context->images.path[i];
    igq_image_result *result = &context->result->image[i];
    igq_image_name(result->name, sizeof result->name, path);
    if (run->recorder)
        igq_trace_writer_begin(run->recorder, path);
    igq_datapath_cut(run->datapath, igq_batch_tile_channels(&run->batch, context->result));
    igq_engine reference = igq_fp32_engine_get(run->reference);
    igq_engine datapath = igq_datapath_engine(run->datapath, igq_batch_next(&run->batch));
    size_t num = (size_t)igq_model_outputs(&run->model);
    const void *const inputs[] = {pixels};
    memcpy(run->reference_logits, igq_model_run(&run->model, &reference, inputs), num * sizeof *run->reference_logits);
    igq_status status = igq_check_logits(run->reference_logits, (int)num, path, error);
    if (status != IGQ_OK)
        return status;
    const float *logits = igq_model_run(&run->model, &datapath, inputs);
    igq_accuracy_of(&result->accuracy, run->reference_logits, logits, num, igq_model_classes(&run->model),
                    context->label ? context->label[i] : -1);
    igq_batch_add(&run->batch, i);
    return IGQ_OK;
}

// Loads what can be read of the images of a batch, one after another into run->images; `which` says which they are.
// Returns their number.
static int load_images(igq_execution *run, int *which, int first, int num, igq_outcome *outcome)
{
    size_t inputs = igq_model_inputs(&run->model);
    const void *const *image;
    int loaded = 0;
    for (int k = 0; k < num; k++) {
        outcome[k] = (igq_outcome){0};
        outcome[k].status = igq_samples_load(&image, run->samples, first + k, &outcome[k].error);
        outcome[k].unreadable = outcome[k].status == IGQ_USER_ERROR;
        if (outcome[k].status != IGQ_OK)
            continue;
        memcpy(run->images + (size_t)loaded * inputs, image[0], inputs * sizeof *run->images);
        which[loaded++] = k;
    }
    return loaded;
}

void igq_execution_batch(igq_execution *run, int first, int num, igq_outcome *outcome)
{
    const igq_run_context *context = run->context;
    int which[IGQ_MAX_BATCH_IMAGES], loaded = load_images(run, which, first, num, outcome);
    if (loaded == 0)
        return;
    igq_outcome *all = &outcome[which[0]]; // the first that could be read stands for the batch
    all->status = igq_batch_plan(&run->batch, context->result, loaded, context->calibration, &all->error);
    for (int i = 0; all->status == IGQ_OK && i < loaded; i++) {
        igq_outcome *own = &outcome[which[i]];
        own->status =
            execute_image(run, first + which[i], run->images + (size_t)i * igq_model_inputs(&run->model), &own->error);
    }
    if (run->batch.num_images == loaded)
        all->status = igq_run_time_batch(context->result, &run->batch, context->calibration,
                                         context->request->assign_model, &all->error);
}

igq_status igq_execution_save_record(igq_execution *run, igq_error *error)
{
    return run->recorder ? igq_trace_writer_save(run->recorder, run->context->request->record_path, error) : IGQ_OK;
}
