// SPDX-License-Identifier: Apache-2.0
// cosim_datapath.h - holds the RTL of the datapath against the models: random tiles, with random stalls on all sides;
// every output in every bit (models/numbers/gemm.h), and the cycles of every tile (models/timing/array_timing.h).
#ifndef IGQ_COSIM_DATAPATH_H
#define IGQ_COSIM_DATAPATH_H
#include "cosim.h"
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_cosim_datapath_cfg {
    const igq_accelerator *accelerator;
    const igq_accelerator *timing; // the machine whose cycles are expected; NULL: the same
    int num_tiles;
    uint64_t seed;          // of the first tile; the next has the next seed
    const char *output_dir; // for the waveform of a mismatch; exists
    const char *command;    // that reproduces this run without --random, --seed and -o
    igq_cosim_user user;    // num_files 0: the datapath of rtl/
    igq_cosim_latency latency;
    uint64_t window_cycles; // of IGQ_COSIM_WINDOW, for a tile
    uint64_t limit_cycles;  // of a tile, but for IGQ_COSIM_EXACT; 0: by what the model says
} igq_cosim_datapath_cfg;

typedef struct igq_cosim_datapath_result {
    uint64_t tiles, sums, tile_cycles, cycles; // cycles of the RTL in all, and of the tiles without stalls
    igq_cosim_phase tile;                      // cycles of a tile, and by the model
    igq_cosim_latency latency;
    char warnings[8 * IGQ_COSIM_TEXT_BYTES]; // of Verilator
    double host_seconds;                     // that the RTL took
    int mismatch;                            // 1: the texts below say where
    char difference[1024];
    char reproducer[1024]; // command
    char waveform[1024];   // path of the FST file; empty where none could be made
} igq_cosim_datapath_result;

// Runs until the end or the first mismatch. IGQ_USER_ERROR when the machine has no RTL, or it does not build.
igq_status igq_cosim_datapath_run(igq_cosim_datapath_result *result, const igq_cosim_datapath_cfg *cfg,
                                  igq_error *error);

void igq_cosim_datapath_print(FILE *out, const igq_cosim_datapath_result *result);

#ifdef __cplusplus
}
#endif
#endif
