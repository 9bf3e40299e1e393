// SPDX-License-Identifier: Apache-2.0
// rtl_unit.h - the Verilated group assignment unit, pin by pin.
#ifndef IGQ_RTL_UNIT_H
#define IGQ_RTL_UNIT_H
#include "rtl_point.h"
#include <memory>
#include <string>

struct rtl_inputs {
    bool reset;
    bool bound_we;
    int bound_group;
    int16_t bound_lower, bound_upper;
    bool layer_valid;
    int num_tokens, num_channels, num_groups, capacity;
    bool act_valid;
    std::vector<int16_t> act; // one per range lane
    bool list_ready;
};

// No output depends on an input of the same cycle.
struct rtl_outputs {
    bool layer_ready;
    bool act_ready;
    bool list_valid, list_group_last, list_last;
    int list_group, list_channel;
};

class rtl_unit
{
  public:
    static std::unique_ptr<rtl_unit> make(const rtl_point &point);
    virtual ~rtl_unit() = default;

    // Outputs of the present cycle, before its clock edge. Undefined before the first cycle under reset.
    virtual rtl_outputs outputs() const = 0;
    // Channels in a group, valid while list_valid.
    virtual int count(int group) const = 0;
    // Applies the inputs and passes to the next cycle.
    virtual void cycle(const rtl_inputs &inputs) = 0;
    // An assertion of the RTL has failed (it has printed its name).
    virtual bool failed() const = 0;
    // Writes all following cycles to an FST waveform.
    virtual void open_waveform(const std::string &path) = 0;
    virtual void close_waveform() = 0;
};

#endif
