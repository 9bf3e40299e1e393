// SPDX-License-Identifier: Apache-2.0
// block.h - what all SystemC modules share: the cycle, the run they work on, and an account of every cycle.
#ifndef IGQ_BLOCK_H
#define IGQ_BLOCK_H
#include "machine.h"
#include "plan.h"
#include "timeline.h"
#include <systemc>

namespace igq
{
// The only place that says how long a cycle is. Kept, since SystemC works out the units of a time anew whenever one is
// made of a number, and blocks ask at every step.
inline const sc_core::sc_time &cycle_time()
{
    static const sc_core::sc_time cycle(1, sc_core::SC_NS);
    return cycle;
}

inline uint64_t now_cycle()
{
    return sc_core::sc_time_stamp().value() / cycle_time().value();
}

// One run of the machine; the same for all blocks.
struct machine_run {
    const igq_accelerator *accelerator;
    const igq_job *job;       // (num_jobs)
    const igq_job_plan *plan; // (num_jobs)
    igq_job_result *result;   // (num_jobs), filled by the blocks
    int num_jobs;
    igq_timeline *timeline = nullptr; // nullptr: not recorded
};

// Throws std::logic_error with a message if the model itself is wrong.
void require(bool holds, const char *block, const char *what);

// A module with one thread. Modules are elaborated once and run many times, since SystemC cannot make new ones after
// the first start of the simulation.
class block : public sc_core::sc_module
{
  public:
    explicit block(const sc_core::sc_module_name &name);
    void begin(const machine_run &run);
    // At the end of a run: every cycle since its begin was either busy or waiting.
    void check_account(uint64_t end_cycle) const;

  protected:
    virtual void work_through_jobs() = 0;

    // What the block is busy with from now on, for the timeline. Tile -1: the whole job.
    void takes_up(int job, int tile)
    {
        job_at_work_ = job;
        tile_at_work_ = tile;
    }
    // Time passes in these three only.
    void work(uint64_t cycles); // busy
    template <typename Action> uint64_t busy_during(Action blocking)
    {
        uint64_t cycles = elapsed_during(blocking);
        busy_cycles_ += cycles;
        record(cycles);
        return cycles;
    }
    template <typename Action> uint64_t wait_during(Action blocking)
    {
        uint64_t cycles = elapsed_during(blocking);
        waiting_cycles_ += cycles;
        return cycles;
    }

    const igq_accelerator &accelerator() const { return *run_.accelerator; }
    const igq_job &job(int index) const { return run_.job[index]; }
    const igq_job_plan &plan(int index) const { return run_.plan[index]; }
    igq_job_result &result(int index) const { return run_.result[index]; }
    int num_jobs() const { return run_.num_jobs; }
    // All tiles of the run in the order in which they run: action(job, number of the tile, tile). Jobs of images that
    // share weight tiles are worked on together.
    template <typename Action> void for_each_tile(Action action)
    {
        for (int first = 0; first < num_jobs(); first += plan(first).product.images) {
            int num_tiles = igq_tiling_num_tiles(&plan(first).tiling, &plan(first).product);
            for (int n = 0; n < num_tiles; n++) {
                igq_tile tile;
                igq_tiling_tile(&tile, &plan(first).tiling, &plan(first).product, n);
                action(first + tile.image, n, tile);
            }
        }
    }

  private:
    void live();
    void record(uint64_t cycles) const; // that the block was busy until now
    template <typename Action> uint64_t elapsed_during(Action blocking)
    {
        uint64_t before = now_cycle();
        blocking();
        accounted_until_ = now_cycle();
        return accounted_until_ - before;
    }

    sc_core::sc_event start_;
    machine_run run_ = {};
    bool started_ = false;
    uint64_t begin_cycle_ = 0, accounted_until_ = 0;
    uint64_t busy_cycles_ = 0, waiting_cycles_ = 0;
    int job_at_work_ = -1, tile_at_work_ = -1;
};

inline void wait_cycles(uint64_t cycles)
{
    if (cycles > 0)
        sc_core::wait(cycle_time() * static_cast<double>(cycles));
}
} // namespace igq

#endif
