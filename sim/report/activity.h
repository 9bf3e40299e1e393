// SPDX-License-Identifier: Apache-2.0
// activity.h - what energy is made of, as plain numbers: the machine's units and the events of layers, images and
// references. Taken from a run that has just ended, or read once from a report.json that was saved long ago.
#ifndef IGQ_ACTIVITY_H
#define IGQ_ACTIVITY_H
#include "run_result.h"
#include "units.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_layer_activity {
    int act_bits, weight_bits;
    igq_events events; // of all images
} igq_layer_activity;

typedef struct igq_image_activity {
    char name[256];
    igq_events events;
} igq_image_activity;

// The same images on a machine without groups.
typedef struct igq_reference_activity {
    char scheme[IGQ_NAME_BYTES];
    int clock_mhz;
    igq_units units;
    uint64_t cycles;
    igq_events events;
} igq_reference_activity;

typedef struct igq_activity {
    int clock_mhz;
    igq_units units;
    uint64_t num_run; // images of the totals
    uint64_t cycles, macs;
    double time_ms;
    int num_layers, num_images, num_references;
    igq_layer_activity *layer;
    igq_image_activity *image;
    igq_reference_activity reference[IGQ_MAX_REFERENCES];
} igq_activity;

igq_status igq_activity_of_run(igq_activity *activity, const igq_run_result *result, igq_error *error);

// Refuses what no run writes, naming the key: counts that are no whole numbers from 0, events and units that are
// unknown.
igq_status igq_activity_read(igq_activity *activity, const json_t *report, igq_error *error);

void igq_activity_free(igq_activity *activity);

#ifdef __cplusplus
}
#endif
#endif
