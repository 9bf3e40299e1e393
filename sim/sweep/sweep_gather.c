// SPDX-License-Identifier: Apache-2.0
#include "sweep_gather.h"
#include "html.h"
#include "pareto.h"
#include "pool.h"
#include "progress.h"
#include "store_gather.h"
#include "sweep_report.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void copy_twins(igq_points *points)
{
    for (int i = 0; i < points->num; i++) {
        igq_point *point = &points->point[i];
        const igq_point *first = &points->point[point->first];
        if (point->first == i || point->status != IGQ_POINT_OPEN)
            continue;
        point->status = first->status;
        point->results = first->results;
        point->is_simulated = first->is_simulated;
        point->has_folder = first->has_folder;
        point->is_lost = first->is_lost;
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

/// Folders of the front

typedef struct front_work {
    const igq_point_place *place;
    igq_points *points;
    int *item, num; // points whose folder is missing
} front_work;

static igq_status make_folder(void *context, int item, void *answer, igq_error *error)
{
    const front_work *work = context;
    return igq_point_run(answer, work->place, &work->points->point[work->item[item]], error);
}

static void show_folders(void *context, int num_done, int num_items)
{
    (void)context;
    igq_progress("report", num_done, num_items, "");
}

// The same figures come out again, since they depend on nothing but the point's inputs.
static igq_status write_folders(front_work *work, int num_jobs, igq_error *error)
{
    void *answers;
    unsigned char *died;
    const igq_pool pool = {.num_items = work->num,
                           .num_jobs = num_jobs,
                           .answer_bytes = sizeof(igq_point_answer),
                           .context = work,
                           .work = make_folder,
                           .progress = show_folders};
    igq_status status = igq_pool_run(&answers, &died, &pool, error);
    if (status != IGQ_OK)
        return status;
    for (int i = 0; i < work->num; i++) {
        const igq_point_answer *answer = (const igq_point_answer *)answers + i;
        work->points->point[work->item[i]].has_folder = answer->known && answer->status == IGQ_POINT_DONE;
    }
    igq_pool_free(answers, died, &pool);
    return IGQ_OK;
}

static igq_status report_front(const igq_point_place *place, igq_points *points, int num_jobs, igq_error *error)
{
    front_work work = {place, points, calloc((size_t)points->num, sizeof *work.item), 0};
    if (work.item == NULL)
        return igq_out_of_memory(error);
    for (int i = 0; i < points->num; i++)
        if (points->point[i].pareto && points->point[i].first == i)
            work.item[work.num++] = i;
    igq_status status = work.num > 0 ? write_folders(&work, num_jobs, error) : IGQ_OK;
    free(work.item);
    for (int i = 0; i < points->num; i++)
        points->point[i].has_folder = points->point[points->point[i].first].has_folder;
    return status;
}

/// Files and text

static igq_status write_pages(const igq_point_place *place, const igq_points *points, igq_error *error)
{
    json_t *json = igq_sweep_json(place->sweep, place->inputs, points);
    igq_status status = igq_sweep_write(place->dir, json, error);
    if (status == IGQ_OK) {
        json_t *columns = igq_columns_json();
        status = igq_html_sweep(place->dir, json, columns, error);
        json_decref(columns);
    }
    json_decref(json);
    return status;
}

static igq_status write_all(const igq_point_place *place, const igq_points *points, igq_error *error)
{
    char path[4096];
    igq_status status = igq_store_gather(place->sweep, points, place->dir, error);
    snprintf(path, sizeof path, "%s/points.csv", place->dir);
    if (status == IGQ_OK && points->num <= IGQ_CSV_POINTS)
        status = igq_store_export(path, place->dir, error);
    return status == IGQ_OK ? write_pages(place, points, error) : status;
}

static void print_written(const char *dir, int num_points)
{
    printf("\nWritten: %s/points.sqlite, %s/sweep.json, %s%s%s/points/\n", dir, dir,
           num_points <= IGQ_CSV_POINTS ? dir : "", num_points <= IGQ_CSV_POINTS ? "/points.csv, " : "", dir);
    printf("Written: %s/report.html (opens in a browser)\n", dir);
    if (num_points > IGQ_CSV_POINTS)
        printf("All points as a table: igqsim export %s --csv FILE\n", dir);
}

igq_status igq_sweep_gather(const igq_point_place *place, igq_points *points, int num_jobs, int all_have_folders,
                            igq_error *error)
{
    int num_failed = 0, first_failed = -1;
    copy_twins(points);
    for (int i = 0; i < points->num; i++) {
        if (points->point[i].status == IGQ_POINT_DONE)
            igq_point_check_limits(&points->point[i], place->sweep);
        num_failed += points->point[i].status == IGQ_POINT_FAILED;
        if (first_failed < 0 && points->point[i].status == IGQ_POINT_FAILED)
            first_failed = i;
    }
    igq_status status = mark_front(points, place->sweep, error);
    if (status == IGQ_OK && !all_have_folders && place->sweep->reports != IGQ_REPORTS_NONE)
        status = report_front(place, points, num_jobs, error);
    if (status == IGQ_OK)
        status = write_all(place, points, error);
    if (status != IGQ_OK)
        return status;
    igq_sweep_print(place->sweep, points);
    print_written(place->dir, points->num);
    if (num_failed == points->num)
        return igq_fail(error, "all %d points failed; the first: %s", num_failed, points->point[first_failed].reason);
    return IGQ_OK;
}
