// SPDX-License-Identifier: Apache-2.0
#include "params.h"

const char *const igq_scheme_names[IGQ_SCHEME_COUNT] = {[IGQ_SCHEME_LAYERWISE] = "layerwise",
                                                        [IGQ_SCHEME_CONSECUTIVE] = "consecutive",
                                                        [IGQ_SCHEME_PEG] = "peg",
                                                        [IGQ_SCHEME_IGQ] = "igq",
                                                        [IGQ_SCHEME_IGQ_FIXED] = "igq_fixed",
                                                        [IGQ_SCHEME_CHANNELWISE] = "channelwise",
                                                        [IGQ_SCHEME_VSQUANT] = "vsquant"};

const char *const igq_weight_scheme_names[IGQ_WEIGHT_SCHEME_COUNT] = {[IGQ_WEIGHT_SCHEME_AUTO] = "auto",
                                                                      [IGQ_WEIGHT_SCHEME_PER_CHANNEL] = "per_channel",
                                                                      [IGQ_WEIGHT_SCHEME_GROUPS] = "groups",
                                                                      [IGQ_WEIGHT_SCHEME_VSQUANT] = "vsquant"};

const char *const igq_organisation_names[IGQ_ORGANISATION_COUNT] = {[IGQ_ORGANISATION_PER_GROUP] = "per_group",
                                                                    [IGQ_ORGANISATION_SHARED] = "shared",
                                                                    [IGQ_ORGANISATION_ELASTIC] = "elastic",
                                                                    [IGQ_ORGANISATION_TEMPORAL] = "temporal"};

const char *const igq_distance_names[IGQ_DISTANCE_COUNT] = {
    [IGQ_DISTANCE_L2] = "l2", [IGQ_DISTANCE_L1] = "l1", [IGQ_DISTANCE_LINF] = "linf"};

const char *const igq_group_scale_names[IGQ_GROUP_SCALE_COUNT] = {
    [IGQ_GROUP_SCALE_FP32] = "fp32", [IGQ_GROUP_SCALE_INT] = "int", [IGQ_GROUP_SCALE_POW2] = "pow2"};

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
