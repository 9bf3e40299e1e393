// SPDX-License-Identifier: Apache-2.0
// run.h - what `igqsim run` does: load, see each image (execute it, read it from a trace, or draw it), time it.
#ifndef IGQ_RUN_H
#define IGQ_RUN_H
#include "error.h"
#include "machine.h"
#include "run_result.h"
#include "string_list.h"
#include "technology.h"
#include "trace_file.h"
#include "user_unit.h"

#ifdef __cplusplus
extern "C" {
#endif

// Inputs that the caller has read already, for many runs on the same ones. Members that are NULL are read from the
// paths of the request; the paths of the others only go into the report.
typedef struct igq_run_loaded {
    const igq_accelerator *accelerator;
    const igq_workload *workload;
    const igq_calibration *calibration;
    igq_trace *trace;
    const igq_input_file *file; // (num_files) files whose SHA-256 is known, those of a workload among them
    int num_files;
} igq_run_loaded;

typedef struct igq_run_request {
    const char *accelerator_path, *workload_path;
    const char *calibration_path;   // NULL only for shape-only runs
    const char *trace_path;         // or
    const char *weights_path;       // with
    const char *const *image_paths; // files and folders; or none of them: shape-only
    int num_image_paths;
    const char *inputs_path;  // tensors for the inputs of a graph, which is executed; NULL: none
    const char *outputs_path; // where its outputs go; NULL: nowhere
    const char *labels_path;  // NULL: none
    int skip_bad;             // 1: go on without images that cannot be read
    int num_jobs;             // processes for the images
    const char *scheme_name;  // NULL: the accelerator's
    igq_string_list sets;     // KEY=VALUE, of the machine and the workload, before those of their files
    const char *record_path;  // NULL: record nothing
    igq_assign_model assign_model;
    igq_user_unit *unit;              // works in the place of the machine's, opened by the run; NULL: none
    int datapath_rtl;                 // 1: the Verilated datapath works the tiles, beside the model
    const igq_machine_runner *runner; // the machine of a platform; NULL: igq_machine_run_planned
    int bounds_only;                  // 1: nothing is simulated, times are lower bounds (lower_bounds.h)
    const char *timeline_path;        // NULL: record no timeline
    const char *mapping_path;         // NULL: no layer has tiles of its own
    const char *dram_trace_path;      // NULL: write no trace of the DRAM
    const igq_technology *technology; // NULL: no energy is asked for
    const char *technology_path;      // for messages
    igq_run_loaded loaded;            // zeros: nothing
    const char *answers_path;         // executed images are kept there while the run goes on; NULL: nowhere
    int resume;                       // 1: take those that a killed run with the same inputs left there
} igq_run_request;

// *result is new; free it with igq_run_result_free.
igq_status igq_simulate(igq_run_result **result, const igq_run_request *request, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
