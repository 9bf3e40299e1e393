// SPDX-License-Identifier: Apache-2.0
#include "port_map.h"
#include "suggest.h"
#include "yaml_tree.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

const igq_port_rules igq_assign_ports = {
    22, 1, {{"clk_i", 0, 0},         {"rst_ni", 1, 0},         {"bound_we_i", 1, 0},     {"bound_group_i", 0, 0},
            {"bound_lower_i", 0, 0}, {"bound_upper_i", 0, 0},  {"layer_valid_i", 1, 0},  {"layer_ready_o", 1, 0},
            {"num_tokens_i", 0, 0},  {"num_channels_i", 0, 0}, {"num_groups_i", 0, 0},   {"capacity_i", 0, 1},
            {"act_valid_i", 1, 0},   {"act_ready_o", 1, 0},    {"act_data_i", 0, 0},     {"list_valid_o", 1, 0},
            {"list_ready_i", 1, 0},  {"list_group_o", 0, 0},   {"list_channel_o", 0, 0}, {"list_group_last_o", 1, 0},
            {"list_last_o", 1, 0},   {"count_o", 0, 1}}};

const igq_port_rules igq_datapath_ports = {35,
                                           0,
                                           {{"clk_i", 0, 0},
                                            {"rst_ni", 1, 0},
                                            {"fill_valid_i", 1, 0},
                                            {"fill_ready_o", 1, 0},
                                            {"fill_kind_i", 0, 0},
                                            {"fill_index_i", 0, 0},
                                            {"fill_addr_i", 0, 0},
                                            {"fill_data_i", 0, 0},
                                            {"list_valid_i", 1, 0},
                                            {"list_ready_o", 1, 0},
                                            {"list_group_i", 0, 0},
                                            {"list_channel_i", 0, 0},
                                            {"list_group_last_i", 1, 0},
                                            {"tile_valid_i", 1, 0},
                                            {"tile_ready_o", 1, 0},
                                            {"tile_tokens_i", 0, 0},
                                            {"tile_outputs_i", 0, 0},
                                            {"tile_block_tokens_i", 0, 0},
                                            {"tile_token_blocks_i", 0, 0},
                                            {"tile_output_blocks_i", 0, 0},
                                            {"tile_act_digits_i", 0, 0},
                                            {"tile_weight_digits_i", 0, 0},
                                            {"tile_weight_words_i", 0, 0},
                                            {"tile_act_words_i", 0, 0},
                                            {"tile_num_rows_i", 0, 0},
                                            {"tile_rows_i", 1, 0},
                                            {"tile_codes_i", 1, 0},
                                            {"tile_layer_scale_i", 0, 0},
                                            {"out_valid_o", 1, 0},
                                            {"out_ready_i", 1, 0},
                                            {"out_data_o", 0, 0},
                                            {"out_mask_o", 0, 0},
                                            {"out_token_o", 0, 0},
                                            {"out_output_o", 0, 0},
                                            {"out_last_o", 1, 0}}};

static int is_identifier(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_')
        return 0;
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' && *text != '$')
            return 0;
    return 1;
}

static igq_status read_port(igq_port_map *map, const igq_port_rules *rules, const igq_yaml_node *node, const char *name,
                            igq_error *error)
{
    const char *text, *names[IGQ_MAX_PORTS];
    int port = 0;
    char suggestion[IGQ_SUGGEST_BYTES];
    for (int i = 0; i < rules->num_ports; i++)
        names[i] = rules->port[i].name;
    while (port < rules->num_ports && strcmp(names[port], name) != 0)
        port++;
    if (port == rules->num_ports) {
        igq_suggest(suggestion, name, names, rules->num_ports);
        return igq_yaml_refuse_node(node, error, "no port of the unit; %sallowed: those of rtl/README.md", suggestion);
    }
    igq_status status = igq_yaml_single(&text, node, error);
    if (status != IGQ_OK)
        return status;
    const igq_port_rule *rule = &rules->port[port];
    int inverted = *text == '~';
    if (strcmp(text, "none") == 0 && rule->may_be_none) {
        map->port[port].name[0] = '\0';
        return IGQ_OK;
    }
    if (strcmp(text, "none") == 0 || !is_identifier(text + inverted) || strlen(text) >= IGQ_PORT_NAME_BYTES ||
        (inverted && !rule->may_be_inverted))
        return igq_yaml_refuse_node(node, error, "'%.100s'; allowed: the name of a port%s%s", text,
                                    rule->may_be_inverted ? ", ~NAME where it has the other polarity" : "",
                                    rule->may_be_none ? ", none" : "");
    snprintf(map->port[port].name, IGQ_PORT_NAME_BYTES, "%s", text + inverted);
    map->port[port].inverted = inverted;
    return IGQ_OK;
}

static igq_status read_ports(igq_port_map *map, const igq_port_rules *rules, const igq_yaml_node *section,
                             igq_error *error)
{
    igq_status status = igq_yaml_check_section(section, NULL, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(section); i++) {
        const char *name;
        igq_yaml_node node = igq_yaml_item(section, i, &name);
        status = read_port(map, rules, &node, name, error);
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

static igq_status read_map(igq_port_map *map, const igq_port_rules *rules, const igq_yaml_tree *tree, igq_error *error)
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
        if (member[i].node != NULL && !rules->has_sizes)
            status = igq_yaml_refuse_node(&member[i], error, "is the machine's; allowed: ports, parameters");
        else if (member[i].node != NULL)
            status = igq_yaml_int(values[i], &member[i], 1, most[i], error);
    if (status == IGQ_OK && member[PORTS].node != NULL)
        status = read_ports(map, rules, &member[PORTS], error);
    if (status == IGQ_OK && member[PARAMETERS].node != NULL)
        status = read_parameters(map, &member[PARAMETERS], error);
    return status;
}

igq_status igq_port_map_load(igq_port_map *map, const igq_port_rules *rules, const char *path, igq_error *error)
{
    igq_yaml_tree tree;
    memset(map, 0, sizeof *map);
    map->num_parameters = -1;
    for (int i = 0; i < rules->num_ports; i++)
        snprintf(map->port[i].name, IGQ_PORT_NAME_BYTES, "%s", rules->port[i].name);
    if (path == NULL)
        return IGQ_OK;
    igq_status status = igq_yaml_tree_open(&tree, path, error);
    if (status != IGQ_OK)
        return status;
    status = read_map(map, rules, &tree, error);
    igq_yaml_tree_close(&tree);
    return status;
}
