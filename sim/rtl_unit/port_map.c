// SPDX-License-Identifier: Apache-2.0
#include "port_map.h"
#include "suggest.h"
#include "yaml_tree.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *const igq_port_names[IGQ_PORT_COUNT] = {
    "clk_i",         "rst_ni",        "bound_we_i",    "bound_group_i",  "bound_lower_i",
    "bound_upper_i", "layer_valid_i", "layer_ready_o", "num_tokens_i",   "num_channels_i",
    "num_groups_i",  "capacity_i",    "act_valid_i",   "act_ready_o",    "act_data_i",
    "list_valid_o",  "list_ready_i",  "list_group_o",  "list_channel_o", "list_group_last_o",
    "list_last_o",   "count_o",
};

static int is_identifier(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_')
        return 0;
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' && *text != '$')
            return 0;
    return 1;
}

static int may_be_inverted(igq_port port)
{
    return port == IGQ_PORT_RST || port == IGQ_PORT_BOUND_WE || port == IGQ_PORT_LAYER_VALID ||
           port == IGQ_PORT_LAYER_READY || port == IGQ_PORT_ACT_VALID || port == IGQ_PORT_ACT_READY ||
           port == IGQ_PORT_LIST_VALID || port == IGQ_PORT_LIST_READY || port == IGQ_PORT_LIST_GROUP_LAST ||
           port == IGQ_PORT_LIST_LAST;
}

static igq_status read_port(igq_port_map *map, const igq_yaml_node *node, const char *name, igq_error *error)
{
    const char *text;
    int port = 0;
    char suggestion[IGQ_SUGGEST_BYTES];
    while (port < IGQ_PORT_COUNT && strcmp(igq_port_names[port], name) != 0)
        port++;
    if (port == IGQ_PORT_COUNT) {
        igq_suggest(suggestion, name, igq_port_names, IGQ_PORT_COUNT);
        return igq_yaml_refuse_node(node, error, "no port of the unit; %sallowed: those of rtl/README.md", suggestion);
    }
    igq_status status = igq_yaml_single(&text, node, error);
    if (status != IGQ_OK)
        return status;
    int inverted = *text == '~', may_be_none = port == IGQ_PORT_CAPACITY || port == IGQ_PORT_COUNT_OF_GROUPS;
    if (strcmp(text, "none") == 0 && may_be_none) {
        map->port[port].name[0] = '\0';
        return IGQ_OK;
    }
    if (strcmp(text, "none") == 0 || !is_identifier(text + inverted) || strlen(text) >= IGQ_PORT_NAME_BYTES ||
        (inverted && !may_be_inverted((igq_port)port)))
        return igq_yaml_refuse_node(node, error, "'%.100s'; allowed: the name of a port%s%s", text,
                                    may_be_inverted((igq_port)port) ? ", ~NAME where it has the other polarity" : "",
                                    may_be_none ? ", none" : "");
    snprintf(map->port[port].name, IGQ_PORT_NAME_BYTES, "%s", text + inverted);
    map->port[port].inverted = inverted;
    return IGQ_OK;
}

static igq_status read_ports(igq_port_map *map, const igq_yaml_node *section, igq_error *error)
{
    igq_status status = igq_yaml_check_section(section, NULL, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(section); i++) {
        const char *name;
        igq_yaml_node node = igq_yaml_item(section, i, &name);
        status = read_port(map, &node, name, error);
    }
    return status;
}

static igq_status read_parameters(igq_port_map *map, const igq_yaml_node *section, igq_error *error)
{
    igq_status status = igq_yaml_check_section(section, NULL, error);
    int num = status == IGQ_OK ? igq_yaml_num(section) : 0;
    if (num > IGQ_MAX_PORT_PARAMETERS)
        return igq_yaml_refuse_node(section, error, "%d parameters; allowed: up to %d", num, IGQ_MAX_PORT_PARAMETERS);
    for (int i = 0; status == IGQ_OK && i < num; i++) {
        const char *name, *text;
        igq_yaml_node node = igq_yaml_item(section, i, &name);
        status = igq_yaml_single(&text, &node, error);
        if (status == IGQ_OK && (!is_identifier(name) || strlen(name) >= IGQ_PORT_NAME_BYTES || *text == '\0' ||
                                 strlen(text) >= IGQ_PORT_NAME_BYTES))
            status = igq_yaml_refuse_node(&node, error, "no parameter; allowed: NAME: VALUE, as in SystemVerilog");
        if (status == IGQ_OK) {
            snprintf(map->parameter[i][0], IGQ_PORT_NAME_BYTES, "%s", name);
            snprintf(map->parameter[i][1], IGQ_PORT_NAME_BYTES, "%s", text);
        }
    }
    map->num_parameters = num;
    return status;
}

static igq_status read_map(igq_port_map *map, const igq_yaml_tree *tree, igq_error *error)
{
    static const char *const names[] = {"range_lanes", "distance_lanes", "max_channels", "max_tokens",
                                        "max_groups",  "ports",          "parameters",   NULL};
    int *const values[] = {&map->range_lanes, &map->distance_lanes, &map->max_channels, &map->max_tokens,
                           &map->max_groups};
    static const int most[] = {256, 256, 16384, 16384, 256};
    enum { NUM_VALUES = sizeof most / sizeof *most, PORTS = NUM_VALUES, PARAMETERS };
    igq_yaml_node member[PARAMETERS + 1], top = igq_yaml_top(tree);
    igq_status status = igq_yaml_members(member, &top, names, 0, error);
    for (int i = 0; status == IGQ_OK && i < NUM_VALUES; i++)
        if (member[i].node != NULL)
            status = igq_yaml_int(values[i], &member[i], 1, most[i], error);
    if (status == IGQ_OK && member[PORTS].node != NULL)
        status = read_ports(map, &member[PORTS], error);
    if (status == IGQ_OK && member[PARAMETERS].node != NULL)
        status = read_parameters(map, &member[PARAMETERS], error);
    return status;
}

igq_status igq_port_map_load(igq_port_map *map, const char *path, igq_error *error)
{
    igq_yaml_tree tree;
    memset(map, 0, sizeof *map);
    map->num_parameters = -1;
    for (int i = 0; i < IGQ_PORT_COUNT; i++)
        snprintf(map->port[i].name, IGQ_PORT_NAME_BYTES, "%s", igq_port_names[i]);
    if (path == NULL)
        return IGQ_OK;
    igq_status status = igq_yaml_tree_open(&tree, path, error);
    if (status != IGQ_OK)
        return status;
    status = read_map(map, &tree, error);
    igq_yaml_tree_close(&tree);
    return status;
}
