// SPDX-License-Identifier: Apache-2.0
// swin.h - the shape of a Swin transformer (Liu et al., ICCV 2021), and its layers. Windows that reach over the edge of
// a stage are padded, as in the published code: attention works on the padded tokens. Shifted windows are as many and
// as large as others, so that a shift changes no product. Relative positions are added to the scores by the vector
// unit.
#ifndef IGQ_SWIN_H
#define IGQ_SWIN_H
#include "network.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_SWIN_STAGES 4

typedef struct igq_swin_shape {
    int image_height, image_width, image_channels;
    int patch_size;             // square
    int dim;                    // channels of the first stage; each stage has twice those of the one before
    int depth[IGQ_SWIN_STAGES]; // blocks of each stage
    int head_dim;               // channels of a head
    int window_size;            // tokens, side of a square window
    int mlp_ratio;              // hidden width of the MLP over dim
    int classes;
} igq_swin_shape;

// Tokens and channels of a stage.
typedef struct igq_feature_map {
    int height, width, channels;
    int layer; // that made them, in a network
} igq_feature_map;

// patch_embed; per block qkv, scores, context, proj, fc1, fc2; merge between stages. Gives the stages' results.
void igq_swin_add_stages(igq_feature_map stage[IGQ_SWIN_STAGES], igq_network *network, const igq_swin_shape *shape);

// The stages, then head (T = 1). NULL when memory is short.
igq_network *igq_swin_network(const igq_swin_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
