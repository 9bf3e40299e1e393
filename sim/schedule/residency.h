// SPDX-License-Identifier: Apache-2.0
// residency.h - which tensors stay in the activation buffer, and which layers the images of a batch can work on
// together because of that. Contract: docs/timing.md, "Where tensors live" and "Batches".
#ifndef IGQ_RESIDENCY_H
#define IGQ_RESIDENCY_H
#include "accelerator.h"
#include "network.h"
#include "stored_layers.h"
#include "tiling.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes that the tensors of an image's attention take up; 0: the tensor is spilled to DRAM.
typedef struct igq_attention_room {
    uint64_t qkv_bytes, softmax_bytes, context_bytes;
} igq_attention_room;
// layer: scores or context, number `index` of the network; keys: the layer that K and V come from. stored: of the
// layers of the network (stored_layers.h); NULL: values.
igq_attention_room igq_attention_room_of(const igq_layer *layer, int index, const igq_layer *keys,
                                         const igq_stored_layer *stored, uint64_t capacity_bytes);

// Bytes that the written-back outputs of a layer (of one image, all heads) take up; 0: spilled. keys: of scores and
// context.
uint64_t igq_resident_output_bytes(const igq_layer *layer, int index, const igq_layer *keys,
                                   const igq_stored_layer *stored, uint64_t capacity_bytes);

// The product of a layer for `images` that share its weight tiles. input_bytes, output_bytes: of each image's tensors
// in the activation buffer, 0: in DRAM; waiting_bytes: of other tensors there.
igq_product igq_layer_product(const igq_layer *layer, int images, uint64_t input_bytes, uint64_t output_bytes,
                              uint64_t waiting_bytes, int weight_bits, const igq_accelerator *accelerator);

// How a layer is worked on: in a batch, and with its residual stream.
typedef struct igq_batch_plan {
    int together;           // 1: by all images together, sharing weight tiles; 0: by one image after another
    uint64_t waiting_bytes; // tensors of the other images that wait in the activation buffer meanwhile
    // A layer with a residual: 1: the stream is read from the buffer; it stays there, or nobody reads it again.
    int residual_from_buffer, residual_stays;
    uint64_t residual_bytes; // streams of all images that lie in the buffer meanwhile
} igq_batch_plan;

// plan out (num_layers). A layer is worked on together if that saves DRAM traffic and no tensor has to go to DRAM for
// it. weight_bits: by layer with weights. stored: of the layers; NULL: values. A residual stream stays in the
// activation buffer from the layer that writes it to the one that reads it if it has room beside what lies there
// anyway; where tiles come from DRAM or go there, a quarter of the buffer (at least the smallest tiles) is left for
// them.
void igq_plan_batch(igq_batch_plan *plan, const igq_network *network, const int *weight_bits,
                    const igq_stored_layer *stored, int images, const igq_accelerator *accelerator);

// Images of a part, if a batch is worked on in parts one after another: the number for which the traffic is least, the
// largest of equals. plan out (num_layers): scratch.
int igq_batch_part(igq_batch_plan *plan, const igq_network *network, const int *weight_bits,
                   const igq_stored_layer *stored, int images, const igq_accelerator *accelerator);

#ifdef __cplusplus
}
#endif
#endif
