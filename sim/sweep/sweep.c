// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE // clock_gettime
#include "sweep.h"
#include "point_run.h"
#include "pool.h"
#include "progress.h"
#include "search.h"
#include "slurm.h"
#include "store.h"
#include "sweep_dir.h"
#include "sweep_gather.h"
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
    igq_store *store;          // of points without a folder
    int *item, num_items;      // indices of the points that are to be simulated
    int first_item, num_chunk; // of them those that the pool has now
    int read_only;             // 1: others simulate, only look at what is there
    struct timespec begin;
} sweep_run;

// 1 if every point gets a folder, which then is what is known of it; otherwise it is a row of the store.
static int keeps_folders(const sweep_run *run)
{
    igq_sweep_reports reports = run->sweep.reports;
    return reports == IGQ_REPORTS_ALL || (reports == IGQ_REPORTS_AUTO && run->points.num <= IGQ_FEW_POINTS);
}

static const igq_point *point_of_item(const sweep_run *run, int item)
{
    return &run->points.point[run->item[run->first_item + item]];
}

static igq_status work(void *context, int item, void *answer, igq_error *error)
{
    const sweep_run *run = context;
    const igq_point *point = point_of_item(run, item);
    return run->read_only       ? igq_point_read(answer, &run->place, point, error)
           : run->store == NULL ? igq_point_run(answer, &run->place, point, error)
                                : igq_point_simulate(answer, &run->place, point, error);
}

// A row for each point as it comes.
static igq_status keep(void *context, int item, const void *answer, igq_error *error)
{
    const sweep_run *run = context;
    return run->store != NULL ? igq_store_put(run->store, point_of_item(run, item)->id, answer, error) : IGQ_OK;
}

#define BAR_WIDTH 30

// A bar and the time left, on a terminal only.
static void show_progress(void *context, int num_done, int num_items)
{
    const sweep_run *run = context;
    struct timespec now;
    char bar[BAR_WIDTH + 1];
    if (!igq_progress_is_on() || run->read_only || run->sweep.searches)
        return;
    num_done += run->first_item;
    num_items = run->num_items;
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
    for (int i = 0; i < run->points.num; i++) { // by id: shards are alike
        int point = (int)(run->points.by_id[i] - run->points.point);
        if (run->points.point[point].status == IGQ_POINT_OPEN && run->points.point[point].first == point &&
            (request->share_count == 0 || num_machines++ % request->share_count == request->share_index))
            run->item[run->num_items++] = point;
    }
    return IGQ_OK;
}

static void lose(igq_point *point, const char *reason)
{
    igq_point_end(point, IGQ_POINT_FAILED, "%s", reason);
    point->is_lost = 1;
}

static void take_answer(sweep_run *run, igq_point *point, const igq_point_answer *answer, int died, const char *unknown)
{
    if (answer->known) {
        igq_point_take(point, answer);
        point->has_folder = point->is_simulated && run->store == NULL;
    } else {
        lose(point, died ? "the process that worked on it died" : unknown);
    }
}

// So many points at a time: their answers lie in memory.
#define CHUNK_POINTS 4096

static igq_status run_chunk(sweep_run *run, const char *unknown, igq_error *error)
{
    void *answers;
    unsigned char *died;
    const igq_pool pool = {.num_items = run->num_chunk,
                           .num_jobs = run->request->num_jobs,
                           .answer_bytes = sizeof(igq_point_answer),
                           .context = run,
                           .work = work,
                           .progress = show_progress,
                           .answered = keep};
    igq_status status = igq_pool_run(&answers, &died, &pool, error);
    if (status != IGQ_OK)
        return status;
    for (int i = 0; i < run->num_chunk; i++)
        take_answer(run, &run->points.point[run->item[run->first_item + i]], (const igq_point_answer *)answers + i,
                    died[i], unknown);
    igq_pool_free(answers, died, &pool);
    return IGQ_OK;
}

// Runs (or reads) the chosen points and takes their answers; points without one fail for the reason `unknown`.
static igq_status run_items(sweep_run *run, int read_only, const char *unknown, igq_error *error)
{
    igq_status status = IGQ_OK;
    run->read_only = read_only;
    clock_gettime(CLOCK_MONOTONIC, &run->begin);
    for (run->first_item = 0; status == IGQ_OK && run->first_item < run->num_items; run->first_item += CHUNK_POINTS) {
        int num_left = run->num_items - run->first_item;
        run->num_chunk = num_left < CHUNK_POINTS ? num_left : CHUNK_POINTS;
        status = run_chunk(run, unknown, error);
    }
    return status;
}

static igq_status gather(sweep_run *run, igq_error *error)
{
    igq_store_close(run->store); // its rows are read
    run->store = NULL;
    return igq_sweep_gather(&run->place, &run->points, run->request->num_jobs, keeps_folders(run), error);
}

static igq_status simulate_some(void *context, const int *point, int num, igq_error *error)
{
    sweep_run *run = context;
    memcpy(run->item, point, (size_t)num * sizeof *point);
    run->num_items = num;
    return run_items(run, 0, "", error);
}

static igq_status run_search(sweep_run *run, igq_error *error)
{
    const igq_search search = {.place = &run->place,
                               .points = &run->points,
                               .num_jobs = run->request->num_jobs,
                               .context = run,
                               .simulate = simulate_some};
    igq_status status = igq_search_run(&run->points.is_proved, &search, error);
    for (int i = 0; status == IGQ_OK && i < run->points.num; i++)
        if (run->points.point[i].status == IGQ_POINT_OPEN && run->points.point[i].first == i)
            igq_point_end(&run->points.point[i], IGQ_POINT_OPEN, "the budget of the search was used up");
    return status;
}

static igq_status run_local(sweep_run *run, igq_error *error)
{
    igq_status status = run->sweep.searches ? run_search(run, error) : run_items(run, 0, "", error);
    return status == IGQ_OK ? gather(run, error) : status;
}

// Of the chosen points those that nobody has simulated yet.
static igq_status count_missing(int *num_missing, const sweep_run *run, igq_error *error)
{
    igq_status status = IGQ_OK;
    *num_missing = 0;
    for (int i = 0; status == IGQ_OK && i < run->num_items; i++) {
        igq_point_answer answer = {0};
        if (keeps_folders(run))
            status = igq_point_read(&answer, &run->place, &run->points.point[run->item[i]], error);
        *num_missing += !answer.known;
    }
    return status;
}

// What others have simulated meanwhile; points without an answer fail for the reason `unknown`.
static igq_status read_items(sweep_run *run, const char *unknown, igq_error *error)
{
    if (keeps_folders(run))
        return run_items(run, 1, unknown, error);
    igq_status status = igq_store_read(&run->points, run->request->dir, 0, 0, error);
    for (int i = 0; status == IGQ_OK && i < run->num_items; i++)
        if (run->points.point[run->item[i]].status == IGQ_POINT_OPEN)
            lose(&run->points.point[run->item[i]], unknown);
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
            read_items(run, "the Slurm job ended without it: see slurm/ for its output; --resume tries again", error);
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
        printf("%s: shard %d of %d: %d points, %d of them failed\n", run->sweep.name,
               run->request->share_index > 0 ? run->request->share_index : run->request->share_count,
               run->request->share_count, run->num_items, num_failed);
    return status;
}

// What is known already, and a file for what comes. Of Slurm's sweeps the tasks have one each.
static igq_status open_store(sweep_run *run, igq_error *error)
{
    const igq_sweep_request *request = run->request;
    int share_index = request->share_index, share_count = request->share_count;
    igq_status status = igq_store_read(&run->points, request->dir, share_index, share_count, error);
    return status == IGQ_OK && request->engine != IGQ_SWEEP_SLURM && !request->only_gather
               ? igq_store_open(&run->store, request->dir, share_index, share_count, error)
               : status;
}

// After a merge: nothing is simulated.
static igq_status gather_if_complete(sweep_run *run, igq_error *error)
{
    int num_missing;
    igq_status status = count_missing(&num_missing, run, error);
    if (status != IGQ_OK)
        return status;
    if (num_missing == 0) {
        status = read_items(run, "", error);
        return status == IGQ_OK ? gather(run, error) : status;
    }
    printf("%s: %d of %d points are missing; igqsim sweep %s/sweep.yaml -o %s --resume simulates them\n",
           run->sweep.name, num_missing, run->points.num, run->request->dir, run->request->dir);
    return IGQ_OK;
}

static igq_status run_sweep(sweep_run *run, int *lock, igq_error *error)
{
    const igq_sweep_request *request = run->request;
    igq_status status = igq_sweep_load(&run->sweep, request->path, error);
    if (status == IGQ_OK && run->sweep.searches &&
        (request->share_count > 0 || request->engine == IGQ_SWEEP_SLURM || request->only_gather))
        status = igq_fail(error,
                          "%s: search: in shards, of which none knows what the others found; allowed: on one "
                          "computer, without --shard, --engine slurm and merge",
                          request->path);
    if (status == IGQ_OK)
        status = igq_sweep_inputs_open(&run->inputs, &run->sweep, error);
    if (status == IGQ_OK)
        status = igq_points_new(&run->points, &run->sweep, run->inputs.identity, error);
    run->place = (igq_point_place){&run->sweep, &run->inputs, &run->points, request->dir};
    if (status == IGQ_OK)
        status = request->share_count > 0
                     ? igq_sweep_dir_join(lock, request->dir, request->path, error)
                     : igq_sweep_dir_open(lock, request->dir, request->path, request->resume, error);
    if (status == IGQ_OK)
        status = igq_sweep_calibrate(&run->inputs, &run->points, &run->sweep, request->dir, request->num_jobs, error);
    if (status == IGQ_OK && !keeps_folders(run))
        status = open_store(run, error);
    if (status == IGQ_OK)
        status = choose_items(run, error);
    if (status != IGQ_OK)
        return status;
    if (request->only_gather)
        return gather_if_complete(run, error);
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
    igq_store_close(run.store);
    free(run.item);
    igq_points_free(&run.points);
    igq_sweep_inputs_free(&run.inputs);
    igq_sweep_free(&run.sweep);
    return status;
}
