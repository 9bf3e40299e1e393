// SPDX-License-Identifier: Apache-2.0
// sweep_file.h - a sweep from a YAML file (configs/sweeps/): a machine, what it works on, and which of the machine's
// keys vary. docs/formats.md describes it.
#ifndef IGQ_SWEEP_FILE_H
#define IGQ_SWEEP_FILE_H
#include "accelerator.h"
#include "calibrate.h"
#include "error.h"
#include "expression.h"
#include "keys.h"
#include "results.h"
#include "technology.h"
#include "workload_file.h"

#define IGQ_MAX_AXES 16
#define IGQ_MAX_AXIS_KEYS 16
#define IGQ_MAX_AXIS_VALUES 10000
#define IGQ_MAX_OBJECTIVES 3
#define IGQ_MAX_SWEEP_POINTS 1000000

// Everything that an axis or a formula can set.
typedef struct igq_settings {
    igq_accelerator machine;
    igq_calibrate_cfg calibrate; // with `calibrate:` only
} igq_settings;

// One key, or several that vary together.
typedef struct igq_axis {
    char name[IGQ_KEY_PATH_BYTES];
    int num_keys, num_values;
    int key[IGQ_MAX_AXIS_KEYS]; // indices of names
    double *value;              // [num_values][num_keys]
    char **label;               // (num_values) as the results say it
    int labels_are_numbers;
} igq_axis;

// A key's formula, or a condition.
typedef struct igq_formula {
    char *text;
    int key; // index of the name that it sets
    igq_expression *expression;
} igq_formula;

typedef struct igq_formulas {
    int num;
    igq_formula *item;
} igq_formulas;

// Which points get a folder of their own, with report.json and page.
typedef enum igq_sweep_reports {
    IGQ_REPORTS_AUTO, // all of a small sweep, the front of a large one
    IGQ_REPORTS_ALL,
    IGQ_REPORTS_FRONT,
    IGQ_REPORTS_NONE,
    IGQ_REPORTS_COUNT
} igq_sweep_reports;
extern const char *const igq_sweep_report_names[IGQ_REPORTS_COUNT];
#define IGQ_FEW_POINTS 1000 // as many combinations make a small sweep

// Paths are NULL where the file has no such key.
typedef struct igq_sweep {
    char *path, sha256[65], name[IGQ_NAME_BYTES];
    char *accelerator_path, *workload_path, *trace_path, *weights_path, *labels_path, *calibration_path,
        *technology_path;
    int num_image_paths;
    char **image_path;
    igq_sweep_reports reports;
    int searches, search_budget;  // `search:` is there, and its budget; 0: none
    int calibrates;               // `calibrate:` is there
    char *calibration_trace_path; // its `trace:`; NULL: calibrates on what it runs

    igq_settings base;
    igq_workload workload;
    igq_technology technology; // with technology_path

    // Names of formulas: first a name for each key of `keys`, then first_choice and so on.
    igq_key *keys;
    int num_keys, first_choice, peak_macs, first_result;
    igq_names names;

    int num_axes;
    igq_axis axis[IGQ_MAX_AXES];
    igq_formulas set; // in the order in which they can be computed
    igq_formulas where, limits;
    int num_objectives;
    igq_result objective[IGQ_MAX_OBJECTIVES];
} igq_sweep;

// Reads the file and the machine, workload and technology that it names. Free in any case.
igq_status igq_sweep_load(igq_sweep *sweep, const char *path, igq_error *error);
void igq_sweep_free(igq_sweep *sweep);

#endif
