// SPDX-License-Identifier: Apache-2.0
// energy.h - energy is events times figures, computed once at the end; run it again over the same events with another
// technology and nothing has to be simulated again.
// Books that close: every entry (a layer, a component) is rounded to a multiple of 2^-10 pJ. Sums of such numbers are
// exact in a double up to 2^43 pJ (8.8 J), in any order, so components and layers add up to the total to the last bit.
#ifndef IGQ_ENERGY_H
#define IGQ_ENERGY_H
#include "events.h"
#include "technology.h"

#ifdef __cplusplus
extern "C" {
#endif

// Nearest multiple of 2^-10, half up.
double igq_energy_round(double value);

// Entries of a report: the components of the technology, then leakage.
static inline int igq_num_entries(const igq_technology *technology)
{
    return technology->num_components + 1;
}
const char *igq_entry_name(const igq_technology *technology, int entry);

// component_pj out (igq_num_entries): energy of these events on a machine of these units and clock.
void igq_energy_of(double *component_pj, const igq_events *events, const igq_units *units,
                   const igq_technology *technology, int clock_mhz);

#ifdef __cplusplus
}
#endif
#endif
