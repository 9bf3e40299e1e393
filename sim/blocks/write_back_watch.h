// SPDX-License-Identifier: Apache-2.0
// write_back_watch.h - what the way out of the arrays is held up by, cycle by cycle: vector unit and store engine say
// what they do, the arrays ask what a wait of theirs was for. Contract: docs/timing.md, "Where the cycles go".
#ifndef IGQ_WRITE_BACK_WATCH_H
#define IGQ_WRITE_BACK_WATCH_H
#include "block.h"

namespace igq
{
enum class vector_unit_state { idle, busy, waits_for_residual, waits_for_stores, count };

class write_back_watch : public sc_core::sc_module, public sc_core::sc_interface
{
  public:
    explicit write_back_watch(const sc_core::sc_module_name &name) : sc_module(name) {}
    void reset();
    void set_vector_unit(vector_unit_state state);
    void add_slot_stores(int change); // stores on their way, with whose end a slot of the output buffer is free

    // Cycles passed so far in each state; the difference of two of them tells what happened in between.
    struct cycles {
        uint64_t of[static_cast<int>(vector_unit_state::count)][2]; // [1]: while a slot was being stored
    };
    cycles now() const;

    // Adds the cycles since `before` to the causes. A slot of the output buffer: STORES while one is being stored.
    void blame_slot(uint64_t *cause_cycles, const cycles &before) const;
    // Results of a job: STORES when the vector unit is through with them.
    void blame_results(uint64_t *cause_cycles, const cycles &before) const;

  private:
    void account();

    vector_unit_state state_ = vector_unit_state::idle;
    int slot_stores_ = 0;
    uint64_t since_cycle_ = 0;
    cycles passed_ = {};
};
} // namespace igq

#endif
