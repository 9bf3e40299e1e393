// SPDX-License-Identifier: Apache-2.0
// cosim_batch.h - layers that follow each other through one unit under one set of stalls, compared with the C model and
// the SystemC module.
#ifndef IGQ_COSIM_BATCH_H
#define IGQ_COSIM_BATCH_H
#include "cosim.h"
#include "cosim_layers.h"

struct cosim_batch {
    std::string name;
    std::vector<rtl_layer> layers;
    std::vector<std::string> layer_names; // may be empty
    std::function<rtl_stalls()> stalls;   // the same at each call, so that a batch can run again
    std::vector<cosim_corner> corners;    // that the batch is as a whole
    rtl_freedom freedom;
    int64_t window_cycles = -1; // >= 0: phases may differ so far from their closed forms
    uint64_t reset_cycle = 0;   // > 0: cut short by a reset in this cycle, then run in full
};

struct cosim_totals {
    uint64_t layers = 0, channels = 0, tokens = 0, cycles = 0;
    rtl_phase_cycles phase_cycles = {};
    cosim_corners corners = cosim_corners(COSIM_CORNER_COUNT);
    igq_cosim_phase phase[IGQ_COSIM_PHASES] = {};
};

struct cosim_mismatch {
    std::string text;        // empty: none
    uint64_t cycle;          // of the run after the reset, in which it was seen
    uint64_t context_cycles; // cycles before it that led to it
};

// The test of the messages puts a faulty unit here.
using rtl_unit_maker = std::function<std::unique_ptr<rtl_unit>(const rtl_point &)>;

// Runs a batch on a unit just made, adds to totals, and compares.
cosim_mismatch cosim_run_batch(cosim_totals &totals, const rtl_point &point, const cosim_batch &batch,
                               const rtl_unit_maker &make_unit);

// The largest wait for a handshake that a layer of this size may need, by far.
uint64_t cosim_limit_cycles(const std::vector<rtl_layer> &layers);

// Runs it again up to shortly after the mismatch, with a waveform of the cycles around it.
void cosim_write_waveform(const std::string &path, const rtl_point &point, const cosim_batch &batch,
                          const cosim_mismatch &mismatch, const rtl_unit_maker &make_unit);

// igq_cosim_run with units from make_unit.
igq_status cosim_run(igq_cosim_result *result, const igq_cosim_cfg *cfg, const rtl_unit_maker &make_unit,
                     igq_error *error);

#endif
