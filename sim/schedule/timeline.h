// SPDX-License-Identifier: Apache-2.0
// timeline.h - what every block did when, tile by tile, for a viewer (Perfetto, chrome://tracing). The SystemC blocks
// record; the file is in the Chrome trace event format, docs/formats.md.
#ifndef IGQ_TIMELINE_H
#define IGQ_TIMELINE_H
#include "error.h"
#include "job.h"
#include "power_track.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_TIMELINE_MAX_EVENTS 200000 // later ones are left out, so that the file stays below 30 MB

// A block at work on a tile of a job (tile -1: on the job), or how much of a buffer or queue is in use (job -1).
typedef struct igq_timeline_event {
    const char *track; // name of the block or buffer; lives as long as the timeline
    uint64_t begin_cycle, cycles;
    int job, tile;
    int in_use, capacity;
} igq_timeline_event;

typedef struct igq_timeline {
    igq_timeline_event *event;
    size_t num_events, capacity;
    size_t num_left_out;
    struct igq_dram_trace *dram_trace; // takes all transfers of the DRAM; NULL: they are not recorded
} igq_timeline;

void igq_timeline_add(igq_timeline *timeline, const igq_timeline_event *event);
void igq_timeline_free(igq_timeline *timeline);

// title: of the run; jobs give the names of layers; power: NULL without a technology.
igq_status igq_timeline_write(const char *path, const igq_timeline *timeline, const igq_power_track *power,
                              const char *title, const igq_job *jobs, int num_jobs, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
