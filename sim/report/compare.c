// SPDX-License-Identifier: Apache-2.0
// compare.c - one table of several report.json files, a column each.
#include "comparison.h"
#include "file.h"
#include "html.h"
#include "json_file.h"
#include "references.h"
#include "report.h"
#include "report_read.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Layers are matched by name.
static igq_status check_layers(const json_t *report, const char *path, igq_error *error)
{
    const json_t *layers = json_object_get(report, "layers"), *layer;
    size_t k;
    if (layers && !json_is_array(layers))
        return igq_fail(error, "%s: layers: no list; allowed: as igqsim run writes it", path);
    json_array_foreach(layers, k, layer)
    {
        uint64_t ignored;
        char place[4200];
        snprintf(place, sizeof place, "%s: layers[%zu].", path, k);
        if (!json_is_string(json_object_get(layer, "name")))
            return igq_fail(error, "%sname: no text; allowed: as igqsim run writes it", place);
        if (igq_report_whole(&ignored, layer, place, "cycles", 0, INT64_MAX, error) != IGQ_OK)
            return IGQ_USER_ERROR;
    }
    return IGQ_OK;
}

static igq_status load(json_t **report, igq_results *results, const char *path, igq_error *error)
{
    *report = NULL;
    igq_status status = igq_json_read(report, path, "a report.json written by igqsim run", error);
    if (status != IGQ_OK)
        return status;
    if (!json_is_object(json_object_get(*report, "totals")) ||
        !json_is_string(json_object_get(json_object_get(*report, "accelerator"), "name")))
        return igq_fail(
            error, "%s: no totals or no accelerator name in it; allowed: a report.json written by igqsim run", path);
    igq_error inner;
    if (igq_results_read(results, *report, &inner) != IGQ_OK)
        return igq_fail(error, "%s: %.1900s", path, inner.message);
    return check_layers(*report, path, error);
}

static void cell(double value, double factor, int decimals)
{
    if (isfinite(value))
        printf(" %18.*f", decimals, value * factor);
    else
        printf(" %18s", "-");
}

// Of an image where it is a sum over images. NAN: unknown.
static double figure(const json_t *report, const json_t *object, const char *key, int is_sum)
{
    const json_t *value = json_object_get(object, key);
    double images = json_number_value(json_object_get(json_object_get(report, "totals"), "images"));
    return json_is_number(value) ? json_number_value(value) / (is_sum ? images : 1) : NAN;
}

static double value_of(const json_t *report, igq_column_id id)
{
    const igq_column *column = &igq_columns[id];
    const json_t *place = json_object_get(report, column->places & IGQ_IN_ACCURACY ? "accuracy" : "totals");
    return figure(report, place, column->key, igq_is_per_image(column));
}

static int any_has(json_t *const *reports, int num, igq_column_id id)
{
    for (int i = 0; i < num; i++)
        if (isfinite(value_of(reports[i], id)))
            return 1;
    return 0;
}

enum { LABEL_WIDTH = 28 };

static void row(json_t *const *reports, int num, igq_column_id id)
{
    char label[IGQ_LABEL_BYTES];
    printf("%-*s", LABEL_WIDTH, igq_column_label(label, id));
    for (int i = 0; i < num; i++)
        cell(value_of(reports[i], id), igq_columns[id].unit->scale, igq_columns[id].unit->decimals);
    putchar('\n');
}

static void relative_row(json_t *const *reports, int num, igq_column_id id)
{
    printf("%-*s", LABEL_WIDTH, "  relative to the first");
    for (int i = 0; i < num; i++)
        cell(value_of(reports[i], id) / value_of(reports[0], id), 1, 3);
    putchar('\n');
}

static void stall_rows(json_t *const *reports, int num)
{
    const char *cause, *key = igq_columns[IGQ_COLUMN_STALL_CYCLES].key;
    json_t *ignored;
    printf("%s by cause\n", igq_columns[IGQ_COLUMN_STALL_CYCLES].name);
    json_object_foreach(json_object_get(json_object_get(reports[0], "totals"), key), cause, ignored)
    {
        printf("  %-*s", LABEL_WIDTH - 2, cause);
        for (int i = 0; i < num; i++)
            cell(figure(reports[i], json_object_get(json_object_get(reports[i], "totals"), key), cause, 1), 1, 0);
        putchar('\n');
    }
}

static int is_baseline(const json_t *report)
{
    const char *scheme = json_string_value(json_object_get(json_object_get(report, "accelerator"), "scheme"));
    int is_one = 0;
    for (int i = 0; scheme && i < IGQ_SCHEME_COUNT; i++)
        is_one |= strcmp(scheme, igq_scheme_names[i]) == 0 && igq_scheme_is_reference((igq_scheme)i);
    return is_one;
}

// What each machine costs more than a baseline, in per cent.
static void overhead_rows(json_t *const *reports, int num, int baseline)
{
    static const igq_column_id costs[] = {IGQ_COLUMN_CYCLES, IGQ_COLUMN_ENERGY_PJ, IGQ_COLUMN_AREA_UM2};
    printf("overhead over %s, %%\n",
           json_string_value(json_object_get(json_object_get(reports[baseline], "accelerator"), "name")));
    for (size_t c = 0; c < sizeof costs / sizeof *costs; c++) {
        double reference = value_of(reports[baseline], costs[c]);
        if (!isfinite(reference))
            continue;
        printf("  %-*s", LABEL_WIDTH - 2, igq_columns[costs[c]].name);
        for (int i = 0; i < num; i++) {
            double value = value_of(reports[i], costs[c]);
            if (i != baseline && isfinite(value))
                printf(" %+18.1f", 100 * (value / reference - 1));
            else
                printf(" %18s", "-");
        }
        putchar('\n');
    }
}

static void warn_if_unequal(json_t *const *reports, int num, const char *group, const char *key, const char *what)
{
    const json_t *first = json_object_get(json_object_get(reports[0], group), key);
    for (int i = 1; i < num; i++) {
        const json_t *other = json_object_get(json_object_get(reports[i], group), key);
        if (first != other && !json_equal(first, other)) { // neither has it: fine
            printf("\nNote: the runs differ in %s: read across with care.\n", what);
            return;
        }
    }
}

static int any_of_several_images(json_t *const *reports, int num)
{
    for (int i = 0; i < num; i++)
        if (value_of(reports[i], IGQ_COLUMN_IMAGES) > 1)
            return 1;
    return 0;
}

// Figures that a run knows, in the order of columns.c; those that no run knows have no row.
static void figure_rows(json_t *const *reports, int num)
{
    for (int i = 0; i < IGQ_COLUMN_COUNT; i++) {
        igq_column_id id = (igq_column_id)i;
        if (!(igq_columns[id].places & (IGQ_IN_TABLE | IGQ_IN_RESULTS)))
            continue;
        if (id == IGQ_COLUMN_STALL_CYCLES)
            stall_rows(reports, num);
        else if (any_has(reports, num, id))
            row(reports, num, id);
        if (id == IGQ_COLUMN_CYCLES)
            relative_row(reports, num, id);
    }
}

static void print_table(json_t *const *reports, int num)
{
    printf("%-*s", LABEL_WIDTH, "");
    for (int i = 0; i < num; i++)
        printf(" %18.18s", json_string_value(json_object_get(json_object_get(reports[i], "accelerator"), "name")));
    putchar('\n');
    if (any_of_several_images(reports, num)) {
        row(reports, num, IGQ_COLUMN_IMAGES);
        printf("of an image\n");
    }
    figure_rows(reports, num);
    for (int i = 0; i < num; i++)
        if (is_baseline(reports[i]))
            overhead_rows(reports, num, i);
}

static void warn_of_differences(json_t *const *reports, int num)
{
    warn_if_unequal(reports, num, "workload", "name", "workload");
    warn_if_unequal(reports, num, "totals", "images", "number of images");
    warn_if_unequal(reports, num, "totals", "peak_macs_per_cycle", "peak MACs per cycle");
    warn_if_unequal(reports, num, "technology", "name", "technology");
}

static igq_status write_comparison(const char *dir, const json_t *comparison, igq_error *error)
{
    char path[4096], *text = json_dumps(comparison, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    assert(text);
    size_t size = strlen(text);
    text[size++] = '\n'; // in place of the terminator: igq_file_write takes a size
    snprintf(path, sizeof path, "%s/compare.json", dir);
    igq_status status = igq_file_write(path, text, size, error);
    free(text);
    if (status == IGQ_OK) {
        json_t *columns = igq_columns_json();
        status = igq_html_compare(dir, comparison, columns, error);
        json_decref(columns);
    }
    if (status == IGQ_OK)
        printf("\nWritten: %s/report.html (opens in a browser), %s/compare.json\n", dir, dir);
    return status;
}

igq_status igq_compare(const char *const *paths, int num_paths, const char *dir, igq_error *error)
{
    json_t **reports = calloc((size_t)num_paths, sizeof *reports);
    igq_results *results = calloc((size_t)num_paths, sizeof *results);
    igq_status status = reports && results ? IGQ_OK : igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < num_paths; i++)
        status = load(&reports[i], &results[i], paths[i], error);
    if (status == IGQ_OK) {
        json_t *comparison = igq_comparison(reports, results, paths, num_paths);
        print_table(reports, num_paths);
        igq_comparison_print(comparison);
        warn_of_differences(reports, num_paths);
        if (dir)
            status = write_comparison(dir, comparison, error);
        json_decref(comparison);
    }
    for (int i = 0; reports && i < num_paths; i++)
        json_decref(reports[i]);
    free(reports);
    free(results);
    return status;
}
