// SPDX-License-Identifier: Apache-2.0
#include "decoder_result.h"
#include "metrics.h"
#include <math.h>

static void add_layer(igq_phase_totals *phase, const igq_layer *layer, const igq_layer_result *sum)
{
    phase->cycles += sum->timing.cycles;
    phase->assign_cycles += sum->timing.assign_cycles;
    phase->dram_bytes += sum->timing.dram_read_bytes + sum->timing.dram_write_bytes;
    if (layer->kind == IGQ_LAYER_SCORES || layer->kind == IGQ_LAYER_CONTEXT)
        phase->kv_read_bytes += sum->timing.traffic_bytes[IGQ_TRAFFIC_WEIGHTS_READ];
}

void igq_decoder_totals_of(igq_decoder_totals *totals, const igq_run_result *result)
{
    const igq_llama_shape *shape = &result->workload.llama;
    uint64_t images = (uint64_t)result->num_images, P = (uint64_t)shape->prefill_tokens;
    *totals = (igq_decoder_totals){.causal = igq_llama_causal_macs(shape)};
    totals->prefill.tokens = images * P;
    totals->decoding.tokens = images * (uint64_t)shape->decode_tokens;
    for (int k = 0; k < result->num_layers; k++) {
        const igq_layer *layer = &result->layer[k];
        const igq_layer_result *sum = &result->sum[k];
        add_layer(layer->step > 0 ? &totals->decoding : &totals->prefill, layer, sum);
        totals->kv_bytes += sum->kept_bytes;
        if (layer->step == 0 && layer->kept_channels > 0)
            totals->kv_bytes_per_token += (sum->kept_bytes + P - 1) / P; // a decoded token takes whole bytes
        if (layer->kind == IGQ_LAYER_SCORES)
            totals->kv_stores = sum->stores;
    }
}

void igq_prediction_add(igq_prediction *sum, const float *logits, const int64_t *ids, int num_ids, int rows, int words)
{
    for (int row = 0; row < rows - 1; row++, logits += words) {
        sum->num++;
        sum->nats += igq_surprise(logits, words, (int)ids[num_ids - rows + row + 1]);
    }
}

double igq_prediction_perplexity(const igq_prediction *sum)
{
    return sum->num > 0 ? exp(sum->nats / (double)sum->num) : NAN;
}
