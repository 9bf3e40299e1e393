// SPDX-License-Identifier: Apache-2.0
#include "technology_file.h"
#include "yaml_tree.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static igq_status read_name(char name[IGQ_NAME_BYTES], const igq_yaml_node *node, igq_error *error)
{
    const char *text;
    igq_status status = igq_yaml_single(&text, node, error);
    if (status != IGQ_OK)
        return status;
    if (*text == '\0' || strlen(text) >= IGQ_NAME_BYTES)
        return igq_yaml_refuse_node(node, error, "\"%.80s\" has %zu characters; allowed: 1 to %d", text, strlen(text),
                                    IGQ_NAME_BYTES - 1);
    memcpy(name, text, strlen(text) + 1);
    return IGQ_OK;
}

// A place in what has been built, or its count if there is none of that name.
static int find_name(const char *names, size_t stride, int count, const char *name)
{
    int i = 0;
    while (i < count && strcmp(names + (size_t)i * stride, name) != 0)
        i++;
    return i;
}

static igq_status read_source(const igq_yaml_node *node, igq_error *error)
{
    const char *text;
    igq_status status = igq_yaml_single(&text, node, error);
    if (status == IGQ_OK && *text == '\0')
        return igq_yaml_refuse_node(node, error, "is empty; every figure names the publication or table it comes from");
    return status;
}

// Only areas may be missing from a source: a sum that lacks one says so instead of being too small.
static igq_status read_value(double *value, const igq_yaml_node *node, igq_figure figure, igq_error *error)
{
    const char *text = igq_yaml_text(node);
    if (figure == IGQ_FIGURE_AREA_UM2 && text != NULL && strcmp(text, IGQ_NOT_GIVEN) == 0) {
        *value = NAN;
        return IGQ_OK;
    }
    return igq_yaml_real(value, node, 0, IGQ_MAX_TECHNOLOGY_FIGURE, error);
}

// One of two words: 0 or 1.
static igq_status read_choice(int *choice, const igq_yaml_node *node, const char *const words[2], igq_error *error)
{
    const char *text;
    igq_status status = igq_yaml_single(&text, node, error);
    if (status != IGQ_OK)
        return status;
    *choice = strcmp(text, words[1]) == 0;
    if (*choice || strcmp(text, words[0]) == 0)
        return IGQ_OK;
    return igq_yaml_refuse_node(node, error, "\"%.40s\" is not one of the choices; allowed: %s, %s", text, words[0],
                                words[1]);
}

/// Actions

typedef struct unit {
    const char *name;
    igq_figure figure;
    size_t offset; // in igq_rate
} unit;

static const unit units[] = {
    {"pJ", IGQ_FIGURE_ENERGY_PJ, offsetof(igq_rate, per_count)},
    {"pJ/bit", IGQ_FIGURE_ENERGY_PJ, offsetof(igq_rate, per_bit)},
    {"pJ/bit^2", IGQ_FIGURE_ENERGY_PJ, offsetof(igq_rate, per_bit_product)},
    {"um2", IGQ_FIGURE_AREA_UM2, offsetof(igq_rate, per_count)},
    {"um2/bit", IGQ_FIGURE_AREA_UM2, offsetof(igq_rate, per_bit)},
    {"um2/bit^2", IGQ_FIGURE_AREA_UM2, offsetof(igq_rate, per_bit_product)},
    {"nW", IGQ_FIGURE_LEAKAGE_NW, offsetof(igq_rate, per_count)},
    {"nW/bit", IGQ_FIGURE_LEAKAGE_NW, offsetof(igq_rate, per_bit)},
    {"nW/bit^2", IGQ_FIGURE_LEAKAGE_NW, offsetof(igq_rate, per_bit_product)},
};
#define NUM_UNITS ((int)(sizeof units / sizeof *units))

const char *igq_technology_unit_name(int i)
{
    return i < NUM_UNITS ? units[i].name : NULL;
}

static const char *const figure_unit_names[IGQ_FIGURE_COUNT] = {"pJ", "um2", "nW"};

static igq_status read_figure(igq_action *action, int seen[NUM_UNITS], const igq_yaml_node *node, igq_error *error)
{
    static const char *const names[] = {"value", "unit", "source", NULL};
    enum { VALUE, UNIT, SOURCE, NUM };
    igq_yaml_node part[NUM];
    const char *name = "";
    int u = 0;
    igq_status status = igq_yaml_members(part, node, names, NUM, error);
    if (status == IGQ_OK)
        status = igq_yaml_single(&name, &part[UNIT], error);
    if (status != IGQ_OK)
        return status;
    while (u < NUM_UNITS && strcmp(name, units[u].name) != 0)
        u++;
    if (u == NUM_UNITS)
        return igq_yaml_refuse_node(&part[UNIT], error,
                                    "\"%.40s\" is not a unit of figures; allowed: pJ, um2, nW, each also per bit "
                                    "(pJ/bit) and per product of operand bits (pJ/bit^2)",
                                    name);
    if (seen[u])
        return igq_yaml_refuse_node(&part[UNIT], error, "%s is given twice for action %s; allowed: once", name,
                                    action->name);
    seen[u] = 1;
    double *target = (double *)((char *)&action->rate[units[u].figure] + units[u].offset);
    status = read_value(target, &part[VALUE], units[u].figure, error);
    return status == IGQ_OK ? read_source(&part[SOURCE], error) : status;
}

static igq_status read_action(igq_technology *technology, const igq_yaml_node *node, igq_error *error)
{
    static const char *const names[] = {"name", "figures", NULL};
    enum { NAME, FIGURES, NUM };
    igq_action *action = &technology->action[technology->num_actions];
    igq_yaml_node part[NUM];
    int seen[NUM_UNITS] = {0}, given[IGQ_FIGURE_COUNT] = {0};
    igq_status status = igq_yaml_members(part, node, names, NUM, error);
    if (status == IGQ_OK)
        status = read_name(action->name, &part[NAME], error);
    if (status == IGQ_OK && (strcmp(action->name, "sram") == 0 ||
                             find_name(technology->action[0].name, sizeof(igq_action), technology->num_actions,
                                       action->name) < technology->num_actions))
        return igq_yaml_refuse_node(&part[NAME], error,
                                    "action %s is given twice, or is sram, which has a table of its own", action->name);
    if (status == IGQ_OK)
        status = igq_yaml_check_list(&part[FIGURES], 1, NUM_UNITS, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(&part[FIGURES]); i++) {
        const igq_yaml_node figure = igq_yaml_item(&part[FIGURES], i, NULL);
        status = read_figure(action, seen, &figure, error);
    }
    for (int u = 0; u < NUM_UNITS; u++)
        given[units[u].figure] |= seen[u];
    for (int figure = 0; status == IGQ_OK && figure < IGQ_FIGURE_COUNT; figure++)
        if (!given[figure])
            return igq_yaml_refuse_node(
                node, error, "action %s has no figure in %s; where there is nothing to charge, say 0 and why in source",
                action->name, figure_unit_names[figure]);
    technology->num_actions++;
    return status;
}

/// SRAM

static igq_status read_point(igq_sram_table *table, const igq_yaml_node *node, igq_error *error)
{
    static const char *const names[] = {"capacity_bytes", "read_pj", "write_pj", "area_um2",
                                        "leakage_nw",     "source",  NULL};
    enum { CAPACITY, READ, WRITE, AREA, LEAKAGE, SOURCE, NUM };
    igq_sram_point *point = &table->point[table->num_points];
    igq_yaml_node part[NUM];
    int capacity_bytes = 0, smallest = 1;
    if (table->num_points > 0)
        smallest = (int)table->point[table->num_points - 1].capacity_bytes + 1; // ascending
    igq_status status = igq_yaml_members(part, node, names, NUM, error);
    if (status == IGQ_OK)
        status = igq_yaml_int(&capacity_bytes, &part[CAPACITY], smallest, 1 << 30, error);
    point->capacity_bytes = capacity_bytes;
    if (status == IGQ_OK)
        status = read_value(&point->read_pj, &part[READ], IGQ_FIGURE_ENERGY_PJ, error);
    if (status == IGQ_OK)
        status = read_value(&point->write_pj, &part[WRITE], IGQ_FIGURE_ENERGY_PJ, error);
    if (status == IGQ_OK)
        status = read_value(&point->area_um2, &part[AREA], IGQ_FIGURE_AREA_UM2, error);
    if (status == IGQ_OK)
        status = read_value(&point->leakage_nw, &part[LEAKAGE], IGQ_FIGURE_LEAKAGE_NW, error);
    if (status == IGQ_OK)
        status = read_source(&part[SOURCE], error);
    table->num_points++;
    return status;
}

// Points of rising capacity.
static igq_status read_points(igq_sram_table *table, const igq_yaml_node *list, igq_error *error)
{
    igq_status status = igq_yaml_check_list(list, 1, IGQ_MAX_SRAM_POINTS, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(list); i++) {
        const igq_yaml_node point = igq_yaml_item(list, i, NULL);
        status = read_point(table, &point, error);
    }
    return status;
}

const char *const igq_smaller_memories[2] = {"refuse", "as_smallest"};

// One table, and a second one of wider words; without it that stays empty.
static igq_status read_sram(igq_technology *technology, const igq_yaml_node *node, igq_error *error)
{
    static const char *const names[] = {"port_bits",      "smaller_memories", "points",
                                        "wide_port_bits", "wide_points",      NULL};
    enum { PORT_BITS, SMALLER, POINTS, NUM_REQUIRED, WIDE_PORT_BITS = NUM_REQUIRED, WIDE_POINTS, NUM };
    igq_sram_table *table = &technology->sram, *wide = &technology->wide_sram;
    igq_yaml_node part[NUM];
    igq_status status = igq_yaml_members(part, node, names, NUM_REQUIRED, error);
    if (status == IGQ_OK)
        status = igq_yaml_int(&table->port_bits, &part[PORT_BITS], 1, IGQ_MOST_PORT_BITS, error);
    if (status == IGQ_OK)
        status = read_choice(&table->smaller_as_smallest, &part[SMALLER], igq_smaller_memories, error);
    if (status == IGQ_OK)
        status = read_points(table, &part[POINTS], error);
    const igq_yaml_node *bits = &part[WIDE_PORT_BITS], *points = &part[WIDE_POINTS];
    if (status != IGQ_OK || (bits->node == NULL && points->node == NULL))
        return status;
    if (bits->node == NULL || points->node == NULL)
        return igq_yaml_refuse_node(bits->node != NULL ? bits : points, error,
                                    "stands alone; allowed: wide_port_bits and wide_points together");
    status = igq_yaml_int(&wide->port_bits, bits, table->port_bits + 1, IGQ_MOST_PORT_BITS, error);
    return status == IGQ_OK ? read_points(wide, points, error) : status;
}

/// Components

static igq_status read_event(igq_event *event, const igq_yaml_node *node, igq_error *error)
{
    const char *text;
    int found = 0;
    igq_status status = igq_yaml_single(&text, node, error);
    if (status != IGQ_OK)
        return status;
    while (found < IGQ_EVENT_COUNT && strcmp(text, igq_event_names[found]) != 0)
        found++;
    *event = (igq_event)found;
    return found < IGQ_EVENT_COUNT
               ? IGQ_OK
               : igq_yaml_refuse_node(node, error,
                                      "\"%.60s\" is not an event; allowed: those of docs/energy.md, "
                                      "such as multiply, dram_read, cycle",
                                      text);
}

static igq_status read_term(igq_technology *technology, igq_component *component, const igq_yaml_node *node,
                            igq_error *error)
{
    static const char *const names[] = {"event", "action", NULL};
    enum { EVENT, ACTION, NUM };
    igq_term *term = &component->term[component->num_terms++];
    igq_yaml_node part[NUM];
    const char *action = "";
    igq_status status = igq_yaml_members(part, node, names, NUM, error);
    if (status == IGQ_OK)
        status = read_event(&term->event, &part[EVENT], error);
    if (status == IGQ_OK)
        status = igq_yaml_single(&action, &part[ACTION], error);
    if (status != IGQ_OK)
        return status;
    if (strcmp(action, "sram") == 0) {
        if (igq_memory_read_by(term->event) == IGQ_MEMORY_COUNT &&
            igq_memory_written_by(term->event) == IGQ_MEMORY_COUNT)
            return igq_yaml_refuse_node(&part[ACTION], error, "event %s does not access a memory on chip",
                                        igq_event_names[term->event]);
        term->action = IGQ_ACTION_SRAM;
        return IGQ_OK;
    }
    term->action = find_name(technology->action[0].name, sizeof(igq_action), technology->num_actions, action);
    if (term->action == technology->num_actions)
        return igq_yaml_refuse_node(&part[ACTION], error,
                                    "component %s needs action %.80s, for which technology %s has no figures",
                                    component->name, action, technology->name);
    return IGQ_OK;
}

static igq_status read_component(igq_technology *technology, const igq_yaml_node *node, igq_error *error)
{
    static const char *const names[] = {"name", "instance_aware", "terms", NULL};
    static const char *const choices[2] = {"no", "yes"};
    enum { NAME, INSTANCE_AWARE, TERMS, NUM };
    igq_component *component = &technology->component[technology->num_components];
    igq_yaml_node part[NUM];
    igq_status status = igq_yaml_members(part, node, names, NUM, error);
    if (status == IGQ_OK)
        status = read_name(component->name, &part[NAME], error);
    if (status == IGQ_OK && (strcmp(component->name, igq_leakage_name) == 0 ||
                             find_name(technology->component[0].name, sizeof(igq_component), technology->num_components,
                                       component->name) < technology->num_components))
        return igq_yaml_refuse_node(&part[NAME], error,
                                    "component %s is given twice, or is leakage, which igqsim adds itself",
                                    component->name);
    if (status == IGQ_OK)
        status = read_choice(&component->instance_aware, &part[INSTANCE_AWARE], choices, error);
    if (status == IGQ_OK)
        status = igq_yaml_check_list(&part[TERMS], 1, IGQ_MAX_TERMS, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(&part[TERMS]); i++) {
        const igq_yaml_node term = igq_yaml_item(&part[TERMS], i, NULL);
        status = read_term(technology, component, &term, error);
    }
    technology->num_components++;
    return status;
}

static void components_path(char path[IGQ_TECHNOLOGY_PATH_BYTES], const char *technology_path, const char *name)
{
    const char *slash = strrchr(technology_path, '/');
    int dir_bytes = slash && *name != '/' ? (int)(slash - technology_path) + 1 : 0;
    snprintf(path, IGQ_TECHNOLOGY_PATH_BYTES, "%.*s%s", dir_bytes, technology_path, name);
}

igq_status igq_technology_components_path(char path[IGQ_TECHNOLOGY_PATH_BYTES], const char *technology_path,
                                          igq_error *error)
{
    igq_yaml_tree tree;
    const char *name;
    igq_status status = igq_yaml_tree_open(&tree, technology_path, error);
    if (status != IGQ_OK)
        return status;
    const igq_yaml_node top = igq_yaml_top(&tree), node = igq_yaml_find(&top, "components");
    status = igq_yaml_single(&name, &node, error);
    if (status == IGQ_OK)
        components_path(path, technology_path, name);
    igq_yaml_tree_close(&tree);
    return status;
}

static igq_status read_components(igq_technology *technology, const char *path, igq_error *error)
{
    static const char *const names[] = {"components", NULL};
    igq_yaml_tree tree;
    igq_status status = igq_yaml_tree_open(&tree, path, error);
    if (status != IGQ_OK)
        return status;
    const igq_yaml_node top = igq_yaml_top(&tree);
    igq_yaml_node list;
    status = igq_yaml_members(&list, &top, names, 1, error);
    if (status == IGQ_OK)
        status = igq_yaml_check_list(&list, 1, IGQ_MAX_COMPONENTS, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(&list); i++) {
        const igq_yaml_node component = igq_yaml_item(&list, i, NULL);
        status = read_component(technology, &component, error);
    }
    igq_yaml_tree_close(&tree);
    return status;
}

static igq_status read_technology(igq_technology *technology, const igq_yaml_tree *tree, igq_error *error)
{
    static const char *const names[] = {"name", "components", "actions", "sram", NULL};
    enum { NAME, COMPONENTS, ACTIONS, SRAM, NUM };
    const igq_yaml_node top = igq_yaml_top(tree);
    igq_yaml_node part[NUM];
    char path[IGQ_TECHNOLOGY_PATH_BYTES];
    const char *components = "";
    igq_status status = igq_yaml_members(part, &top, names, NUM, error);
    if (status == IGQ_OK)
        status = read_name(technology->name, &part[NAME], error);
    if (status == IGQ_OK)
        status = igq_yaml_check_list(&part[ACTIONS], 1, IGQ_MAX_ACTIONS, error);
    for (int i = 0; status == IGQ_OK && i < igq_yaml_num(&part[ACTIONS]); i++) {
        const igq_yaml_node action = igq_yaml_item(&part[ACTIONS], i, NULL);
        status = read_action(technology, &action, error);
    }
    if (status == IGQ_OK)
        status = read_sram(technology, &part[SRAM], error);
    if (status == IGQ_OK)
        status = igq_yaml_single(&components, &part[COMPONENTS], error);
    if (status != IGQ_OK)
        return status;
    components_path(path, tree->path, components);
    return read_components(technology, path, error);
}

igq_status igq_technology_load(igq_technology *technology, const char *path, igq_error *error)
{
    igq_yaml_tree tree;
    memset(technology, 0, sizeof *technology);
    igq_status status = igq_yaml_tree_open(&tree, path, error);
    if (status != IGQ_OK)
        return status;
    status = read_technology(technology, &tree, error);
    igq_yaml_tree_close(&tree);
    return status;
}

igq_status igq_technology_covers(const igq_technology *technology, const char *path, const igq_units *machine,
                                 igq_error *error)
{
    igq_memory memory = igq_technology_uncovered(technology, machine);
    if (memory == IGQ_MEMORY_COUNT)
        return IGQ_OK;
    const igq_sram_table *table = &technology->sram;
    double bytes = (double)machine->memory[memory].bank_bytes;
    if (technology->wide_sram.num_points > 0 && bytes >= table->point[0].capacity_bytes &&
        (bytes <= table->point[table->num_points - 1].capacity_bytes ||
         machine->memory[memory].port_bits >= (uint64_t)technology->wide_sram.port_bits))
        table = &technology->wide_sram;
    return igq_fail(
        error,
        "%s: sram: %s has banks of %llu bytes, the table covers %.0f to %.0f; nothing is extrapolated: take "
        "other banks, or a technology with such memories",
        path, igq_memory_names[memory], (unsigned long long)machine->memory[memory].bank_bytes,
        table->point[0].capacity_bytes, table->point[table->num_points - 1].capacity_bytes);
}
