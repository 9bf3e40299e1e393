// SPDX-License-Identifier: Apache-2.0
#include "rtl_assign.h"
#include "cosim_layers.h"

struct igq_rtl_assign {
    rtl_point point;
    std::unique_ptr<rtl_unit> unit;
    cosim_random random{1}; // values between the bounds of a range; no answer depends on them
};

igq_rtl_assign *igq_rtl_assign_new(const igq_accelerator *accelerator, igq_error *error)
{
    const rtl_point *point = rtl_point_for(*accelerator, error);
    if (point == nullptr)
        return nullptr;
    auto *unit = new igq_rtl_assign{*point, rtl_unit::make(*point)};
    rtl_reset(*unit->unit, *point);
    return unit;
}

void igq_rtl_assign_free(igq_rtl_assign *unit)
{
    delete unit;
}

igq_status igq_rtl_assign_check(const igq_rtl_assign *unit, int observations, int members, int num_groups,
                                igq_error *error)
{
    return rtl_point_check(unit->point, observations, members, num_groups, error);
}

igq_status igq_rtl_assign_layer(igq_rtl_assign *unit, uint16_t *assigned, igq_rtl_assign_cycles *cycles,
                                int observations, int members, int num_groups, int list_capacity, const int16_t *lo,
                                const int16_t *hi, const int16_t *lower, const int16_t *upper, igq_error *error)
{
    std::vector<rtl_layer> layers = {
        cosim_layer_of_ranges(unit->random, observations, members, num_groups, lo, hi, lower, upper)};
    layers[0].capacity = list_capacity;
    rtl_driver driver(*unit->unit, unit->point, layers, {});
    if (!driver.run()) {
        igq_fail(error, "RTL of the group assignment unit: %s", driver.what().c_str());
        return IGQ_INTERNAL_ERROR;
    }
    const rtl_layer_result &result = driver.results()[0];
    for (const rtl_entry &entry : result.entries)
        assigned[entry.channel] = static_cast<uint16_t>(entry.group);
    cycles->range = result.last_beat_cycle - result.first_beat_cycle + 1;
    cycles->score = result.first_entry_cycle - result.last_beat_cycle - 1;
    cycles->emit = result.last_entry_cycle - result.first_entry_cycle + 1;
    return IGQ_OK;
}
