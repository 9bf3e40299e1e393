// SPDX-License-Identifier: Apache-2.0
#include "energy.h"
#include <math.h>

double igq_energy_round(double value)
{
    return floor(value * 1024 + 0.5) / 1024;
}

const char *igq_entry_name(const igq_technology *technology, int entry)
{
    return entry < technology->num_components ? technology->component[entry].name : igq_leakage_name;
}

static double dynamic_pj(const igq_component *component, const igq_events *events, const igq_units *units,
                         const igq_technology *technology)
{
    double sum = 0;
    for (int i = 0; i < component->num_terms; i++) {
        const igq_term *term = &component->term[i];
        igq_rate rate = igq_technology_rate(technology, term, units, IGQ_FIGURE_ENERGY_PJ);
        sum += igq_rate_times(&rate, &events->of[term->event]);
    }
    return sum;
}

void igq_energy_of(double *component_pj, const igq_events *events, const igq_units *units,
                   const igq_technology *technology, int clock_mhz)
{
    double leakage_nw = 0;
    for (int i = 0; i < technology->num_components; i++) {
        const igq_component *component = &technology->component[i];
        component_pj[i] = igq_energy_round(dynamic_pj(component, events, units, technology));
        leakage_nw += igq_component_sum(technology, component, units, IGQ_FIGURE_LEAKAGE_NW);
    }
    double time_us = (double)events->of[IGQ_EVENT_CYCLE].count / clock_mhz;
    component_pj[technology->num_components] = igq_energy_round(leakage_nw * time_us * 1e-3); // nW us = fJ
}
