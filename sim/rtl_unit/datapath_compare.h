// SPDX-License-Identifier: Apache-2.0
// datapath_compare.h - what the Verilated datapath made of a tile, against the models.
#ifndef IGQ_DATAPATH_COMPARE_H
#define IGQ_DATAPATH_COMPARE_H
#include "datapath_tiles.h"

// The first difference in words, empty where there is none: a fault, an output that is not in every bit what
// datapath_expected_sums says.
std::string datapath_sum_difference(const random_tile &random, const datapath_point &point, const datapath_result &rtl,
                                    uint64_t model_cycles);
// Of cycles.
std::string datapath_cycle_difference(const random_tile &random, const datapath_point &point,
                                      const datapath_result &rtl, uint64_t model_cycles);

#endif
