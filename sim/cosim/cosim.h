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

typedef struct igq_cosim_cfg {
    const igq_accelerator *accelerator;
    const igq_cosim_layer *layers; // of a trace, in order; NULL when num_layers is 0
    int num_layers;
    int num_random; // random layers after corner cases and trace
    uint64_t seed;
    const char *output_dir; // for the waveform of a mismatch; exists
    const char *command;    // that reproduces this run without --random, --seed and -o
} igq_cosim_cfg;

#define IGQ_COSIM_MAX_CORNERS 24
#define IGQ_COSIM_TEXT_BYTES 1024

typedef struct igq_cosim_result {
    const char *rtl_point;                     // name of the build in rtl/CMakeLists.txt
    uint64_t layers, channels, tokens, cycles; // cycles of the RTL; a layer counts once per run of it
    uint64_t phase_cycles[2][3]; // of them, [ranges of a layer are taken][neither, score, emission of the layer before]
    int num_corners;
    const char *corner_names[IGQ_COSIM_MAX_CORNERS];
    uint64_t corner_layers[IGQ_COSIM_MAX_CORNERS]; // layers that were this corner case
    double host_seconds;                           // that the RTL took
    int mismatch;                                  // 1: the texts below say where
    char difference[IGQ_COSIM_TEXT_BYTES];
    char reproducer[IGQ_COSIM_TEXT_BYTES]; // command
    char waveform[IGQ_COSIM_TEXT_BYTES];   // path of the FST file
} igq_cosim_result;

// Runs until the end or the first mismatch. IGQ_USER_ERROR when no RTL is built for the machine or a layer passes its
// limits.
igq_status igq_cosim_run(igq_cosim_result *result, const igq_cosim_cfg *cfg, igq_error *error);

// The result as text for people.
void igq_cosim_print(FILE *out, const igq_cosim_result *result);

#ifdef __cplusplus
}
#endif
#endif
