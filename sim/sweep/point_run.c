// SPDX-License-Identifier: Apache-2.0
#include "point_run.h"
#include "accelerator_file.h"
#include "costs.h"
#include "file.h"
#include "html.h"
#include "json_file.h"
#include "report.h"
#include "text.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096

static igq_status machine_text(char **text, size_t *size, const igq_sweep *sweep, const igq_point *point,
                               igq_error *error)
{
    int num_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    FILE *out = open_memstream(text, size);
    if (out == NULL)
        return igq_out_of_memory(error);
    fprintf(out, "# A point of the sweep %s, made from %s:\n", sweep->name, sweep->accelerator_path);
    for (int a = 0; a < sweep->num_axes; a++)
        fprintf(out, "# %s: %s\n", sweep->axis[a].name, sweep->axis[a].label[igq_point_value(sweep, point, a)]);
    igq_keys_write(out, &point->settings.machine, keys, num_keys);
    return fclose(out) == 0 ? IGQ_OK : igq_out_of_memory(error);
}

// 1 if a report has all figures that a sweep of this kind keeps.
static int has_results(const igq_results *results, const igq_sweep *sweep)
{
    for (int f = 0; f < igq_num_results(); f++) {
        const char *needs = igq_result_column(f)->needs;
        int is_known = needs == NULL                       ? 1
                       : strcmp(needs, "technology") == 0  ? sweep->technology_path != NULL
                       : strcmp(needs, "weights") == 0     ? sweep->weights_path != NULL
                       : strcmp(needs, "activations") == 0 ? 0 // all of a layer's may be missing from a trace
                       : strcmp(needs, "decoder") == 0     ? 0 // other networks have none
                       : strcmp(needs, "ids") == 0         ? 0
                                                           : sweep->labels_path != NULL;
        if (is_known && !isfinite(results->value[f]))
            return 0;
    }
    for (int cause = IGQ_CAUSE_COMPUTE + 1; cause < IGQ_CAUSE_COUNT; cause++)
        if (!isfinite(results->stall_cycles[cause]))
            return 0;
    return 1;
}

// 1 if a report says that it was made with a file of these bytes as its machine.
static int is_of_machine(const json_t *report, const char *sha256)
{
    const json_t *file;
    size_t i;
    json_array_foreach(json_object_get(json_object_get(report, "inputs"), "files"), i, file)
    {
        const char *role = json_string_value(json_object_get(file, "role"));
        const char *digest = json_string_value(json_object_get(file, "sha256"));
        if (role != NULL && digest != NULL && strcmp(role, "accelerator") == 0)
            return strcmp(digest, sha256) == 0;
    }
    return 0;
}

static void answer_done(igq_point_answer *answer, const igq_results *results)
{
    *answer = (igq_point_answer){.known = 1, .status = IGQ_POINT_DONE, .results = *results};
}

static void answer_failed(igq_point_answer *answer, const char *reason)
{
    answer->known = 1;
    answer->status = IGQ_POINT_FAILED;
    snprintf(answer->reason, sizeof answer->reason, "%.1000s", reason);
    igq_make_line(answer->reason, sizeof answer->reason);
}

// Nothing is known of a point whose report is damaged, of another machine, or without one of the figures.
static igq_status read_report(igq_point_answer *answer, const char *path, const igq_point_place *place,
                              const igq_point *point, igq_error *error)
{
    char *text = NULL, sha256[65];
    size_t size = 0;
    json_t *report;
    if (igq_json_read(&report, path, "a report", error) != IGQ_OK)
        return IGQ_OK;
    igq_status status = machine_text(&text, &size, place->sweep, point, error);
    if (status == IGQ_OK) {
        igq_sha256_bytes(sha256, text, size);
        igq_results results;
        igq_error damage;
        if (igq_results_read(&results, report, &damage) == IGQ_OK && has_results(&results, place->sweep) &&
            is_of_machine(report, sha256))
            answer_done(answer, &results);
    }
    free(text);
    json_decref(report);
    return status;
}

void igq_point_take(igq_point *point, const igq_point_answer *answer)
{
    point->status = answer->status;
    point->is_simulated = answer->status == IGQ_POINT_DONE;
    if (point->is_simulated)
        point->results = answer->results;
    else
        igq_point_end(point, answer->status, "%s", answer->reason);
}

igq_status igq_point_read(igq_point_answer *answer, const igq_point_place *place, const igq_point *point,
                          igq_error *error)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/points/%s/report.json", place->dir, point->id);
    if (igq_file_exists(path))
        return read_report(answer, path, place, point, error);
    snprintf(path, sizeof path, "%s/points/%s/error.txt", place->dir, point->id);
    if (!igq_file_exists(path))
        return IGQ_OK;
    char *text;
    size_t size;
    igq_status status = igq_file_read(&text, &size, path, error);
    if (status != IGQ_OK)
        return status;
    text[strcspn(text, "\n")] = '\0';
    if (*text != '\0' && igq_is_printable(text)) // else damaged
        answer_failed(answer, text);
    free(text);
    return IGQ_OK;
}

// The run of a point. Its machine is in memory; paths are what its report calls the files, and do not depend on DIR.
// report NULL: the figures alone; bounds_only: lower bounds of them.
static igq_status simulate(json_t **report, igq_results *results, const igq_point_place *place, const igq_point *point,
                           const char *machine_sha256, int bounds_only, igq_error *error)
{
    const igq_sweep *sweep = place->sweep;
    const igq_sweep_inputs *inputs = place->inputs;
    char machine_path[64], calibration_path[64];
    int num_files = inputs->num_files;
    igq_input_file *file = calloc((size_t)num_files + 1, sizeof *file);
    if (file == NULL)
        return igq_out_of_memory(error);
    memcpy(file, inputs->file, (size_t)num_files * sizeof *file);
    snprintf(machine_path, sizeof machine_path, "points/%s/accelerator.yaml", point->id);
    file[num_files].path = machine_path;
    snprintf(file[num_files].sha256, sizeof file->sha256, "%s", machine_sha256);
    igq_run_request request = {
        .accelerator_path = machine_path,
        .workload_path = sweep->workload_path,
        .calibration_path = sweep->calibration_path,
        .trace_path = sweep->trace_path,
        .weights_path = sweep->weights_path,
        .image_paths = (const char *const *)sweep->image_path,
        .num_image_paths = sweep->num_image_paths,
        .labels_path = sweep->labels_path,
        .num_jobs = 1,
        .bounds_only = bounds_only,
        .technology = sweep->technology_path != NULL ? &sweep->technology : NULL,
        .technology_path = sweep->technology_path,
        .loaded = {.accelerator = &point->settings.machine,
                   .workload = &sweep->workload,
                   .calibration = inputs->num_calibrations > 0
                                      ? inputs->calibration[point->calibration >= 0 ? point->calibration : 0]
                                      : NULL,
                   .trace = inputs->trace,
                   .file = file,
                   .num_files = num_files + 1},
    };
    if (point->calibration >= 0) {
        snprintf(calibration_path, sizeof calibration_path, IGQ_CALIBRATION_PATH,
                 place->points->calibration[point->calibration].id);
        request.calibration_path = calibration_path;
    }
    igq_run_result *result;
    igq_status status = igq_simulate(&result, &request, error);
    free(file);
    if (status != IGQ_OK)
        return status;
    igq_activity activity = {0};
    igq_costs costs = {0};
    if (report != NULL)
        *report = igq_report_json(result);
    if (sweep->technology_path != NULL)
        status = igq_activity_of_run(&activity, result, error);
    if (sweep->technology_path != NULL && status == IGQ_OK)
        status = report != NULL
                     ? igq_report_price(*report, &costs, &activity, &sweep->technology, sweep->technology_path, error)
                     : igq_costs_of(&costs, &activity, &sweep->technology, sweep->technology_path, error);
    if (status != IGQ_OK && report != NULL)
        json_decref(*report);
    if (status == IGQ_OK)
        igq_results_of_run(results, result, sweep->technology_path != NULL ? &costs : NULL);
    igq_run_result_free(result);
    igq_activity_free(&activity);
    igq_costs_free(&costs);
    return status;
}

// The figures of a point alone.
static igq_status find_figures(igq_point_answer *answer, const igq_point_place *place, const igq_point *point,
                               int bounds_only, igq_error *error)
{
    igq_error fault;
    igq_results results;
    igq_status status = simulate(NULL, &results, place, point, "", bounds_only, &fault);
    if (status == IGQ_OK)
        answer_done(answer, &results);
    else if (status == IGQ_USER_ERROR)
        answer_failed(answer, fault.message);
    else
        *error = fault;
    return status == IGQ_USER_ERROR ? IGQ_OK : status;
}

igq_status igq_point_simulate(igq_point_answer *answer, const igq_point_place *place, const igq_point *point,
                              igq_error *error)
{
    return find_figures(answer, place, point, 0, error);
}

igq_status igq_point_bound(igq_point_answer *answer, const igq_point_place *place, const igq_point *point,
                           igq_error *error)
{
    return find_figures(answer, place, point, 1, error);
}

// Into `folder`, which exists. A fault of the point becomes its error.txt.
static igq_status fill_folder(const char *folder, igq_point_answer *answer, const igq_point_place *place,
                              const igq_point *point, igq_error *error)
{
    char path[PATH_BYTES + 32], sha256[65], *text = NULL;
    size_t size = 0;
    json_t *report = NULL;
    igq_error fault;
    igq_status status = machine_text(&text, &size, place->sweep, point, error);
    snprintf(path, sizeof path, "%s/accelerator.yaml", folder);
    if (status == IGQ_OK)
        status = igq_file_write(path, text, size, error);
    if (status == IGQ_OK)
        igq_sha256_bytes(sha256, text, size);
    free(text);
    if (status != IGQ_OK)
        return status;
    igq_results results;
    status = simulate(&report, &results, place, point, sha256, 0, &fault);
    if (status == IGQ_OK) {
        answer_done(answer, &results);
        snprintf(path, sizeof path, "%s/report.json", folder);
        status = igq_report_save(path, report, error);
        if (status == IGQ_OK) {
            json_t *columns = igq_columns_json();
            status = igq_html_run(folder, report, columns, "../../plots.js", error);
            json_decref(columns);
        }
        json_decref(report);
    } else if (status == IGQ_USER_ERROR) {
        answer_failed(answer, fault.message);
        snprintf(path, sizeof path, "%s/error.txt", folder);
        snprintf(fault.message, sizeof fault.message, "%s\n", answer->reason);
        status = igq_file_write(path, fault.message, strlen(fault.message), error);
    } else {
        *error = fault;
    }
    return status;
}

igq_status igq_point_run(igq_point_answer *answer, const igq_point_place *place, const igq_point *point,
                         igq_error *error)
{
    char folder[PATH_BYTES], temporary[PATH_BYTES];
    igq_point_answer found = {0};
    igq_status status = igq_point_read(answer, place, point, error);
    if (status != IGQ_OK || answer->known)
        return status;
    snprintf(folder, sizeof folder, "%s/points/%s", place->dir, point->id);
    snprintf(temporary, sizeof temporary, "%s/points/%s.%ld" IGQ_TEMPORARY_SUFFIX, place->dir, point->id,
             (long)getpid());
    status = igq_make_dir(temporary, error);
    if (status != IGQ_OK)
        return status;
    status = fill_folder(temporary, answer, place, point, error);
    if (status == IGQ_OK && igq_point_read(&found, place, point, error) == IGQ_OK && !found.known)
        igq_remove_dir(folder); // what an earlier run left there is damaged
    // Somebody else may have been faster with the same point: then the same bytes lie there.
    if (status == IGQ_OK && rename(temporary, folder) == 0)
        return IGQ_OK;
    int rename_errno = errno;
    igq_remove_dir(temporary);
    if (status == IGQ_OK && rename_errno != EEXIST && rename_errno != ENOTEMPTY)
        status = igq_fail(error, "%s: cannot write: %s", folder, strerror(rename_errno));
    return status;
}
