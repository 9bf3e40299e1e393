// SPDX-License-Identifier: Apache-2.0
#include "cosim_batch.h"
#include "cosim_compare.h"
#include "cosim_systemc.h"
#include "latency.h"
#include <algorithm>

namespace
{
const uint64_t waveform_cycles_after = 20;

// A unit under reset; where the batch says so, a reset that cuts a first run of its layers short.
std::unique_ptr<rtl_unit> make_and_reset(const rtl_point &point, const cosim_batch &batch,
                                         const rtl_unit_maker &make_unit)
{
    auto unit = make_unit(point);
    rtl_reset(*unit, point);
    if (batch.reset_cycle > 0) {
        rtl_driver interrupted(*unit, point, batch.layers, batch.stalls(), batch.freedom);
        while (!interrupted.done() && interrupted.cycle() < batch.reset_cycle && interrupted.step()) {
        }
        rtl_reset(*unit, point);
    }
    return unit;
}

std::string layer_text(const cosim_batch &batch, size_t index)
{
    return batch.name + ", layer " + std::to_string(index) +
           (index < batch.layer_names.size() ? " (" + batch.layer_names[index] + ")" : "");
}

void add_totals(cosim_totals &totals, const rtl_point &point, const cosim_batch &batch, const rtl_driver &driver)
{
    totals.cycles += driver.cycle();
    for (size_t ranges = 0; ranges < totals.phase_cycles.size(); ranges++) {
        for (size_t phase = 0; phase < RTL_PHASE_COUNT; phase++)
            totals.phase_cycles[ranges][phase] += driver.phase_cycles()[ranges][phase];
    }
    for (size_t i = 0; i < driver.layer(); i++) {
        totals.layers++;
        totals.channels += static_cast<uint64_t>(batch.layers[i].C);
        totals.tokens += static_cast<uint64_t>(batch.layers[i].T);
        cosim_count_corners(totals.corners, point, batch.layers, driver.results(), i);
        for (cosim_corner corner : batch.corners)
            totals.corners[corner]++;
    }
}

// Adds the phases of a layer of a batch without stalls. What leaves the window, in words.
std::string compare_phases(cosim_totals &totals, const rtl_point &point, const cosim_batch &batch,
                           const std::vector<rtl_layer_result> &results, size_t i)
{
    static const char *const names[] = {"range", "score", "emission"};
    const rtl_layer &layer = batch.layers[i];
    const rtl_layer_result &result = results[i];
    uint64_t ready = std::max(result.last_beat_cycle, i > 0 ? results[i - 1].last_entry_cycle : 0);
    const uint64_t cycles[] = {result.last_beat_cycle - result.first_beat_cycle + 1,
                               result.first_entry_cycle - ready - 1,
                               result.last_entry_cycle - result.first_entry_cycle + 1};
    const uint64_t closed[] = {igq_range_cycles(layer.T, layer.C, point.range_lanes),
                               igq_score_cycles(layer.C, point.distance_lanes, rtl_answer_of(layer, point).repairs),
                               static_cast<uint64_t>(layer.C)};
    std::string text;
    for (int p = 0; p < IGQ_COSIM_PHASES; p++) {
        igq_cosim_add_phase(&totals.phase[p], cycles[p], closed[p]);
        uint64_t apart = std::max(cycles[p], closed[p]) - std::min(cycles[p], closed[p]);
        if (text.empty() && batch.window_cycles >= 0 && apart > static_cast<uint64_t>(batch.window_cycles))
            text = std::string("the ") + names[p] + " phase takes " + std::to_string(cycles[p]) +
                   " cycles, its closed form says " + std::to_string(closed[p]) + "; the window is " +
                   std::to_string(batch.window_cycles);
    }
    return text;
}
} // namespace

uint64_t cosim_limit_cycles(const std::vector<rtl_layer> &layers)
{
    uint64_t most = 0;
    for (const rtl_layer &layer : layers)
        most = std::max(most, static_cast<uint64_t>(layer.C) * static_cast<uint64_t>(layer.G));
    return 1000 + 16 * most;
}

cosim_mismatch cosim_run_batch(cosim_totals &totals, const rtl_point &point, const cosim_batch &batch,
                               const rtl_unit_maker &make_unit)
{
    auto unit = make_and_reset(point, batch, make_unit);
    rtl_stalls stalls = batch.stalls();
    rtl_driver driver(*unit, point, batch.layers, stalls, batch.freedom);
    bool ran = driver.run();
    add_totals(totals, point, batch, driver);
    auto mismatch = [&](size_t layer, const std::string &text, uint64_t cycle, uint64_t context_cycles) {
        return cosim_mismatch{layer_text(batch, layer) + ", cycle " + std::to_string(cycle) + ": " + text, cycle,
                              context_cycles};
    };
    // Where the unit stopped in a layer, its first entries may show why.
    const size_t last_begun = std::min(driver.layer(), batch.layers.size() - 1);
    for (size_t i = 0; i <= last_begun; i++) {
        uint64_t cycle;
        std::string difference = cosim_difference(batch.layers[i], driver.results()[i], point.distance, &cycle);
        if (!difference.empty()) // score and emission led to it
            return mismatch(i, difference + (ran || i < last_begun ? "" : "; " + driver.what()), cycle,
                            cycle - driver.results()[i].first_entry_cycle +
                                igq_score_cycles(batch.layers[i].C, point.distance_lanes, batch.layers[i].G));
    }
    if (!ran)
        return mismatch(last_begun, driver.what(), driver.cycle(), 0);
    if (batch.freedom.any_cycle) {
        bool stalled = stalls.before_layer || stalls.before_beat || stalls.before_entry;
        for (size_t i = 0; !stalled && i < batch.layers.size(); i++) {
            std::string text = compare_phases(totals, point, batch, driver.results(), i);
            if (!text.empty())
                return mismatch(i, text, driver.results()[i].last_entry_cycle, 0);
        }
        return {"", 0, 0};
    }
    auto difference =
        cosim_compare_systemc(point, batch.layers, driver.results(), static_cast<bool>(stalls.before_entry));
    if (!difference.text.empty())
        return mismatch(difference.layer, difference.text, driver.results()[difference.layer].last_entry_cycle, 0);
    return {"", 0, 0};
}

void cosim_write_waveform(const std::string &path, const rtl_point &point, const cosim_batch &batch,
                          const cosim_mismatch &mismatch, const rtl_unit_maker &make_unit)
{
    const uint64_t before = mismatch.context_cycles + 100;
    auto unit = make_and_reset(point, batch, make_unit);
    rtl_driver driver(*unit, point, batch.layers, batch.stalls(), batch.freedom);
    while (driver.cycle() + before < mismatch.cycle && driver.step()) {
    }
    unit->open_waveform(path);
    while (!driver.done() && driver.cycle() < mismatch.cycle + waveform_cycles_after && driver.step()) {
    }
    unit->close_waveform();
}
