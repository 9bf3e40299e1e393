// SPDX-License-Identifier: Apache-2.0
// html.h - report.html of a run, a comparison, a sweep: one file that any browser shows without a network. It holds the
// styles, the scripts, the plotting library and the figures; the scripts (*.js in this folder) draw from the figures.
// Same report, same bytes.
#ifndef IGQ_HTML_H
#define IGQ_HTML_H
#include "error.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// Writes DIR/report.html. `library` is where the page finds the plotting library, relative to it (igq_html_library
// writes one for many pages); NULL: in the page itself.
igq_status igq_html_run(const char *dir, const json_t *report, const json_t *columns, const char *library,
                        igq_error *error);

// The same for what igq_comparison made.
igq_status igq_html_compare(const char *dir, const json_t *comparison, const json_t *columns, igq_error *error);

// The same for sweep.json, and DIR/plots.js for the pages of the points (library "../../plots.js").
igq_status igq_html_sweep(const char *dir, const json_t *sweep, const json_t *columns, igq_error *error);

// Writes DIR/plots.js.
igq_status igq_html_library(const char *dir, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
