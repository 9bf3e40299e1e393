// SPDX-License-Identifier: Apache-2.0
#include "stored_layers.h"
#include "format.h"
#include <string.h>

static int act_bits_of(const igq_layer *layer, const igq_calibration *calibration)
{
    if (layer->kind == IGQ_LAYER_SCORES)
        return calibration->attn_bits;
    if (layer->kind == IGQ_LAYER_CONTEXT)
        return igq_softmax_bounds(calibration, layer, 0)->bits;
    return calibration->linear[layer->linear].act.bits;
}

// What attention reads of q, k and v. Only V may have scales, one for each vector; they are spread over the elements
// that lie together.
static igq_storage attention_operands(const igq_layer *scores, int tensors, int bits,
                                      const igq_accelerator *accelerator)
{
    igq_scheme_cfg scheme = igq_scheme_of_layer(&accelerator->scheme, scores[1].kind);
    igq_storage storage = igq_weight_format(&scheme)->weight_storage(&scheme, bits);
    storage.block *= tensors;
    return storage;
}

// Who reads the results of a layer (-1: the input of the network).
typedef struct reader {
    const igq_layer *layer; // the first, NULL: nobody
    int num;                // of layers with other quantizers
    int is_attention;       // 1: only scores and context read it, as q, k, v
    int tensors;            // of them that lie together
} reader;

static reader reader_of(const igq_network *network, int k)
{
    reader found = {.is_attention = 1};
    for (int i = 0; i < network->num_layers; i++) {
        const igq_layer *layer = &network->layer[i];
        int reads_acts = layer->input == k && layer->kind != IGQ_LAYER_CONTEXT;
        int reads_operands = layer->kind == IGQ_LAYER_SCORES && layer->keys_from == k;
        int reads_softmax = layer->input == k && layer->kind == IGQ_LAYER_CONTEXT;
        if (!reads_acts && !reads_operands && !reads_softmax)
            continue;
        found.num++;
        if (!found.layer)
            found.layer = layer;
        if (layer->kind == IGQ_LAYER_SCORES)
            found.tensors = (reads_acts ? 1 : 0) + (reads_operands ? 2 : 0);
        else
            found.is_attention = 0;
    }
    return found;
}

static void store(igq_stored_layer *stored, const igq_network *network, int k, const igq_calibration *calibration,
                  const igq_accelerator *accelerator)
{
    reader reads = reader_of(network, k);
    if (!reads.layer)
        return;
    if (reads.is_attention) {
        stored[k].results = attention_operands(reads.layer, reads.tensors, calibration->attn_bits, accelerator);
    } else if (reads.num == 1) {
        igq_scheme_cfg scheme = igq_scheme_of_layer(&accelerator->scheme, reads.layer->kind);
        if (igq_scheme_knows_codes(&scheme, reads.layer->kind))
            stored[k].results = igq_scheme_codes(&scheme, reads.layer->kind, act_bits_of(reads.layer, calibration));
    }
}

void igq_stored_layers(igq_stored_layer *stored, const igq_network *network, const igq_calibration *calibration,
                       const igq_accelerator *accelerator)
{
    memset(stored, 0, ((size_t)network->num_layers + 1) * sizeof *stored);
    if (accelerator->activation_stores == IGQ_STORES_VALUES)
        return;
    for (int k = -1; k < network->num_layers; k++)
        store(stored + 1, network, k, calibration, accelerator);
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        igq_scheme_cfg scheme = igq_scheme_of_layer(&accelerator->scheme, layer->kind);
        int knows_codes = igq_scheme_knows_codes(&scheme, layer->kind);
        stored[k + 1].acts = igq_scheme_codes(&scheme, layer->kind, act_bits_of(layer, calibration));
        stored[k + 1].recodes = accelerator->group_assignment.recode && !knows_codes;
        stored[k + 1].input = stored[layer->input + 1].results;
        if (layer->input < 0 && network->inputs_apart && knows_codes)
            stored[k + 1].input = stored[k + 1].acts;
    }
}
