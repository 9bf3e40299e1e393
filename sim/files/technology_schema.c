// SPDX-License-Identifier: Apache-2.0
#include "technology_file.h"

static json_t *text_schema(const char *meaning)
{
    return json_pack("{s:s, s:i, s:s}", "type", "string", "minLength", 1, "description", meaning);
}

static json_t *figure_schema(const char *meaning)
{
    return json_pack("{s:s, s:i, s:f, s:s}", "type", "number", "minimum", 0, "maximum", IGQ_MAX_TECHNOLOGY_FIGURE,
                     "description", meaning);
}

static json_t *bits_schema(const char *meaning)
{
    return json_pack("{s:s, s:i, s:i, s:s}", "type", "integer", "minimum", 1, "maximum", IGQ_MOST_PORT_BITS,
                     "description", meaning);
}

// Takes the properties; the first num_required of `names`, in their order, must be there.
static json_t *section_schema(json_t *properties, const char *const *names, int num_required)
{
    json_t *required = json_array();
    for (int i = 0; i < num_required; i++)
        json_array_append_new(required, json_string(names[i]));
    return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0, "required", required,
                     "properties", properties);
}

static json_t *list_schema(json_t *items, int most)
{
    return json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", 1, "maxItems", most, "items", items);
}

// An area that a source does not give.
static json_t *or_not_given(json_t *schema)
{
    return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "const", IGQ_NOT_GIVEN);
}

static json_t *action_schema(void)
{
    static const char *const figure_names[] = {"value", "unit", "source"}, *const names[] = {"name", "figures"};
    json_t *units = json_array();
    int num_units = 0;
    for (; igq_technology_unit_name(num_units) != NULL; num_units++)
        json_array_append_new(units, json_string(igq_technology_unit_name(num_units)));
    json_t *figure = json_pack("{s:o, s:{s:o}, s:o}", "value", or_not_given(figure_schema("of one")), "unit", "enum",
                               units, "source", text_schema("publication or table that the figure comes from"));
    json_t *properties = json_pack("{s:o, s:o}", "name", text_schema("what components call it"), "figures",
                                   list_schema(section_schema(figure, figure_names, 3), num_units));
    return section_schema(properties, names, 2);
}

static json_t *point_schema(void)
{
    static const char *const names[] = {"capacity_bytes", "read_pj", "write_pj", "area_um2", "leakage_nw", "source"};
    json_t *properties = json_pack("{s:{s:s, s:i}, s:o, s:o, s:o, s:o, s:o}", "capacity_bytes", "type", "integer",
                                   "minimum", 1, "read_pj", figure_schema("of a word (pJ)"), "write_pj",
                                   figure_schema("of a word (pJ)"), "area_um2", or_not_given(figure_schema("um2")),
                                   "leakage_nw", figure_schema("nW"), "source", text_schema("where from"));
    return section_schema(properties, names, 6);
}

static json_t *sram_schema(void)
{
    static const char *const names[] = {"port_bits", "smaller_memories", "points"};
    json_t *properties =
        json_pack("{s:o, s:{s:[s, s]}, s:o, s:o, s:o}", "port_bits", bits_schema("of a word"), "smaller_memories",
                  "enum", igq_smaller_memories[0], igq_smaller_memories[1], "points",
                  list_schema(point_schema(), IGQ_MAX_SRAM_POINTS), "wide_port_bits", bits_schema("of a wider word"),
                  "wide_points", list_schema(point_schema(), IGQ_MAX_SRAM_POINTS));
    return section_schema(properties, names, 3);
}

json_t *igq_technology_schema(void)
{
    static const char *const names[] = {"name", "components", "actions", "sram"};
    json_t *properties = json_pack("{s:o, s:o, s:o, s:o}", "name", text_schema("of the technology"), "components",
                                   text_schema("file of components, relative to this one"), "actions",
                                   list_schema(action_schema(), IGQ_MAX_ACTIONS), "sram", sram_schema());
    return section_schema(properties, names, 4);
}
