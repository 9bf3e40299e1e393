// SPDX-License-Identifier: Apache-2.0
#include "accelerator.h"
#include "keys.h"
#include <string.h>

// What a value may be. New reference.
static json_t *value_schema(const igq_key *key)
{
    json_t *schema = json_object();
    if (key->kind == IGQ_KEY_TEXT) {
        json_object_set_new(schema, "type", json_string("string"));
        json_object_set_new(schema, "pattern", json_string("^[-A-Za-z0-9_+.]+$"));
        json_object_set_new(schema, "maxLength", json_integer(IGQ_NAME_BYTES - 1));
    } else if (key->kind == IGQ_KEY_CHOICE) {
        json_t *names = json_array();
        for (int i = 0; i < key->num_choices; i++)
            json_array_append_new(names, json_string(key->choices[i]));
        json_object_set_new(schema, "enum", names);
    } else {
        int whole = key->kind == IGQ_KEY_INT;
        json_object_set_new(schema, "type", json_string(whole ? "integer" : "number"));
        json_object_set_new(schema, "minimum", whole ? json_integer((json_int_t)key->min) : json_real(key->min));
        json_object_set_new(schema, "maximum", whole ? json_integer((json_int_t)key->max) : json_real(key->max));
    }
    if (key->kind == IGQ_KEY_REAL3)
        return json_pack("{s:s, s:o, s:i, s:i}", "type", "array", "items", schema, "minItems", 3, "maxItems", 3);
    if (key->derive != NULL)
        return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "const", IGQ_KEY_AUTO);
    return schema;
}

static json_t *key_schema(const igq_key *key)
{
    json_t *schema = value_schema(key);
    char text[512];
    snprintf(text, sizeof text, "%s%s%s%s", key->meaning, *key->unit != '\0' ? " (" : "", key->unit,
             *key->unit != '\0' ? ")" : "");
    json_object_set_new(schema, "description", json_string(text));
    if (key->initial != NULL)
        json_object_set_new(schema, "default", json_string(key->initial));
    return schema;
}

static json_t *section_new(void)
{
    return json_pack("{s:s, s:b, s:{}}", "type", "object", "additionalProperties", 0, "properties");
}

// A file without a base has every key that has no default.
static void require(json_t *names, const char *name)
{
    json_array_append_new(names, json_string(name));
}

json_t *igq_keys_schema(const igq_key *keys, int num_keys)
{
    json_t *top = section_new(), *properties = json_object_get(top, "properties"), *inside = properties;
    json_t *full = json_object(), *required = json_array(), *sections = json_object(), *names = required;
    for (int i = 0; i < num_keys; i++) {
        const igq_key *key = &keys[i];
        if (key->section == NULL) {
            inside = properties;
            names = required;
        } else if (igq_key_opens_section(keys, i)) {
            json_t *section = section_new();
            json_object_set_new(properties, key->section, section);
            inside = json_object_get(section, "properties");
            names = json_array();
            json_object_set_new(sections, key->section, json_pack("{s:o}", "required", names));
        }
        json_object_set_new(inside, key->name, key_schema(key));
        if (key->initial == NULL) {
            require(names, key->name);
            if (key->section != NULL && json_array_size(names) == 1)
                require(required, key->section);
        }
    }
    json_object_set_new(properties, IGQ_BASE_KEY,
                        json_pack("{s:s, s:s}", "type", "string", "description",
                                  "file that holds what this one does not give, relative to this one"));
    json_object_set_new(full, "required", required);
    json_object_set_new(full, "properties", sections);
    json_object_set_new(top, "anyOf", json_pack("[{s:[s]}, o]", "required", IGQ_BASE_KEY, full));
    return top;
}
