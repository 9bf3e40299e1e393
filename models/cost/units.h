// SPDX-License-Identifier: Apache-2.0
// units.h - what a machine is made of: for every event, how many units do it side by side and how wide they are, and
// the geometry of every memory. Area is these times a technology's figures (area.h). The rule of each is in
// docs/energy.md.
#ifndef IGQ_UNITS_H
#define IGQ_UNITS_H
#include "accelerator.h"
#include "events.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_memory {
    IGQ_MEMORY_WEIGHT_BUFFER,
    IGQ_MEMORY_ACTIVATION_BUFFER,
    IGQ_MEMORY_OUTPUT_BUFFER,
    IGQ_MEMORY_RANGE_MEMORY,
    IGQ_MEMORY_INDEX_BUFFER,
    IGQ_MEMORY_COUNT
} igq_memory;
extern const char *const igq_memory_names[IGQ_MEMORY_COUNT];

// The memory that an event reads (writes); IGQ_MEMORY_COUNT if none.
igq_memory igq_memory_read_by(igq_event event);
igq_memory igq_memory_written_by(igq_event event);

typedef struct igq_memory_units {
    uint64_t num_banks; // 0: the machine does without
    uint64_t bank_bytes;
    uint64_t port_bits; // one access of one bank
} igq_memory_units;

typedef struct igq_units {
    igq_measure of[IGQ_EVENT_COUNT]; // cycle: 1, for what a machine has once
    igq_memory_units memory[IGQ_MEMORY_COUNT];
} igq_units;

void igq_units_of(igq_units *units, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
