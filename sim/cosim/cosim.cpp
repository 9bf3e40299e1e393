// SPDX-License-Identifier: Apache-2.0
#include "cosim.h"
#include "cosim_batch.h"
#include "latency.h"
#include "user_rtl.h"
#include <algorithm>
#include <chrono>
#include <cstdio>

static_assert(RTL_PHASE_COUNT == 3, "room for the cycles of all phases");
static_assert(COSIM_CORNER_COUNT <= IGQ_COSIM_MAX_CORNERS, "room for the counts of all corner cases");

namespace
{
const int random_layers_per_batch = 16;
const uint64_t corner_seed = 1; // corner cases are the same in every run
const int num_stall_kinds = 4;  // of cosim_random_stalls
const char *const stall_names[num_stall_kinds] = {"no stalls", "activations stalled", "lists stalled",
                                                  "both sides stalled"};

class cosim_session
{
  public:
    cosim_session(igq_cosim_result &result, const igq_cosim_cfg &cfg, const rtl_point &point,
                  const rtl_unit_maker &make_unit, const rtl_unit_maker &make_traced, bool has_counts)
        : result_(result), cfg_(cfg), point_(point), make_unit_(make_unit), make_traced_(make_traced),
          has_counts_(has_counts)
    {
    }

    void run()
    {
        bool agree = run_corner_cases() && run_resets() && run_every_stall() && run_trace() && run_random();
        result_.mismatch = !agree;
        result_.layers = totals_.layers;
        result_.channels = totals_.channels;
        result_.tokens = totals_.tokens;
        result_.cycles = totals_.cycles;
        for (size_t ranges = 0; ranges < totals_.phase_cycles.size(); ranges++)
            std::copy(totals_.phase_cycles[ranges].begin(), totals_.phase_cycles[ranges].end(),
                      result_.phase_cycles[ranges]);
        std::copy(std::begin(totals_.phase), std::end(totals_.phase), result_.phase);
        result_.latency = cfg_.latency;
        result_.num_corners = COSIM_CORNER_COUNT;
        for (size_t i = 0; i < totals_.corners.size(); i++) {
            result_.corner_names[i] = cosim_corner_names[i];
            result_.corner_layers[i] = totals_.corners[i];
        }
    }

  private:
    cosim_batch make_batch(const std::string &name, const std::vector<rtl_layer> &layers, uint64_t seed,
                           int stall_kind) const
    {
        cosim_batch batch;
        batch.name = name + ", " + stall_names[stall_kind];
        batch.layers = layers;
        batch.stalls = [=] { return cosim_random_stalls(seed, stall_kind); };
        batch.freedom.any_cycle = cfg_.latency != IGQ_COSIM_EXACT;
        batch.freedom.limit_cycles = cfg_.limit_cycles > 0 ? cfg_.limit_cycles : cosim_limit_cycles(layers);
        batch.freedom.has_counts = has_counts_;
        if (cfg_.latency == IGQ_COSIM_WINDOW)
            batch.window_cycles = static_cast<int64_t>(cfg_.window_cycles);
        return batch;
    }

    // False on a mismatch, with the result's texts set. `random_options` reproduces the batch.
    bool run_batch(const cosim_batch &batch, const std::string &random_options)
    {
        auto begin = std::chrono::steady_clock::now();
        cosim_mismatch mismatch = cosim_run_batch(totals_, point_, batch, make_unit_);
        result_.host_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (mismatch.text.empty())
            return true;
        std::string waveform = std::string(cfg_.output_dir) + "/mismatch.fst";
        cosim_write_waveform(waveform, point_, batch, mismatch, make_traced_);
        std::snprintf(result_.difference, sizeof result_.difference, "%s", mismatch.text.c_str());
        std::snprintf(result_.waveform, sizeof result_.waveform, "%s", waveform.c_str());
        std::snprintf(result_.reproducer, sizeof result_.reproducer, "%s%s -o %s", cfg_.command, random_options.c_str(),
                      cfg_.output_dir);
        return false;
    }

    bool run_corner_cases()
    {
        cosim_random random(corner_seed);
        auto layers = cosim_corner_layers(random, point_);
        for (int kind = 0; kind < num_stall_kinds; kind++) {
            if (!run_batch(make_batch("corner cases", layers, corner_seed, kind), " --random 0"))
                return false;
        }
        return true;
    }

    // A reset in every cycle of two short layers.
    bool run_resets()
    {
        for (uint64_t cycle = 1; cycle <= 100; cycle++) { // they take fewer
            cosim_batch batch = make_batch("reset in cycle " + std::to_string(cycle), short_layers(), corner_seed, 0);
            batch.reset_cycle = cycle;
            batch.corners = {COSIM_RESET};
            if (!run_batch(batch, " --random 0"))
                return false;
        }
        return true;
    }

    // A wait before every subset of the beats and list entries of two short layers.
    bool run_every_stall()
    {
        cosim_batch batch = make_batch("stalls at every position", short_layers(), corner_seed, 0);
        batch.corners = {COSIM_EVERY_STALL};
        const rtl_layer &layer = batch.layers[0];
        const int beats = static_cast<int>(igq_range_cycles(layer.T, layer.C, point_.range_lanes));
        for (int subset = 0; subset < 1 << (beats + layer.C); subset++) {
            batch.stalls = [=] {
                rtl_stalls stalls;
                stalls.before_beat = [=](int, int beat) { return subset >> beat & 1; };
                if (subset >> beats != 0)
                    stalls.before_entry = [=](int, int entry) { return subset >> (beats + entry) & 1; };
                return stalls;
            };
            if (!run_batch(batch, " --random 0"))
                return false;
        }
        return true;
    }

    bool run_trace()
    {
        if (cfg_.num_layers == 0)
            return true;
        cosim_random random(corner_seed);
        std::vector<rtl_layer> layers;
        for (int i = 0; i < cfg_.num_layers; i++) {
            const igq_cosim_layer &layer = cfg_.layers[i];
            layers.push_back(cosim_layer_of_ranges(random, layer.observations, layer.members, layer.num_groups,
                                                   layer.lo, layer.hi, layer.lower, layer.upper));
        }
        for (int kind : {0, num_stall_kinds - 1}) {
            cosim_batch batch = make_batch("trace", layers, corner_seed, kind);
            for (int i = 0; i < cfg_.num_layers; i++)
                batch.layer_names.push_back(cfg_.layers[i].name);
            if (!run_batch(batch, " --random 0"))
                return false;
        }
        return true;
    }

    // A batch depends on its seed alone, so that the first batch of a run with that seed is the same.
    bool run_random()
    {
        uint64_t seed = cfg_.seed;
        for (int done = 0; done < cfg_.num_random; done += random_layers_per_batch, seed++) {
            cosim_random random(seed);
            int kind = random.between(0, num_stall_kinds - 1);
            std::vector<rtl_layer> layers;
            for (int i = 0; i < std::min(random_layers_per_batch, cfg_.num_random - done); i++)
                layers.push_back(cosim_random_layer(random, point_));
            if (!run_batch(make_batch("random layers of seed " + std::to_string(seed), layers, seed, kind),
                           " --random " + std::to_string(random_layers_per_batch) + " --seed " + std::to_string(seed)))
                return false;
        }
        return true;
    }

    // Two, so that a stall or reset of one meets the phases of the other.
    std::vector<rtl_layer> short_layers() const
    {
        cosim_random random(corner_seed);
        int C = std::min(point_.max_channels, 4), G = std::min(point_.max_groups, 3);
        return {cosim_random_layer(random, 2, C, G), cosim_random_layer(random, 2, C, 1)};
    }

    igq_cosim_result &result_;
    const igq_cosim_cfg &cfg_;
    const rtl_point &point_;
    const rtl_unit_maker &make_unit_, &make_traced_;
    bool has_counts_;
    cosim_totals totals_;
};
} // namespace

namespace
{
igq_status check_layers(const igq_cosim_cfg *cfg, const rtl_point &point, igq_error *error)
{
    for (int i = 0; i < cfg->num_layers; i++) {
        const igq_cosim_layer &layer = cfg->layers[i];
        igq_error reason = {};
        if (rtl_point_check(point, layer.observations, layer.members, layer.num_groups, &reason) != IGQ_OK)
            return igq_fail(error, "%s: %s", layer.name, reason.message);
    }
    return IGQ_OK;
}

// A difference in cycles, in the words of the user: "layer_ready_o (idle) is 0, ...", and what would not compare them.
void explain(igq_cosim_result *result, const igq_port_map &map, igq_cosim_latency latency)
{
    std::string text = result->difference;
    if (text.find("the timing contract") == std::string::npos || latency != IGQ_COSIM_EXACT)
        return;
    for (int port = 0; port < IGQ_PORT_COUNT; port++) {
        std::string name = igq_assign_ports.port[port].name;
        size_t at = text.find(name + " is ");
        if (at != std::string::npos && name != map.port[port].name)
            text.insert(at + name.size(), " (" + std::string(map.port[port].name) + ")");
    }
    text += "; --latency any compares lists, flags and counts alone, window=N cycles within N";
    std::snprintf(result->difference, sizeof result->difference, "%s", text.c_str());
}

igq_status run_user(igq_cosim_result *result, const igq_cosim_cfg *cfg, igq_error *error)
{
    user_rtl user;
    const igq_cosim_user &given = cfg->user;
    igq_status status = user_rtl_open(&user,
                                      {{given.files, given.files + given.num_files},
                                       given.top,
                                       given.ports_path ? given.ports_path : "",
                                       cfg->output_dir},
                                      *cfg->accelerator, error);
    if (status == IGQ_OK)
        status = check_layers(cfg, user.point, error);
    if (status != IGQ_OK)
        return status;
    igq_error traced_error = {};
    const rtl_unit_maker make = [&](const rtl_point &) { return user_rtl_make(user, false, error); };
    const rtl_unit_maker make_traced = [&](const rtl_point &) {
        auto unit = user_rtl_make(user, true, &traced_error);
        return unit ? std::move(unit) : user_rtl_make(user, false, error); // no waveform then
    };
    bool has_counts = user.map.port[IGQ_PORT_COUNT_OF_GROUPS].name[0] != '\0';
    cosim_session(*result, *cfg, user.point, make, make_traced, has_counts).run();
    result->rtl_point = given.top;
    explain(result, user.map, cfg->latency);
    std::snprintf(result->warnings, sizeof result->warnings, "%s", user.warnings.c_str());
    if (traced_error.message[0] != '\0')
        std::snprintf(result->waveform, sizeof result->waveform, "none: %.900s", traced_error.message);
    return IGQ_OK;
}
} // namespace

igq_status cosim_run(igq_cosim_result *result, const igq_cosim_cfg *cfg, const rtl_unit_maker &make_unit,
                     igq_error *error)
{
    *result = {};
    const rtl_point *point = rtl_point_for(*cfg->accelerator, error);
    igq_status status = point != nullptr ? check_layers(cfg, *point, error) : IGQ_USER_ERROR;
    if (status != IGQ_OK)
        return status;
    result->rtl_point = point->name;
    cosim_session(*result, *cfg, *point, make_unit, make_unit, true).run();
    return IGQ_OK;
}

igq_status igq_cosim_run(igq_cosim_result *result, const igq_cosim_cfg *cfg, igq_error *error)
{
    *result = {};
    return cfg->user.num_files > 0 ? run_user(result, cfg, error) : cosim_run(result, cfg, rtl_unit::make, error);
}

namespace
{
void print_coverage(std::FILE *out, const igq_cosim_result *result)
{
    static const char *const phase_names[RTL_PHASE_COUNT] = {"neither", "score", "emission"};
    int corners = 0, overlaps = 0;
    for (int i = 0; i < result->num_corners; i++)
        corners += result->corner_layers[i] > 0;
    for (const auto &phases : result->phase_cycles)
        overlaps += static_cast<int>(std::count_if(phases, phases + RTL_PHASE_COUNT, [](uint64_t n) { return n > 0; }));
    std::fprintf(out, "coverage         %d of %d corner cases", corners, result->num_corners);
    if (result->latency == IGQ_COSIM_EXACT)
        std::fprintf(out, ", %d of %d combinations of phases", overlaps, 2 * RTL_PHASE_COUNT);
    std::fprintf(out, "\n");
    std::fprintf(out, "corner cases     layers\n");
    for (int i = 0; i < result->num_corners; i++)
        std::fprintf(out, "  %-14s %llu%s\n", result->corner_names[i],
                     static_cast<unsigned long long>(result->corner_layers[i]),
                     result->corner_layers[i] > 0 || result->mismatch ? "" : " (not possible at this point)");
    if (result->latency != IGQ_COSIM_EXACT)
        return;
    std::fprintf(out, "phases           cycles; with ranges of a layer being taken\n");
    for (int i = 0; i < RTL_PHASE_COUNT; i++)
        std::fprintf(out, "  %-14s %llu; %llu\n", phase_names[i],
                     static_cast<unsigned long long>(result->phase_cycles[0][i]),
                     static_cast<unsigned long long>(result->phase_cycles[1][i]));
}

const char *agreement(igq_cosim_latency latency)
{
    switch (latency) {
    case IGQ_COSIM_ANY:
        return "RTL and C model agree in every list entry, flag and count; cycles were not compared.";
    case IGQ_COSIM_WINDOW:
        return "RTL and C model agree in every list entry, flag and count, and phases lie within the window.";
    default:
        return "RTL, SystemC module and C model agree in every list entry, count and cycle.";
    }
}
} // namespace

void igq_cosim_print(FILE *out, const igq_cosim_result *result)
{
    std::fprintf(out, "RTL point        %s\n", result->rtl_point);
    std::fprintf(out, "layers           %llu\n", static_cast<unsigned long long>(result->layers));
    std::fprintf(out, "channels         %llu\n", static_cast<unsigned long long>(result->channels));
    std::fprintf(out, "tokens           %llu\n", static_cast<unsigned long long>(result->tokens));
    std::fprintf(out, "RTL cycles       %llu\n", static_cast<unsigned long long>(result->cycles));
    std::fprintf(out, "speed            %.3f million RTL cycles per second\n",
                 result->host_seconds > 0 ? static_cast<double>(result->cycles) / result->host_seconds * 1e-6 : 0.0);
    print_coverage(out, result);
    if (result->latency != IGQ_COSIM_EXACT)
        igq_cosim_print_phases(out, result->phase);
    if (result->warnings[0] != '\0')
        std::fprintf(out, "Verilator warns:\n%s\n", result->warnings);
    if (!result->mismatch) {
        std::fprintf(out, "%s\n", agreement(result->latency));
        return;
    }
    std::fprintf(out, "MISMATCH: %s\nreproduce: %s\nwaveform:  %s\n", result->difference, result->reproducer,
                 result->waveform);
}
