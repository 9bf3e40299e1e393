// SPDX-License-Identifier: Apache-2.0
#include "events_json.h"
#include <string.h>

static void set_number(json_t *object, const char *key, uint64_t value)
{
    if (value > 0)
        json_object_set_new(object, key, json_integer((json_int_t)value));
}

// What is not there is zero.
static int get_number(uint64_t *value, const json_t *object, const char *key)
{
    const json_t *number = json_object_get(object, key);
    *value = (uint64_t)json_integer_value(number);
    return !number || (json_is_integer(number) && json_integer_value(number) >= 0);
}

static json_t *measures_to_json(const igq_measure of[IGQ_EVENT_COUNT])
{
    json_t *measures = json_object();
    for (int i = 0; i < IGQ_EVENT_COUNT; i++) {
        if (of[i].count == 0 && of[i].bits == 0)
            continue;
        json_t *measure = json_object();
        set_number(measure, "count", of[i].count);
        set_number(measure, "bits", of[i].bits);
        set_number(measure, "bit_products", of[i].bit_products);
        json_object_set_new(measures, igq_event_names[i], measure);
    }
    return measures;
}

static int measures_from_json(igq_measure of[IGQ_EVENT_COUNT], const json_t *measures)
{
    size_t known = 0;
    int good = json_is_object(measures);
    for (int i = 0; i < IGQ_EVENT_COUNT; i++) {
        const json_t *measure = json_object_get(measures, igq_event_names[i]);
        good &= get_number(&of[i].count, measure, "count") && get_number(&of[i].bits, measure, "bits") &&
                get_number(&of[i].bit_products, measure, "bit_products");
        known += measure != NULL;
    }
    return good && known == json_object_size(measures); // an event that is not known here could not be charged
}

json_t *igq_events_to_json(const igq_events *events)
{
    return measures_to_json(events->of);
}

int igq_events_from_json(igq_events *events, const json_t *object)
{
    return measures_from_json(events->of, object);
}

json_t *igq_units_to_json(const igq_units *units)
{
    json_t *memories = json_object();
    for (int m = 0; m < IGQ_MEMORY_COUNT; m++) {
        const igq_memory_units *memory = &units->memory[m];
        if (memory->num_banks == 0)
            continue;
        json_t *object = json_object();
        set_number(object, "num_banks", memory->num_banks);
        set_number(object, "bank_bytes", memory->bank_bytes);
        set_number(object, "port_bits", memory->port_bits);
        json_object_set_new(memories, igq_memory_names[m], object);
    }
    return json_pack("{s:o, s:o}", "units", measures_to_json(units->of), "memories", memories);
}

int igq_units_from_json(igq_units *units, const json_t *object)
{
    const json_t *memories = json_object_get(object, "memories");
    int good = measures_from_json(units->of, json_object_get(object, "units")) && json_is_object(memories);
    for (int m = 0; m < IGQ_MEMORY_COUNT; m++) {
        const json_t *memory = json_object_get(memories, igq_memory_names[m]);
        good &= get_number(&units->memory[m].num_banks, memory, "num_banks") &&
                get_number(&units->memory[m].bank_bytes, memory, "bank_bytes") &&
                get_number(&units->memory[m].port_bits, memory, "port_bits");
    }
    return good;
}
