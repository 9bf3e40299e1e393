// SPDX-License-Identifier: Apache-2.0
// decoder_result.h - what a run says of a decoder: its phases apart, its cache of keys and values, and how likely it
// finds the tokens that it was given.
#ifndef IGQ_DECODER_RESULT_H
#define IGQ_DECODER_RESULT_H
#include "llama.h"
#include "run_result.h"

#ifdef __cplusplus
extern "C" {
#endif

// Of a phase, over all images of the run.
typedef struct igq_phase_totals {
    uint64_t tokens, cycles, assign_cycles, dram_bytes, kv_read_bytes; // kv_read: keys and values that came from DRAM
} igq_phase_totals;

typedef struct igq_decoder_totals {
    igq_phase_totals prefill, decoding;
    uint64_t kv_bytes_per_token, kv_bytes; // of one image: all blocks; with the last token
    igq_stores kv_stores;
    igq_causal_macs causal; // of one image
} igq_decoder_totals;

static inline int igq_is_decoder(const igq_run_result *result)
{
    return igq_workload_decodes(&result->workload);
}

// Requires a decoder.
void igq_decoder_totals_of(igq_decoder_totals *totals, const igq_run_result *result);

// Of `num_ids` tokens the last `rows` have logits [rows][words] of what follows them; adds the predictions of all but
// the last, whose next is not known. Requires rows <= num_ids and ids in 0 ... words - 1.
void igq_prediction_add(igq_prediction *sum, const float *logits, const int64_t *ids, int num_ids, int rows, int words);
// exp of the mean; NAN without predictions.
double igq_prediction_perplexity(const igq_prediction *sum);

#ifdef __cplusplus
}
#endif
#endif
