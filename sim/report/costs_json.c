// SPDX-License-Identifier: Apache-2.0
// costs_json.c - costs in a report.
#include "costs.h"
#include "energy.h"
#include "file.h"
#include "technology_file.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

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

static igq_status append_file(json_t *files, const char *role, const char *path, igq_error *error)
{
    char sha256[65];
    igq_status status = igq_sha256_file(sha256, path, error);
    if (status == IGQ_OK)
        json_array_append_new(files, json_pack("{s:s, s:s, s:s}", "role", role, "path", path, "sha256", sha256));
    return status;
}

// The technology and its components take the place of those that the report was made with before.
static igq_status set_input_files(json_t *report, const char *path, igq_error *error)
{
    json_t *files = json_object_get(json_object_get(report, "inputs"), "files");
    char components[IGQ_TECHNOLOGY_PATH_BYTES];
    for (size_t i = json_array_size(files); i-- > 0;) {
        const char *role = json_string_value(json_object_get(json_array_get(files, i), "role"));
        if (role && (strcmp(role, "technology") == 0 || strcmp(role, "components") == 0))
            json_array_remove(files, i);
    }
    igq_status status = igq_technology_components_path(components, path, error);
    if (status == IGQ_OK)
        status = append_file(files, "technology", path, error);
    return status == IGQ_OK ? append_file(files, "components", components, error) : status;
}

static void set_layers(json_t *layers, const igq_costs *costs, const igq_technology *technology)
{
    json_t *layer;
    size_t k;
    json_array_foreach(layers, k, layer)
    {
        set_real(layer, "energy_pj", costs->layer[k].pj);
        json_object_set_new(layer, "energy_pj_by_component", entries_json(costs->layer[k].component_pj, technology));
    }
}

static void set_images(json_t *report, const igq_costs *costs, const igq_activity *activity)
{
    const igq_energy_spread *spread = &costs->images;
    json_t *image;
    size_t i;
    if (costs->num_images == 0) { // what another technology made of them may not stay
        json_array_foreach(json_object_get(report, "images"), i, image) json_object_del(image, "energy_pj");
        json_object_del(json_object_get(report, "totals"), "energy_pj_of_images");
        return;
    }
    json_array_foreach(json_object_get(report, "images"), i, image) set_real(image, "energy_pj", costs->image_pj[i]);
    json_object_set_new(json_object_get(report, "totals"), "energy_pj_of_images",
                        json_pack("{s:f, s:f, s:f, s:f, s:s}", "mean", spread->mean, "standard_deviation",
                                  spread->deviation, "least", spread->least, "worst", spread->worst, "worst_image",
                                  activity->image[spread->worst_image].name));
}

// Energy and area, as sums and by component.
static void set_machine(json_t *object, const igq_machine_costs *costs, const igq_technology *technology)
{
    set_real(object, "energy_pj", costs->energy.pj);
    json_object_set_new(object, "energy_pj_by_component", entries_json(costs->energy.component_pj, technology));
    set_real(object, "area_um2", costs->area.um2);
    json_object_set_new(object, "area_um2_by_component", entries_json(costs->area.component_um2, technology));
    set_real(object, "instance_aware_energy_pj", costs->instance_aware_pj);
    set_real(object, "instance_aware_area_um2", costs->instance_aware_um2);
}

// Activations first: "4x4".
static json_t *bits_json(const igq_costs *costs)
{
    json_t *object = json_object();
    for (int i = 0; i < costs->num_bits; i++) {
        char bits[32];
        snprintf(bits, sizeof bits, "%dx%d", costs->bits[i].act_bits, costs->bits[i].weight_bits);
        set_real(object, bits, costs->bits[i].pj);
    }
    return object;
}

static json_t *overhead_json(const igq_overhead *overhead)
{
    json_t *more = json_object();
    set_real(more, "cycles_pct", overhead->cycles_pct);
    set_real(more, "energy_pct", overhead->energy_pct);
    set_real(more, "area_pct", overhead->area_pct);
    return more;
}

igq_status igq_costs_set_json(json_t *report, const igq_costs *costs, const igq_activity *activity,
                              const igq_technology *technology, const char *path, igq_error *error)
{
    json_t *totals = json_object_get(report, "totals"), *overhead = json_object();
    igq_status status = set_input_files(report, path, error);
    set_layers(json_object_get(report, "layers"), costs, technology);
    set_images(report, costs, activity);
    json_object_set_new(report, "technology", json_pack("{s:s}", "name", technology->name));
    set_machine(totals, &costs->total, technology);
    set_real(totals, "energy_pj_per_image", costs->pj_per_image);
    set_real(totals, "energy_pj_per_mac", costs->pj_per_mac);
    set_real(totals, "tops_per_watt", costs->tops_per_watt);
    set_real(totals, "power_mw", costs->power_mw);
    json_object_set_new(totals, "mac_energy_pj_by_bits", bits_json(costs));
    for (int i = 0; i < costs->num_references; i++) {
        json_t *reference = json_array_get(json_object_get(report, "references"), (size_t)i);
        set_machine(reference, &costs->reference[i], technology);
        json_object_set_new(overhead, activity->reference[i].scheme, overhead_json(&costs->overhead[i]));
    }
    if (costs->num_references > 0)
        json_object_set(totals, "overhead", overhead);
    json_decref(overhead);
    return status;
}

igq_status igq_report_price(json_t *report, igq_costs *costs, const igq_activity *activity,
                            const igq_technology *technology, const char *path, igq_error *error)
{
    igq_status status = igq_costs_of(costs, activity, technology, path, error);
    return status == IGQ_OK ? igq_costs_set_json(report, costs, activity, technology, path, error) : status;
}
