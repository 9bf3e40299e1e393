// SPDX-License-Identifier: Apache-2.0
// references.h - what the same images cost without groups: layer-wise and with VS-Quant's scales per vector, on
// machines of equal peak, buffers and DRAM. The overhead of grouping is measured against them (docs/energy.md).
#ifndef IGQ_REFERENCES_H
#define IGQ_REFERENCES_H
#include "calibration.h"
#include "error.h"
#include "run_result.h"

#ifdef __cplusplus
extern "C" {
#endif

// Whether overheads are measured against machines of this scheme.
int igq_scheme_is_reference(igq_scheme scheme);

// Fills result->reference. Static groups, so one timing pass stands for all batches of a size, whatever their images
// show. A reference whose buffers cannot take the network is left out; a machine that has no groups itself has no
// references.
igq_status igq_run_time_references(igq_run_result *result, const igq_calibration *calibration, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
