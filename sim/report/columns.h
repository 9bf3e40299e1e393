// SPDX-License-Identifier: Apache-2.0
// columns.h - the figures of a run, one row each: key, unit, meaning, which way is better, where it is shown, and where
// it comes from. Totals, layers and images of report.json, layers.csv, comparisons, sweeps and pages take them from
// here; a new figure is an id and a row of columns.c.
#ifndef IGQ_COLUMNS_H
#define IGQ_COLUMNS_H
#include "costs.h"
#include "run_result.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_column_id {
    IGQ_COLUMN_IMAGES,
    IGQ_COLUMN_SKIPPED_IMAGES,
    IGQ_COLUMN_CYCLES,
    IGQ_COLUMN_COMPUTE_CYCLES,
    IGQ_COLUMN_STALL_CYCLES, // by cause: no number
    IGQ_COLUMN_ASSIGN_CYCLES,
    IGQ_COLUMN_ASSIGN_CYCLES_HIDDEN,
    IGQ_COLUMN_DRAM_BYTES,
    IGQ_COLUMN_DRAM_BYTES_BY_OPERAND, // no number
    IGQ_COLUMN_COMPUTE_BOUND_CYCLES,
    IGQ_COLUMN_ESTIMATE_CYCLES,
    IGQ_COLUMN_DRAM_BUSY_CYCLES,
    IGQ_COLUMN_DRAM_BOUND_CYCLES,
    IGQ_COLUMN_LIMITED_BY,       // a name: no number
    IGQ_COLUMN_CYCLES_PER_IMAGE, // mean and spread: no number
    IGQ_COLUMN_TIME_MS,
    IGQ_COLUMN_DRAM_GBYTES_PER_S,
    IGQ_COLUMN_DRAM_SHARE_OF_PEAK,
    IGQ_COLUMN_MACS,
    IGQ_COLUMN_LEFT_MACS,
    IGQ_COLUMN_SKIPPED_CHANNELS,
    IGQ_COLUMN_PEAK_MACS_PER_CYCLE,
    IGQ_COLUMN_MAC_UTILIZATION,
    IGQ_COLUMN_MACS_PER_PEAK,
    IGQ_COLUMN_BOPS,
    IGQ_COLUMN_ASSIGN_BOPS,
    IGQ_COLUMN_WEIGHT_QUANTIZERS,
    IGQ_COLUMN_SQNR_DB,
    IGQ_COLUMN_ACTIVATION_SQNR_DB,
    IGQ_COLUMN_ACTIVATION_SQNR_LAYERS,
    IGQ_COLUMN_OVERFLOW_COUNT,
    IGQ_COLUMN_SATURATED_COUNT,
    IGQ_COLUMN_ENERGY_PJ,
    IGQ_COLUMN_AREA_UM2,
    IGQ_COLUMN_INSTANCE_AWARE_ENERGY_PJ,
    IGQ_COLUMN_INSTANCE_AWARE_AREA_UM2,
    IGQ_COLUMN_ENERGY_PJ_PER_MAC,
    IGQ_COLUMN_TOPS_PER_WATT,
    IGQ_COLUMN_POWER_MW,
    IGQ_COLUMN_TOP1_AGREEMENT,
    IGQ_COLUMN_TOP5_AGREEMENT,
    IGQ_COLUMN_KL_DIVERGENCE,
    IGQ_COLUMN_TOP1,
    IGQ_COLUMN_TOP5,
    IGQ_COLUMN_PREFILL_CYCLES_PER_TOKEN,
    IGQ_COLUMN_DECODE_CYCLES_PER_TOKEN,
    IGQ_COLUMN_PREFILL_DRAM_BYTES_PER_TOKEN,
    IGQ_COLUMN_DECODE_DRAM_BYTES_PER_TOKEN,
    IGQ_COLUMN_KV_CACHE_BYTES,
    IGQ_COLUMN_KV_CACHE_BYTES_PER_TOKEN,
    IGQ_COLUMN_PERPLEXITY,
    IGQ_COLUMN_PERPLEXITY_FULL_PRECISION,
    IGQ_COLUMN_COUNT
} igq_column_id;

// How a figure is written: by pages (the name of a format of page.js) and in tables (times `scale`, so many decimals,
// `text` behind).
typedef struct igq_unit {
    const char *name, *text;
    double scale;
    int decimals;
} igq_unit;

typedef enum igq_better { IGQ_NEITHER_IS_BETTER, IGQ_LESS_IS_BETTER, IGQ_MORE_IS_BETTER } igq_better;

enum {
    IGQ_IN_TOTALS = 1, // of report.json
    IGQ_IN_LAYERS = 2, // and layers.csv
    IGQ_IN_IMAGES = 4,
    IGQ_IN_ACCURACY = 8, // of report.json, by accuracy.c
    IGQ_IN_COSTS = 16,   // of report.json's totals where energy was asked for, by costs_json.c
    IGQ_IN_DECODER = 64, // of report.json's totals, where they are known
    IGQ_IN_RESULTS = 32, // what comparisons, sweeps and pages set side by side
    IGQ_IN_TABLE = 64,   // a row of the table that compare prints, as all results are
};

// What a figure is taken from. NULL: not asked for, or nothing was executed.
typedef struct igq_scope {
    const igq_run_result *result;
    const igq_run_totals *sums; // of the run, a layer, or an image
    const igq_accuracy_totals *accuracy;
    const igq_costs *costs;
} igq_scope;

typedef struct igq_column {
    const char *key;    // in a report
    const char *metric; // beside other runs: the same, with _per_image where it is divided by the images
    const char *name;   // for people
    const igq_unit *unit;
    igq_better better;
    unsigned places;   // IGQ_IN_
    const char *needs; // key of a sweep file without which it is unknown; "activations": a trace or weights; "decoder",
                       // "ids": a decoder, and tokens that it was given; NULL: none
    json_t *(*get)(const igq_scope *scope); // new reference, as the report has it
    const char *meaning;
} igq_column;
extern const igq_column igq_columns[IGQ_COLUMN_COUNT];

int igq_is_per_image(const igq_column *column);

enum { IGQ_LABEL_BYTES = 64 };
// "DRAM traffic, MB": how a table that people read calls the figure. Returns label.
const char *igq_column_label(char label[IGQ_LABEL_BYTES], igq_column_id id);

// Sets every column of this place that the object does not have yet: who wants one further in front has set it before.
void igq_columns_set(json_t *object, unsigned place, const igq_scope *scope);
// Sets those that are not null.
void igq_columns_set_known(json_t *object, unsigned place, const igq_scope *scope);
void igq_column_set(json_t *object, igq_column_id id, const igq_scope *scope);

// For pages: by metric, {key, name, unit, better ("more", "less" or null), meaning}. New reference.
json_t *igq_columns_json(void);

/// Results: the columns that are set side by side, counted from 0

#define IGQ_MAX_RESULTS IGQ_COLUMN_COUNT
typedef int igq_result;
int igq_num_results(void);
const igq_column *igq_result_column(igq_result result);
igq_result igq_result_of(igq_column_id id); // requires IGQ_IN_RESULTS

#ifdef __cplusplus
}
#endif
#endif
