// SPDX-License-Identifier: Apache-2.0
#include "events.h"
#include <assert.h>

#define EVENT_NAME(id, name) [IGQ_EVENT_##id] = #name,
const char *const igq_event_names[IGQ_EVENT_COUNT] = {IGQ_EVENTS(EVENT_NAME)};

void igq_events_gate(igq_events *events, uint64_t zero_products, int passes)
{
    igq_measure *done = &events->of[IGQ_EVENT_MULTIPLY];
    uint64_t gated = zero_products * (uint64_t)passes;
    if (gated == 0)
        return;
    assert(gated <= done->count);
    igq_measure saved = {gated, done->bits / done->count * gated, done->bit_products / done->count * gated};
    done->count -= saved.count;
    done->bits -= saved.bits;
    done->bit_products -= saved.bit_products;
    events->of[IGQ_EVENT_GATED_MULTIPLY] = saved;
}

void igq_events_ungate(igq_events *events)
{
    igq_measure *done = &events->of[IGQ_EVENT_MULTIPLY], *gated = &events->of[IGQ_EVENT_GATED_MULTIPLY];
    done->count += gated->count;
    done->bits += gated->bits;
    done->bit_products += gated->bit_products;
    *gated = (igq_measure){0};
}

void igq_events_add(igq_events *sum, const igq_events *one)
{
    for (int i = 0; i < IGQ_EVENT_COUNT; i++) {
        sum->of[i].count += one->of[i].count;
        sum->of[i].bits += one->of[i].bits;
        sum->of[i].bit_products += one->of[i].bit_products;
    }
}
