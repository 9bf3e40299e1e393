// SPDX-License-Identifier: Apache-2.0
// commands.h - the commands of igqsim, one cmd_*.c each. argv starts after the command's name. They return the exit
// status: 0 done, 1 the user's fault (*error says what), 2 ours, 3 verification found a mismatch.
#ifndef IGQ_COMMANDS_H
#define IGQ_COMMANDS_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

igq_status igq_cmd_run(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_sweep(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_merge(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_export(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_trace(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_calibrate(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_compare(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_describe(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_schema(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_quantize(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_cosim(int argc, const char *const *argv, igq_error *error);
igq_status igq_cmd_vectors(int argc, const char *const *argv, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
