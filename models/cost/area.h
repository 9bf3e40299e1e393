// SPDX-License-Identifier: Apache-2.0
// area.h - area by component: units times figures.
#ifndef IGQ_AREA_H
#define IGQ_AREA_H
#include "technology.h"

#ifdef __cplusplus
extern "C" {
#endif

// component_um2 out (igq_num_entries; leakage has none), multiples of 2^-10 as in energy.h. NAN where the technology's
// source says nothing of an area.
void igq_area_of(double *component_um2, const igq_units *units, const igq_technology *technology);

#ifdef __cplusplus
}
#endif
#endif
