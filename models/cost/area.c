// SPDX-License-Identifier: Apache-2.0
#include "area.h"
#include "energy.h"

void igq_area_of(double *component_um2, const igq_units *units, const igq_technology *technology)
{
    for (int i = 0; i < technology->num_components; i++)
        component_um2[i] =
            igq_energy_round(igq_component_sum(technology, &technology->component[i], units, IGQ_FIGURE_AREA_UM2));
    component_um2[technology->num_components] = 0;
}
