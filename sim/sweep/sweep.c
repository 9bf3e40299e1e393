// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE // clock_gettime
#include "sweep.h"
#include "html.h"
#include "pareto.h"
#include "point_run.h"
#include "pool.h"
#include "progress.h"
#include "slurm.h"
#include "sweep_dir.h"
#include "sweep_report.h"
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// What is at work on the points.
typedef struct sweep_run {
    const igq_sweep_request *request;
    igq_sweep sweep;
    igq_sweep_inputs inputs;
    igq_points points;
    igq_point_place place;
    int *item, num_items; // indices of the points that are to be simulated
    int read_only;        // 1: others simulate, only look at what is there
    struct timespec begin;
} sweep_run;

static igq_status work(void *context, int item, void *answer, igq_error *error)
{
    const sweep_run *run = context;
    const igq_point *point = &run->points.point[run->item[item]];
    return run->read_only ? igq_point_read(answer, &run->place, point, error)
                          : igq_point_run(answer, &run->place, point, error);
}

#define BAR_WIDTH 30

// A bar and the time left, on a terminal only.
static void show_progress(void *context, int num_done, int num_items)
{
    const sweep_run *run = context;
    struct timespec now;
    char bar[BAR_WIDTH + 1];
    if (!igq_progress_is_on() || run->read_only)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double elapsed_s = (double)(now.tv_sec - run->begin.tv_sec) + 1e-9 * (double)(now.tv_nsec - run->begin.tv_nsec);
    int filled = (int)((long)BAR_WIDTH * num_done / num_items);
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)filled);
    bar[BAR_WIDTH] = '\0';
    if (num_done < num_items)
        fprintf(stderr, "\r\033[K[%s] %d/%d  %.0f s left", bar, num_done, num_items,
                ceil(elapsed_s / num_done * (num_items - num_done)));
    else
        fprintf(stderr, "\r\033[K");
    fflush(stderr);
}

// Open points, each machine once; of these the share that was asked for.
static igq_status choose_items(sweep_run *run, igq_error *error)
{
    const igq_sweep_request *request = run->request;
    int num_machines = 0;
    run->item = calloc((size_t)run->points.num + 1, sizeof *run->item);
    if (run->item == NULL)
        return igq_out_of_memory(error);
    for (int i = 0; i < run->points.num; i++)
        if (run->points.point[i].status == IGQ_POINT_OPEN && run->points.point[i].first == i &&
            (request->share_count == 0 || num_machines++ % request->share_count == request->share_index))
            run->item[run->num_items++] = i;
    return IGQ_OK;
}

static void take_answer(igq_point *point, const igq_point_answer *answer, int died, const char *unknown)
{
    if (answer->known) {
        point->status = answer->status;
        point->has_report = answer->status == IGQ_POINT_DONE;
        if (point->has_report)
            point->results = answer->results;
        if (answer->status == IGQ_POINT_FAILED)
            igq_point_end(point, IGQ_POINT_FAILED, "%s", answer->reason);
    } else {
        igq_point_end(point, IGQ_POINT_FAILED, "%s", died ? "the process that worked on it died" : unknown);
    }
}

// Runs (or reads) the chosen points and takes their answers; points without one fail for the reason `unknown`.
static igq_status run_items(sweep_run *run, int read_only, const char *unknown, igq_error *error)
{
    void *answers;
    unsigned char *died;
    const igq_pool pool = {run->num_items, run->request->num_jobs, sizeof(igq_point_answer), run, work, show_progress};
    if (run->num_items == 0)
        return IGQ_OK;
    run->read_only = read_only;
    clock_gettime(CLOCK_MONOTONIC, &run->begin);
    igq_status status = igq_pool_run(&answers, &died, &pool, error);
    if (status != IGQ_OK)
        return status;
    for (int i = 0; i < run->num_items; i++)
        take_answer(&run->points.point[run->item[i]], (const igq_point_answer *)answers + i, died[i], unknown);
    igq_pool_free(answers, died, &pool);
    return IGQ_OK;
}

static void copy_twins(igq_points *points)
{
    for (int i = 0; i < points->num; i++) {
        igq_point *point = &points->point[i];
        const igq_point *first = &points->point[point->first];
        if (point->first == i || point->status != IGQ_POINT_OPEN)
            continue;
        point->status = first->status;
        point->results = first->results;
        point->has_report = first->has_report;
        if (first->reason != NULL)
            igq_point_end(point, first->status, "%s", first->reason);
    }
}

static igq_status mark_front(igq_points *points, const igq_sweep *sweep, igq_error *error)
{
    size_t num = (size_t)points->num, columns = (size_t)sweep->num_objectives;
    double *value = calloc(num * columns, sizeof *value);
    unsigned char *front = calloc(num, 1);
    int complete = value != NULL && front != NULL;
    for (size_t i = 0; complete && i < num; i++)
        for (size_t c = 0; c < columns; c++) {
            double result = points->point[i].results.value[sweep->objective[c]];
            double sign = (igq_result_column(sweep->objective[c])->better == IGQ_MORE_IS_BETTER) ? -1 : 1;
            value[i * columns + c] = points->point[i].status == IGQ_POINT_DONE ? sign * result : NAN;
        }
    complete = complete && igq_pareto_front(front, value, points->num, sweep->num_objectives);
    for (size_t i = 0; complete && i < num; i++)
        points->point[i].pareto = front[i];
    free(value);
    free(front);
    return complete ? IGQ_OK : igq_out_of_memory(error);
}

// Limits, front, files and text.
static igq_status gather(sweep_run *run, igq_error *error)
{
    igq_points *points = &run->points;
    const char *dir = run->request->dir;
    int num_failed = 0, first_failed = -1;
    copy_twins(points);
    for (int i = 0; i < points->num; i++) {
        if (points->point[i].status == IGQ_POINT_DONE)
            igq_point_check_limits(&points->point[i], &run->sweep);
        num_failed += points->point[i].status == IGQ_POINT_FAILED;
        if (first_failed < 0 && points->point[i].status == IGQ_POINT_FAILED)
            first_failed = i;
    }
    igq_status status = mark_front(points, &run->sweep, error);
    if (status != IGQ_OK)
        return status;
    json_t *json = igq_sweep_json(&run->sweep, &run->inputs, points);
    status = igq_sweep_write(dir, json, error);
    if (status == IGQ_OK) {
        json_t *columns = igq_columns_json();
        status = igq_html_sweep(dir, json, columns, error);
        json_decref(columns);
    }
    json_decref(json);
    if (status != IGQ_OK)
        return status;
    igq_sweep_print(&run->sweep, points);
    printf("\nWritten: %s/sweep.json, %s/points.csv, %s/points/\n", dir, dir, dir);
    printf("Written: %s/report.html (opens in a browser)\n", dir);
    if (num_failed == points->num)
        return igq_fail(error, "all %d points failed; the first: %s", num_failed, points->point[first_failed].reason);
    return IGQ_OK;
}

static igq_status run_local(sweep_run *run, igq_error *error)
{
    igq_status status = run_items(run, 0, "", error);
    return status == IGQ_OK ? gather(run, error) : status;
}

// Of the chosen points those that nobody has simulated yet.
static igq_status count_missing(int *num_missing, const sweep_run *run, igq_error *error)
{
    igq_status status = IGQ_OK;
    *num_missing = 0;
    for (int i = 0; status == IGQ_OK && i < run->num_items; i++) {
        igq_point_answer answer = {0};
        status = igq_point_read(&answer, &run->place, &run->points.point[run->item[i]], error);
        *num_missing += !answer.known;
    }
    return status;
}

static igq_status run_slurm(sweep_run *run, int *lock, igq_error *error)
{
    int num_missing;
    igq_status status = count_missing(&num_missing, run, error);
    close(*lock); // the tasks join now
    if (status == IGQ_OK && num_missing > 0)
        status = igq_slurm_run(&run->request->slurm, run->request->dir, num_missing, error);
    if (status == IGQ_OK && num_missing > 0 && run->request->slurm.no_wait)
        return IGQ_OK;
    if (status == IGQ_OK)
        status = igq_sweep_dir_open(lock, run->request->dir, run->request->path, 1, error);
    if (status == IGQ_OK)
        status =
            run_items(run, 1, "the Slurm job ended without it: see slurm/ for its output; --resume tries again", error);
    return status == IGQ_OK ? gather(run, error) : status;
}

// All that a task of an array job does: its share of the points. Its machine may be one of many.
static igq_status run_share(sweep_run *run, igq_error *error)
{
    igq_status status = run_items(run, 0, "", error);
    int num_failed = 0;
    for (int i = 0; status == IGQ_OK && i < run->num_items; i++)
        num_failed += run->points.point[run->item[i]].status == IGQ_POINT_FAILED;
    if (status == IGQ_OK)
        printf("%s: share %d of %d: %d points, %d of them failed\n", run->sweep.name, run->request->share_index,
               run->request->share_count, run->num_items, num_failed);
    return status;
}

static igq_status run_sweep(sweep_run *run, int *lock, igq_error *error)
{
    const igq_sweep_request *request = run->request;
    igq_status status = igq_sweep_load(&run->sweep, request->path, error);
    if (status == IGQ_OK)
        status = igq_sweep_inputs_open(&run->inputs, &run->sweep, error);
    if (status == IGQ_OK)
        status = igq_points_new(&run->points, &run->sweep, run->inputs.identity, error);
    run->place = (igq_point_place){&run->sweep, &run->inputs, &run->points, request->dir};
    if (status == IGQ_OK)
        status = request->share_count > 0
                     ? igq_sweep_dir_join(lock, request->dir, error)
                     : igq_sweep_dir_open(lock, request->dir, request->path, request->resume, error);
    if (status == IGQ_OK)
        status = igq_sweep_calibrate(&run->inputs, &run->points, &run->sweep, request->dir, request->num_jobs, error);
    if (status == IGQ_OK)
        status = choose_items(run, error);
    if (status != IGQ_OK)
        return status;
    return request->share_count > 0             ? run_share(run, error)
           : request->engine == IGQ_SWEEP_SLURM ? run_slurm(run, lock, error)
                                                : run_local(run, error);
}

igq_status igq_sweep_run(const igq_sweep_request *request, igq_error *error)
{
    sweep_run run = {.request = request};
    int lock = -1;
    signal(SIGXFSZ, SIG_IGN); // a file that may not grow further is an error that we report, not a death
    igq_status status = run_sweep(&run, &lock, error);
    if (lock >= 0)
        close(lock);
    free(run.item);
    igq_points_free(&run.points);
    igq_sweep_inputs_free(&run.inputs);
    igq_sweep_free(&run.sweep);
    return status;
}
