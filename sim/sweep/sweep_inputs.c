// SPDX-License-Identifier: Apache-2.0
#include "sweep_inputs.h"
#include "calibration_file.h"
#include "collect.h"
#include "file.h"
#include "image_list.h"
#include "pool.h"
#include "tensor_store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static igq_status add_file(igq_sweep_inputs *inputs, const char *role, const char *path, const char *name,
                           igq_error *error)
{
    if (path == NULL)
        return IGQ_OK;
    igq_input_file *grown = realloc(inputs->file, (size_t)(inputs->num_files + 1) * sizeof *grown);
    if (grown == NULL)
        return igq_out_of_memory(error);
    inputs->file = grown;
    igq_input_file *file = &grown[inputs->num_files];
    *file = (igq_input_file){.role = role, .path = strdup(name)};
    if (file->path == NULL)
        return igq_out_of_memory(error);
    inputs->num_files++;
    return igq_sha256_file(file->sha256, path, error);
}

static igq_status add_bases(igq_sweep_inputs *inputs, const char *role, const igq_base_list *bases, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < bases->num; i++)
        status = add_file(inputs, role, bases->path[i], bases->path[i], error);
    return status;
}

// The files that machine and workload are based on.
static igq_status add_all_bases(igq_sweep_inputs *inputs, const igq_sweep *sweep, igq_error *error)
{
    igq_base_list machine, workload = {0};
    igq_status status = igq_base_list_open(&machine, sweep->accelerator_path, error);
    if (status == IGQ_OK)
        status = add_bases(inputs, "accelerator", &machine, error);
    if (status == IGQ_OK)
        status = igq_workload_bases(&workload, sweep->workload_path, error);
    if (status == IGQ_OK)
        status = add_bases(inputs, "workload", &workload, error);
    const igq_onnx *onnx = &sweep->workload.onnx;
    for (int i = 0; status == IGQ_OK && i < onnx->num_data; i++)
        status = add_file(inputs, "workload", onnx->data[i].path, onnx->data[i].path, error);
    igq_base_list_free(&machine);
    igq_base_list_free(&workload);
    return status;
}

static igq_status add_weights(igq_sweep_inputs *inputs, const char *path, igq_error *error)
{
    igq_store_files files = {NULL};
    igq_status status = path ? igq_store_files_open(&files, path, error) : IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < files.num; i++)
        status = add_file(inputs, "weights", files.path[i], files.path[i], error);
    igq_store_files_free(&files);
    return status;
}

static igq_status add_images(igq_sweep_inputs *inputs, const igq_sweep *sweep, igq_error *error)
{
    igq_image_list images = {0};
    if (sweep->num_image_paths == 0)
        return IGQ_OK;
    igq_status status =
        igq_image_list_open(&images, (const char *const *)sweep->image_path, sweep->num_image_paths, error);
    for (int i = 0; status == IGQ_OK && i < images.num; i++)
        status = add_file(inputs, "image", images.path[i], images.path[i], error);
    igq_image_list_free(&images);
    return status;
}

// A rebuilt simulator may give other results under the same version, so the executable counts. The technology counts by
// its values, since its file names others; igq_sweep_load starts from zeros, so there are no stray bytes.
static igq_status identify(igq_sweep_inputs *inputs, const igq_sweep *sweep, igq_error *error)
{
    char executable[65], technology[65], *text = NULL;
    size_t size = 0;
    igq_status status = igq_sha256_file(executable, "/proc/self/exe", error);
    FILE *out = status == IGQ_OK ? open_memstream(&text, &size) : NULL;
    if (out == NULL)
        return status == IGQ_OK ? igq_out_of_memory(error) : status;
    igq_sha256_bytes(technology, &sweep->technology, sizeof sweep->technology);
    fprintf(out, "igqsim %s %s\nsweep %s\ntechnology %s\n", IGQSIM_VERSION, executable, sweep->name, technology);
    for (int i = 0; i < inputs->num_files; i++)
        if (strcmp(inputs->file[i].role, "accelerator") != 0) // counts by the values that it gives a point
            fprintf(out, "%s %s %s\n", inputs->file[i].role, inputs->file[i].path, inputs->file[i].sha256);
    if (fclose(out) != 0)
        return igq_out_of_memory(error);
    igq_sha256_bytes(inputs->identity, text, size);
    free(text);
    return IGQ_OK;
}

igq_status igq_sweep_inputs_open(igq_sweep_inputs *inputs, const igq_sweep *sweep, igq_error *error)
{
    const struct {
        const char *role, *path;
    } files[] = {{"accelerator", sweep->accelerator_path},
                 {"workload", sweep->workload_path},
                 {"calibration", sweep->calibration_path},
                 {"calibration trace", sweep->calibration_trace_path},
                 {"trace", sweep->trace_path},
                 {"labels", sweep->labels_path},
                 {"technology", sweep->technology_path}};
    igq_status status = IGQ_OK;
    *inputs = (igq_sweep_inputs){0};
    for (size_t i = 0; status == IGQ_OK && i < sizeof files / sizeof *files; i++)
        status = add_file(inputs, files[i].role, files[i].path, files[i].path, error);
    if (status == IGQ_OK)
        status = add_weights(inputs, sweep->weights_path, error);
    if (status == IGQ_OK)
        status = add_all_bases(inputs, sweep, error);
    if (status == IGQ_OK)
        status = add_images(inputs, sweep, error);
    if (status == IGQ_OK && (inputs->network = igq_workload_network(&sweep->workload)) == NULL)
        status = igq_out_of_memory(error);
    if (status == IGQ_OK && sweep->trace_path != NULL)
        status = igq_trace_open(&inputs->trace, sweep->trace_path, &sweep->workload, error);
    if (status == IGQ_OK && sweep->calibration_path != NULL) {
        inputs->calibration = calloc(1, sizeof *inputs->calibration);
        inputs->num_calibrations = 1;
        status = inputs->calibration == NULL
                     ? igq_out_of_memory(error)
                     : igq_calibration_load(&inputs->calibration[0], sweep->calibration_path, &sweep->workload, error);
    }
    return status == IGQ_OK ? identify(inputs, sweep, error) : status;
}

void igq_sweep_inputs_free(igq_sweep_inputs *inputs)
{
    for (int i = 0; i < inputs->num_files; i++)
        free(inputs->file[i].path);
    free(inputs->file);
    igq_network_free(inputs->network);
    igq_trace_close(inputs->trace);
    for (int i = 0; inputs->calibration != NULL && i < inputs->num_calibrations; i++)
        igq_calibration_free(inputs->calibration[i]);
    free(inputs->calibration);
}

// A worker's view of the settings that are to be calibrated.
typedef struct calibration_work {
    const igq_sweep *sweep;
    const igq_network *network;
    const char *dir;
    const igq_collected *ranges;
    const igq_calibration_setting **setting; // (num)
    int num;
} calibration_work;

static igq_status calibrate_one(void *context, int item, void *answer, igq_error *error)
{
    const calibration_work *work = context;
    const igq_calibration_setting *setting = work->setting[item];
    char path[4096];
    (void)answer;
    igq_calibration *calibration =
        igq_calibrate(work->ranges->network, work->ranges->image, work->ranges->num_images, &setting->cfg);
    if (calibration == NULL)
        return igq_out_of_memory(error);
    snprintf(path, sizeof path, "%s/" IGQ_CALIBRATION_PATH, work->dir, setting->id);
    igq_status status = igq_calibration_save(path, calibration, &work->sweep->workload, error);
    igq_calibration_free(calibration);
    return status;
}

static igq_status collect(igq_collected *ranges, const igq_sweep *sweep, igq_error *error)
{
    igq_image_list images = {0};
    const char *path = sweep->calibration_trace_path != NULL ? sweep->calibration_trace_path : sweep->trace_path;
    if (path != NULL)
        return igq_collect_traces(ranges, &(igq_string_list){&path, 1}, error);
    igq_status status =
        igq_image_list_open(&images, (const char *const *)sweep->image_path, sweep->num_image_paths, error);
    if (status == IGQ_OK)
        status = igq_collect_samples(ranges, sweep->weights_path,
                                     &(igq_sample_source){.image_paths = (const char *const *)images.path,
                                                          .num_images = images.num,
                                                          .preprocess = &ranges->workload->preprocess,
                                                          .network_path = sweep->workload_path},
                                     error);
    igq_image_list_free(&images);
    return status;
}

static igq_status make_calibrations(calibration_work *work, int num_jobs, igq_error *error)
{
    igq_collected ranges = {.workload = &work->sweep->workload, .network = work->network};
    igq_status status = collect(&ranges, work->sweep, error);
    if (status == IGQ_OK) {
        void *answers;
        unsigned char *died;
        work->ranges = &ranges;
        const igq_pool pool = {.num_items = work->num, .num_jobs = num_jobs, .context = work, .work = calibrate_one};
        status = igq_pool_run(&answers, &died, &pool, error);
        if (status == IGQ_OK)
            igq_pool_free(answers, died, &pool);
    }
    igq_collected_free(&ranges);
    return status;
}

// Every grouped layer must have as many channels, or softmax rows, as there are groups.
static int has_too_many_groups(const igq_calibration_setting *setting, const igq_network *network)
{
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        if ((igq_layer_kind_is_grouped(layer->kind) && setting->cfg.num_groups > layer->C) ||
            (layer->kind == IGQ_LAYER_CONTEXT && setting->cfg.num_groups > layer->T))
            return 1;
    }
    return 0;
}

// Which settings open points wait for.
static void note_needed(unsigned char *needed, igq_points *points, const igq_network *network)
{
    for (int i = 0; i < points->num; i++) {
        igq_point *point = &points->point[i];
        if (point->status != IGQ_POINT_OPEN)
            continue;
        if (has_too_many_groups(&points->calibration[point->calibration], network))
            igq_point_end(point, IGQ_POINT_FAILED,
                          "calibrate.num_groups: %d, more groups than the channels or softmax rows of a layer",
                          points->calibration[point->calibration].cfg.num_groups);
        else
            needed[point->calibration] = 1;
    }
}

igq_status igq_sweep_calibrate(igq_sweep_inputs *inputs, igq_points *points, const igq_sweep *sweep, const char *dir,
                               int num_jobs, igq_error *error)
{
    if (!sweep->calibrates || points->num_calibrations == 0)
        return IGQ_OK;
    size_t num = (size_t)points->num_calibrations;
    char path[4096], name[64];
    unsigned char *needed = calloc(num, 1);
    calibration_work work = {sweep, inputs->network, dir, NULL, calloc(num, sizeof *work.setting), 0};
    inputs->calibration = calloc(num, sizeof *inputs->calibration);
    inputs->num_calibrations = points->num_calibrations;
    igq_status status =
        needed != NULL && work.setting != NULL && inputs->calibration != NULL ? IGQ_OK : igq_out_of_memory(error);
    if (status == IGQ_OK)
        note_needed(needed, points, inputs->network);
    snprintf(path, sizeof path, "%s/calibrations", dir);
    if (status == IGQ_OK)
        status = igq_make_dir(path, error);
    for (int i = 0; status == IGQ_OK && i < points->num_calibrations; i++) {
        snprintf(path, sizeof path, "%s/" IGQ_CALIBRATION_PATH, dir, points->calibration[i].id);
        if (needed[i] && !igq_file_exists(path))
            work.setting[work.num++] = &points->calibration[i];
    }
    if (status == IGQ_OK && work.num > 0)
        status = make_calibrations(&work, num_jobs, error);
    for (int i = 0; status == IGQ_OK && i < points->num_calibrations; i++) {
        if (!needed[i])
            continue;
        snprintf(path, sizeof path, "%s/" IGQ_CALIBRATION_PATH, dir, points->calibration[i].id);
        snprintf(name, sizeof name, IGQ_CALIBRATION_PATH, points->calibration[i].id);
        status = add_file(inputs, "calibration", path, name, error);
        if (status == IGQ_OK)
            status = igq_calibration_load(&inputs->calibration[i], path, &sweep->workload, error);
    }
    free(needed);
    free(work.setting);
    return status;
}
