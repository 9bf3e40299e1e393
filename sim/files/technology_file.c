// SPDX-License-Identifier: Apache-2.0
#include "technology_file.h"
#include "yaml_tree.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES 96
#define MAX_FIGURE 1e9

// What libcyaml loads: texts.

typedef struct figure_texts {
    char *value, *unit, *source;
} figure_texts;

typedef struct action_texts {
    char *name;
    figure_texts *figures;
    uint32_t figures_count;
} action_texts;

typedef struct point_texts {
    char *capacity_bytes, *read_pj, *write_pj, *area_um2, *leakage_nw, *source;
} point_texts;

typedef struct technology_texts {
    char *name, *components, *port_bits, *smaller_memories, *wide_port_bits;
    action_texts *actions;
    point_texts *points, *wide_points;
    uint32_t actions_count, points_count, wide_points_count;
} technology_texts;

typedef struct term_texts {
    char *event, *action;
} term_texts;

typedef struct component_texts {
    char *name, *instance_aware;
    term_texts *terms;
    uint32_t terms_count;
} component_texts;

typedef struct components_texts {
    component_texts *components;
    uint32_t components_count;
} components_texts;

static const cyaml_schema_field_t figure_fields[] = {
    IGQ_YAML_FIELD(figure_texts, value),
    IGQ_YAML_FIELD(figure_texts, unit),
    IGQ_YAML_FIELD(figure_texts, source),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t figure_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, figure_texts, figure_fields)};

static const cyaml_schema_field_t action_fields[] = {
    IGQ_YAML_FIELD(action_texts, name),
    CYAML_FIELD_SEQUENCE("figures", CYAML_FLAG_POINTER, action_texts, figures, &figure_schema, 1, CYAML_UNLIMITED),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t action_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, action_texts, action_fields)};

static const cyaml_schema_field_t point_fields[] = {
    IGQ_YAML_FIELD(point_texts, capacity_bytes),
    IGQ_YAML_FIELD(point_texts, read_pj),
    IGQ_YAML_FIELD(point_texts, write_pj),
    IGQ_YAML_FIELD(point_texts, area_um2),
    IGQ_YAML_FIELD(point_texts, leakage_nw),
    IGQ_YAML_FIELD(point_texts, source),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t point_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, point_texts, point_fields)};

static const cyaml_schema_field_t sram_fields[] = {
    // The offsets are those of the whole file: the section has no structure of its own.
    IGQ_YAML_FIELD(technology_texts, port_bits),
    IGQ_YAML_FIELD(technology_texts, smaller_memories),
    CYAML_FIELD_SEQUENCE("points", CYAML_FLAG_POINTER, technology_texts, points, &point_schema, 1, IGQ_MAX_SRAM_POINTS),
    CYAML_FIELD_STRING_PTR("wide_port_bits", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, technology_texts, wide_port_bits,
                           0, CYAML_UNLIMITED),
    CYAML_FIELD_SEQUENCE("wide_points", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, technology_texts, wide_points,
                         &point_schema, 0, IGQ_MAX_SRAM_POINTS),
    CYAML_FIELD_END,
};
static const cyaml_schema_field_t technology_fields[] = {
    IGQ_YAML_FIELD(technology_texts, name),
    IGQ_YAML_FIELD(technology_texts, components),
    CYAML_FIELD_SEQUENCE("actions", CYAML_FLAG_POINTER, technology_texts, actions, &action_schema, 1, IGQ_MAX_ACTIONS),
    {.key = "sram", .value = {.type = CYAML_MAPPING, .data_size = sizeof(technology_texts), .mapping = {sram_fields}}},
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t technology_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, technology_texts, technology_fields)};

static const cyaml_schema_field_t term_fields[] = {
    IGQ_YAML_FIELD(term_texts, event),
    IGQ_YAML_FIELD(term_texts, action),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t term_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, term_texts, term_fields)};

static const cyaml_schema_field_t component_fields[] = {
    IGQ_YAML_FIELD(component_texts, name),
    IGQ_YAML_FIELD(component_texts, instance_aware),
    CYAML_FIELD_SEQUENCE("terms", CYAML_FLAG_POINTER, component_texts, terms, &term_schema, 1, IGQ_MAX_TERMS),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t component_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, component_texts, component_fields)};

static const cyaml_schema_field_t components_fields[] = {
    CYAML_FIELD_SEQUENCE("components", CYAML_FLAG_POINTER, components_texts, components, &component_schema, 1,
                         IGQ_MAX_COMPONENTS),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t components_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, components_texts, components_fields)};

// Where a value stands, for messages.
typedef struct place {
    const igq_yaml_file *file;
    igq_error *error;
    char key[KEY_BYTES];
} place;

static place member(const place *outer, const char *name)
{
    place inner = *outer;
    snprintf(inner.key, sizeof inner.key, "%.60s%s%s", outer->key, *outer->key != '\0' ? "." : "", name);
    return inner;
}

static place item(const place *list, uint32_t index)
{
    place inner = *list;
    snprintf(inner.key, sizeof inner.key, "%.60s[%u]", list->key, index);
    return inner;
}

static igq_status refuse(const place *where, const char *format, ...) __attribute__((format(printf, 2, 3)));
static igq_status refuse(const place *where, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return igq_yaml_refuse(where->file, where->key, where->error, "%s", text);
}

static igq_status read_name(char name[IGQ_NAME_BYTES], const char *text, const place *where)
{
    if (*text == '\0' || strlen(text) >= IGQ_NAME_BYTES)
        return refuse(where, "\"%.80s\" has %zu characters; allowed: 1 to %d", text, strlen(text), IGQ_NAME_BYTES - 1);
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

static igq_status read_source(const char *text, const place *where)
{
    if (*text == '\0')
        return refuse(where, "is empty; every figure names the publication or table it comes from");
    return IGQ_OK;
}

// Only areas may be missing from a source: a sum that lacks one says so instead of being too small.
static igq_status read_value(double *value, const char *text, igq_figure figure, const place *where)
{
    if (figure == IGQ_FIGURE_AREA_UM2 && strcmp(text, "not_given") == 0) {
        *value = NAN;
        return IGQ_OK;
    }
    return igq_yaml_real(value, text, 0, MAX_FIGURE, where->file, where->key, where->error);
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
static const char *const figure_unit_names[IGQ_FIGURE_COUNT] = {"pJ", "um2", "nW"};

static igq_status read_figure(igq_action *action, int seen[NUM_UNITS], const figure_texts *texts, const place *where)
{
    place unit_place = member(where, "unit"), value_place = member(where, "value");
    place source_place = member(where, "source");
    int u = 0;
    while (u < NUM_UNITS && strcmp(texts->unit, units[u].name) != 0)
        u++;
    if (u == NUM_UNITS)
        return refuse(&unit_place,
                      "\"%.40s\" is not a unit of figures; allowed: pJ, um2, nW, each also per bit (pJ/bit) and "
                      "per product of operand bits (pJ/bit^2)",
                      texts->unit);
    double *target = (double *)((char *)&action->rate[units[u].figure] + units[u].offset);
    if (seen[u])
        return refuse(&unit_place, "%s is given twice for action %s; allowed: once", texts->unit, action->name);
    seen[u] = 1;
    igq_status status = read_value(target, texts->value, units[u].figure, &value_place);
    return status == IGQ_OK ? read_source(texts->source, &source_place) : status;
}

static igq_status read_action(igq_technology *technology, const action_texts *texts, const place *where)
{
    igq_action *action = &technology->action[technology->num_actions];
    place name_place = member(where, "name");
    int seen[NUM_UNITS] = {0}, given[IGQ_FIGURE_COUNT] = {0};
    igq_status status = read_name(action->name, texts->name, &name_place);
    if (status == IGQ_OK && (strcmp(action->name, "sram") == 0 ||
                             find_name(technology->action[0].name, sizeof(igq_action), technology->num_actions,
                                       action->name) < technology->num_actions))
        return refuse(&name_place, "action %s is given twice, or is sram, which has a table of its own", action->name);
    place list = member(where, "figures");
    for (uint32_t i = 0; status == IGQ_OK && i < texts->figures_count; i++) {
        place figure_place = item(&list, i);
        status = read_figure(action, seen, &texts->figures[i], &figure_place);
    }
    for (int u = 0; u < NUM_UNITS; u++)
        given[units[u].figure] |= seen[u];
    for (int figure = 0; status == IGQ_OK && figure < IGQ_FIGURE_COUNT; figure++)
        if (!given[figure])
            return refuse(where,
                          "action %s has no figure in %s; where there is nothing to charge, say 0 and why in source",
                          action->name, figure_unit_names[figure]);
    technology->num_actions++;
    return status;
}

/// SRAM

static igq_status read_point(igq_sram_table *table, const point_texts *texts, const place *where)
{
    igq_sram_point *point = &table->point[table->num_points];
    const struct {
        const char *name, *text;
        double *value;
        igq_figure figure;
    } figures[] = {
        {"read_pj", texts->read_pj, &point->read_pj, IGQ_FIGURE_ENERGY_PJ},
        {"write_pj", texts->write_pj, &point->write_pj, IGQ_FIGURE_ENERGY_PJ},
        {"area_um2", texts->area_um2, &point->area_um2, IGQ_FIGURE_AREA_UM2},
        {"leakage_nw", texts->leakage_nw, &point->leakage_nw, IGQ_FIGURE_LEAKAGE_NW},
    };
    int capacity_bytes = 0, smallest = 1;
    if (table->num_points > 0)
        smallest = (int)table->point[table->num_points - 1].capacity_bytes + 1; // ascending
    place capacity_place = member(where, "capacity_bytes");
    place source_place = member(where, "source");
    igq_status status = igq_yaml_int(&capacity_bytes, texts->capacity_bytes, smallest, 1 << 30, where->file,
                                     capacity_place.key, where->error);
    point->capacity_bytes = capacity_bytes;
    for (size_t i = 0; status == IGQ_OK && i < sizeof figures / sizeof *figures; i++) {
        place figure_place = member(where, figures[i].name);
        status = read_value(figures[i].value, figures[i].text, figures[i].figure, &figure_place);
    }
    if (status == IGQ_OK)
        status = read_source(texts->source, &source_place);
    table->num_points++;
    return status;
}

static igq_status read_sram(igq_sram_table *table, const technology_texts *texts, const place *where)
{
    place choice_place = member(where, "sram.smaller_memories");
    igq_status status =
        igq_yaml_int(&table->port_bits, texts->port_bits, 1, 65536, where->file, "sram.port_bits", where->error);
    if (status == IGQ_OK && strcmp(texts->smaller_memories, "as_smallest") != 0 &&
        strcmp(texts->smaller_memories, "refuse") != 0)
        return refuse(&choice_place, "\"%.40s\" is not one of the choices; allowed: as_smallest, refuse",
                      texts->smaller_memories);
    table->smaller_as_smallest = strcmp(texts->smaller_memories, "as_smallest") == 0;
    place list = member(where, "sram.points");
    for (uint32_t i = 0; status == IGQ_OK && i < texts->points_count; i++) {
        place point_place = item(&list, i);
        status = read_point(table, &texts->points[i], &point_place);
    }
    return status;
}

// The second table, of wider words; without one it stays empty.
static igq_status read_wide_sram(igq_technology *technology, const technology_texts *texts, const place *where)
{
    igq_sram_table *table = &technology->wide_sram;
    place list = member(where, "sram.wide_points"), width_place = member(where, "sram.wide_port_bits");
    if (texts->wide_port_bits == NULL && texts->wide_points_count == 0)
        return IGQ_OK;
    if (texts->wide_port_bits == NULL || texts->wide_points_count == 0)
        return refuse(texts->wide_port_bits == NULL ? &list : &width_place,
                      "stands alone; allowed: wide_port_bits and wide_points together");
    igq_status status = igq_yaml_int(&table->port_bits, texts->wide_port_bits, technology->sram.port_bits + 1, 65536,
                                     where->file, "sram.wide_port_bits", where->error);
    for (uint32_t i = 0; status == IGQ_OK && i < texts->wide_points_count; i++) {
        place point_place = item(&list, i);
        status = read_point(table, &texts->wide_points[i], &point_place);
    }
    return status;
}

/// Components

static igq_status read_term(igq_technology *technology, igq_component *component, const term_texts *texts,
                            const place *where)
{
    igq_term *term = &component->term[component->num_terms++];
    place event_place = member(where, "event"), action_place = member(where, "action");
    int event = 0;
    while (event < IGQ_EVENT_COUNT && strcmp(texts->event, igq_event_names[event]) != 0)
        event++;
    if (event == IGQ_EVENT_COUNT)
        return refuse(&event_place,
                      "\"%.60s\" is not an event; allowed: those of docs/energy.md, such as multiply, dram_read, "
                      "cycle",
                      texts->event);
    term->event = (igq_event)event;
    if (strcmp(texts->action, "sram") == 0) {
        if (igq_memory_read_by(term->event) == IGQ_MEMORY_COUNT &&
            igq_memory_written_by(term->event) == IGQ_MEMORY_COUNT)
            return refuse(&action_place, "event %s does not access a memory on chip", texts->event);
        term->action = IGQ_ACTION_SRAM;
        return IGQ_OK;
    }
    term->action = find_name(technology->action[0].name, sizeof(igq_action), technology->num_actions, texts->action);
    if (term->action == technology->num_actions)
        return refuse(&action_place, "component %s needs action %s, for which technology %s has no figures",
                      component->name, texts->action, technology->name);
    return IGQ_OK;
}

static igq_status read_component(igq_technology *technology, const component_texts *texts, const place *where)
{
    igq_component *component = &technology->component[technology->num_components];
    place name_place = member(where, "name"), mark_place = member(where, "instance_aware");
    igq_status status = read_name(component->name, texts->name, &name_place);
    if (status == IGQ_OK && (strcmp(component->name, igq_leakage_name) == 0 ||
                             find_name(technology->component[0].name, sizeof(igq_component), technology->num_components,
                                       component->name) < technology->num_components))
        return refuse(&name_place, "component %s is given twice, or is leakage, which igqsim adds itself",
                      component->name);
    component->instance_aware = strcmp(texts->instance_aware, "yes") == 0;
    if (status == IGQ_OK && !component->instance_aware && strcmp(texts->instance_aware, "no") != 0)
        return refuse(&mark_place, "\"%.40s\" is not one of the choices; allowed: yes, no", texts->instance_aware);
    place list = member(where, "terms");
    for (uint32_t i = 0; status == IGQ_OK && i < texts->terms_count; i++) {
        place term_place = item(&list, i);
        status = read_term(technology, component, &texts->terms[i], &term_place);
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
    igq_status status = igq_yaml_tree_open(&tree, technology_path, error);
    if (status != IGQ_OK)
        return status;
    const igq_yaml_node top = igq_yaml_top(&tree), node = igq_yaml_find(&top, "components");
    if (igq_yaml_text(&node) != NULL)
        components_path(path, technology_path, igq_yaml_text(&node));
    else
        status = igq_yaml_refuse(&tree.file, "", error, "key components is missing; every key is required");
    igq_yaml_tree_close(&tree);
    return status;
}

static igq_status read_components(igq_technology *technology, const char *technology_path, const char *name,
                                  igq_error *error)
{
    char path[IGQ_TECHNOLOGY_PATH_BYTES];
    components_path(path, technology_path, name);
    igq_yaml_file file;
    void *data;
    igq_status status = igq_yaml_open(&file, path, error);
    if (status != IGQ_OK)
        return status;
    status = igq_yaml_load(&data, &file, &components_schema, error);
    if (status == IGQ_OK) {
        const components_texts *texts = data;
        place list = {&file, error, "components"};
        for (uint32_t i = 0; status == IGQ_OK && i < texts->components_count; i++) {
            place component_place = item(&list, i);
            status = read_component(technology, &texts->components[i], &component_place);
        }
        igq_yaml_free(data, &components_schema);
    }
    igq_yaml_close(&file);
    return status;
}

static igq_status read_technology(igq_technology *technology, const technology_texts *texts, const igq_yaml_file *file,
                                  igq_error *error)
{
    place top = {file, error, ""}, name_place = member(&top, "name"), list = member(&top, "actions");
    igq_status status = read_name(technology->name, texts->name, &name_place);
    for (uint32_t i = 0; status == IGQ_OK && i < texts->actions_count; i++) {
        place action_place = item(&list, i);
        status = read_action(technology, &texts->actions[i], &action_place);
    }
    if (status == IGQ_OK)
        status = read_sram(&technology->sram, texts, &top);
    if (status == IGQ_OK)
        status = read_wide_sram(technology, texts, &top);
    if (status == IGQ_OK)
        status = read_components(technology, file->path, texts->components, error);
    return status;
}

igq_status igq_technology_load(igq_technology *technology, const char *path, igq_error *error)
{
    igq_yaml_file file;
    void *data;
    igq_status status = igq_yaml_open(&file, path, error);
    if (status != IGQ_OK)
        return status;
    memset(technology, 0, sizeof *technology);
    status = igq_yaml_load(&data, &file, &technology_schema, error);
    if (status == IGQ_OK) {
        status = read_technology(technology, data, &file, error);
        igq_yaml_free(data, &technology_schema);
    }
    igq_yaml_close(&file);
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
