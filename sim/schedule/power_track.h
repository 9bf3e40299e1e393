// SPDX-License-Identifier: Apache-2.0
// power_track.h - power over time: the energy of each job, spread evenly over the job's cycles, a track for each
// component. Its integral over a run is the energy of the run.
#ifndef IGQ_POWER_TRACK_H
#define IGQ_POWER_TRACK_H
#include "energy.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_power_track {
    const igq_technology *technology; // entries have its names (igq_entry_name)
    int num_jobs, num_entries;
    uint64_t *begin_cycle; // (num_jobs + 1) of each job, and the end of the run
    double *mw;            // [num_jobs][num_entries]
} igq_power_track;

// events: (num_jobs). NULL when memory is short; free it with igq_power_track_free.
igq_power_track *igq_power_track_new(const igq_events *events, int num_jobs, const igq_accelerator *accelerator,
                                     const igq_technology *technology);
void igq_power_track_free(igq_power_track *power); // NULL is allowed

#ifdef __cplusplus
}
#endif
#endif
