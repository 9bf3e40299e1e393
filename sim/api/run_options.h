// SPDX-License-Identifier: Apache-2.0
// run_options.h - igq_run's options as a request of sim/run, for as long as a call lasts.
#ifndef IGQ_RUN_OPTIONS_H
#define IGQ_RUN_OPTIONS_H
#include "file.h"
#include "igqsim.h"
#include "run.h"
#include "share.h"

#ifdef __cplusplus
extern "C" {
#endif

// An input that may be given as a path, a plain name or a text.
typedef struct igq_given_input {
    const char *what, *path, *text;
    igq_input_kind kind;
    char *found; // new: the path that is read; of a text a name that messages and reports use
} igq_given_input;

enum {
    IGQ_GIVEN_ACCELERATOR,
    IGQ_GIVEN_WORKLOAD,
    IGQ_GIVEN_CALIBRATION,
    IGQ_GIVEN_TECHNOLOGY,
    IGQ_GIVEN_TRACE,
    IGQ_NUM_GIVEN
};

typedef struct igq_run_call {
    igq_run_options options; // as far as this library knows them
    igq_given_input input[IGQ_NUM_GIVEN];
    igq_lent_text text[IGQ_NUM_GIVEN]; // lent to this thread
} igq_run_call;

// Takes the caller's options and finds their inputs. End the call in any case.
igq_status igq_run_call_begin(igq_run_call *call, const igq_run_options *options, igq_error *error);
void igq_run_call_end(igq_run_call *call);

// What `igqsim run` asks of its options.
igq_status igq_run_call_check(const igq_run_call *call, igq_error *error);

igq_string_list igq_run_call_sets(const igq_run_call *call);

// Without the technology, which the caller loads.
igq_run_request igq_run_call_request(const igq_run_call *call);

#ifdef __cplusplus
}
#endif
#endif
