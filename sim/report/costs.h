// SPDX-License-Identifier: Apache-2.0
// costs.h - energy and area of what was done (activity.h) in a technology, as plain numbers. What a technology's source
// does not give is NAN. docs/energy.md explains the figures, docs/formats.md the keys that they become in a report.
#ifndef IGQ_COSTS_H
#define IGQ_COSTS_H
#include "activity.h"
#include "technology.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_ENTRIES (IGQ_MAX_COMPONENTS + 1) // components and leakage

typedef struct igq_energy {
    double pj; // sum of the entries
    double component_pj[IGQ_MAX_ENTRIES];
} igq_energy;

typedef struct igq_area {
    double um2;
    double component_um2[IGQ_MAX_ENTRIES];
} igq_area;

// Of a machine: what exists only because groups are assigned per instance is told apart.
typedef struct igq_machine_costs {
    igq_energy energy;
    igq_area area;
    double instance_aware_pj, instance_aware_um2;
} igq_machine_costs;

// What a run costs more than a reference, in per cent.
typedef struct igq_overhead {
    double cycles_pct, energy_pct, area_pct;
} igq_overhead;

// Energy of the MAC datapath by the bits of codes: in the order in which layers have them.
typedef struct igq_bits_energy {
    int act_bits, weight_bits;
    double pj;
} igq_bits_energy;
#define IGQ_MAX_BITS_ENERGIES 64

// How far the energies of single images lie apart: the cost depends on the instance.
typedef struct igq_energy_spread {
    double mean, deviation, least, worst;
    int worst_image;
} igq_energy_spread;

typedef struct igq_costs {
    igq_machine_costs total;
    int num_layers, num_images, num_references, num_bits;
    igq_energy *layer;
    double *image_pj;
    igq_energy_spread images; // num_images > 0
    double pj_per_image, pj_per_mac, tops_per_watt, power_mw;
    igq_bits_energy bits[IGQ_MAX_BITS_ENERGIES];
    igq_machine_costs reference[IGQ_MAX_REFERENCES];
    igq_overhead overhead[IGQ_MAX_REFERENCES];
} igq_costs;

// Refuses a memory that the technology (of this file) does not cover.
igq_status igq_costs_of(igq_costs *costs, const igq_activity *activity, const igq_technology *technology,
                        const char *path, igq_error *error);
void igq_costs_free(igq_costs *costs);

// Sets (replaces) everything in a report that depends on a technology: "technology" and its entries in inputs.files,
// energy of every layer, image and reference, energy and area of totals. `path` is the technology's file.
igq_status igq_costs_set_json(json_t *report, const igq_costs *costs, const igq_activity *activity,
                              const igq_technology *technology, const char *path, igq_error *error);

// Both at once.
igq_status igq_report_price(json_t *report, igq_costs *costs, const igq_activity *activity,
                            const igq_technology *technology, const char *path, igq_error *error);

// The energy part of the summary, to stdout.
void igq_costs_print(const igq_costs *costs, const igq_activity *activity, const igq_technology *technology);

// What a technology makes of a machine: memories, figures, area by component, to stdout.
void igq_energy_describe(const igq_technology *technology, const igq_units *units);

#ifdef __cplusplus
}
#endif
#endif
