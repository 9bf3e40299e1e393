// SPDX-License-Identifier: Apache-2.0
// report_read.h - figures of a report.json that somebody gave us: each is looked at before it is used. `place` is the
// path of the object, "totals." or "", for the message; a key may be that of a member of a section,
// "accelerator.clock_mhz", where the object is the section.
#ifndef IGQ_REPORT_READ_H
#define IGQ_REPORT_READ_H
#include "error.h"
#include <jansson.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A whole number in [least, most].
igq_status igq_report_whole(uint64_t *value, const json_t *object, const char *place, const char *key, uint64_t least,
                            uint64_t most, igq_error *error);
// A finite number of at least `least`.
igq_status igq_report_real(double *value, const json_t *object, const char *place, const char *key, double least,
                           igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
