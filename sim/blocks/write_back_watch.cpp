// SPDX-License-Identifier: Apache-2.0
#include "write_back_watch.h"

namespace igq
{
void write_back_watch::reset()
{
    state_ = vector_unit_state::idle;
    slot_stores_ = 0;
    since_cycle_ = now_cycle();
    passed_ = {};
}

write_back_watch::cycles write_back_watch::now() const
{
    cycles passed = passed_;
    passed.of[static_cast<int>(state_)][slot_stores_ > 0] += now_cycle() - since_cycle_;
    return passed;
}

void write_back_watch::account()
{
    passed_ = now();
    since_cycle_ = now_cycle();
}

void write_back_watch::set_vector_unit(vector_unit_state state)
{
    account();
    state_ = state;
}

void write_back_watch::add_slot_stores(int change)
{
    account();
    slot_stores_ += change;
}

void write_back_watch::blame_slot(uint64_t *cause_cycles, const cycles &before) const
{
    static const igq_cause causes[] = {IGQ_CAUSE_STORES, IGQ_CAUSE_VECTOR_UNIT, IGQ_CAUSE_RESIDUAL, IGQ_CAUSE_STORES};
    cycles after = now();
    for (int state = 0; state < static_cast<int>(vector_unit_state::count); state++) {
        cause_cycles[causes[state]] += after.of[state][0] - before.of[state][0];
        cause_cycles[IGQ_CAUSE_STORES] += after.of[state][1] - before.of[state][1];
    }
}

void write_back_watch::blame_results(uint64_t *cause_cycles, const cycles &before) const
{
    static const igq_cause causes[] = {IGQ_CAUSE_STORES, IGQ_CAUSE_VECTOR_UNIT, IGQ_CAUSE_RESIDUAL, IGQ_CAUSE_STORES};
    cycles after = now();
    for (int state = 0; state < static_cast<int>(vector_unit_state::count); state++)
        for (int storing = 0; storing < 2; storing++)
            cause_cycles[causes[state]] += after.of[state][storing] - before.of[state][storing];
}
} // namespace igq
