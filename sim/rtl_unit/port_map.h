// SPDX-License-Identifier: Apache-2.0
// port_map.h - how a user's unit names and sizes what rtl/README.md describes: a small YAML file.
//
// clang-format off
//   range_lanes: 1          # activations a beat; without it, as the next four, what the machine or the unit of rtl/ has
//   distance_lanes: 1
//   max_channels: 1024
//   max_tokens: 1024
//   max_groups: 8
//   ports:                  # port of rtl/README.md: the user's. "~NAME": of the other polarity; "none": there is none
//     rst_ni: ~reset
//     capacity_i: none
//   parameters:             # of the user's top, as they are to be set; without this section those of rtl/README.md
//     Depth: 1024
// clang-format on
#ifndef IGQ_PORT_MAP_H
#define IGQ_PORT_MAP_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_PORT_NAME_BYTES 128
#define IGQ_MAX_PORT_PARAMETERS 32
#define IGQ_MAX_PORTS 40

typedef enum igq_port {
    IGQ_PORT_CLK,
    IGQ_PORT_RST,
    IGQ_PORT_BOUND_WE,
    IGQ_PORT_BOUND_GROUP,
    IGQ_PORT_BOUND_LOWER,
    IGQ_PORT_BOUND_UPPER,
    IGQ_PORT_LAYER_VALID,
    IGQ_PORT_LAYER_READY,
    IGQ_PORT_NUM_TOKENS,
    IGQ_PORT_NUM_CHANNELS,
    IGQ_PORT_NUM_GROUPS,
    IGQ_PORT_CAPACITY, // may be none: lists have no limit
    IGQ_PORT_ACT_VALID,
    IGQ_PORT_ACT_READY,
    IGQ_PORT_ACT_DATA,
    IGQ_PORT_LIST_VALID,
    IGQ_PORT_LIST_READY,
    IGQ_PORT_LIST_GROUP,
    IGQ_PORT_LIST_CHANNEL,
    IGQ_PORT_LIST_GROUP_LAST,
    IGQ_PORT_LIST_LAST,
    IGQ_PORT_COUNT_OF_GROUPS, // may be none: counts are not compared
    IGQ_PORT_COUNT
} igq_port;

// What is said of a port in its map.
typedef struct igq_port_rule {
    const char *name; // of rtl/README.md: "clk_i", ...
    int may_be_inverted, may_be_none;
} igq_port_rule;

// The ports of a kind of unit; the order is that of the ports of a map.
typedef struct igq_port_rules {
    int num_ports, has_sizes; // has_sizes: range_lanes ... max_groups are said
    igq_port_rule port[IGQ_MAX_PORTS];
} igq_port_rules;
extern const igq_port_rules igq_assign_ports;   // in the order of igq_port
extern const igq_port_rules igq_datapath_ports; // of rtl/datapath/igq_datapath.sv, in its order

typedef struct igq_port_map {
    int range_lanes, distance_lanes, max_channels, max_tokens, max_groups; // 0: not said
    struct {
        char name[IGQ_PORT_NAME_BYTES]; // "" : none
        int inverted;
    } port[IGQ_MAX_PORTS];
    int num_parameters; // -1: not said
    char parameter[IGQ_MAX_PORT_PARAMETERS][2][IGQ_PORT_NAME_BYTES];
} igq_port_map;

// path NULL: every port has the name of rtl/README.md.
igq_status igq_port_map_load(igq_port_map *map, const igq_port_rules *rules, const char *path, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
