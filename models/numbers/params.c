// SPDX-License-Identifier: Apache-2.0
#include "params.h"

const char *const igq_scheme_names[IGQ_SCHEME_COUNT] = {[IGQ_SCHEME_LAYERWISE] = "layerwise",
                                                        [IGQ_SCHEME_CONSECUTIVE] = "consecutive",
                                                        [IGQ_SCHEME_PEG] = "peg",
                                                        [IGQ_SCHEME_IGQ] = "igq",
                                                        [IGQ_SCHEME_IGQ_FIXED] = "igq_fixed",
                                                        [IGQ_SCHEME_CHANNELWISE] = "channelwise",
                                                        [IGQ_SCHEME_VSQUANT] = "vsquant",
                                                        [IGQ_SCHEME_MX] = "mx",
                                                        [IGQ_SCHEME_NVFP4] = "nvfp4",
                                                        [IGQ_SCHEME_BFP] = "bfp",
                                                        [IGQ_SCHEME_TENDER] = "tender"};

const char *const igq_element_names[IGQ_ELEMENT_COUNT] = {
    [IGQ_ELEMENT_FP4_E2M1] = "fp4_e2m1", [IGQ_ELEMENT_FP6_E2M3] = "fp6_e2m3", [IGQ_ELEMENT_FP6_E3M2] = "fp6_e3m2",
    [IGQ_ELEMENT_FP8_E4M3] = "fp8_e4m3", [IGQ_ELEMENT_FP8_E5M2] = "fp8_e5m2", [IGQ_ELEMENT_INT8] = "int8",
    [IGQ_ELEMENT_INT4] = "int4"};
const char *const igq_ties_names[IGQ_TIES_COUNT] = {[IGQ_TIES_EVEN] = "even", [IGQ_TIES_AWAY] = "away"};
const char *const igq_scale_rule_names[IGQ_SCALE_RULE_COUNT] = {
    [IGQ_SCALE_RULE_FLOOR] = "floor", [IGQ_SCALE_RULE_CEIL] = "ceil", [IGQ_SCALE_RULE_EVEN] = "even"};
const char *const igq_nvfp4_variant_names[IGQ_NVFP4_VARIANT_COUNT] = {[IGQ_NVFP4_VARIANT_PLAIN] = "plain",
                                                                      [IGQ_NVFP4_VARIANT_SQUARES] = "squares",
                                                                      [IGQ_NVFP4_VARIANT_ROWS] = "rows",
                                                                      [IGQ_NVFP4_VARIANT_FOUR_OVER_SIX] =
                                                                          "four_over_six"};

const char *const igq_weight_scheme_names[IGQ_WEIGHT_SCHEME_COUNT] = {
    [IGQ_WEIGHT_SCHEME_AUTO] = "auto",     [IGQ_WEIGHT_SCHEME_PER_CHANNEL] = "per_channel",
    [IGQ_WEIGHT_SCHEME_GROUPS] = "groups", [IGQ_WEIGHT_SCHEME_VSQUANT] = "vsquant",
    [IGQ_WEIGHT_SCHEME_MX] = "mx",         [IGQ_WEIGHT_SCHEME_NVFP4] = "nvfp4",
    [IGQ_WEIGHT_SCHEME_BFP] = "bfp"};

const char *const igq_organisation_names[IGQ_ORGANISATION_COUNT] = {[IGQ_ORGANISATION_PER_GROUP] = "per_group",
                                                                    [IGQ_ORGANISATION_SHARED] = "shared",
                                                                    [IGQ_ORGANISATION_ELASTIC] = "elastic",
                                                                    [IGQ_ORGANISATION_TEMPORAL] = "temporal",
                                                                    [IGQ_ORGANISATION_UNBOUND] = "unbound"};

const char *const igq_distance_names[IGQ_DISTANCE_COUNT] = {
    [IGQ_DISTANCE_L2] = "l2", [IGQ_DISTANCE_L1] = "l1", [IGQ_DISTANCE_LINF] = "linf"};

const char *const igq_group_scale_names[IGQ_GROUP_SCALE_COUNT] = {
    [IGQ_GROUP_SCALE_FP32] = "fp32", [IGQ_GROUP_SCALE_INT] = "int", [IGQ_GROUP_SCALE_POW2] = "pow2"};

const char *const igq_capacity_unit_names[IGQ_CAPACITY_UNIT_COUNT] = {
    [IGQ_CAPACITY_CHANNEL] = "channel", [IGQ_CAPACITY_VECTOR] = "vector"};
const char *const igq_wide_rate_names[IGQ_WIDE_RATE_COUNT] = {
    [IGQ_WIDE_RATE_QUARTER] = "quarter", [IGQ_WIDE_RATE_HALF] = "half"};

const char *const igq_zero_point_names[IGQ_ZERO_POINT_COUNT] = {
    [IGQ_ZERO_POINT_SUBTRACT] = "subtract", [IGQ_ZERO_POINT_CORRECT] = "correct"};

const char *const igq_range_source_names[IGQ_RANGE_SOURCE_COUNT] = {
    [IGQ_RANGE_SOURCE_PASS] = "pass", [IGQ_RANGE_SOURCE_WRITEBACK] = "writeback"};
const char *const igq_tiling_choice_names[IGQ_TILING_CHOICE_COUNT] = {
    [IGQ_TILING_CHOICE_AUTO] = "auto", [IGQ_TILING_CHOICE_FIXED] = "fixed"};
const char *const igq_loop_order_names[IGQ_LOOP_ORDER_COUNT] = {
    [IGQ_LOOP_WEIGHTS_OUTER] = "weights_outer", [IGQ_LOOP_ACTIVATIONS_OUTER] = "activations_outer"};

const char *const igq_stores_names[IGQ_STORES_COUNT] = {
    [IGQ_STORES_AUTO] = "auto", [IGQ_STORES_CODES] = "codes", [IGQ_STORES_VALUES] = "values"};
const char *const igq_tiling_objective_names[IGQ_TILING_OBJECTIVE_COUNT] = {[IGQ_TILING_OBJECTIVE_CYCLES] = "cycles",
                                                                            [IGQ_TILING_OBJECTIVE_TRAFFIC] = "traffic",
                                                                            [IGQ_TILING_OBJECTIVE_ENERGY] = "energy"};
