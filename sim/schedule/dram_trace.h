// SPDX-License-Identifier: Apache-2.0
// dram_trace.h - all transfers of a run in the form that cycle-level DRAM simulators read; docs/formats.md, "DRAM
// trace".
#ifndef IGQ_DRAM_TRACE_H
#define IGQ_DRAM_TRACE_H
#include "accelerator.h"
#include "error.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_dram_record {
    uint64_t cycle; // of the accelerator, in which the bus took it up
    uint64_t address, bytes;
    int write;
} igq_dram_record;

typedef struct igq_dram_trace {
    igq_dram_record *record;
    size_t num_records, capacity;
} igq_dram_trace;

void igq_dram_trace_add(igq_dram_trace *trace, const igq_dram_record *record);
void igq_dram_trace_free(igq_dram_trace *trace);

// A line for each burst. Cycles are clocks of the memory where its data rate is known, else of the accelerator.
igq_status igq_dram_trace_write(const char *path, const igq_dram_trace *trace, const igq_accelerator *accelerator,
                                igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
