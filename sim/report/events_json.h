// SPDX-License-Identifier: Apache-2.0
// events_json.h - events and units in a report, there and back. Zeros are left out.
#ifndef IGQ_EVENTS_JSON_H
#define IGQ_EVENTS_JSON_H
#include "events.h"
#include "units.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// New references.
json_t *igq_events_to_json(const igq_events *events);
json_t *igq_units_to_json(const igq_units *units);

// 1, or 0 if the object is not what the functions above write.
int igq_events_from_json(igq_events *events, const json_t *object);
int igq_units_from_json(igq_units *units, const json_t *object);

#ifdef __cplusplus
}
#endif
#endif
