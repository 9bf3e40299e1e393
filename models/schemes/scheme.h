// SPDX-License-Identifier: Apache-2.0
// scheme.h - every quantization scheme behind one interface: from calibration and the ranges of an instance to channel
// lists and quantizers. "Members" are channels of a linear layer's input, or rows of a softmax matrix.
#ifndef IGQ_SCHEME_H
#define IGQ_SCHEME_H
#include "assign.h"
#include "calibration.h"
#include "grouping.h"
#include "instance.h"
#include "quant.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_scheme_cfg {
    igq_scheme scheme;
    igq_weight_scheme weight_scheme;
    igq_distance distance;
    igq_group_scale group_scale;
    int group_scale_bits; // M of group_scale int
    int num_groups;       // of consecutive and peg
    int acc_bits;
    int vector_length;                    // V of vsquant, and of capacity_rounds_to
    int group_capacity_pct;               // of igq and igq_fixed: most members of a list, of members / G; 0: no limit
    igq_capacity_unit capacity_rounds_to; // and up to what it is rounded
    int vsquant_vector_length;            // 0: see igq_vsquant_length
    int vsquant_act_scale_bits, vsquant_weight_scale_bits, vsquant_scale_product_bits;
    igq_element_kind mx_element;
    int mx_block_length; // channels
    igq_scale_rule mx_scale_rule;
    igq_ties mx_rounding;
    igq_nvfp4_variant nvfp4_variant;
    int bfp_block_length; // channels
    int tender_subtracts_middle;
} igq_scheme_cfg;

struct igq_format;

typedef enum igq_group_count {
    IGQ_GROUPS_ONE,        // of all members
    IGQ_GROUPS_GIVEN,      // num_groups of the machine, and not more than members
    IGQ_GROUPS_CALIBRATED, // those that the calibration has
    IGQ_GROUPS_MEMBERS     // each member has its own
} igq_group_count;

typedef enum igq_range_use {
    IGQ_RANGES_UNUSED,
    IGQ_RANGES_CHOOSE_GROUPS, // the assignment module puts each member into the nearest group
    IGQ_RANGES_ARE_BOUNDS     // a quantizer is made of each
} igq_range_use;

// What a scheme is: one row of the table in scheme.c.
typedef struct igq_scheme_traits {
    igq_group_count groups;
    igq_range_use ranges; // of the instance: where they are used, the range unit has to run
    int permutes;         // 1: lists are not in channel order, so that the row selector needs index buffer and crossbar
    // Lists of the members, see igq_scheme_group; NULL: all are in one.
    void (*group)(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                  const igq_range *range, uint16_t *scratch);
    // Bounds of the lists, see igq_scheme_bounds.
    void (*bounds)(int16_t *lower, int16_t *upper, const igq_group_bounds *bounds, const igq_grouping *grouping,
                   const igq_range *range);
    const struct igq_format *format; // of activations
    igq_weight_scheme weight_scheme; // that goes with it
} igq_scheme_traits;
extern const igq_scheme_traits igq_schemes[IGQ_SCHEME_COUNT];

// Number of groups of a layer.
int igq_scheme_num_groups(const igq_scheme_cfg *cfg, const igq_group_bounds *bounds);

// What the capacity of a list is a multiple of.
int igq_scheme_capacity_multiple(const igq_scheme_cfg *cfg);
// Most members of one of `groups` lists by group_capacity_pct; 0: no limit.
int igq_scheme_capacity(const igq_scheme_cfg *cfg, int members, int groups);

// 1 if something depends on the instance's ranges, so that the range unit has to run (igq, channelwise).
int igq_scheme_needs_ranges(igq_scheme scheme);
// 1 if the assignment module deals members to lists (igq).
int igq_scheme_assigns(igq_scheme scheme);
int igq_scheme_permutes(igq_scheme scheme);

// The scheme of the weights: the one that was asked for, or for `auto` the one that goes with the activations'.
igq_weight_scheme igq_weight_scheme_of(const igq_scheme_cfg *cfg);

// Groups of neighbouring output channels that share a quantizer (0: each has its own), where calibration says
// num_groups.
int igq_weight_groups(const igq_scheme_cfg *cfg, int num_groups);

// The scheme that a layer of this kind really gets: what is not grouped is layer-wise whatever the scheme, and values
// in the place of weights (context) are coded as the activations are; with mx and nvfp4, in blocks of that length of
// integers of attn_bits.
igq_scheme_cfg igq_scheme_of_layer(const igq_scheme_cfg *cfg, igq_layer_kind kind);

// Lists of one instance: fills grouping (initialised with C = members, G = igq_scheme_num_groups).
// range may be NULL where the scheme needs none. scratch: num_members uint16_t.
void igq_scheme_group(igq_grouping *grouping, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                      const igq_range *range, uint16_t *scratch);

// Bounds of each group: layerwise, consecutive, peg: least and largest calibrated range of the group's members; igq and
// igq_fixed: the calibrated l_g, u_g, or the
// bounds around their calibrated members; channelwise: the instance's own range. Formats without zero points do not
// ask. lower, upper out (G).
void igq_scheme_bounds(int16_t *lower, int16_t *upper, const igq_scheme_cfg *cfg, const igq_group_bounds *bounds,
                       const igq_grouping *grouping, const igq_range *range);

#ifdef __cplusplus
}
#endif
#endif
