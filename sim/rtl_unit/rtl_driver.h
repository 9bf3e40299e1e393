// SPDX-License-Identifier: Apache-2.0
// rtl_driver.h - streams layers through the Verilated group assignment unit, with stalls where asked for, collects its
// lists and holds every cycle of its handshakes against the timing contract (docs/timing.md).
#ifndef IGQ_RTL_DRIVER_H
#define IGQ_RTL_DRIVER_H
#include "rtl_unit.h"
#include <array>
#include <functional>

// A layer as the unit sees it: T tokens of C channels and the bounds of G groups; a list takes `capacity` channels at
// most, 0: no limit.
struct rtl_layer {
    int T, C, G, capacity;
    std::vector<int16_t> acts;         // [T][C]
    std::vector<int16_t> lower, upper; // (G)
};

struct rtl_entry {
    int group, channel;
    bool group_last, last;
    uint64_t cycle; // in which it was taken
};

// What came out for a layer, and in which cycles.
struct rtl_layer_result {
    std::vector<rtl_entry> entries;
    std::vector<int> counts; // (G) as they stood with the last entry
    uint64_t first_beat_cycle, last_beat_cycle, first_entry_cycle, last_entry_cycle; // in which they were taken
};

// Cycles that a side waits before an item of a layer; an empty function never waits.
struct rtl_stalls {
    using wait_cycles = std::function<int(int layer, int item)>;
    wait_cycles before_layer; // the handshake with the layer's counts, item 0
    wait_cycles before_beat;
    wait_cycles before_entry; // counted while the entry is offered
};

// How a unit may differ from ours: in when it does something, as long as streams are valid/ready, offers stay until
// they are taken, entries come after the layer's last activation, and something happens within limit_cycles.
struct rtl_freedom {
    bool any_cycle = false;
    uint64_t limit_cycles = 0; // any_cycle only
    bool has_counts = true;    // false: they are those of its entries
};

enum rtl_phase { RTL_IDLE, RTL_SCORE, RTL_EMIT, RTL_PHASE_COUNT };

// Cycles by what was at work: [ranges of a layer are taken][phase of the layer before].
using rtl_phase_cycles = std::array<std::array<uint64_t, RTL_PHASE_COUNT>, 2>;

// What the unit must offer in the present cycle, from the handshakes of the cycles before.
class rtl_contract
{
  public:
    bool layer_ready() const { return layers_taken_ < layers_released_ + 2; }
    bool act_ready() const { return layers_taken_ > layers_ranged_; }
    bool list_valid() const { return layers_scored_ > layers_emitted_; }
    rtl_phase phase() const { return score_cycles_left_ > 0 ? RTL_SCORE : list_valid() ? RTL_EMIT : RTL_IDLE; }
    // End of the present cycle: which handshakes took place in it. score_cycles: of the layer taken.
    void cycle(bool layer_taken, uint64_t score_cycles, bool last_beat_taken, bool last_entry_taken);

  private:
    std::vector<uint64_t> score_cycles_; // of the layers taken
    int layers_taken_ = 0, layers_ranged_ = 0, layers_released_ = 0, layers_scored_ = 0, layers_emitted_ = 0;
    uint64_t score_cycles_left_ = 0;
};

// Answer of the C model for a layer, and the repairs of a unit with so many distance lanes.
struct rtl_answer {
    std::vector<int16_t> lo, hi; // (C)
    std::vector<uint16_t> group; // (C)
    int repairs;
};
rtl_answer rtl_answer_of(const rtl_layer &layer, const rtl_point &point);

class rtl_driver
{
  public:
    rtl_driver(rtl_unit &unit, const rtl_point &point, const std::vector<rtl_layer> &layers, const rtl_stalls &stalls,
               const rtl_freedom &freedom = {});

    // One cycle: false when the unit departs from the contract or fails an assertion; what() says how.
    bool step();
    bool done() const { return emit_layer_ == layers_.size(); }
    // Steps until done; a unit that stops answering is a departure too, since the contract says what it must offer.
    bool run();

    const std::vector<rtl_layer_result> &results() const { return results_; }
    const std::string &what() const { return what_; }
    uint64_t cycle() const { return cycle_; }
    size_t layer() const { return emit_layer_; } // whose lists are awaited
    const rtl_phase_cycles &phase_cycles() const { return phase_cycles_; }

  private:
    void offer_layer();
    void offer_beat();
    void check(const char *name, bool got, bool expected);
    void check_contract(const rtl_outputs &out);
    void check_protocol(const rtl_outputs &out);
    void collect(const rtl_outputs &out);
    int beats_per_token(const rtl_layer &layer) const;

    rtl_unit &unit_;
    rtl_point point_;
    const std::vector<rtl_layer> &layers_;
    rtl_stalls stalls_;
    rtl_freedom freedom_;
    rtl_contract contract_;       // not followed where any cycle will do
    rtl_outputs offered_ = {};    // an entry that was not taken
    uint64_t progress_cycle_ = 0; // of the last handshake
    rtl_inputs in_ = {};
    std::vector<rtl_layer_result> results_;
    std::string what_;
    uint64_t cycle_ = 0;
    rtl_phase_cycles phase_cycles_ = {};
    // The three streams: layer and item that comes next, cycles still to wait before it.
    size_t config_layer_ = 0, range_layer_ = 0, emit_layer_ = 0;
    int bound_ = 0, beat_ = 0;
    int config_wait_ = 0, beat_wait_ = 0, entry_wait_ = 0;
};

// Resets the unit: one cycle with everything else idle.
void rtl_reset(rtl_unit &unit, const rtl_point &point);

#endif
