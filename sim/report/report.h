// SPDX-License-Identifier: Apache-2.0
// report.h - report.json and layers.csv of a run, and the text that igqsim prints. Same run, same bytes: no host time,
// no date, keys in fixed order. docs/formats.md explains every key.
#ifndef IGQ_REPORT_H
#define IGQ_REPORT_H
#include "error.h"
#include "run_result.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

json_t *igq_report_json(const igq_run_result *result); // new reference
// The text of report.json, new.
igq_status igq_report_text(char **text, const json_t *report, igq_error *error);
// report.json alone, to that path; report.json and layers.csv into a folder.
igq_status igq_report_save(const char *path, const json_t *report, igq_error *error);
igq_status igq_report_write(const char *dir, json_t *report, igq_error *error);

// 1234567 -> "1,234,567". Returns text.
const char *igq_grouped_digits(char text[32], uint64_t value);

// The summary for people, to stdout.
void igq_summary_print(const igq_run_result *result);

// Two or more report.json files: one table, a column each, and what moved and why against the first; with a folder also
// as DIR/compare.json and DIR/report.html.
igq_status igq_compare(const char *const *paths, int num_paths, const char *dir, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
