// SPDX-License-Identifier: Apache-2.0
#include "cosim_datapath.h"
#include "datapath_compare.h"
#include "user_datapath.h"
#include <algorithm>
#include <chrono>
#include <cstdio>

namespace
{
// A tile may take so many times as long as the model says before it is given up: ours, somebody's.
const uint64_t patience = 4, user_patience = 64;

// What is different, in words; empty where nothing is.
std::string difference_of(const random_tile &random, const datapath_point &point, const datapath_result &rtl,
                          const igq_tile_time &time, const igq_cosim_datapath_cfg &cfg)
{
    const uint64_t apart = std::max(rtl.cycles, time.cycles) - std::min(rtl.cycles, time.cycles);
    std::string difference = datapath_sum_difference(random, point, rtl, time.cycles);
    if (!difference.empty() || apart == 0 || cfg.latency == IGQ_COSIM_ANY ||
        (cfg.latency == IGQ_COSIM_WINDOW && apart <= cfg.window_cycles))
        return difference;
    return datapath_cycle_difference(random, point, rtl, time.cycles) +
           (cfg.user.num_files > 0 && cfg.latency == IGQ_COSIM_EXACT
                ? "; --latency any compares sums alone, window=N cycles within N"
                : "");
}

class datapath_session
{
  public:
    datapath_session(igq_cosim_datapath_result &result, const igq_cosim_datapath_cfg &cfg) : result_(result), cfg_(cfg)
    {
    }

    igq_status run(igq_error *error)
    {
        igq_status status =
            datapath_point_of(&point_, *cfg_.accelerator, datapath_random_size(*cfg_.accelerator), error);
        if (status == IGQ_OK)
            status = open(unit_, false, error);
        result_.latency = cfg_.latency;
        for (int i = 0; status == IGQ_OK && i < cfg_.num_tiles && !result_.mismatch; i++)
            status = run_tile(cfg_.seed + static_cast<uint64_t>(i), error);
        result_.cycles = unit_.cycles();
        return status;
    }

  private:
    // Ours, or the user's.
    igq_status open(rtl_datapath &unit, bool trace, igq_error *error)
    {
        const igq_cosim_user &user = cfg_.user;
        if (user.num_files == 0)
            return unit.open(point_, std::string(cfg_.accelerator->name) + (trace ? " with waveforms" : ""), trace,
                             error);
        verilate_request build;
        std::string warnings;
        igq_status status = user_datapath_build(&build, point_,
                                                {{user.files, user.files + user.num_files},
                                                 user.top,
                                                 user.ports_path ? user.ports_path : "",
                                                 cfg_.output_dir},
                                                error);
        build.trace = trace;
        if (status == IGQ_OK)
            status = unit.open(point_, build, &warnings, error);
        std::snprintf(result_.warnings, sizeof result_.warnings, "%s", warnings.c_str());
        return status;
    }

    uint64_t limit_of(const igq_tile_time &time) const
    {
        if (cfg_.user.num_files > 0 && cfg_.latency != IGQ_COSIM_EXACT)
            return cfg_.limit_cycles > 0 ? cfg_.limit_cycles : user_patience * time.cycles + 10000;
        return patience * time.cycles + 1000;
    }

    igq_status run_tile(uint64_t seed, igq_error *error)
    {
        auto random = datapath_random_tile(seed, *cfg_.accelerator, point_);
        igq_tile_time time = datapath_expected_time(*random, cfg_.timing != nullptr ? *cfg_.timing : *cfg_.accelerator);
        auto begin = std::chrono::steady_clock::now();
        datapath_result rtl = unit_.run(random->tile, random->machine, datapath_random_stalls(seed), limit_of(time));
        result_.host_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        result_.tiles++;
        result_.sums += rtl.y.size();
        result_.tile_cycles += rtl.cycles;
        igq_cosim_add_phase(&result_.tile, rtl.cycles, time.cycles);
        std::string difference = difference_of(*random, point_, rtl, time, cfg_);
        return difference.empty() ? IGQ_OK : report(seed, *random, difference, rtl.cycles, error);
    }

    igq_status report(uint64_t seed, const random_tile &random, const std::string &difference, uint64_t cycles,
                      igq_error *error)
    {
        result_.mismatch = 1;
        std::snprintf(result_.difference, sizeof result_.difference, "tile of seed %llu (%s): %s",
                      static_cast<unsigned long long>(seed), random.text.c_str(), difference.c_str());
        std::snprintf(result_.reproducer, sizeof result_.reproducer, "%s --random 1 --seed %llu -o %s", cfg_.command,
                      static_cast<unsigned long long>(seed), cfg_.output_dir);
        rtl_datapath traced;
        igq_status status = open(traced, true, error);
        if (status != IGQ_OK)
            return status;
        std::snprintf(result_.waveform, sizeof result_.waveform, "%s/mismatch.fst", cfg_.output_dir);
        traced.open_waveform(result_.waveform);
        traced.run(random.tile, random.machine, datapath_random_stalls(seed), cycles);
        return IGQ_OK;
    }

    igq_cosim_datapath_result &result_;
    const igq_cosim_datapath_cfg &cfg_;
    datapath_point point_;
    rtl_datapath unit_;
};
} // namespace

igq_status igq_cosim_datapath_run(igq_cosim_datapath_result *result, const igq_cosim_datapath_cfg *cfg,
                                  igq_error *error)
{
    *result = {};
    return datapath_session(*result, *cfg).run(error);
}

void igq_cosim_datapath_print(FILE *out, const igq_cosim_datapath_result *result)
{
    std::fprintf(out, "tiles            %llu\n", static_cast<unsigned long long>(result->tiles));
    std::fprintf(out, "sums             %llu\n", static_cast<unsigned long long>(result->sums));
    std::fprintf(out, "cycles of tiles  %llu\n", static_cast<unsigned long long>(result->tile_cycles));
    std::fprintf(out, "RTL cycles       %llu\n", static_cast<unsigned long long>(result->cycles));
    std::fprintf(out, "speed            %.3f million RTL cycles per second\n",
                 result->host_seconds > 0 ? static_cast<double>(result->cycles) / result->host_seconds * 1e-6 : 0.0);
    if (result->latency != IGQ_COSIM_EXACT) {
        std::fprintf(out,
                     "%-16s %10s %10s %10s %12s   of tiles, without cycles in which an output waits; below: model\n",
                     "cycles", "first", "least", "most", "mean");
        igq_cosim_print_phase(out, "tile", &result->tile);
    }
    if (result->warnings[0] != '\0')
        std::fprintf(out, "Verilator warns:\n%s\n", result->warnings);
    if (!result->mismatch) {
        std::fprintf(out, "RTL and models agree in every sum%s.\n",
                     result->latency == IGQ_COSIM_ANY      ? "; cycles were not compared"
                     : result->latency == IGQ_COSIM_WINDOW ? ", and the cycles of every tile lie within the window"
                                                           : " and in the cycles of every tile");
        return;
    }
    std::fprintf(out, "MISMATCH: %s\nreproduce: %s\nwaveform:  %s\n", result->difference, result->reproducer,
                 result->waveform);
}
