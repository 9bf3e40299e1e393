// SPDX-License-Identifier: Apache-2.0
#include "power_track.h"
#include <stdlib.h>

igq_power_track *igq_power_track_new(const igq_events *events, int num_jobs, const igq_accelerator *accelerator,
                                     const igq_technology *technology)
{
    int num_entries = igq_num_entries(technology);
    igq_power_track *power = calloc(1, sizeof *power);
    if (!power)
        return NULL;
    *power =
        (igq_power_track){technology, num_jobs, num_entries, calloc((size_t)num_jobs + 1, sizeof *power->begin_cycle),
                          calloc((size_t)num_jobs * (size_t)num_entries, sizeof *power->mw)};
    if (!power->begin_cycle || !power->mw) {
        igq_power_track_free(power);
        return NULL;
    }
    igq_units units;
    igq_units_of(&units, accelerator);
    for (int j = 0; j < num_jobs; j++) {
        double *mw = power->mw + (size_t)j * (size_t)num_entries;
        uint64_t cycles = events[j].of[IGQ_EVENT_CYCLE].count;
        power->begin_cycle[j + 1] = power->begin_cycle[j] + cycles;
        igq_energy_of(mw, &events[j], &units, technology, accelerator->clock_mhz);
        for (int i = 0; i < num_entries; i++) // pJ per us is uW
            mw[i] = cycles > 0 ? mw[i] * accelerator->clock_mhz / (double)cycles * 1e-3 : 0;
    }
    return power;
}

void igq_power_track_free(igq_power_track *power)
{
    if (!power)
        return;
    free(power->begin_cycle);
    free(power->mw);
    free(power);
}
