// SPDX-License-Identifier: Apache-2.0
// graph_run.h - executes a network on a few samples (samples.h): all of them in full precision, where the ranges of its
// activations calibrate it unless there is a calibration, then on the integer datapath, then timing. Each sample is an
// "image" of the report.
#ifndef IGQ_GRAPH_RUN_H
#define IGQ_GRAPH_RUN_H
#include "calibrate.h"
#include "execution.h"

#ifdef __cplusplus
extern "C" {
#endif

// Of request->inputs_path, or of photos. context->result has as many images as there are samples; start is called once
// their number is known, and makes it. Writes request->outputs_path if wanted: fp32/NAME and datapath/NAME of every
// output.
typedef igq_status (*igq_start_result)(igq_run_context *context, igq_run_mode mode, int num_images, igq_error *error);
igq_status igq_run_graph(igq_run_context *context, const igq_calibrate_cfg *cfg, igq_start_result start,
                         igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
