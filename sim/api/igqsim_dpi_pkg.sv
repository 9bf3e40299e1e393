// SPDX-License-Identifier: Apache-2.0
/// The reference model of igqsim for testbenches; what each function does stands in igqsim_dpi.h. Link with -ligqsim.
package igqsim_dpi;
  import "DPI-C" function chandle igq_dpi_layer_new(
    input int tokens, input int channels, input int groups, input int distance, input int capacity, input int distance_lanes);
  import "DPI-C" function void igq_dpi_layer_free(input chandle layer);
  import "DPI-C" function int igq_dpi_layer_activation(
    input chandle layer, input int token, input int channel, input int value);
  import "DPI-C" function int igq_dpi_layer_bounds(
    input chandle layer, input int group, input int lower, input int upper);
  import "DPI-C" function int igq_dpi_layer_run(input chandle layer);
  import "DPI-C" function int igq_dpi_layer_low(input chandle layer, input int channel);
  import "DPI-C" function int igq_dpi_layer_high(input chandle layer, input int channel);
  import "DPI-C" function int igq_dpi_layer_group(input chandle layer, input int channel);
  import "DPI-C" function int igq_dpi_layer_count(input chandle layer, input int group);
  import "DPI-C" function int igq_dpi_layer_entry_group(input chandle layer, input int entry);
  import "DPI-C" function int igq_dpi_layer_entry_channel(input chandle layer, input int entry);
  import "DPI-C" function int igq_dpi_layer_range_cycles(input chandle layer, input int range_lanes);
  import "DPI-C" function int igq_dpi_layer_score_cycles(input chandle layer);
  import "DPI-C" function chandle igq_dpi_quantizer_new(input int lower, input int upper, input int bits);
  import "DPI-C" function void igq_dpi_quantizer_free(input chandle quantizer);
  import "DPI-C" function int igq_dpi_quantizer_multiplier(input chandle quantizer);
  import "DPI-C" function int igq_dpi_quantizer_shift(input chandle quantizer);
  import "DPI-C" function int igq_dpi_quantizer_zero_point(input chandle quantizer);
  import "DPI-C" function int igq_dpi_quantize(input chandle quantizer, input int value);
  import "DPI-C" function chandle igq_dpi_product_new(
    input int tokens, input int channels, input int out_indexs, input int groups, input int act_bits, input int acc_bits);
  import "DPI-C" function void igq_dpi_product_free(input chandle product);
  import "DPI-C" function int igq_dpi_product_group(input chandle product, input int channel, input int group);
  import "DPI-C" function int igq_dpi_product_bounds(
    input chandle product, input int group, input int lower, input int upper);
  import "DPI-C" function int igq_dpi_product_act(
    input chandle product, input int token, input int channel, input int code);
  import "DPI-C" function int igq_dpi_product_weight(
    input chandle product, input int out_index, input int channel, input int code);
  import "DPI-C" function int igq_dpi_product_weight_zero(
    input chandle product, input int out_index, input int zero_point);
  import "DPI-C" function int igq_dpi_product_run(input chandle product);
  import "DPI-C" function real igq_dpi_product_value(input chandle product, input int token, input int out_index);
endpackage
