// SPDX-License-Identifier: Apache-2.0
#include "sweep_report.h"
#include "accelerator_file.h"
#include "file.h"
#include "image_list.h"
#include "report.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// JSON has no NAN. Whole numbers are written as such: 1024, not 1024.0.
static json_t *number_or_null(double value)
{
    if (!isfinite(value))
        return json_null();
    return value == floor(value) && fabs(value) < 1e15 ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *axis_value_json(const igq_axis *axis, int i)
{
    return axis->labels_are_numbers ? number_or_null(axis->value[i]) : json_string(axis->label[i]);
}

static json_t *head_json(const igq_sweep *sweep, const igq_sweep_inputs *inputs, const igq_points *points)
{
    json_t *head = json_pack("{s:s, s:s, s:s}", "name", sweep->name, "file", "sweep.yaml", "sha256", sweep->sha256);
    json_t *objectives = json_array(), *axes = json_array(), *files = json_array(), *where = json_array();
    json_t *limits = json_array();
    for (int i = 0; i < sweep->num_objectives; i++) {
        const igq_column *info = igq_result_column(sweep->objective[i]);
        json_array_append_new(objectives, json_pack("{s:s, s:s}", "key", info->metric, "goal",
                                                    info->better == IGQ_MORE_IS_BETTER ? "max" : "min"));
    }
    for (int a = 0; a < sweep->num_axes; a++) {
        json_t *values = json_array();
        for (int i = 0; i < sweep->axis[a].num_values; i++)
            json_array_append_new(values, axis_value_json(&sweep->axis[a], i));
        json_array_append_new(axes, json_pack("{s:s, s:o}", "key", sweep->axis[a].name, "values", values));
    }
    for (int i = 0; i < sweep->where.num; i++)
        json_array_append_new(where, json_string(sweep->where.item[i].text));
    for (int i = 0; i < sweep->limits.num; i++)
        json_array_append_new(limits, json_string(sweep->limits.item[i].text));
    for (int i = 0; i < inputs->num_files; i++) {
        const igq_input_file *file = &inputs->file[i];
        json_array_append_new(
            files, json_pack("{s:s, s:s, s:s}", "role", file->role, "path", file->path, "sha256", file->sha256));
    }
    json_object_set_new(head, "objectives", objectives);
    json_object_set_new(head, "axes", axes);
    json_object_set_new(head, "where", where);
    json_object_set_new(head, "limits", limits);
    json_object_set_new(head, "inputs", json_pack("{s:o}", "files", files));
    json_object_set_new(head, "combinations", json_integer(points->num_combinations));
    return head;
}

static json_t *metrics_json(const igq_results *results)
{
    json_t *metrics = json_object(), *stalls = json_object();
    for (int r = 0; r < igq_num_results(); r++)
        json_object_set_new(metrics, igq_result_column(r)->metric, number_or_null(results->value[r]));
    for (int cause = IGQ_CAUSE_COMPUTE + 1; cause < IGQ_CAUSE_COUNT; cause++)
        json_object_set_new(stalls, igq_cause_names[cause], number_or_null(results->stall_cycles[cause]));
    json_object_set_new(metrics, "stall_cycles_per_image", stalls);
    return metrics;
}

// Keys of the machine that differ from the base, by path: a point of the front to copy.
static json_t *changes_json(const igq_sweep *sweep, const igq_point *point)
{
    int num_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    json_t *changes = json_object(), *now = igq_keys_to_json(&point->settings.machine, keys, num_keys);
    igq_accelerator base = sweep->base.machine;
    igq_error ignored;
    igq_accelerator_finish(&base, &ignored); // keys that follow from others, as the point has them
    json_t *before = igq_keys_to_json(&base, keys, num_keys);
    for (int k = 0; k < num_keys; k++) {
        char path[IGQ_KEY_PATH_BYTES];
        const json_t *section = keys[k].section != NULL ? json_object_get(before, keys[k].section) : before;
        json_t *value = keys[k].section != NULL ? json_object_get(now, keys[k].section) : now;
        value = json_object_get(value, keys[k].name);
        igq_key_path(path, &keys[k]);
        if (strcmp(path, "name") != 0 && !json_equal(value, json_object_get(section, keys[k].name)))
            json_object_set(changes, path, value);
    }
    json_decref(now);
    json_decref(before);
    return changes;
}

static json_t *point_json(const igq_sweep *sweep, const igq_point *point)
{
    char report[64];
    json_t *axes = json_object();
    for (int a = 0; a < sweep->num_axes; a++)
        json_object_set_new(axes, sweep->axis[a].name,
                            axis_value_json(&sweep->axis[a], igq_point_value(sweep, point, a)));
    snprintf(report, sizeof report, "points/%s/report.json", point->id);
    json_t *json =
        json_pack("{s:s, s:o, s:s}", "id", point->id, "axes", axes, "status", igq_point_status_names[point->status]);
    json_object_set_new(json, "reason", point->reason != NULL ? json_string(point->reason) : json_null());
    json_object_set_new(json, "report", point->has_folder ? json_string(report) : json_null());
    json_object_set_new(json, "metrics", metrics_json(&point->results));
    json_object_set_new(json, "pareto", json_boolean(point->pareto));
    if (point->pareto)
        json_object_set_new(json, "changes", changes_json(sweep, point));
    return json;
}

/// Which points are listed

// Marks, for each figure and each value of an axis, the point that is best.
static void mark_best(unsigned char *listed, const igq_sweep *sweep, const igq_points *points, int result, int axis)
{
    const double sign = igq_result_column(result)->better == IGQ_MORE_IS_BETTER ? -1 : 1;
    int num_values = sweep->axis[axis].num_values, *best = malloc((size_t)num_values * sizeof *best);
    assert(best);
    for (int v = 0; v < num_values; v++)
        best[v] = -1;
    for (int i = 0; i < points->num; i++) {
        const igq_point *point = &points->point[i];
        int *of_value = &best[igq_point_value(sweep, point, axis)];
        double value = sign * point->results.value[result];
        if (point->status == IGQ_POINT_DONE && !isnan(value) &&
            (*of_value < 0 || value < sign * points->point[*of_value].results.value[result]))
            *of_value = i;
    }
    for (int v = 0; v < num_values; v++)
        if (best[v] >= 0)
            listed[best[v]] = 1;
    free(best);
}

#define LISTED_WITHOUT_RESULT 100

// New, (points->num).
static unsigned char *choose_listed(const igq_sweep *sweep, const igq_points *points)
{
    unsigned char *listed = calloc((size_t)points->num, 1);
    int num_without = 0;
    assert(listed);
    for (int i = 0; i < points->num; i++)
        listed[i] = points->num <= IGQ_LISTED_POINTS || points->point[i].pareto ||
                    (points->point[i].status != IGQ_POINT_DONE && num_without++ < LISTED_WITHOUT_RESULT);
    for (int r = 0; points->num > IGQ_LISTED_POINTS && r < igq_num_results(); r++)
        for (int a = 0; a < sweep->num_axes; a++)
            mark_best(listed, sweep, points, r, a);
    return listed;
}

static json_t *counts_json(const igq_points *points)
{
    int num[IGQ_POINT_STATUS_COUNT] = {0}, num_front = 0;
    for (int i = 0; i < points->num; i++) {
        num[points->point[i].status]++;
        num_front += points->point[i].pareto;
    }
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "points", points->num, "done", num[IGQ_POINT_DONE],
                     "failed", num[IGQ_POINT_FAILED], "excluded", num[IGQ_POINT_EXCLUDED], "beaten",
                     num[IGQ_POINT_BEATEN], "open", num[IGQ_POINT_OPEN], "front", num_front);
}

/// How densely the points lie

enum { DENSITY_COLUMNS = 120, DENSITY_ROWS = 80 };

static void range_of(double range[2], const igq_points *points, igq_result result)
{
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (int i = 0; i < points->num; i++) {
        double value = points->point[i].results.value[result];
        if (points->point[i].status == IGQ_POINT_DONE && isfinite(value)) {
            range[0] = fmin(range[0], value);
            range[1] = fmax(range[1], value);
        }
    }
}

static int bin_of(double value, const double range[2], int num_bins)
{
    int bin = range[1] > range[0] ? (int)(num_bins * ((value - range[0]) / (range[1] - range[0]))) : 0;
    return bin < num_bins ? bin : num_bins - 1;
}

// Points with both figures, counted in cells of equal size: [column, row, count].
static json_t *density_of(const igq_points *points, igq_result x, igq_result y)
{
    double across[2], up[2];
    int *count = calloc((size_t)DENSITY_COLUMNS * DENSITY_ROWS, sizeof *count);
    json_t *cells = json_array();
    assert(count);
    range_of(across, points, x);
    range_of(up, points, y);
    for (int i = 0; i < points->num; i++) {
        const double *value = points->point[i].results.value;
        if (points->point[i].status == IGQ_POINT_DONE && isfinite(value[x]) && isfinite(value[y]))
            count[bin_of(value[y], up, DENSITY_ROWS) * DENSITY_COLUMNS + bin_of(value[x], across, DENSITY_COLUMNS)]++;
    }
    for (int cell = 0; cell < DENSITY_COLUMNS * DENSITY_ROWS; cell++)
        if (count[cell] > 0)
            json_array_append_new(cells,
                                  json_pack("[i, i, i]", cell % DENSITY_COLUMNS, cell / DENSITY_COLUMNS, count[cell]));
    free(count);
    return json_pack("{s:s, s:s, s:[f, f], s:[f, f], s:i, s:i, s:o}", "x", igq_result_column(x)->metric, "y",
                     igq_result_column(y)->metric, "x_range", across[0], across[1], "y_range", up[0], up[1], "columns",
                     DENSITY_COLUMNS, "rows", DENSITY_ROWS, "cells", cells);
}

// Of every pair of objectives.
static json_t *densities_json(const igq_sweep *sweep, const igq_points *points)
{
    json_t *densities = json_array();
    for (int x = 0; x < sweep->num_objectives; x++)
        for (int y = x + 1; y < sweep->num_objectives; y++)
            json_array_append_new(densities, density_of(points, sweep->objective[x], sweep->objective[y]));
    return densities;
}

json_t *igq_sweep_json(const igq_sweep *sweep, const igq_sweep_inputs *inputs, const igq_points *points)
{
    unsigned char *listed = choose_listed(sweep, points);
    json_t *list = json_array(), *json = json_object(), *head = head_json(sweep, inputs, points);
    for (int i = 0; i < points->num; i++)
        if (listed[i])
            json_array_append_new(list, point_json(sweep, &points->point[i]));
    free(listed);
    json_object_set_new(head, "counts", counts_json(points));
    if (sweep->searches)
        json_object_set_new(head, "search",
                            json_pack("{s:o, s:b}", "budget",
                                      sweep->search_budget > 0 ? json_integer(sweep->search_budget) : json_null(),
                                      "proved", points->is_proved));
    if (points->num > IGQ_LISTED_POINTS)
        json_object_set_new(head, "densities", densities_json(sweep, points));
    json_object_set_new(json, "igqsim", json_pack("{s:s}", "version", IGQSIM_VERSION));
    json_object_set_new(json, "sweep", head);
    json_object_set_new(json, "points", list);
    return json;
}

igq_status igq_sweep_write(const char *dir, const json_t *json, igq_error *error)
{
    char path[4096], *text = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    assert(text);
    size_t size = strlen(text);
    text[size++] = '\n'; // in place of the terminator: igq_file_write takes a size
    snprintf(path, sizeof path, "%s/sweep.json", dir);
    igq_status status = igq_file_write(path, text, size, error);
    free(text);
    return status;
}

// Columns as wide as what stands in them.
static int axis_width(const igq_axis *axis)
{
    size_t width = strlen(axis->name);
    for (int i = 0; i < axis->num_values; i++)
        width = strlen(axis->label[i]) > width ? strlen(axis->label[i]) : width;
    return (int)width;
}

static void print_point(const igq_sweep *sweep, const igq_point *point)
{
    printf("  %s", point->id);
    for (int i = 0; i < sweep->num_objectives; i++) {
        double value = point->results.value[sweep->objective[i]];
        char digits[32];
        if (value >= 1000 && value < 1e18)
            printf("  %20s", igq_grouped_digits(digits, (uint64_t)llround(value)));
        else
            printf("  %20.5g", value);
    }
    for (int a = 0; a < sweep->num_axes; a++)
        printf("  %*s", axis_width(&sweep->axis[a]), sweep->axis[a].label[igq_point_value(sweep, point, a)]);
    putchar('\n');
}

static void print_head(const igq_sweep *sweep, const char *title)
{
    printf("\n%s\n  %-16s", title, "point");
    for (int i = 0; i < sweep->num_objectives; i++)
        printf("  %20s", igq_result_column(sweep->objective[i])->metric);
    for (int a = 0; a < sweep->num_axes; a++)
        printf("  %*s", axis_width(&sweep->axis[a]), sweep->axis[a].name);
    putchar('\n');
}

static const igq_point *best_of(const igq_points *points, igq_result objective)
{
    const igq_point *best = NULL;
    double sign = (igq_result_column(objective)->better == IGQ_MORE_IS_BETTER) ? -1 : 1;
    for (int i = 0; i < points->num; i++) {
        const igq_point *point = &points->point[i];
        double value = sign * point->results.value[objective];
        if (point->status == IGQ_POINT_DONE && !isnan(value) &&
            (best == NULL || value < sign * best->results.value[objective]))
            best = point;
    }
    return best;
}

#define MAX_PRINTED 20

static void print_front(const igq_sweep *sweep, const igq_points *points)
{
    char title[64];
    int num = 0, printed = 0;
    for (int i = 0; i < points->num; i++)
        num += points->point[i].pareto;
    snprintf(title, sizeof title, "Pareto front: %d point%s", num, num == 1 ? "" : "s");
    print_head(sweep, title);
    for (int i = 0; i < points->num && printed < MAX_PRINTED; i++)
        if (points->point[i].pareto) {
            print_point(sweep, &points->point[i]);
            printed++;
        }
    if (num > printed)
        printf("  and %d more, in points.csv\n", num - printed);
}

static void print_failures(const igq_points *points)
{
    int printed = 0;
    for (int i = 0; i < points->num; i++)
        if (points->point[i].status == IGQ_POINT_FAILED && printed++ < 3)
            printf("  failed %s: %s\n", points->point[i].id, points->point[i].reason);
}

void igq_sweep_print(const igq_sweep *sweep, const igq_points *points)
{
    int num[IGQ_POINT_STATUS_COUNT] = {0}, num_machines = 0;
    for (int i = 0; i < points->num; i++) {
        num[points->point[i].status]++;
        num_machines += points->point[i].is_simulated && points->point[i].first == i;
    }
    printf("%s: %d points on %d machines", sweep->name, num[IGQ_POINT_DONE] + num[IGQ_POINT_EXCLUDED], num_machines);
    if (points->num < points->num_combinations)
        printf(", %d of %d combinations left out by where", points->num_combinations - points->num,
               points->num_combinations);
    printf("\n  done %d, excluded by limits %d, failed %d\n", num[IGQ_POINT_DONE], num[IGQ_POINT_EXCLUDED],
           num[IGQ_POINT_FAILED]);
    if (sweep->searches)
        printf("  search: beaten without a simulation %d, left open %d: the front is %s\n", num[IGQ_POINT_BEATEN],
               num[IGQ_POINT_OPEN], points->is_proved ? "exact" : "the best found");
    print_failures(points);
    if (num[IGQ_POINT_DONE] == 0)
        return;
    print_head(sweep, "Best of each objective");
    for (int i = 0; i < sweep->num_objectives; i++) {
        const igq_point *best = best_of(points, sweep->objective[i]);
        if (best != NULL)
            print_point(sweep, best);
    }
    print_front(sweep, points);
}
