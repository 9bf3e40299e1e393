// SPDX-License-Identifier: Apache-2.0
// cosim.h - holds RTL, SystemC module and C model of the group assignment together: the same layers through all of
// them, with stalls on both sides, every list entry, count and cycle compared.
#ifndef IGQ_COSIM_H
#define IGQ_COSIM_H
#include "accelerator.h"
#include "error.h"
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

// A layer of a trace: activations with exactly these ranges are driven.
typedef struct igq_cosim_layer {
    const char *name;
    int observations, members, num_groups; // tokens, channels, groups of the module
    const int16_t *lo, *hi;                // (members)
    const int16_t *lower, *upper;          // (num_groups)
} igq_cosim_layer;

// Somebody else's unit (user_rtl.h).
typedef struct igq_cosim_user {
    const char *const *files;
    int num_files; // 0: the unit of rtl/
    const char *top;
    const char *ports_path; // NULL: ports as rtl/README.md names them
} igq_cosim_user;

typedef enum igq_cosim_latency {
    IGQ_COSIM_EXACT,  // cycle by cycle as docs/timing.md
    IGQ_COSIM_WINDOW, // every phase of every layer within so many cycles of its closed form
    IGQ_COSIM_ANY     // any cycles, as long as something happens
} igq_cosim_latency;

typedef struct igq_cosim_cfg {
    const igq_accelerator *accelerator;
    const igq_cosim_layer *layers; // of a trace, in order; NULL when num_layers is 0
    int num_layers;
    int num_random; // random layers after corner cases and trace
    uint64_t seed;
    const char *output_dir; // for the waveform of a mismatch; exists
    const char *command;    // that reproduces this run without --random, --seed and -o
    igq_cosim_user user;
    igq_cosim_latency latency;
    uint64_t window_cycles; // of IGQ_COSIM_WINDOW
    uint64_t limit_cycles;  // without a handshake, but for IGQ_COSIM_EXACT; 0: by the size of the layers
} igq_cosim_cfg;

// Cycles of a phase over the layers that met no stalls, and by the closed forms of docs/timing.md.
typedef struct igq_cosim_phase {
    uint64_t layers, first, least, most, sum;
    uint64_t closed_first, closed_least, closed_most, closed_sum;
} igq_cosim_phase;
enum { IGQ_COSIM_RANGE, IGQ_COSIM_SCORE, IGQ_COSIM_EMISSION, IGQ_COSIM_PHASES };

#define IGQ_COSIM_MAX_CORNERS 24
#define IGQ_COSIM_TEXT_BYTES 1024

typedef struct igq_cosim_result {
    const char *rtl_point;                     // name of the build in rtl/CMakeLists.txt, or of the user's top
    uint64_t layers, channels, tokens, cycles; // cycles of the RTL; a layer counts once per run of it
    uint64_t phase_cycles[2][3]; // of them, [ranges of a layer are taken][neither, score, emission of the layer before]
    igq_cosim_phase phase[IGQ_COSIM_PHASES]; // of somebody else's unit
    igq_cosim_latency latency;
    char warnings[8 * IGQ_COSIM_TEXT_BYTES]; // of Verilator
    int num_corners;
    const char *corner_names[IGQ_COSIM_MAX_CORNERS];
    uint64_t corner_layers[IGQ_COSIM_MAX_CORNERS]; // layers that were this corner case
    double host_seconds;                           // that the RTL took
    int mismatch;                                  // 1: the texts below say where
    char difference[IGQ_COSIM_TEXT_BYTES];
    char reproducer[IGQ_COSIM_TEXT_BYTES]; // command
    char waveform[IGQ_COSIM_TEXT_BYTES];   // path of the FST file
} igq_cosim_result;

// Runs until the end or the first mismatch. IGQ_USER_ERROR when no RTL is built for the machine, a layer passes its
// limits, or the user's RTL does not build.
igq_status igq_cosim_run(igq_cosim_result *result, const igq_cosim_cfg *cfg, igq_error *error);

// The result as text for people; of it, the phases alone.
void igq_cosim_print(FILE *out, const igq_cosim_result *result);
void igq_cosim_add_phase(igq_cosim_phase *phase, uint64_t cycles, uint64_t closed_cycles);
void igq_cosim_print_phase(FILE *out, const char *name, const igq_cosim_phase *phase); // two lines of the table
void igq_cosim_print_phases(FILE *out, const igq_cosim_phase phase[IGQ_COSIM_PHASES]);

#ifdef __cplusplus
}
#endif
#endif
