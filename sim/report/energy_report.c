// SPDX-License-Identifier: Apache-2.0
#include "energy_report.h"
#include "area.h"
#include "energy.h"
#include "events_json.h"
#include "file.h"
#include "technology_file.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_ENTRIES (IGQ_MAX_COMPONENTS + 1)

// An area that a source does not give is null, as is a sum that would need it.
static void set_real(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

static double get_real(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
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

// The component that multiplications belong to; -1: none.
static int mac_component(const igq_technology *technology)
{
    for (int i = 0; i < technology->num_components; i++)
        for (int t = 0; t < technology->component[i].num_terms; t++)
            if (technology->component[i].term[t].event == IGQ_EVENT_MULTIPLY)
                return i;
    return -1;
}

// Energy of the MAC datapath by the bits of codes, activations first: "4x4".
static void set_mac_energy_by_bits(json_t *report, const igq_technology *technology)
{
    int mac = mac_component(technology);
    json_t *by_bits = json_object(), *layer;
    size_t k;
    json_array_foreach(json_object_get(report, "layers"), k, layer)
    {
        char bits[32];
        snprintf(bits, sizeof bits, "%dx%d", (int)json_integer_value(json_object_get(layer, "act_bits")),
                 (int)json_integer_value(json_object_get(layer, "weight_bits")));
        double sum_pj = json_number_value(json_object_get(by_bits, bits));
        if (mac >= 0)
            sum_pj += get_real(json_object_get(layer, "energy_pj_by_component"), technology->component[mac].name);
        set_real(by_bits, bits, sum_pj);
    }
    json_object_set_new(json_object_get(report, "totals"), "mac_energy_pj_by_bits", by_bits);
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

// How far the energies of single images lie apart: the cost depends on the instance.
static json_t *spread_json(const json_t *images)
{
    double sum = 0, squares = 0, least = INFINITY, worst = -INFINITY;
    double num = (double)json_array_size(images);
    const char *worst_image = "";
    size_t i;
    json_t *image;
    json_array_foreach(images, i, image)
    {
        double energy_pj = json_number_value(json_object_get(image, "energy_pj"));
        sum += energy_pj;
        least = fmin(least, energy_pj);
        if (energy_pj > worst) {
            worst = energy_pj;
            worst_image = json_string_value(json_object_get(image, "name"));
        }
    }
    json_array_foreach(images, i, image)
    {
        double difference = json_number_value(json_object_get(image, "energy_pj")) - sum / num;
        squares += difference * difference;
    }
    return json_pack("{s:f, s:f, s:f, s:f, s:s}", "mean", sum / num, "standard_deviation", sqrt(squares / num), "least",
                     least, "worst", worst, "worst_image", worst_image ? worst_image : "");
}

static igq_status set_images(json_t *report, const igq_units *units, const igq_technology *technology, igq_error *error)
{
    json_t *images = json_object_get(report, "images"), *image;
    size_t i;
    json_array_foreach(images, i, image)
    {
        igq_events events;
        double component_pj[MAX_ENTRIES];
        if (!igq_events_from_json(&events, json_object_get(image, "events")))
            return igq_fail(error,
                            "images[%zu]: no events; allowed: a report.json written by this version of igqsim run", i);
        igq_energy_of(component_pj, &events, units, technology, clock_mhz_of(report));
        set_real(image, "energy_pj", sum_of(component_pj, igq_num_entries(technology)));
    }
    if (json_array_size(images) > 0)
        json_object_set_new(json_object_get(report, "totals"), "energy_pj_of_images", spread_json(images));
    return IGQ_OK;
}

// Energy and area, as sums and by component.
static void set_sums(json_t *object, const double *component_pj, const igq_units *units,
                     const igq_technology *technology)
{
    double component_um2[MAX_ENTRIES];
    igq_area_of(component_um2, units, technology);
    set_real(object, "energy_pj", sum_of(component_pj, igq_num_entries(technology)));
    json_object_set_new(object, "energy_pj_by_component", entries_json(component_pj, technology));
    set_real(object, "area_um2", sum_of(component_um2, igq_num_entries(technology)));
    json_object_set_new(object, "area_um2_by_component", entries_json(component_um2, technology));
    set_real(object, "instance_aware_energy_pj", instance_aware_sum(component_pj, technology));
    set_real(object, "instance_aware_area_um2", instance_aware_sum(component_um2, technology));
}

static void set_quotients(json_t *totals)
{
    double energy_pj = get_real(totals, "energy_pj"), macs = get_real(totals, "macs");
    set_real(totals, "energy_pj_per_image", energy_pj / get_real(totals, "images"));
    set_real(totals, "energy_pj_per_mac", energy_pj / macs);
    set_real(totals, "tops_per_watt", 2 * macs / energy_pj); // an operation per pJ
    set_real(totals, "power_mw", energy_pj * 1e-6 / get_real(totals, "time_ms"));
}

/// Overhead over the references

static igq_status set_reference(json_t *reference, const igq_technology *technology, const char *path, igq_error *error)
{
    igq_events events;
    igq_units units;
    double component_pj[MAX_ENTRIES];
    if (!igq_events_from_json(&events, json_object_get(reference, "events")) ||
        !igq_units_from_json(&units, json_object_get(reference, "hardware")) || clock_mhz_of(reference) <= 0)
        return igq_fail(error, "references: one has no events or no hardware; allowed: a report.json written by this "
                               "version of igqsim run");
    if (igq_technology_covers(technology, path, &units, error) != IGQ_OK)
        return IGQ_USER_ERROR;
    igq_energy_of(component_pj, &events, &units, technology, clock_mhz_of(reference));
    set_sums(reference, component_pj, &units, technology);
    return IGQ_OK;
}

static void set_percent_more(json_t *more, const char *key, double value, double than)
{
    set_real(more, key, 100 * (value / than - 1));
}

// References are not gated (what they would gate was not executed), so the run is compared without gating.
static igq_status set_overhead(json_t *report, const igq_events *events, const igq_units *units,
                               const igq_technology *technology, const char *path, igq_error *error)
{
    json_t *totals = json_object_get(report, "totals"), *references = json_object_get(report, "references"), *reference;
    json_t *overhead = json_object();
    igq_events ungated = *events;
    double component_pj[MAX_ENTRIES];
    igq_status status = IGQ_OK;
    size_t i;
    igq_events_ungate(&ungated);
    igq_energy_of(component_pj, &ungated, units, technology, clock_mhz_of(report));
    json_array_foreach(references, i, reference)
    {
        const json_t *scheme = json_object_get(json_object_get(reference, "accelerator"), "scheme");
        json_t *more = json_object();
        if (status == IGQ_OK)
            status = set_reference(reference, technology, path, error);
        set_percent_more(more, "cycles_pct", get_real(totals, "cycles"), get_real(reference, "cycles"));
        set_percent_more(more, "energy_pct", sum_of(component_pj, igq_num_entries(technology)),
                         get_real(reference, "energy_pj"));
        set_percent_more(more, "area_pct", get_real(totals, "area_um2"), get_real(reference, "area_um2"));
        json_object_set_new(overhead, json_is_string(scheme) ? json_string_value(scheme) : "", more);
    }
    if (json_array_size(references) > 0)
        json_object_set(totals, "overhead", overhead);
    json_decref(overhead);
    return status;
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
        status = set_images(report, &units, technology, error);
    if (status == IGQ_OK)
        status = set_input_file(report, path, error);
    if (status != IGQ_OK)
        return status;
    json_object_set_new(report, "technology", json_pack("{s:s}", "name", technology->name));
    set_sums(json_object_get(report, "totals"), by_component, &units, technology);
    set_quotients(json_object_get(report, "totals"));
    set_mac_energy_by_bits(report, technology);
    return set_overhead(report, &events, &units, technology, path, error);
}
