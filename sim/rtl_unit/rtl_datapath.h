// SPDX-License-Identifier: Apache-2.0
// rtl_datapath.h - the Verilated datapath (rtl/datapath) of a machine: built on the fly for the machine's parameters,
// fed with the operands of a tile, with stalls where asked for.
#ifndef IGQ_RTL_DATAPATH_H
#define IGQ_RTL_DATAPATH_H
#include "accelerator.h"
#include "error.h"
#include "grouping.h"
#include "igq_datapath_pins.h"
#include "quant.h"
#include "verilate.h"
#include <functional>
#include <memory>
#include <vector>

// The RTL of a machine: how operands lie in its banks, and what fits.
struct datapath_point {
    std::vector<std::pair<std::string, std::string>> parameters; // of rtl/datapath/igq_datapath.sv
    int in_turn, num_arrays, lanes, vector_length, tokens_in_flight, mac_bits, num_banks;
    int planes_per_word, tokens_per_word;
    int post_lanes;
    int max_groups, max_channels, token_blocks, output_blocks;
};

// The largest tile that a point takes.
struct datapath_size {
    int max_groups, max_channels; // on its lists, channels numbered from 0
    int token_blocks, output_blocks;
};

// IGQ_USER_ERROR with the key, and what is allowed, where there is no RTL for a machine.
igq_status datapath_point_of(datapath_point *point, const igq_accelerator &accelerator, const datapath_size &size,
                             igq_error *error);

// A tile with all its operands: T tokens, O outputs, C channels on the lists of a grouping.
struct datapath_tile {
    int T, O, C;
    int act_bits, weight_bits;
    int block_tokens;                     // tokens in flight that are used
    bool codes;                           // activations are codes, not values
    bool rows;                            // a group belongs to a token: one list, token_group says whose
    std::vector<int16_t> acts;            // [T][C]
    std::vector<uint8_t> weights;         // [O][C] codes
    std::vector<uint8_t> weight_zero;     // (O)
    std::vector<float> weight_scale;      // (O)
    std::vector<float> bias;              // (O); -0: none
    std::vector<igq_quantizer> quantizer; // (groups)
    igq_group_scales scales;              // arrays of the caller, (groups)
    std::vector<int> token_group;         // (T), rows
    igq_grouping grouping;                // the lists; memory of the caller
};

// Cycles that a side waits, asked before each item; an empty function never waits.
struct datapath_stalls {
    std::function<int()> before_fill, before_list, before_tile, before_output;
};

struct datapath_result {
    std::vector<float> y;      // [T][O]
    std::vector<uint8_t> seen; // [T][O] how often it came
    uint64_t cycles;           // from the command to the last output, without those in which an output waited
    std::string fault;         // an assertion of the RTL, or a tile that does not end
};

class rtl_datapath
{
  public:
    // Opens the library, building it where the cache has none. trace: with waveforms.
    igq_status open(const datapath_point &point, const std::string &label, bool trace, igq_error *error);
    // The same of somebody else's (user_datapath.h); warnings: of Verilator.
    igq_status open(const datapath_point &point, const verilate_request &request, std::string *warnings,
                    igq_error *error);
    ~rtl_datapath();

    void open_waveform(const std::string &path);
    // Fills buffers, tables and lists, works the tile. Gives up after `limit_cycles` without an end.
    datapath_result run(const datapath_tile &tile, const igq_accelerator &accelerator, const datapath_stalls &stalls,
                        uint64_t limit_cycles);
    uint64_t cycles() const { return cycle_; } // of all that the unit has done

    // No RTL, but somebody who watches the pins (functions->destroy ends it).
    void attach(const datapath_point &point, const igq_datapath_library *functions, void *unit);

  private:
    void reset();
    void await(const uint32_t &ready, const char *port);
    void check_offer(datapath_result &result, bool taken);
    void idle(int cycles);
    void fill(uint32_t kind, uint32_t index, uint32_t addr, const std::vector<uint32_t> &data,
              const datapath_stalls &stalls);
    void fill_weights(const datapath_tile &tile, const igq_accelerator &accelerator, const datapath_stalls &stalls);
    void fill_acts(const datapath_tile &tile, const datapath_stalls &stalls);
    void fill_tables(const datapath_tile &tile, const datapath_stalls &stalls);
    void fill_lists(const datapath_tile &tile, const igq_accelerator &accelerator, const datapath_stalls &stalls);
    void command(const datapath_tile &tile, const igq_accelerator &accelerator);
    void collect(datapath_result &result, const datapath_tile &tile);
    void cycle();

    datapath_point point_;
    verilated_library library_;
    const igq_datapath_library *functions_ = nullptr;
    void *unit_ = nullptr;
    igq_datapath_pins pins_ = {};
    uint64_t cycle_ = 0;
    std::string fault_;              // between tiles
    igq_datapath_pins offered_ = {}; // the output of the cycle before, if it was not taken
};

#endif
