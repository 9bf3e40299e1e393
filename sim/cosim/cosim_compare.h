// SPDX-License-Identifier: Apache-2.0
// cosim_compare.h - what the C model says of a layer, and the first difference to what came out of the RTL, in words.
#ifndef IGQ_COSIM_COMPARE_H
#define IGQ_COSIM_COMPARE_H
#include "rtl_driver.h"

// Lists, flags and counts of a layer by the C model.
rtl_layer_result cosim_expected(const rtl_layer &layer, igq_distance distance);

// Empty when the C model agrees, with all entries so far where the lists did not come to an end (no counts); else
// channel, expected and got, and the distances of the channel's two best groups.
//   cycle  out  in which the difference was seen
std::string cosim_difference(const rtl_layer &layer, const rtl_layer_result &got, igq_distance distance,
                             uint64_t *cycle);

#endif
