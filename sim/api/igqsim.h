// SPDX-License-Identifier: Apache-2.0
// igqsim.h - the simulator as a library, for C, C++ and whatever calls C.
//
//   igq_simulator *simulator;
//   char *report;
//   igq_run_options options = igq_empty_options();
//   options.accelerator = "igq_temporal";
//   options.workload = "deit_tiny";
//   if (igq_open(&simulator) == IGQ_OK && igq_run(simulator, &options, &report) == IGQ_OK)
//       ... report is the text of a report.json
//   else
//       ... igq_error_message(simulator)
//   igq_free(report);
//   igq_close(simulator);
//
// Nothing here ends the program, prints, or writes files; faults are values, with a message in the handle. A handle
// belongs to one thread at a time; several handles may be used by several threads. What they compute goes on side by
// side, but SystemC has one simulation at a time, so that their machines run one after another. A program that uses
// SystemC itself may use this library too, but not from within its processes, nor while another thread simulates.
// A broken invariant of igqsim is an internal error where the machine finds it, and an assertion (abort) elsewhere.
#ifndef IGQSIM_H
#define IGQSIM_H
#include "igqsim_status.h"
#include <stddef.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQSIM_API __attribute__((visibility("default")))

// Grows when functions or members are added; a program that was built with a smaller one goes on working.
#define IGQ_ABI_VERSION 1
IGQSIM_API int igq_abi_version(void);
IGQSIM_API const char *igq_version(void); // as in "0.2.0", of the program as well

typedef struct igq_simulator igq_simulator;

// *simulator is new. Fails only if memory is short; *simulator is NULL then.
IGQSIM_API igq_status igq_open(igq_simulator **simulator);
IGQSIM_API void igq_close(igq_simulator *simulator); // NULL is fine

// Why the last call on this handle failed, one line for each fault, naming file, line, key, value and what is allowed;
// "" after one that did not. Valid until the next call. simulator may be NULL: "not enough memory".
IGQSIM_API const char *igq_error_message(const igq_simulator *simulator);

// Told what goes on: "image 3/12 chelsea". Called from within igq_run, in the thread that called it; must not call this
// library with the same handle. NULL: nobody wants to know.
typedef void igq_log(void *context, const char *message);
IGQSIM_API void igq_set_log(igq_simulator *simulator, igq_log *log, void *context);

// What `igqsim run` is told. Inputs are paths, or plain names of what comes with igqsim ("igq_temporal"); members that
// are NULL or 0 are not given. Begin with igq_empty_options().
typedef struct igq_run_options {
    size_t struct_bytes;                        // sizeof(igq_run_options), as the caller was built
    const char *accelerator, *accelerator_text; // one of both: a file, or what would stand in one (YAML)
    const char *workload, *workload_text;       // one of both
    const char *calibration, *calibration_text; // at most one; required with a trace or weights
    const char *technology;                     // the report has energy and area
    const char *trace;                          // recorded activations, or
    const char *weights;                        // a checkpoint to execute, on
    const char *const *images;                  // (num_images) photos and folders of them; else shapes alone
    size_t num_images;
    const char *inputs;      // tensors for the inputs of an ONNX network, which is executed
    const char *labels;      // of the images
    const char *scheme;      // instead of the machine's
    const char *const *sets; // (num_sets) words KEY=VALUE, instead of what the files of machine and workload say
    size_t num_sets;
    const char *mapping; // tiles of layers, fixed by name
    int assign_rtl;      // 1: group assignment by the RTL
} igq_run_options;

static inline igq_run_options igq_empty_options(void)
{
    igq_run_options options;
    memset(&options, 0, sizeof options);
    options.struct_bytes = sizeof options;
    return options;
}

// Simulates. *report_json: the text of the report.json that `igqsim run` writes, byte for byte if it is given the same
// paths and --no-html -j 1; free it with igq_free. NULL after a failure. IGQ_USER_ERROR: something in the options;
// IGQ_INTERNAL_ERROR: a fault of igqsim, or no memory. The next run does not notice.
IGQSIM_API igq_status igq_run(igq_simulator *simulator, const igq_run_options *options, char **report_json);

// The machine of accelerator (or accelerator_text), sets and scheme, all its keys resolved, as JSON with the keys of a
// machine file, and `peak_macs_per_cycle`; the other options are ignored.
IGQSIM_API igq_status igq_describe(igq_simulator *simulator, const igq_run_options *options, char **machine_json);

// Frees a text that this library gave. NULL is fine.
IGQSIM_API void igq_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
