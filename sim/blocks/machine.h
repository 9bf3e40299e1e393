// SPDX-License-Identifier: Apache-2.0
// machine.h - runs the matrix products of one image on the SystemC accelerator. C interface of the C++ timing model.
#ifndef IGQ_MACHINE_H
#define IGQ_MACHINE_H
#include "accelerator.h"
#include "error.h"
#include "job.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

struct igq_timeline; // timeline.h

typedef enum igq_assign_model {
    IGQ_ASSIGN_MODEL_C,
    IGQ_ASSIGN_MODEL_RTL,
    IGQ_ASSIGN_MODEL_MEASURED // answers of the C model, cycles of job->unit_cycles
} igq_assign_model;

// Runs the jobs in order, as planned, on a machine that starts idle. results out (num_jobs); total_cycles = sum of
// results' cycles. plan: (num_jobs), made for this machine. May be called again in the same process with another
// machine or other jobs, from any thread: runs wait for one another, since SystemC has one simulation at a time. Theirs
// is not that of a program which uses SystemC itself; from within a process of that one nothing can be run. Fails with
// IGQ_INTERNAL_ERROR if the model is wrong; the next run begins anew. timeline: what the blocks did, NULL if nobody
// wants to know.
igq_status igq_machine_run_planned(igq_job_result *results, struct igq_timeline *timeline,
                                   const igq_accelerator *accelerator, const igq_job *jobs, const igq_job_plan *plan,
                                   int num_jobs, igq_assign_model assign_model, igq_error *error);
// Somebody else who runs planned jobs: igq_machine_run_planned's parameters, without a timeline.
typedef struct igq_machine_runner {
    igq_status (*run)(void *context, igq_job_result *results, const igq_accelerator *accelerator, const igq_job *jobs,
                      const igq_job_plan *plan, int num_jobs, igq_assign_model assign_model, igq_error *error);
    void *context;
} igq_machine_runner;

// The same, with a plan of its own, of jobs that igq_machine_check has passed; stops the program if the model is wrong.
void igq_machine_run(igq_job_result *results, const igq_accelerator *accelerator, const igq_job *jobs, int num_jobs,
                     igq_assign_model assign_model);

#ifdef __cplusplus
}
#endif
#endif
