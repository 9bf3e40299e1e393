// SPDX-License-Identifier: Apache-2.0
#include "energy_report.h"
#include "area.h"
#include "energy.h"
#include "events_json.h"
#include "file.h"
#include "technology_file.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define MAX_ENTRIES (IGQ_MAX_COMPONENTS + 1)

// An area that a source does not give is null, as is a sum that would need it.
static void set_real(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

static json_t *entries_json(const double *value, const igq_technology *technology)
{
    json_t *object = json_object();
    for (int i = 0; i < igq_num_entries(technology); i++)
        set_real(object, igq_entry_name(technology, i), value[i]);
    return object;
}

static double sum_of(const double *value, int num)
{
    double sum = 0;
    for (int i = 0; i < num; i++)
        sum += value[i];
    return sum;
}

static double instance_aware_sum(const double *value, const igq_technology *technology)
{
    double sum = 0;
    for (int i = 0; i < technology->num_components; i++)
        sum += technology->component[i].instance_aware ? value[i] : 0;
    return sum;
}

// The technology takes the place of one that the report was made with before.
static igq_status set_input_file(json_t *report, const char *path, igq_error *error)
{
    json_t *files = json_object_get(json_object_get(report, "inputs"), "files"), *file;
    char sha256[65];
    size_t i;
    igq_status status = igq_sha256_file(sha256, path, error);
    if (status != IGQ_OK)
        return status;
    json_t *entry = json_pack("{s:s, s:s, s:s}", "role", "technology", "path", path, "sha256", sha256);
    json_array_foreach(files, i, file)
    {
        const char *role = json_string_value(json_object_get(file, "role"));
        if (role && strcmp(role, "technology") == 0) {
            json_array_set_new(files, i, entry);
            return IGQ_OK;
        }
    }
    json_array_append_new(files, entry);
    return IGQ_OK;
}

static int clock_mhz_of(const json_t *report)
{
    return (int)json_integer_value(json_object_get(json_object_get(report, "accelerator"), "clock_mhz"));
}

static igq_status set_layers(double by_component[MAX_ENTRIES], igq_events *sum, json_t *report, const igq_units *units,
                             const igq_technology *technology, igq_error *error)
{
    int clock_mhz = clock_mhz_of(report);
    json_t *layers = json_object_get(report, "layers"), *layer;
    size_t k;
    json_array_foreach(layers, k, layer)
    {
        igq_events events;
        double component_pj[MAX_ENTRIES];
        if (clock_mhz <= 0 || !igq_events_from_json(&events, json_object_get(layer, "events")))
            return igq_fail(error,
                            "layers[%zu]: no events; allowed: a report.json written by this version of igqsim run", k);
        igq_events_add(sum, &events);
        igq_energy_of(component_pj, &events, units, technology, clock_mhz);
        for (int i = 0; i < igq_num_entries(technology); i++)
            by_component[i] += component_pj[i];
        set_real(layer, "energy_pj", sum_of(component_pj, igq_num_entries(technology)));
        json_object_set_new(layer, "energy_pj_by_component", entries_json(component_pj, technology));
    }
    return IGQ_OK;
}

static void set_totals(json_t *report, const double *component_pj, const igq_units *units,
                       const igq_technology *technology)
{
    json_t *totals = json_object_get(report, "totals");
    double component_um2[MAX_ENTRIES];
    double macs = json_number_value(json_object_get(totals, "macs"));
    double energy_pj = sum_of(component_pj, igq_num_entries(technology));
    igq_area_of(component_um2, units, technology);
    set_real(totals, "energy_pj", energy_pj);
    json_object_set_new(totals, "energy_pj_by_component", entries_json(component_pj, technology));
    set_real(totals, "instance_aware_energy_pj", instance_aware_sum(component_pj, technology));
    set_real(totals, "energy_pj_per_image", energy_pj / json_number_value(json_object_get(totals, "images")));
    set_real(totals, "energy_pj_per_mac", energy_pj / macs);
    set_real(totals, "tops_per_watt", 2 * macs / energy_pj); // an operation per pJ
    set_real(totals, "power_mw", energy_pj * 1e-6 / json_number_value(json_object_get(totals, "time_ms")));
    set_real(totals, "area_um2", sum_of(component_um2, igq_num_entries(technology)));
    json_object_set_new(totals, "area_um2_by_component", entries_json(component_um2, technology));
    set_real(totals, "instance_aware_area_um2", instance_aware_sum(component_um2, technology));
}

// Energy and area of machines, as sums.
typedef struct sums {
    double energy_pj, area_um2;
} sums;

static sums sums_of(const igq_events *events, const igq_units *units, const igq_technology *technology, int clock_mhz)
{
    double component_pj[MAX_ENTRIES], component_um2[MAX_ENTRIES];
    igq_energy_of(component_pj, events, units, technology, clock_mhz);
    igq_area_of(component_um2, units, technology);
    return (sums){sum_of(component_pj, igq_num_entries(technology)),
                  sum_of(component_um2, igq_num_entries(technology))};
}

static double percent_more(double value, double than)
{
    return 100 * (value / than - 1);
}

// What grouping costs over each reference. References are not gated (what they would gate was not executed), so the run
// is compared without gating.
static igq_status set_overhead(json_t *report, const igq_events *sum, const igq_units *units,
                               const igq_technology *technology, const char *path, igq_error *error)
{
    json_t *totals = json_object_get(report, "totals"), *overhead = json_object(), *reference;
    igq_events ungated = *sum;
    igq_events_ungate(&ungated);
    sums own = sums_of(&ungated, units, technology, clock_mhz_of(report));
    double cycles = json_number_value(json_object_get(totals, "cycles"));
    size_t i;
    json_array_foreach(json_object_get(report, "references"), i, reference)
    {
        igq_events events;
        igq_units its_units;
        const char *scheme = json_string_value(json_object_get(json_object_get(reference, "accelerator"), "scheme"));
        igq_status status = IGQ_OK;
        if (!scheme || !igq_events_from_json(&events, json_object_get(reference, "events")) ||
            !igq_units_from_json(&its_units, json_object_get(reference, "hardware")))
            status = igq_fail(error,
                              "references[%zu]: no scheme, events or hardware; allowed: a report.json written by this "
                              "version of igqsim run",
                              i);
        if (status == IGQ_OK)
            status = igq_technology_covers(technology, path, &its_units, error);
        if (status != IGQ_OK) {
            json_decref(overhead);
            return status;
        }
        sums its = sums_of(&events, &its_units, technology, clock_mhz_of(reference));
        json_t *more = json_object();
        set_real(reference, "energy_pj", its.energy_pj);
        set_real(reference, "area_um2", its.area_um2);
        set_real(more, "cycles_pct", percent_more(cycles, json_number_value(json_object_get(reference, "cycles"))));
        set_real(more, "energy_pct", percent_more(own.energy_pj, its.energy_pj));
        set_real(more, "area_pct", percent_more(own.area_um2, its.area_um2));
        json_object_set_new(overhead, scheme, more);
    }
    if (json_object_size(overhead) > 0)
        json_object_set(totals, "overhead", overhead);
    json_decref(overhead);
    return IGQ_OK;
}

igq_status igq_energy_report(json_t *report, const igq_technology *technology, const char *path, igq_error *error)
{
    igq_units units;
    igq_events events = {0};
    double by_component[MAX_ENTRIES] = {0};
    if (!json_is_object(json_object_get(report, "totals")) || !json_is_array(json_object_get(report, "layers")) ||
        !igq_units_from_json(&units, json_object_get(report, "hardware")))
        return igq_fail(error,
                        "no totals, layers or hardware; allowed: a report.json written by this version of igqsim run");
    igq_status status = igq_technology_covers(technology, path, &units, error);
    if (status == IGQ_OK)
        status = set_layers(by_component, &events, report, &units, technology, error);
    if (status == IGQ_OK)
        status = set_overhead(report, &events, &units, technology, path, error);
    if (status == IGQ_OK)
        status = set_input_file(report, path, error);
    if (status != IGQ_OK)
        return status;
    json_object_set_new(report, "technology", json_pack("{s:s}", "name", technology->name));
    set_totals(report, by_component, &units, technology);
    return IGQ_OK;
}
