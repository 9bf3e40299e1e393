// SPDX-License-Identifier: Apache-2.0
// cosim_systemc.h - the SystemC module of the group assignment (sim/blocks/group_assign) beside the RTL: it scores the
// same layers, whose ranges become complete in the same cycles, and must give the same lists in the same cycles.
#ifndef IGQ_COSIM_SYSTEMC_H
#define IGQ_COSIM_SYSTEMC_H
#include "rtl_driver.h"

struct cosim_systemc_difference {
    size_t layer;
    std::string text; // empty: none
};

// Compares what the RTL gave for layers in a row. lists_stalled: the reader held entries back; the module's reader
// holds back whole lists, so that then lists are compared and the cycles of their end are not.
cosim_systemc_difference cosim_compare_systemc(const rtl_point &point, const std::vector<rtl_layer> &layers,
                                               const std::vector<rtl_layer_result> &rtl, bool lists_stalled);

#endif
