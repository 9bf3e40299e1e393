// SPDX-License-Identifier: Apache-2.0
#include "activity.h"
#include "events_json.h"
#include "report_read.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static igq_status allocate(igq_activity *activity, size_t num_layers, size_t num_images, igq_error *error)
{
    activity->num_layers = (int)num_layers;
    activity->num_images = (int)num_images;
    activity->layer = calloc(num_layers + 1, sizeof *activity->layer);
    activity->image = calloc(num_images + 1, sizeof *activity->image);
    return activity->layer && activity->image ? IGQ_OK : igq_out_of_memory(error);
}

void igq_activity_free(igq_activity *activity)
{
    free(activity->layer);
    free(activity->image);
    *activity = (igq_activity){0};
}

/// Of a run

static void add_references(igq_activity *activity, const igq_run_result *result)
{
    activity->num_references = result->num_references;
    for (int i = 0; i < result->num_references; i++) {
        const igq_reference *from = &result->reference[i];
        igq_reference_activity *to = &activity->reference[i];
        snprintf(to->scheme, sizeof to->scheme, "%s", igq_scheme_names[from->machine.scheme.scheme]);
        to->clock_mhz = from->machine.clock_mhz;
        to->cycles = from->cycles;
        to->events = from->events;
        igq_units_of(&to->units, &from->machine);
    }
}

igq_status igq_activity_of_run(igq_activity *activity, const igq_run_result *result, igq_error *error)
{
    igq_run_totals totals;
    igq_run_totals_of(&totals, result);
    *activity = (igq_activity){
        .clock_mhz = result->accelerator.clock_mhz,
        .num_run = (uint64_t)result->num_images,
        .cycles = totals.timing.cycles,
        .macs = totals.macs,
        .time_ms = totals.time_ms,
    };
    igq_units_of(&activity->units, &result->accelerator);
    igq_status status = allocate(activity, (size_t)result->num_layers, (size_t)result->num_images, error);
    for (int k = 0; status == IGQ_OK && k < result->num_layers; k++) {
        activity->layer[k].act_bits = result->act_bits[k];
        activity->layer[k].weight_bits = result->weight_bits[k];
        activity->layer[k].events = result->sum[k].events;
    }
    for (int i = 0; status == IGQ_OK && i < result->num_images; i++) {
        snprintf(activity->image[i].name, sizeof activity->image[i].name, "%s", result->image[i].name);
        if (result->image[i].events)
            activity->image[i].events = *result->image[i].events;
    }
    add_references(activity, result);
    return status;
}

/// Of a report

#define BY_RUN "allowed: a report.json written by this version of igqsim run"

static igq_status read_machine(igq_units *units, int *clock_mhz, const json_t *object, const char *place,
                               igq_error *error)
{
    uint64_t clock = 0;
    if (!igq_units_from_json(units, json_object_get(object, "hardware")))
        return igq_fail(error, "%shardware: not units of this machine; " BY_RUN, place);
    const json_t *accelerator = json_object_get(object, "accelerator");
    igq_status status = igq_report_whole(&clock, accelerator, place, "accelerator.clock_mhz", 1, 1000000, error);
    *clock_mhz = (int)clock;
    return status;
}

static igq_status read_events(igq_events *events, const json_t *object, const char *place, igq_error *error)
{
    if (!igq_events_from_json(events, json_object_get(object, "events")))
        return igq_fail(error, "%sevents: missing, unknown, or no whole numbers from 0; " BY_RUN, place);
    return IGQ_OK;
}

static igq_status read_layer(igq_layer_activity *layer, const json_t *object, size_t k, igq_error *error)
{
    char place[64];
    uint64_t act_bits = 0, weight_bits = 0;
    snprintf(place, sizeof place, "layers[%zu].", k);
    igq_status status = read_events(&layer->events, object, place, error);
    if (status == IGQ_OK)
        status = igq_report_whole(&act_bits, object, place, "act_bits", 1, 64, error);
    if (status == IGQ_OK)
        status = igq_report_whole(&weight_bits, object, place, "weight_bits", 1, 64, error);
    layer->act_bits = (int)act_bits;
    layer->weight_bits = (int)weight_bits;
    return status;
}

static igq_status read_image(igq_image_activity *image, const json_t *object, size_t i, igq_error *error)
{
    char place[64];
    const char *name = json_string_value(json_object_get(object, "name"));
    snprintf(place, sizeof place, "images[%zu].", i);
    snprintf(image->name, sizeof image->name, "%s", name ? name : "");
    return name ? read_events(&image->events, object, place, error)
                : igq_fail(error, "%sname: no text; " BY_RUN, place);
}

static igq_status read_reference(igq_reference_activity *reference, const json_t *object, size_t i, igq_error *error)
{
    char place[64];
    const char *scheme = json_string_value(json_object_get(json_object_get(object, "accelerator"), "scheme"));
    snprintf(place, sizeof place, "references[%zu].", i);
    if (!scheme)
        return igq_fail(error, "%saccelerator.scheme: no text; " BY_RUN, place);
    snprintf(reference->scheme, sizeof reference->scheme, "%s", scheme);
    igq_status status = read_machine(&reference->units, &reference->clock_mhz, object, place, error);
    if (status == IGQ_OK)
        status = read_events(&reference->events, object, place, error);
    return status == IGQ_OK ? igq_report_whole(&reference->cycles, object, place, "cycles", 1, UINT64_MAX, error)
                            : status;
}

static igq_status read_totals(igq_activity *activity, const json_t *report, igq_error *error)
{
    const json_t *totals = json_object_get(report, "totals");
    igq_status status = igq_report_whole(&activity->num_run, totals, "totals.", "images", 1, INT32_MAX, error);
    if (status == IGQ_OK)
        status = igq_report_whole(&activity->cycles, totals, "totals.", "cycles", 1, UINT64_MAX, error);
    if (status == IGQ_OK)
        status = igq_report_whole(&activity->macs, totals, "totals.", "macs", 1, UINT64_MAX, error);
    if (status == IGQ_OK)
        status = igq_report_real(&activity->time_ms, totals, "totals.", "time_ms", 0, error);
    double time_ms = (double)activity->cycles / (1000.0 * activity->clock_mhz);
    if (status == IGQ_OK && fabs(activity->time_ms - time_ms) > 1e-9 * time_ms)
        return igq_fail(error, "totals.time_ms: %g; allowed: what its cycles take at clock_mhz, %g", activity->time_ms,
                        time_ms);
    if (status == IGQ_OK && activity->num_run != json_array_size(json_object_get(report, "images")))
        return igq_fail(error, "totals.images: %llu; allowed: as many as the list of images has, %zu",
                        (unsigned long long)activity->num_run, json_array_size(json_object_get(report, "images")));
    return status;
}

igq_status igq_activity_read(igq_activity *activity, const json_t *report, igq_error *error)
{
    const json_t *layers = json_object_get(report, "layers"), *images = json_object_get(report, "images");
    const json_t *references = json_object_get(report, "references");
    size_t num_layers = json_array_size(layers), num_images = json_array_size(images);
    size_t num_references = json_array_size(references);
    *activity = (igq_activity){0};
    if (num_layers == 0 || !json_is_array(images) || num_references > IGQ_MAX_REFERENCES)
        return igq_fail(error, "%s; " BY_RUN,
                        num_layers == 0          ? "layers: none"
                        : !json_is_array(images) ? "images: no list"
                                                 : "references: more than 2");
    igq_status status = allocate(activity, num_layers, num_images, error);
    if (status == IGQ_OK)
        status = read_machine(&activity->units, &activity->clock_mhz, report, "", error);
    if (status == IGQ_OK)
        status = read_totals(activity, report, error);
    for (size_t k = 0; status == IGQ_OK && k < num_layers; k++)
        status = read_layer(&activity->layer[k], json_array_get(layers, k), k, error);
    if (num_images > 0 && !json_object_get(json_array_get(images, num_images - 1), "events"))
        num_images = 0; // a report of many images has the events of the first ones only
    activity->num_images = (int)num_images;
    for (size_t i = 0; status == IGQ_OK && i < num_images; i++)
        status = read_image(&activity->image[i], json_array_get(images, i), i, error);
    for (size_t i = 0; status == IGQ_OK && i < num_references; i++)
        status = read_reference(&activity->reference[i], json_array_get(references, i), i, error);
    activity->num_references = (int)num_references;
    return status;
}
