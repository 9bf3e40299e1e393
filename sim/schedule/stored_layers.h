// SPDX-License-Identifier: Apache-2.0
// stored_layers.h - how the activations of every layer of a network lie in buffers and DRAM, by who reads them.
#ifndef IGQ_STORED_LAYERS_H
#define IGQ_STORED_LAYERS_H
#include "accelerator.h"
#include "calibration.h"
#include "network.h"
#include "storage.h"

#ifdef __cplusplus
extern "C" {
#endif

// Of a layer. All zero: 16-bit values.
typedef struct igq_stored_layer {
    igq_storage results; // as they are written back
    igq_storage input;   // its activations where it reads them
    igq_storage acts;    // the same as codes
    int recodes;         // 1: a pass may rewrite its activations, which are values, as codes once these are known
} igq_stored_layer;

// stored out (num_layers + 1): an entry for each layer, and before them one for the input of the network.
// Results that several layers read stay values, since each reader has a quantizer of its own; q, k and v, which only
// the attention reads, do not. Results of the last layer are values. Products of a list have an input each.
void igq_stored_layers(igq_stored_layer *stored, const igq_network *network, const igq_calibration *calibration,
                       const igq_accelerator *accelerator);

// How the results of a layer are stored (-1: the input of the network), and how its activations are where it reads
// them. stored NULL: values.
static inline igq_storage igq_stored_results(const igq_stored_layer *stored, int index)
{
    static const igq_storage values = {0, 0, 0};
    return stored ? stored[index + 1].results : values;
}
static inline igq_storage igq_stored_input(const igq_stored_layer *stored, int index)
{
    static const igq_storage values = {0, 0, 0};
    return stored ? stored[index + 1].input : values;
}

#ifdef __cplusplus
}
#endif
#endif
