// SPDX-License-Identifier: Apache-2.0
// rtl_assign.h - the Verilated group assignment unit as an object that the SystemC accelerator puts in the place of the
// C model: same answers, and cycles counted on the unit's own pins.
#ifndef IGQ_RTL_ASSIGN_H
#define IGQ_RTL_ASSIGN_H
#include "accelerator.h"
#include "error.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_rtl_assign igq_rtl_assign;

// Cycles of the phases of one layer that meets an idle unit, docs/timing.md.
typedef struct igq_rtl_assign_cycles {
    uint64_t range, score, emit;
} igq_rtl_assign_cycles;

// A unit, under reset, built for the lanes and distance of this machine. NULL with a message that names the limits when
// none was built.
igq_rtl_assign *igq_rtl_assign_new(const igq_accelerator *accelerator, igq_error *error);
void igq_rtl_assign_free(igq_rtl_assign *unit); // NULL is allowed

// Does a layer fit the unit? The message names the limit that it passes.
igq_status igq_rtl_assign_check(const igq_rtl_assign *unit, int observations, int members, int num_groups,
                                igq_error *error);

// Runs one layer, whose members have these ranges, through the unit.
//   assigned  out (members)       group of each member, from the unit's lists
//   lo, hi    in  (members)       equal where there is one observation
//   lower, upper in (num_groups)
// list_capacity: most members of a group, 0: no limit.
// Requires a layer that igq_rtl_assign_check accepts. IGQ_INTERNAL_ERROR when the unit departs from the timing contract
// or fails an assertion.
igq_status igq_rtl_assign_layer(igq_rtl_assign *unit, uint16_t *assigned, igq_rtl_assign_cycles *cycles,
                                int observations, int members, int num_groups, int list_capacity, const int16_t *lo,
                                const int16_t *hi, const int16_t *lower, const int16_t *upper, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
