// SPDX-License-Identifier: Apache-2.0
#include "points.h"
#include "accelerator_file.h"
#include "area.h"
#include "energy.h"
#include "file.h"
#include "sweep_names.h"
#include "technology_file.h"
#include "units.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const igq_point_status_names[IGQ_POINT_STATUS_COUNT] = {
    [IGQ_POINT_OPEN] = "open",         [IGQ_POINT_DONE] = "done",     [IGQ_POINT_FAILED] = "failed",
    [IGQ_POINT_EXCLUDED] = "excluded", [IGQ_POINT_BEATEN] = "beaten",
};

int igq_point_value(const igq_sweep *sweep, const igq_point *point, int axis)
{
    int rest = point->combination;
    for (int a = sweep->num_axes - 1; a > axis; a--)
        rest /= sweep->axis[a].num_values;
    return rest % sweep->axis[axis].num_values;
}

void igq_point_end(igq_point *point, igq_point_status status, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    free(point->reason);
    point->status = status;
    point->reason = strdup(text);
}

// The names' numbers for a point: the base machine, its values on the axes, then the formulas.
static void fill_names(const igq_sweep *sweep, const igq_point *point)
{
    double *value = sweep->names.value;
    igq_sweep_names_from(sweep, &sweep->base);
    for (int a = 0; a < sweep->num_axes; a++) {
        const igq_axis *axis = &sweep->axis[a];
        const double *row = &axis->value[igq_point_value(sweep, point, a) * axis->num_keys];
        for (int k = 0; k < axis->num_keys; k++)
            value[axis->key[k]] = row[k];
    }
    for (int i = 0; i < sweep->set.num; i++)
        value[sweep->set.item[i].key] = igq_expression_value(sweep->set.item[i].expression);
    igq_sweep_names_derive(sweep);
    value[sweep->peak_macs] =
        value[igq_sweep_name(sweep, "mac_array.num_arrays")] * value[igq_sweep_name(sweep, "mac_array.lanes")] *
        value[igq_sweep_name(sweep, "mac_array.vector_length")] * value[igq_sweep_name(sweep, "mac_array.token_rows")];
}

// 0 and "no value" do not hold.
static int holds(const igq_formula *condition)
{
    double value = igq_expression_value(condition->expression);
    return isfinite(value) && value != 0;
}

// The first condition that does not hold; -1 if all do.
static int broken_condition(const igq_formulas *conditions)
{
    for (int i = 0; i < conditions->num; i++)
        if (!holds(&conditions->item[i]))
            return i;
    return -1;
}

static int limit_is_known(const igq_sweep *sweep, const igq_formula *limit, const igq_point *point)
{
    for (int r = 0; r < igq_num_results(); r++)
        if (igq_expression_uses(limit->expression, sweep->first_result + r) && isnan(point->results.value[r]))
            return 0;
    return 1;
}

void igq_point_check_limits(igq_point *point, const igq_sweep *sweep)
{
    if (sweep->limits.num == 0)
        return;
    fill_names(sweep, point);
    memcpy(sweep->names.value + sweep->first_result, point->results.value,
           (size_t)igq_num_results() * sizeof *point->results.value);
    for (int i = 0; i < sweep->limits.num; i++) {
        const igq_formula *limit = &sweep->limits.item[i];
        if (!limit_is_known(sweep, limit, point)) {
            if (point->is_simulated)
                igq_point_end(point, IGQ_POINT_EXCLUDED, "limit %s: the result is not known", limit->text);
        } else if (!holds(limit)) {
            char values[256] = "";
            for (int n = 0, used = 0; n < sweep->names.num && used < (int)sizeof values; n++)
                if (igq_expression_uses(limit->expression, n) && (n < sweep->first_choice || n >= sweep->peak_macs))
                    used += snprintf(values + used, sizeof values - (size_t)used, "%s%s is %.10g", used ? ", " : "",
                                     sweep->names.name[n], sweep->names.value[n]);
            igq_point_end(point, IGQ_POINT_EXCLUDED, "limit %s: %s", limit->text, values);
        }
        if (point->status == IGQ_POINT_EXCLUDED)
            return;
    }
}

// The area needs no simulation.
static void set_area(igq_point *point, const igq_sweep *sweep)
{
    igq_units units;
    igq_error ignored;
    double component_um2[IGQ_MAX_COMPONENTS + 1], sum = 0;
    igq_units_of(&units, &point->settings.machine);
    if (sweep->technology_path == NULL ||
        igq_technology_covers(&sweep->technology, sweep->technology_path, &units, &ignored) != IGQ_OK)
        return;
    igq_area_of(component_um2, &units, &sweep->technology);
    for (int i = 0; i < igq_num_entries(&sweep->technology); i++)
        sum += component_um2[i];
    point->results.value[igq_result_of(IGQ_COLUMN_AREA_UM2)] = sum;
}

static void hash_id(char id[IGQ_POINT_ID_BYTES], const char *text, size_t size)
{
    char hex[65];
    igq_sha256_bytes(hex, text, size);
    snprintf(id, IGQ_POINT_ID_BYTES, "%.16s", hex);
}

// Index of a setting, which is added if it is new; -1 when memory is short.
static int calibration_of(igq_points *points, const igq_sweep *sweep, const igq_settings *settings,
                          const char *identity)
{
    char id[IGQ_POINT_ID_BYTES], *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return -1;
    fprintf(out, "%s\ncalibrate distance=%d", identity, (int)settings->calibrate.distance);
    if (settings->calibrate.group_capacity_pct > 0)
        fprintf(out, " capacity=%d,%d", settings->calibrate.group_capacity_pct, settings->calibrate.capacity_multiple);
    for (int i = 0; i < sweep->num_keys; i++)
        if (igq_sweep_is_calibrate_key(sweep, i))
            fprintf(out, " %s=%.17g", sweep->keys[i].name, igq_key_number(settings, &sweep->keys[i]));
    if (fclose(out) != 0) {
        free(text);
        return -1;
    }
    hash_id(id, text, size);
    free(text);
    for (int i = 0; i < points->num_calibrations; i++)
        if (strcmp(points->calibration[i].id, id) == 0)
            return i;
    igq_calibration_setting *grown =
        realloc(points->calibration, (size_t)(points->num_calibrations + 1) * sizeof *grown);
    if (grown == NULL)
        return -1;
    points->calibration = grown;
    grown[points->num_calibrations].cfg = settings->calibrate;
    memcpy(grown[points->num_calibrations].id, id, sizeof id);
    return points->num_calibrations++;
}

// The id, then a name of its own.
static igq_status identify(igq_point *point, igq_points *points, const igq_sweep *sweep, const char *identity,
                           igq_error *error)
{
    igq_accelerator *machine = &point->settings.machine;
    int num_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return igq_out_of_memory(error);
    snprintf(machine->name, sizeof machine->name, "%.*s", IGQ_NAME_BYTES - 1, sweep->name);
    fprintf(out, "%s\n", identity);
    if (point->calibration >= 0)
        fprintf(out, "calibration %s\n", points->calibration[point->calibration].id);
    igq_keys_write(out, machine, keys, num_keys);
    if (fclose(out) != 0) {
        free(text);
        return igq_out_of_memory(error);
    }
    hash_id(point->id, text, size);
    free(text);
    snprintf(machine->name, sizeof machine->name, "%.*s-%s", IGQ_NAME_BYTES - 1 - IGQ_POINT_ID_BYTES, sweep->name,
             point->id);
    return IGQ_OK;
}

// Points without a machine have failed already; they get an id of their combination.
static igq_status resolve(igq_point *point, igq_points *points, const igq_sweep *sweep, const char *identity,
                          igq_error *error)
{
    igq_error fault;
    point->settings = sweep->base;
    point->calibration = -1;
    igq_results_init(&point->results);
    if (igq_sweep_names_to(&point->settings, sweep, &fault) != IGQ_OK ||
        igq_accelerator_finish(&point->settings.machine, &fault) != IGQ_OK) {
        char text[64];
        igq_point_end(point, IGQ_POINT_FAILED, "%s", fault.message);
        hash_id(point->id, text, (size_t)snprintf(text, sizeof text, "combination %d", point->combination));
        return IGQ_OK;
    }
    if (sweep->calibrates) {
        const igq_scheme_cfg *scheme = &point->settings.machine.scheme;
        point->settings.calibrate.distance = scheme->distance;
        point->settings.calibrate.group_capacity_pct = scheme->group_capacity_pct;
        point->settings.calibrate.capacity_multiple = igq_scheme_capacity_multiple(scheme);
        point->calibration = calibration_of(points, sweep, &point->settings, identity);
        if (point->calibration < 0)
            return igq_out_of_memory(error);
    }
    igq_status status = identify(point, points, sweep, identity, error);
    set_area(point, sweep);
    igq_point_check_limits(point, sweep);
    return status;
}

static int compare_ids(const void *a, const void *b)
{
    const igq_point *x = *(const igq_point *const *)a, *y = *(const igq_point *const *)b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x > y) - (x < y);
}

static igq_status find_twins(igq_points *points, igq_error *error)
{
    igq_point **sorted = points->by_id = calloc((size_t)points->num, sizeof *sorted);
    if (sorted == NULL)
        return igq_out_of_memory(error);
    for (int i = 0; i < points->num; i++)
        sorted[i] = &points->point[i];
    qsort(sorted, (size_t)points->num, sizeof *sorted, compare_ids);
    for (int i = 0; i < points->num; i++) {
        int twin = i > 0 && strcmp(sorted[i]->id, sorted[i - 1]->id) == 0;
        sorted[i]->first = twin ? sorted[i - 1]->first : (int)(sorted[i] - points->point);
    }
    return IGQ_OK;
}

static int compare_id(const void *id, const void *point)
{
    return strcmp(id, (*(const igq_point *const *)point)->id);
}

igq_point *igq_point_of(const igq_points *points, const char *id)
{
    igq_point **found = bsearch(id, points->by_id, (size_t)points->num, sizeof *points->by_id, compare_id);
    return found != NULL ? &points->point[(*found)->first] : NULL;
}

static igq_status refuse_empty(const igq_sweep *sweep, int num_combinations, const int *refused, igq_error *error)
{
    char counts[1024] = "";
    for (int i = 0, used = 0; i < sweep->where.num && used < (int)sizeof counts; i++)
        used += snprintf(counts + used, sizeof counts - (size_t)used, "%s%d fail \"%.120s\"", i > 0 ? ", " : "",
                         refused[i], sweep->where.item[i].text);
    return igq_fail(error, "%s: where: none of the %d combinations is left: %s; allowed: conditions that some meet",
                    sweep->path, num_combinations, counts);
}

igq_status igq_points_new(igq_points *points, const igq_sweep *sweep, const char *identity, igq_error *error)
{
    double num_combinations = 1;
    *points = (igq_points){0};
    for (int a = 0; a < sweep->num_axes; a++)
        num_combinations *= sweep->axis[a].num_values;
    if (num_combinations > IGQ_MAX_SWEEP_POINTS)
        return igq_fail(error, "%s: axes: %.10g combinations; allowed: up to %d", sweep->path, num_combinations,
                        IGQ_MAX_SWEEP_POINTS);
    points->num_combinations = (int)num_combinations;
    int *refused = calloc((size_t)sweep->where.num + 1, sizeof *refused), room = 0;
    igq_status status = refused != NULL ? IGQ_OK : igq_out_of_memory(error);
    for (int c = 0; status == IGQ_OK && c < points->num_combinations; c++) {
        igq_point point = {.combination = c};
        fill_names(sweep, &point);
        int broken = broken_condition(&sweep->where);
        if (broken >= 0) {
            refused[broken]++;
            continue;
        }
        if (points->num == room) {
            room = room > 0 ? 2 * room : 256;
            igq_point *grown = realloc(points->point, (size_t)room * sizeof *grown);
            if (grown == NULL) {
                status = igq_out_of_memory(error);
                break;
            }
            points->point = grown;
        }
        status = resolve(&point, points, sweep, identity, error);
        points->point[points->num++] = point;
    }
    if (status == IGQ_OK && points->num == 0)
        status = refuse_empty(sweep, points->num_combinations, refused, error);
    free(refused);
    return status == IGQ_OK ? find_twins(points, error) : status;
}

void igq_points_free(igq_points *points)
{
    for (int i = 0; i < points->num; i++)
        free(points->point[i].reason);
    free(points->by_id);
    free(points->point);
    free(points->calibration);
}
