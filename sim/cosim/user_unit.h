// SPDX-License-Identifier: Apache-2.0
// user_unit.h - somebody's assignment unit in the place of the machine's own (igqsim run --assign rtl --rtl): every
// assignment of a run goes through it, its lists are held against the C model, and its cycles are those of the machine.
#ifndef IGQ_USER_UNIT_H
#define IGQ_USER_UNIT_H
#include "cosim.h"
#include "job.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_user_unit igq_user_unit;

// What a run takes with the unit, and with the machine's own.
typedef struct igq_unit_cost {
    uint64_t cycles;         // of all images
    uint64_t assign_cycles;  // that the assignment module was busy
    uint64_t waiting_cycles; // that the arrays waited for it
} igq_unit_cost;

// What became of it.
typedef struct igq_user_unit_report {
    const char *top;
    uint64_t layers;                         // assignments that went through it
    igq_cosim_phase phase[IGQ_COSIM_PHASES]; // cycles of one that meets an idle unit
    igq_unit_cost with_unit, with_machine;   // added up by the run
    igq_group_assignment_cfg machine_lanes;  // of the machine's own unit
    const char *warnings;                    // of Verilator; "": none
    const char *difference, *waveform;       // of a mismatch; "": none
} igq_user_unit_report;

// user: what it points to must live as long as the unit. output_dir takes the adapter, and the waveform of a mismatch;
// it must exist when the unit is opened. NULL when there is no memory.
igq_user_unit *igq_user_unit_new(const igq_cosim_user *user, const char *output_dir);
void igq_user_unit_free(igq_user_unit *unit); // NULL is allowed

// Builds it, and gives the machine its lanes. IGQ_USER_ERROR if it does not build, or is too small for the machine.
igq_status igq_user_unit_open(igq_user_unit *unit, igq_accelerator *accelerator, igq_error *error);

// Sends the assignments among these jobs through the unit, one after another, each without stalls and into an idle
// unit, and notes its cycles in job->unit_cycles. IGQ_USER_ERROR if one does not fit, IGQ_MISMATCH if it departs from
// the C model or the protocol of rtl/README.md; the report says how.
igq_status igq_user_unit_assign(igq_user_unit *unit, igq_job *jobs, int num_jobs, igq_error *error);

igq_user_unit_report *igq_user_unit_report_of(igq_user_unit *unit);

// The report as text for people; command: that of the run, for the mismatch.
void igq_user_unit_print(FILE *out, igq_user_unit *unit, const char *command);

#ifdef __cplusplus
}
#endif
#endif
