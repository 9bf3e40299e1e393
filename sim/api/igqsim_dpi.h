// SPDX-License-Identifier: Apache-2.0
// igqsim_dpi.h - the reference model for testbenches in SystemVerilog, as igqsim_dpi_pkg.sv imports it: assignment,
// quantizer, grouped product. One value a call, so that every simulator's DPI-C will do. Wrong arguments change nothing
// and give -1 (NULL from ..._new). An object belongs to one thread at a time.
#ifndef IGQSIM_DPI_H
#define IGQSIM_DPI_H
#include "igqsim.h"

#ifdef __cplusplus
extern "C" {
#endif

// A layer of the assignment unit: T x C activations of 16 bits, bounds of G groups. distance: 0 l2, 1 l1, 2 linf;
// capacity: most channels of a list, 0: no limit, else capacity * groups >= channels; distance_lanes: of the unit, for
// its repairs. Activations and bounds are 0 until set.
IGQSIM_API void *igq_dpi_layer_new(int tokens, int channels, int groups, int distance, int capacity,
                                   int distance_lanes);
IGQSIM_API void igq_dpi_layer_free(void *layer);
IGQSIM_API int igq_dpi_layer_activation(void *layer, int token, int channel, int value);
IGQSIM_API int igq_dpi_layer_bounds(void *layer, int group, int lower, int upper);
// Ranges, nearest groups (Eq. 5; the lowest index wins a tie) and lists. Returns the repairs.
IGQSIM_API int igq_dpi_layer_run(void *layer);
// What the last run found; entries in the order in which the unit offers them.
IGQSIM_API int igq_dpi_layer_low(const void *layer, int channel);
IGQSIM_API int igq_dpi_layer_high(const void *layer, int channel);
IGQSIM_API int igq_dpi_layer_group(const void *layer, int channel);
IGQSIM_API int igq_dpi_layer_count(const void *layer, int group);
IGQSIM_API int igq_dpi_layer_entry_group(const void *layer, int entry);
IGQSIM_API int igq_dpi_layer_entry_channel(const void *layer, int entry);
// Closed forms of docs/timing.md.
IGQSIM_API int igq_dpi_layer_range_cycles(const void *layer, int range_lanes);
IGQSIM_API int igq_dpi_layer_score_cycles(const void *layer);

// A quantizer (Eqs. 1 to 3) from bounds on the grid, lower <= upper, both of 16 bits; bits 2 to 8.
IGQSIM_API void *igq_dpi_quantizer_new(int lower, int upper, int bits);
IGQSIM_API void igq_dpi_quantizer_free(void *quantizer);
IGQSIM_API int igq_dpi_quantizer_multiplier(const void *quantizer);
IGQSIM_API int igq_dpi_quantizer_shift(const void *quantizer);
IGQSIM_API int igq_dpi_quantizer_zero_point(const void *quantizer);
IGQSIM_API int igq_dpi_quantize(const void *quantizer, int value); // value of 16 bits

// A grouped product (Eq. 7): T x C codes times O x C codes, groups of channels with a quantizer each, sums saturated to
// acc_bits (8 to 32), scales of the weights 1. Codes, zero points and groups are 0 until set, bounds 0 to 1.
IGQSIM_API void *igq_dpi_product_new(int tokens, int channels, int outputs, int groups, int act_bits, int acc_bits);
IGQSIM_API void igq_dpi_product_free(void *product);
IGQSIM_API int igq_dpi_product_group(void *product, int channel, int group);
IGQSIM_API int igq_dpi_product_bounds(void *product, int group, int lower, int upper);
IGQSIM_API int igq_dpi_product_act(void *product, int token, int channel, int code);
IGQSIM_API int igq_dpi_product_weight(void *product, int output, int channel, int code);
IGQSIM_API int igq_dpi_product_weight_zero(void *product, int output, int zero_point);
IGQSIM_API int igq_dpi_product_run(void *product); // returns the saturated sums
IGQSIM_API double igq_dpi_product_value(const void *product, int token, int output);

#ifdef __cplusplus
}
#endif
#endif
