// SPDX-License-Identifier: Apache-2.0
#include "dram_trace.h"
#include "file.h"
#include "latency.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void igq_dram_trace_add(igq_dram_trace *trace, const igq_dram_record *record)
{
    if (trace->num_records == trace->capacity) {
        trace->capacity = trace->capacity ? 2 * trace->capacity : 4096;
        igq_dram_record *grown = realloc(trace->record, trace->capacity * sizeof *grown);
        if (!grown)
            abort(); // out of memory amid a simulation
        trace->record = grown;
    }
    trace->record[trace->num_records++] = *record;
}

void igq_dram_trace_free(igq_dram_trace *trace)
{
    free(trace->record);
    *trace = (igq_dram_trace){0};
}

static igq_status append_record(igq_file_output *out, const igq_dram_record *record, const igq_accelerator *accelerator,
                                igq_error *error)
{
    uint64_t time = record->cycle, burst_bytes = (uint64_t)accelerator->dram.burst_bytes;
    if (accelerator->dram.part.data_rate_mtps > 0)
        time = igq_dram_clock_of_cycle(time, accelerator);
    igq_status status = IGQ_OK;
    for (uint64_t at = 0; status == IGQ_OK && at < record->bytes; at += burst_bytes) {
        char line[64];
        int length = snprintf(line, sizeof line, "0x%010" PRIX64 " %s %" PRIu64 "\n", record->address + at,
                              record->write ? "WRITE" : "READ", time);
        status = igq_file_append(out, line, (size_t)length, error);
    }
    return status;
}

igq_status igq_dram_trace_write(const char *path, const igq_dram_trace *trace, const igq_accelerator *accelerator,
                                igq_error *error)
{
    igq_file_output *out;
    igq_status status = igq_file_open(&out, path, error);
    for (size_t i = 0; status == IGQ_OK && i < trace->num_records; i++)
        status = append_record(out, &trace->record[i], accelerator, error);
    return status == IGQ_OK ? igq_file_close(out, error) : status;
}
