// SPDX-License-Identifier: Apache-2.0
// merge.h - what `igqsim merge` does: folders of the same sweep (shards, interrupted ones) into one.
#ifndef IGQ_MERGE_H
#define IGQ_MERGE_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

// Copies what the folders `from` know into `dir`, which is new or of the same sweep. In any order, and any of them
// twice, it gives the bytes of a sweep that was never divided; if points are missing still, says how many. num_jobs
// processes write the reports of the front.
igq_status igq_sweep_merge(const char *const *from, int num_from, const char *dir, int num_jobs, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
