// SPDX-License-Identifier: Apache-2.0
#include "run_outputs.h"
#include "accelerator_file.h"
#include "costs.h"
#include "file.h"
#include "html.h"
#include "report.h"
#include "result_dir.h"
#include "scheme_table.h"
#include "what_if.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 4224

/// The files of a run ///

static void remove_file(const char *dir, const char *name)
{
    char path[PATH_BYTES];
    if (snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path) // never another file
        unlink(path);
}

static void remove_files(const char *dir)
{
    static const char *const names[] = {"report.json", "report.html", "layers.csv", "timeline.json", "schemes.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove_file(dir, names[i]);
}

// What a run of this scheme, among others, left in the folder; the scheme's own folder if nothing else is in it.
static void remove_scheme(const char *dir, const char *scheme)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", dir, scheme);
    remove_files(path);
    remove_file(path, "images.partial");
    remove_file(path, "timeline.partial");
    rmdir(path);
}

// No page, table or timeline of an earlier run may lie beside this one's report. report.json comes last: where it
// lies, everything lies.
static igq_status write_files(json_t *report, const igq_run_outputs *outputs, const char *timeline_path,
                              igq_error *error)
{
    char path[PATH_BYTES];
    igq_status status = IGQ_OK;
    if (outputs->in_place) {
        remove_file(outputs->dir, "report.html");
    } else {
        remove_files(outputs->dir);
        for (int i = 0; i < IGQ_SCHEME_COUNT; i++)
            remove_scheme(outputs->dir, igq_scheme_names[i]);
    }
    snprintf(path, sizeof path, "%s/timeline.json", outputs->dir);
    if (timeline_path && rename(timeline_path, path) != 0)
        status = igq_fail(error, "%s: cannot write: %s", path, strerror(errno));
    if (!outputs->no_html && status == IGQ_OK) {
        json_t *columns = igq_columns_json();
        status = igq_html_run(outputs->dir, report, columns, NULL, error);
        json_decref(columns);
    }
    if (status == IGQ_OK)
        status = igq_report_write(outputs->dir, report, error);
    if (status != IGQ_OK && !outputs->in_place)
        remove_files(outputs->dir);
    return status;
}

igq_status igq_run_finish(json_t *report, igq_costs *costs, const igq_activity *activity,
                          const igq_run_outputs *outputs, const char *timeline_path, int quiet, igq_error *error)
{
    igq_status status = IGQ_OK;
    if (outputs->technology_path) {
        status = igq_report_price(report, costs, activity, outputs->technology, outputs->technology_path, error);
        if (status == IGQ_OK && !quiet)
            igq_costs_print(costs, activity, outputs->technology);
    }
    if (json_object_get(report, "what_if") && !quiet)
        igq_what_if_print(report);
    if (!outputs->dir || status != IGQ_OK)
        return status;
    if (timeline_path && !igq_file_exists(timeline_path))
        timeline_path = NULL; // there is none of an image that was left out
    status = write_files(report, outputs, timeline_path, error);
    if (quiet || status != IGQ_OK)
        return status;
    printf("\nWritten: %s/report.json, %s/layers.csv\n", outputs->dir, outputs->dir);
    if (!outputs->no_html)
        printf("Written: %s/report.html (opens in a browser)\n", outputs->dir);
    if (timeline_path)
        printf("Written: %s/timeline.json (the first image; opens in https://ui.perfetto.dev)\n", outputs->dir);
    return IGQ_OK;
}

// Where a run into a folder keeps its parts, the timeline until the rest is written.
typedef struct run_paths {
    char timeline[PATH_BYTES], answers[PATH_BYTES];
} run_paths;

// The request with those paths. Only executed images are kept; a recording has to see them all.
static igq_run_request placed(const igq_run_request *request, const char *dir, run_paths *paths)
{
    igq_run_request result = *request;
    if (!dir)
        return result;
    snprintf(paths->timeline, sizeof paths->timeline, "%s/timeline.partial", dir);
    snprintf(paths->answers, sizeof paths->answers, "%s/images.partial", dir);
    if (!request->resume)
        unlink(paths->timeline);
    result.timeline_path = paths->timeline;
    if (request->num_image_paths && request->calibration_path && !request->record_path && !request->outputs_path)
        result.answers_path = paths->answers;
    return result;
}

// The run, its summary (quiet 0) and its files. *row, unless it is not asked for (NULL): what the table of schemes says
// of it, NULL after a failure.
static igq_status run_placed(json_t **row, const igq_run_request *run, const igq_run_outputs *outputs, int quiet,
                             igq_error *error)
{
    igq_run_result *result;
    igq_status status = igq_simulate(&result, run, error);
    if (row)
        *row = NULL;
    if (status == IGQ_OK) {
        igq_activity activity = {0};
        if (!quiet)
            igq_summary_print(result);
        igq_costs costs = {0};
        json_t *report = igq_report_json(result);
        if (outputs->technology_path)
            status = igq_activity_of_run(&activity, result, error);
        if (run->dram_trace_path && !quiet)
            printf("\nWritten: %s (DRAM transfers of the first image, in clocks of %s)\n", run->dram_trace_path,
                   result->accelerator.dram.part.data_rate_mtps > 0 ? "the memory" : "the machine");
        if (status == IGQ_OK && outputs->what_if)
            status = igq_what_if(report, run, error);
        if (status == IGQ_OK)
            status = igq_run_finish(report, &costs, &activity, outputs, run->timeline_path, quiet, error);
        if (status == IGQ_OK && row)
            *row = igq_scheme_row(run->scheme_name, result, outputs->technology_path ? &costs : NULL);
        json_decref(report);
        igq_run_result_free(result);
        igq_activity_free(&activity);
        igq_costs_free(&costs);
    }
    if (status != IGQ_OK && run->timeline_path)
        unlink(run->timeline_path);
    return status;
}

igq_status igq_run_one(const igq_run_request *request, const igq_run_outputs *outputs, igq_error *error)
{
    run_paths paths;
    const igq_run_request run = placed(request, outputs->dir, &paths);
    igq_status status = run_placed(NULL, &run, outputs, 0, error);
    if (status == IGQ_OK && run.answers_path)
        unlink(run.answers_path);
    return status;
}

/// Several schemes ///

typedef struct scheme_list {
    int num;
    const char *name[IGQ_SCHEME_COUNT];
} scheme_list;

int igq_names_schemes(const char *option)
{
    return option && (strcmp(option, "all") == 0 || strchr(option, ',') != NULL);
}

static const char *find_scheme(const char *name, size_t length)
{
    for (int i = 0; i < IGQ_SCHEME_COUNT; i++)
        if (strlen(igq_scheme_names[i]) == length && strncmp(igq_scheme_names[i], name, length) == 0)
            return igq_scheme_names[i];
    return NULL;
}

static igq_status refuse_scheme(const char *option, const char *name, int length, const char *why, igq_error *error)
{
    int num_keys;
    char allowed[IGQ_KEY_TEXT_BYTES];
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    igq_key_allowed(allowed, igq_keys_find(keys, num_keys, "scheme"));
    return igq_fail(error, "--scheme %s: '%.*s' is %s; allowed: one of %s, several of them with commas between, or all",
                    option, length, name, why, allowed);
}

static int is_listed(const scheme_list *list, const char *name)
{
    for (int i = 0; i < list->num; i++)
        if (list->name[i] == name)
            return 1;
    return 0;
}

static igq_status parse_schemes(scheme_list *list, const char *option, igq_error *error)
{
    *list = (scheme_list){0};
    if (strcmp(option, "all") == 0) {
        memcpy(list->name, igq_scheme_names, sizeof list->name);
        list->num = IGQ_SCHEME_COUNT;
        return IGQ_OK;
    }
    for (const char *next = option; next; next = next[strcspn(next, ",")] == ',' ? strchr(next, ',') + 1 : NULL) {
        int length = (int)strcspn(next, ",");
        const char *name = find_scheme(next, (size_t)length);
        if (!name || is_listed(list, name))
            return refuse_scheme(option, next, length, name ? "there twice" : "no scheme", error);
        list->name[list->num++] = name;
    }
    return IGQ_OK;
}

static igq_status run_scheme(json_t **row, const igq_run_request *request, const igq_run_outputs *outputs,
                             igq_error *error)
{
    run_paths paths;
    int lock = -1, is_new = outputs->dir && !igq_file_exists(outputs->dir);
    *row = NULL;
    igq_status status = outputs->dir ? igq_result_dir_open(&lock, outputs->dir, IGQ_RESULTS_OF_RUN, error) : IGQ_OK;
    if (status == IGQ_OK) {
        const igq_run_request run = placed(request, outputs->dir, &paths);
        status = run_placed(row, &run, outputs, 1, error);
    }
    igq_result_dir_close(lock, outputs->dir, is_new, status);
    return status;
}

// Parts of runs are kept until all schemes are done: a run that is continued then finds those of every scheme.
static void remove_answers(const scheme_list *list, const char *dir)
{
    char path[4096];
    for (int i = 0; i < list->num; i++) {
        snprintf(path, sizeof path, "%s/%s/images.partial", dir, list->name[i]);
        unlink(path);
    }
}

static igq_status run_all(json_t *rows, const scheme_list *list, const igq_run_request *request,
                          const igq_run_outputs *outputs, igq_error *error)
{
    int num_run = 0;
    for (int i = 0; i < list->num; i++) {
        char dir[4096];
        igq_run_request one = *request;
        igq_run_outputs one_outputs = *outputs;
        one.scheme_name = list->name[i];
        snprintf(dir, sizeof dir, "%s/%s", outputs->dir ? outputs->dir : "", list->name[i]);
        one_outputs.dir = outputs->dir ? dir : NULL;
        json_t *row;
        igq_error refusal;
        igq_status status = run_scheme(&row, &one, &one_outputs, &refusal);
        json_array_append_new(rows, row ? row : igq_scheme_row_refused(list->name[i], refusal.message));
        num_run += status == IGQ_OK;
        if (status == IGQ_USER_ERROR && outputs->dir)
            remove_scheme(outputs->dir, list->name[i]); // an earlier run's
        if (status != IGQ_OK && (i == 0 || status != IGQ_USER_ERROR))
            *error = refusal;
        if (status != IGQ_OK && status != IGQ_USER_ERROR)
            return status;
    }
    return num_run > 0 ? IGQ_OK : IGQ_USER_ERROR;
}

igq_status igq_run_schemes(const igq_run_request *request, const igq_run_outputs *outputs, igq_error *error)
{
    scheme_list list;
    igq_status status = parse_schemes(&list, request->scheme_name, error);
    if (status != IGQ_OK)
        return status;
    json_t *rows = json_array();
    status = run_all(rows, &list, request, outputs, error);
    if (status == IGQ_OK)
        igq_scheme_table_print(rows);
    if (status == IGQ_OK && outputs->dir) {
        remove_files(outputs->dir);
        for (int i = 0; i < IGQ_SCHEME_COUNT; i++)
            if (!is_listed(&list, igq_scheme_names[i]))
                remove_scheme(outputs->dir, igq_scheme_names[i]);
        status = igq_scheme_table_write(outputs->dir, rows, error);
    }
    if (status == IGQ_OK && outputs->dir) {
        printf("\nWritten: %s/schemes.json, and a folder with report.json, layers.csv and timeline.json for each\n",
               outputs->dir);
        remove_answers(&list, outputs->dir);
    }
    json_decref(rows);
    return status;
}
