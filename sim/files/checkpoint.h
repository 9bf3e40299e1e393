// SPDX-License-Identifier: Apache-2.0
// checkpoint.h - the weights of a vision transformer from a checkpoint as it comes (tensor_store.h), under timm's names
// (blocks.0.attn.qkv.weight) or Hugging Face's (encoder.layer.0.attention.attention.query.weight), behind any prefix:
// what stands, ended by a dot, before the class token's name; heads may stand behind less of it.
#ifndef IGQ_CHECKPOINT_H
#define IGQ_CHECKPOINT_H
#include "error.h"
#include "vit.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_checkpoint igq_checkpoint;

// Every tensor that the shape asks for must be there with its shape and finite values. Weights that the network would
// need and igqsim would have to ignore are refused by name: of a block (LayerScale, more blocks) or of a top-level
// module (register tokens, pre_logits, norm_pre, fc_norm, attn_pool, ...). Other strangers pass, whatever their dtype.
igq_status igq_checkpoint_open(igq_checkpoint **checkpoint, const char *path, const igq_vit_shape *shape,
                               igq_error *error);
void igq_checkpoint_close(igq_checkpoint *checkpoint); // NULL is fine

// Valid until the checkpoint is closed.
const igq_vit_weights *igq_checkpoint_weights(const igq_checkpoint *checkpoint);

#ifdef __cplusplus
}
#endif
#endif
