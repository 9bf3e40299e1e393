// SPDX-License-Identifier: Apache-2.0
// share.h - the folder of machines, networks, calibrations, technologies and traces that comes with igqsim, so that
// they can be called by name. It is $IGQSIM_SHARE; else share/igqsim beside the bin or lib that this code was loaded
// from; else the source tree that it was built in (configs/, traces/); else that of the system.
#ifndef IGQ_SHARE_H
#define IGQ_SHARE_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_input_kind {
    IGQ_INPUT_ACCELERATOR,
    IGQ_INPUT_WORKLOAD,
    IGQ_INPUT_CALIBRATION,
    IGQ_INPUT_TECHNOLOGY,
    IGQ_INPUT_TRACE,
    IGQ_INPUT_COUNT
} igq_input_kind;

// *found: the file that `name` means, new. That is `name` itself, unless it is plain (no '/' and no '.'), there is no
// file of that name and the folder has one: "igq_temporal" is configs/accelerators/igq_temporal.yaml of the folder.
igq_status igq_find_input(char **found, igq_input_kind kind, const char *name, igq_error *error);

// The folder, new; NULL if there is none, or no memory.
char *igq_share_dir(void);

#ifdef __cplusplus
}
#endif
#endif
