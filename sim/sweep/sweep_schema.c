// SPDX-License-Identifier: Apache-2.0
#include "sweep_schema.h"
#include "accelerator_file.h"
#include "sweep_file.h"
#include "sweep_names.h"

static json_t *text_schema(const char *meaning)
{
    return json_pack("{s:s, s:s}", "type", "string", "description", meaning);
}

// A number, or a text such as a formula or a choice.
static json_t *value_schema(void)
{
    return json_pack("{s:[s, s]}", "type", "number", "string");
}

static json_t *list_schema(json_t *items, int least, int most)
{
    return json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", least, "maxItems", most, "items", items);
}

// Adds keys that a formula may stand for, by their paths or (of one section) their names.
static void add_formulas(json_t *properties, const igq_key *keys, int num_keys, int with_section)
{
    for (int i = 0; i < num_keys; i++) {
        char path[IGQ_KEY_PATH_BYTES];
        json_t *value = value_schema();
        igq_key_path(path, &keys[i]);
        json_object_set_new(value, "description", json_string(keys[i].meaning));
        if (keys[i].kind != IGQ_KEY_TEXT && keys[i].kind != IGQ_KEY_REAL3)
            json_object_set_new(properties, with_section ? path : keys[i].name, value);
        else
            json_decref(value);
    }
}

// Takes the properties.
static json_t *formulas_schema(json_t *properties)
{
    return json_pack("{s:s, s:b, s:o}", "type", "object", "additionalProperties", 0, "properties", properties);
}

// A list of values, a range, or a list of sections that set several keys.
static json_t *axes_schema(void)
{
    json_t *range = json_pack("{s:s, s:b, s:[s, s], s:{s:o, s:o, s:o, s:o}}", "type", "object", "additionalProperties",
                              0, "required", "from", "to", "properties", "from", value_schema(), "to", value_schema(),
                              "step", value_schema(), "factor", value_schema());
    json_t *section = json_pack("{s:s, s:o}", "type", "object", "additionalProperties", value_schema());
    json_t *list = list_schema(json_pack("{s:[o, o]}", "anyOf", value_schema(), section), 1, IGQ_MAX_AXIS_VALUES);
    return json_pack("{s:s, s:i, s:i, s:{s:[o, o]}}", "type", "object", "minProperties", 1, "maxProperties",
                     IGQ_MAX_AXES, "additionalProperties", "anyOf", list, range);
}

static json_t *objectives_schema(void)
{
    json_t *names = json_array();
    for (int r = 0; r < igq_num_results(); r++)
        json_array_append_new(names, json_string(igq_result_column(r)->metric));
    return list_schema(json_pack("{s:o}", "enum", names), 1, IGQ_MAX_OBJECTIVES);
}

static json_t *reports_schema(void)
{
    json_t *names = json_array();
    for (int i = 0; i < IGQ_REPORTS_COUNT; i++)
        json_array_append_new(names, json_string(igq_sweep_report_names[i]));
    return json_pack("{s:o}", "enum", names);
}

static json_t *search_schema(void)
{
    return json_pack("{s:[{s:s}, {s:s, s:i, s:i}]}", "anyOf", "const", "proof", "type", "integer", "minimum", 1,
                     "maximum", IGQ_MAX_SWEEP_POINTS);
}

static json_t *calibrate_schema(void)
{
    int num_keys;
    const igq_key *keys = igq_sweep_calibrate_keys(&num_keys);
    json_t *properties = json_object();
    add_formulas(properties, keys, num_keys, 0);
    json_object_set_new(properties, "trace", text_schema("a trace to calibrate on"));
    return formulas_schema(properties);
}

static json_t *set_schema(void)
{
    int num_keys, num_calibrate_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    const igq_key *calibrate_keys = igq_sweep_calibrate_keys(&num_calibrate_keys);
    json_t *properties = json_object();
    add_formulas(properties, keys, num_keys, 1);
    add_formulas(properties, calibrate_keys, num_calibrate_keys, 1);
    return formulas_schema(properties);
}

static json_t *images_schema(void)
{
    return json_pack("{s:[o, o]}", "anyOf", text_schema("an image or a folder of them"),
                     list_schema(text_schema("an image or a folder of them"), 1, IGQ_MAX_AXIS_VALUES));
}

json_t *igq_sweep_schema(void)
{
    static const struct {
        const char *name, *meaning;
    } texts[] = {{"name", "of the sweep; machines of its points are called NAME-ID"},
                 {"accelerator", "the base machine"},
                 {"workload", "the network"},
                 {"trace", "what it runs: a recorded trace"},
                 {"weights", "what it runs: weights, on images"},
                 {"labels", "classes of the images"},
                 {"calibration", "quantizers for all points"},
                 {"technology", "figures of energy and area"}};
    json_t *properties = json_object();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        json_object_set_new(properties, texts[i].name, text_schema(texts[i].meaning));
    json_object_set_new(properties, "images", images_schema());
    json_object_set_new(properties, "calibrate", calibrate_schema());
    json_object_set_new(properties, "axes", axes_schema());
    json_object_set_new(properties, "set", set_schema());
    json_object_set_new(properties, "where", list_schema(text_schema("condition"), 0, IGQ_MAX_AXIS_VALUES));
    json_object_set_new(properties, "limits", list_schema(text_schema("condition"), 0, IGQ_MAX_AXIS_VALUES));
    json_object_set_new(properties, "objectives", objectives_schema());
    json_object_set_new(properties, "reports", reports_schema());
    json_object_set_new(properties, "search", search_schema());
    return json_pack("{s:s, s:b, s:[s, s, s, s, s], s:o}", "type", "object", "additionalProperties", 0, "required",
                     "name", "accelerator", "workload", "axes", "objectives", "properties", properties);
}
