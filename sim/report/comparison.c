// SPDX-License-Identifier: Apache-2.0
#include "comparison.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct runs {
    json_t *const *report;
    const igq_results *results;
    size_t num;
} runs;

static json_t *at(const json_t *object, const char *key)
{
    return json_object_get(object, key);
}

static json_t *copied(const json_t *value)
{
    return value ? json_deep_copy(value) : json_null();
}

/// Names ///

// The machine's name; with the folder of the report where another run has the same.
static json_t *name_of(const runs *all, const char *const *paths, size_t i)
{
    const char *name = json_string_value(at(at(all->report[i], "accelerator"), "name"));
    for (size_t other = 0; other < all->num; other++)
        if (other != i && strcmp(name, json_string_value(at(at(all->report[other], "accelerator"), "name"))) == 0) {
            const char *slash = strrchr(paths[i], '/');
            int length = slash ? (int)(slash - paths[i]) : (int)strlen(paths[i]);
            int begin = length;
            while (begin > 0 && paths[i][begin - 1] != '/')
                begin--;
            return json_sprintf("%s (%.*s)", name, length - begin, paths[i] + begin);
        }
    return json_string(name);
}

static json_t *runs_json(const runs *all, const char *const *paths)
{
    json_t *list = json_array();
    for (size_t i = 0; i < all->num; i++)
        json_array_append_new(list,
                              json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "name", name_of(all, paths, i), "path",
                                        paths[i], "workload", copied(at(at(all->report[i], "workload"), "name")),
                                        "mode", copied(at(at(all->report[i], "inputs"), "mode")), "technology",
                                        copied(at(at(all->report[i], "technology"), "name")), "images",
                                        copied(at(at(all->report[i], "totals"), "images")), "version",
                                        copied(at(at(all->report[i], "igqsim"), "version"))));
    return list;
}

/// What was different ///

// Every leaf of a nested object under its path: mac_array.lanes.
static void flatten(json_t *flat, const char *path, const json_t *value)
{
    const char *key;
    json_t *inner;
    if (!json_is_object(value)) {
        json_object_set(flat, path, (json_t *)value);
        return;
    }
    json_object_foreach((json_t *)value, key, inner)
    {
        char longer[512];
        snprintf(longer, sizeof longer, "%s.%s", path, key);
        flatten(flat, longer, inner);
    }
}

// Files whose content the report does not repeat: what was read in this role, by SHA-256 and by path.
static void flatten_files(json_t *flat, json_t *paths, const json_t *files)
{
    json_t *file;
    size_t i;
    json_array_foreach(files, i, file)
    {
        const char *role = json_string_value(at(file, "role"));
        char key[128];
        if (!role || strcmp(role, "accelerator") == 0 || strcmp(role, "workload") == 0)
            continue;
        snprintf(key, sizeof key, "inputs.%s", role);
        const char *before = json_string_value(at(flat, key)), *before_paths = json_string_value(at(paths, key));
        json_t *hashes = json_sprintf("%s%s", before ? before : "", json_string_value(at(file, "sha256")));
        json_t *names = json_sprintf("%s%s%s", before_paths ? before_paths : "", before_paths ? ", " : "",
                                     json_string_value(at(file, "path")));
        json_object_set_new(flat, key, hashes);
        json_object_set_new(paths, key, names);
    }
}

typedef struct settings {
    json_t *flat, *paths; // files are compared by hash in flat and shown by the path in paths
} settings;

static settings settings_of(const json_t *report)
{
    settings result = {json_object(), json_object()};
    const json_t *inputs = at(report, "inputs");
    flatten(result.flat, "igqsim", at(report, "igqsim"));
    flatten(result.flat, "inputs.mode", at(inputs, "mode"));
    flatten_files(result.flat, result.paths, at(inputs, "files"));
    flatten(result.flat, "accelerator", at(report, "accelerator"));
    flatten(result.flat, "workload", at(report, "workload"));
    return result;
}

static int all_equal(const settings *of, size_t num, const char *key)
{
    const json_t *first = at(of[0].flat, key);
    for (size_t i = 1; i < num; i++) {
        const json_t *other = at(of[i].flat, key);
        if (first != other && (!first || !other || !json_equal(first, other)))
            return 0;
    }
    return 1;
}

static json_t *values_of(const settings *of, size_t num, const char *key)
{
    json_t *values = json_array();
    for (size_t i = 0; i < num; i++) {
        const json_t *path = at(of[i].paths, key);
        json_array_append_new(values, copied(path ? path : at(of[i].flat, key)));
    }
    return values;
}

// Keys in the order of the first run, then those that only later ones have.
static json_t *differences_json(const runs *all)
{
    json_t *list = json_array(), *seen = json_object(), *value;
    const char *key;
    settings *of = calloc(all->num, sizeof *of);
    for (size_t i = 0; of && i < all->num; i++)
        of[i] = settings_of(all->report[i]);
    for (size_t i = 0; of && i < all->num; i++)
        json_object_foreach(of[i].flat, key, value)
        {
            if (at(seen, key))
                continue;
            json_object_set(seen, key, json_true());
            if (!all_equal(of, all->num, key))
                json_array_append_new(list,
                                      json_pack("{s:s, s:o}", "key", key, "values", values_of(of, all->num, key)));
        }
    for (size_t i = 0; of && i < all->num; i++) {
        json_decref(of[i].flat);
        json_decref(of[i].paths);
    }
    free(of);
    json_decref(seen);
    return list;
}

/// By how much ///

static double images_of(const json_t *report)
{
    return json_number_value(at(at(report, "totals"), "images"));
}

static json_t *divided(const json_t *value, double divisor)
{
    return json_is_number(value) ? json_real(json_number_value(value) / divisor) : json_null();
}

// Against the first run, 1 for the same; null where one of the two is unknown, or the first nothing.
static json_t *relative_to_first(const json_t *values)
{
    json_t *list = json_array(), *value;
    double first = json_number_value(json_array_get(values, 0));
    size_t i;
    json_array_foreach(values, i, value) json_array_append_new(list, first > 0 ? divided(value, first) : json_null());
    return list;
}

static int any_number(const json_t *values)
{
    json_t *value;
    size_t i;
    json_array_foreach(values, i, value) if (json_is_number(value)) return 1;
    return 0;
}

static json_t *metrics_json(const runs *all)
{
    json_t *list = json_array();
    for (int r = 0; r < igq_num_results(); r++) {
        json_t *values = json_array();
        for (size_t i = 0; i < all->num; i++) {
            double value = all->results[i].value[r];
            json_array_append_new(values, isfinite(value) ? json_real(value) : json_null());
        }
        json_t *relative = relative_to_first(values);
        if (any_number(values))
            json_array_append_new(list, json_pack("{s:s, s:O, s:O}", "key", igq_result_column(r)->metric, "values",
                                                  values, "relative", relative));
        json_decref(values);
        json_decref(relative);
    }
    return list;
}

/// Of what the differences are made ///

const igq_traced igq_traced_figures[IGQ_NUM_TRACED] = {
    {IGQ_COLUMN_CYCLES, NULL, "cycles_by_cause"},
    {IGQ_COLUMN_ENERGY_PJ, "energy_pj_by_component", "energy_pj_by_component"},
    {IGQ_COLUMN_AREA_UM2, "area_um2_by_component", "area_um2_by_component"},
};

// Adds entry `name` for run i: parts[name][i] = value. A part that a run does not have stays null.
static void set_part(json_t *parts, const char *name, size_t i, size_t num, json_t *value)
{
    json_t *list = at(parts, name);
    if (!list) {
        json_object_set_new(parts, name, list = json_array());
        for (size_t k = 0; k < num; k++)
            json_array_append_new(list, json_null());
    }
    json_array_set_new(list, i, value);
}

static void set_parts(json_t *parts, const json_t *object, size_t i, const runs *all, double divisor)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) set_part(parts, name, i, all->num, divided(value, divisor));
}

static json_t *causes_json(const runs *all)
{
    json_t *parts = json_object();
    for (size_t i = 0; i < all->num; i++) {
        const json_t *totals = at(all->report[i], "totals");
        set_part(parts, "compute", i, all->num, divided(at(totals, "compute_cycles"), images_of(all->report[i])));
        set_parts(parts, at(totals, "stall_cycles"), i, all, images_of(all->report[i]));
    }
    return parts;
}

static json_t *components_json(const runs *all, const igq_traced *traced)
{
    json_t *parts = json_object();
    int per_image = igq_is_per_image(&igq_columns[traced->column]);
    for (size_t i = 0; i < all->num; i++)
        set_parts(parts, at(at(all->report[i], "totals"), traced->parts), i, all,
                  per_image ? images_of(all->report[i]) : 1);
    return parts;
}

static int larger_difference(const void *a, const void *b)
{
    double x = json_number_value(at(*(json_t *const *)a, "difference"));
    double y = json_number_value(at(*(json_t *const *)b, "difference"));
    x = x < 0 ? -x : x;
    y = y < 0 ? -y : y;
    if (x != y)
        return x < y ? 1 : -1;
    return strcmp(json_string_value(at(*(json_t *const *)a, "name")),
                  json_string_value(at(*(json_t *const *)b, "name")));
}

// Parts of run i minus those of the first, the largest first; those that did not move are left out.
static json_t *contributions(const json_t *parts, size_t i)
{
    json_t *sorted[256], *list = json_array(), *values;
    const char *name;
    size_t num = 0;
    json_object_foreach((json_t *)parts, name, values)
    {
        double difference = json_number_value(json_array_get(values, i)) - json_number_value(json_array_get(values, 0));
        if (difference != 0 && num < sizeof sorted / sizeof *sorted)
            sorted[num++] = json_pack("{s:s, s:f}", "name", name, "difference", difference);
    }
    qsort(sorted, num, sizeof *sorted, larger_difference);
    for (size_t k = 0; k < num; k++)
        json_array_append_new(list, sorted[k]);
    return list;
}

static const json_t *metric_values(const json_t *list, const char *name)
{
    json_t *one;
    size_t m;
    json_array_foreach(list, m, one) if (strcmp(json_string_value(at(one, "key")), name) == 0) return at(one, "values");
    return NULL;
}

static void set_change(json_t *change, const json_t *metric_list, const char *name, const json_t *parts, size_t i)
{
    const json_t *values = metric_values(metric_list, name), *first = json_array_get(values, 0);
    const json_t *value = json_array_get(values, i);
    if (!json_is_number(first) || !json_is_number(value)) {
        json_object_set_new(change, name, json_null());
        return;
    }
    double difference = json_number_value(value) - json_number_value(first);
    json_object_set_new(change, name,
                        json_pack("{s:f, s:o, s:o}", "difference", difference, "relative",
                                  divided(value, json_number_value(first)), "contributions", contributions(parts, i)));
}

static json_t *changes_json(const json_t *comparison, size_t num)
{
    json_t *list = json_array();
    const json_t *list_of_metrics = at(comparison, "metrics");
    for (size_t i = 1; i < num; i++) {
        json_t *change = json_pack("{s:i}", "run", (int)i);
        for (int t = 0; t < IGQ_NUM_TRACED; t++)
            set_change(change, list_of_metrics, igq_columns[igq_traced_figures[t].column].metric,
                       at(comparison, igq_traced_figures[t].key), i);
        json_array_append_new(list, change);
    }
    return list;
}

/// Layers ///

static json_t *find_layer(const json_t *report, const char *name)
{
    json_t *layer;
    size_t k;
    json_array_foreach(at(report, "layers"), k,
                       layer) if (strcmp(json_string_value(at(layer, "name")), name) == 0) return layer;
    return NULL;
}

static json_t *layer_json(const runs *all, const json_t *first)
{
    const char *name = json_string_value(at(first, "name"));
    json_t *cycles = json_array(), *energy = json_array(), *causes = json_object();
    for (size_t i = 0; i < all->num; i++) {
        const json_t *layer = find_layer(all->report[i], name);
        double images = images_of(all->report[i]);
        json_array_append_new(cycles, divided(at(layer, "cycles"), images));
        json_array_append_new(energy, divided(at(layer, "energy_pj"), images));
        set_part(causes, "compute", i, all->num, divided(at(layer, "compute_cycles"), images));
        set_parts(causes, at(layer, "stall_cycles"), i, all, images);
    }
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "name", name, "kind", copied(at(first, "kind")), "cycles", cycles,
                     "energy_pj", energy, "cycles_by_cause", causes);
}

// The layers of the first run; one of the same name in another run is the same layer.
static json_t *layers_json(const runs *all)
{
    json_t *list = json_array(), *layer;
    size_t k;
    json_array_foreach(at(all->report[0], "layers"), k, layer) json_array_append_new(list, layer_json(all, layer));
    return list;
}

json_t *igq_comparison(json_t *const *reports, const igq_results *results, const char *const *paths, int num)
{
    runs all = {reports, results, (size_t)num};
    json_t *comparison = json_pack("{s:{s:s}}", "igqsim", "version", IGQSIM_VERSION);
    json_object_set_new(comparison, "runs", runs_json(&all, paths));
    json_object_set_new(comparison, "differences", differences_json(&all));
    json_object_set_new(comparison, "metrics", metrics_json(&all));
    for (int t = 0; t < IGQ_NUM_TRACED; t++) {
        const igq_traced *traced = &igq_traced_figures[t];
        json_object_set_new(comparison, traced->key, traced->parts ? components_json(&all, traced) : causes_json(&all));
    }
    json_object_set_new(comparison, "changes", changes_json(comparison, all.num));
    json_object_set_new(comparison, "layers", layers_json(&all));
    return comparison;
}
