// SPDX-License-Identifier: Apache-2.0
// run_outputs.h - what `igqsim run` makes of a run: summary, energy, files; of one scheme or of several side by side.
#ifndef IGQ_RUN_OUTPUTS_H
#define IGQ_RUN_OUTPUTS_H
#include "costs.h"
#include "run.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// What the command line says besides the run itself.
typedef struct igq_run_outputs {
    const char *from_path;            // a saved report instead of a run
    const char *technology_path;      // NULL: no energy
    const igq_technology *technology; // of that file
    const char *dir;                  // NULL: summary only
    int no_html;                      // 1: no page
    int what_if;                      // 1: variants of the machine are run as well
    int in_place;                     // 1: `dir` holds the very report that is finished, and its timeline
} igq_run_outputs;

// Energy of that activity into the report (and, for igq_costs_free, into *costs, zeros before), its summary (quiet 0),
// and the files in place of those of an earlier run. timeline_path: a timeline that becomes one of them; NULL: none.
igq_status igq_run_finish(json_t *report, igq_costs *costs, const igq_activity *activity,
                          const igq_run_outputs *outputs, const char *timeline_path, int quiet, igq_error *error);

// One run with its summary.
igq_status igq_run_one(const igq_run_request *request, const igq_run_outputs *outputs, igq_error *error);

// 1 if the option names more than one scheme: "all", or names with commas.
int igq_names_schemes(const char *scheme_option);

// A run for each scheme that request->scheme_name names, into a folder of its name each, and a table. A scheme that
// the machine cannot run is said in its row; if none can, that is an error.
igq_status igq_run_schemes(const igq_run_request *request, const igq_run_outputs *outputs, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
