// SPDX-License-Identifier: Apache-2.0
// technology.h - the figures of a technology, and the components that a report sums them into. Plain data:
// sim/files/technology_file.c reads it from configs/technologies/, where every figure has its unit and its source.
#ifndef IGQ_TECHNOLOGY_H
#define IGQ_TECHNOLOGY_H
#include "units.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_ACTIONS 64
#define IGQ_MAX_COMPONENTS 63 // and leakage, which is always there
#define IGQ_MAX_TERMS 16      // of a component
#define IGQ_MAX_SRAM_POINTS 16

typedef enum igq_figure {
    IGQ_FIGURE_ENERGY_PJ,  // per event
    IGQ_FIGURE_AREA_UM2,   // per unit
    IGQ_FIGURE_LEAKAGE_NW, // per unit
    IGQ_FIGURE_COUNT
} igq_figure;

// A figure grows with width as per_count + per_bit * bits + per_bit_product * bit_products. NAN: the source does not
// say.
typedef struct igq_rate {
    double per_count, per_bit, per_bit_product;
} igq_rate;

typedef struct igq_action {
    char name[IGQ_NAME_BYTES];
    igq_rate rate[IGQ_FIGURE_COUNT];
} igq_action;

// Memories of one port width; capacities ascend. Between them everything is linear in capacity. In proportion to width,
// unless there is a second table, of wider words: then linear in width between the two.
typedef struct igq_sram_point {
    double capacity_bytes, read_pj, write_pj, area_um2, leakage_nw;
} igq_sram_point;
typedef struct igq_sram_table {
    int port_bits;
    int smaller_as_smallest; // 1: a memory below the table is charged as its first entry; 0: it is refused
    int num_points;
    igq_sram_point point[IGQ_MAX_SRAM_POINTS];
} igq_sram_table;

#define IGQ_ACTION_SRAM (-1) // the memory that the event accesses, by its geometry

typedef struct igq_term {
    igq_event event;
    int action; // index into igq_technology.action, or IGQ_ACTION_SRAM
} igq_term;

typedef struct igq_component {
    char name[IGQ_NAME_BYTES];
    int instance_aware; // 1: exists only because groups are assigned per instance
    int num_terms;
    igq_term term[IGQ_MAX_TERMS];
} igq_component;

typedef struct igq_technology {
    char name[IGQ_NAME_BYTES];
    int num_actions, num_components;
    igq_action action[IGQ_MAX_ACTIONS];
    igq_sram_table sram, wide_sram; // wide_sram.num_points 0: none
    igq_component component[IGQ_MAX_COMPONENTS];
} igq_technology;

extern const char igq_leakage_name[]; // "leakage": the last component of a report

// A memory that the SRAM table does not cover; IGQ_MEMORY_COUNT: all are covered.
igq_memory igq_technology_uncovered(const igq_technology *technology, const igq_units *units);

// Figures of one bank of a memory that the table covers.
igq_sram_point igq_technology_sram(const igq_technology *technology, const igq_memory_units *memory);

// Rate of a term on these units. For energy per event, for area and leakage per unit.
igq_rate igq_technology_rate(const igq_technology *technology, const igq_term *term, const igq_units *units,
                             igq_figure figure);

// rate times measure
double igq_rate_times(const igq_rate *rate, const igq_measure *measure);

// Sum of a component's units times figures: um^2 or nW.
double igq_component_sum(const igq_technology *technology, const igq_component *component, const igq_units *units,
                         igq_figure figure);

#ifdef __cplusplus
}
#endif
#endif
