// SPDX-License-Identifier: Apache-2.0
#include "rtl_driver.h"
#include "assign.h"
#include "latency.h"
#include "range.h"
#include <algorithm>

namespace
{
int waits(const rtl_stalls::wait_cycles &stalls, size_t layer, int item)
{
    return stalls ? stalls(static_cast<int>(layer), item) : 0;
}

int entries_of(const rtl_layer_result &result, int group)
{
    return static_cast<int>(std::count_if(result.entries.begin(), result.entries.end(),
                                          [group](const rtl_entry &entry) { return entry.group == group; }));
}
} // namespace

rtl_answer rtl_answer_of(const rtl_layer &layer, const rtl_point &point)
{
    size_t C = static_cast<size_t>(layer.C);
    rtl_answer answer = {std::vector<int16_t>(C), std::vector<int16_t>(C), std::vector<uint16_t>(C), 0};
    igq_range_channels(answer.lo.data(), answer.hi.data(), layer.acts.data(), layer.T, layer.C);
    answer.repairs =
        igq_assign_limited(answer.group.data(), answer.lo.data(), answer.hi.data(), layer.lower.data(),
                           layer.upper.data(), layer.C, layer.G, point.distance, layer.capacity, point.distance_lanes);
    return answer;
}

void rtl_contract::cycle(bool layer_taken, uint64_t score_cycles, bool last_beat_taken, bool last_entry_taken)
{
    if (layer_taken) {
        score_cycles_.push_back(score_cycles);
        layers_taken_++;
    }
    layers_ranged_ += last_beat_taken;
    layers_emitted_ += last_entry_taken;
    if (score_cycles_left_ > 0) {
        score_cycles_left_--;
        layers_released_ += score_cycles_left_ == 1; // the next counts may come in the last cycle of a score
        layers_scored_ += score_cycles_left_ == 0;
    } else if (layers_ranged_ > layers_scored_ && layers_scored_ == layers_emitted_) {
        score_cycles_left_ = score_cycles_[static_cast<size_t>(layers_scored_)];
    }
}

rtl_driver::rtl_driver(rtl_unit &unit, const rtl_point &point, const std::vector<rtl_layer> &layers,
                       const rtl_stalls &stalls, const rtl_freedom &freedom)
    : unit_(unit), point_(point), layers_(layers), stalls_(stalls), freedom_(freedom), results_(layers.size())
{
    in_.act.resize(static_cast<size_t>(point.range_lanes));
    config_wait_ = waits(stalls_.before_layer, 0, 0);
    beat_wait_ = waits(stalls_.before_beat, 0, 0);
    entry_wait_ = waits(stalls_.before_entry, 0, 0);
}

int rtl_driver::beats_per_token(const rtl_layer &layer) const
{
    return (layer.C + point_.range_lanes - 1) / point_.range_lanes;
}

// Bounds one by one, then the counts, held until taken.
void rtl_driver::offer_layer()
{
    in_.bound_we = in_.layer_valid = false;
    if (config_layer_ == layers_.size())
        return;
    const rtl_layer &layer = layers_[config_layer_];
    if (bound_ < layer.G) {
        in_.bound_we = true;
        in_.bound_group = bound_;
        in_.bound_lower = layer.lower[static_cast<size_t>(bound_)];
        in_.bound_upper = layer.upper[static_cast<size_t>(bound_)];
        bound_++;
    } else if (config_wait_ > 0) {
        config_wait_--;
    } else {
        in_.layer_valid = true;
        in_.num_tokens = layer.T;
        in_.num_channels = layer.C;
        in_.num_groups = layer.G;
        in_.capacity = layer.capacity;
    }
}

// Lanes beyond the last channel carry the extremes, which must not be seen.
void rtl_driver::offer_beat()
{
    in_.act_valid = false;
    if (range_layer_ == layers_.size())
        return;
    if (beat_wait_ > 0) {
        beat_wait_--;
        return;
    }
    in_.act_valid = true;
    const rtl_layer &layer = layers_[range_layer_];
    int token = beat_ / beats_per_token(layer);
    int first = beat_ % beats_per_token(layer) * point_.range_lanes;
    int used = std::min(point_.range_lanes, layer.C - first);
    std::copy_n(layer.acts.begin() + static_cast<ptrdiff_t>(token) * layer.C + first, used, in_.act.begin());
    std::fill(in_.act.begin() + used, in_.act.end(), static_cast<int16_t>(token % 2 ? INT16_MIN : INT16_MAX));
}

void rtl_driver::check(const char *name, bool got, bool expected)
{
    if (got != expected && what_.empty())
        what_ = std::string(name) + " is " + (got ? "1" : "0") + ", the timing contract says " + (expected ? "1" : "0");
}

void rtl_driver::check_contract(const rtl_outputs &out)
{
    check("layer_ready_o", out.layer_ready, contract_.layer_ready());
    check("act_ready_o", out.act_ready, contract_.act_ready());
    check("list_valid_o", out.list_valid, contract_.list_valid());
    if (what_.empty())
        phase_cycles_[contract_.act_ready()][contract_.phase()]++;
}

void rtl_driver::check_protocol(const rtl_outputs &out)
{
    const rtl_outputs &was = offered_;
    if (was.list_valid && !out.list_valid)
        what_ = "list_valid_o falls before the entry is taken";
    else if (was.list_valid && (was.list_group != out.list_group || was.list_channel != out.list_channel ||
                                was.list_group_last != out.list_group_last || was.list_last != out.list_last))
        what_ = "the list entry changes before it is taken";
    else if (out.list_valid && emit_layer_ == range_layer_)
        what_ = "a list entry is offered before the layer's last activation is taken";
    else if (cycle_ - progress_cycle_ > freedom_.limit_cycles)
        what_ = "no handshake for " + std::to_string(freedom_.limit_cycles) + " cycles; layer_ready_o is " +
                std::to_string(out.layer_ready) + ", act_ready_o " + std::to_string(out.act_ready) + ", list_valid_o 0";
}

void rtl_driver::collect(const rtl_outputs &out)
{
    rtl_layer_result &result = results_[emit_layer_];
    if (result.entries.size() == static_cast<size_t>(layers_[emit_layer_].C))
        what_ = "more list entries than channels";
    if (result.entries.empty())
        result.first_entry_cycle = cycle_;
    result.last_entry_cycle = cycle_;
    result.entries.push_back({out.list_group, out.list_channel, out.list_group_last, out.list_last, cycle_});
    if (out.list_last) {
        for (int g = 0; g < layers_[emit_layer_].G; g++)
            result.counts.push_back(freedom_.has_counts ? unit_.count(g) : entries_of(result, g));
        emit_layer_++;
    }
    entry_wait_ = waits(stalls_.before_entry, emit_layer_, static_cast<int>(out.list_last ? 0 : result.entries.size()));
}

bool rtl_driver::step()
{
    rtl_outputs out = unit_.outputs();
    freedom_.any_cycle ? check_protocol(out) : check_contract(out);
    if (!what_.empty())
        return false;

    if (!in_.layer_valid)
        offer_layer();
    if (!in_.act_valid)
        offer_beat();
    in_.list_ready = entry_wait_ == 0;
    bool layer_taken = in_.layer_valid && out.layer_ready;
    bool beat_taken = in_.act_valid && out.act_ready;
    bool entry_taken = in_.list_ready && out.list_valid;
    if (out.list_valid && entry_wait_ > 0)
        entry_wait_--;
    if (entry_taken)
        collect(out);
    unit_.cycle(in_);

    uint64_t score_cycles = 0;
    bool last_beat_taken = false;
    if (layer_taken) {
        const rtl_layer &layer = layers_[config_layer_];
        score_cycles = igq_score_cycles(layer.C, point_.distance_lanes, rtl_answer_of(layer, point_).repairs);
        in_.layer_valid = false;
        bound_ = 0;
        config_wait_ = waits(stalls_.before_layer, ++config_layer_, 0);
    }
    if (beat_taken) {
        const rtl_layer &layer = layers_[range_layer_];
        rtl_layer_result &result = results_[range_layer_];
        if (beat_ == 0)
            result.first_beat_cycle = cycle_;
        result.last_beat_cycle = cycle_;
        last_beat_taken = ++beat_ == layer.T * beats_per_token(layer);
        if (last_beat_taken) {
            range_layer_++;
            beat_ = 0;
        }
        in_.act_valid = false;
        beat_wait_ = waits(stalls_.before_beat, range_layer_, beat_);
    }
    offered_ = out;
    offered_.list_valid = out.list_valid && !entry_taken;
    if (layer_taken || beat_taken || entry_taken || in_.bound_we || offered_.list_valid)
        progress_cycle_ = cycle_;
    if (!freedom_.any_cycle)
        contract_.cycle(layer_taken, score_cycles, last_beat_taken, entry_taken && out.list_last);
    cycle_++;
    if (unit_.failed())
        what_ = "an assertion of the RTL failed";
    return what_.empty();
}

bool rtl_driver::run()
{
    while (!done()) {
        if (!step())
            return false;
    }
    return true;
}

void rtl_reset(rtl_unit &unit, const rtl_point &point)
{
    rtl_inputs in = {};
    in.reset = true;
    in.act.resize(static_cast<size_t>(point.range_lanes));
    unit.cycle(in);
}
