// SPDX-License-Identifier: Apache-2.0
// datapath.h - the accelerator's bit-true datapath as an engine of engine.h: wide fixed point in, ranges, grouping
// by scheme, codes, grouped integer product, rescaled FP32 out. Fills an igq_instance with what it saw.
//   patch_embed, head: one static quantizer (layer-wise), bits from calibration. Linear layers of blocks: the scheme.
//   Scores: q and k quantized per head with their calibrated bounds (k as the "weights" of the product). Softmax rows:
//   the scheme over rows; v per head as the weights.
// Counts of an attention's softmax_noise hold all of it: saturated q, k, v and softmax values, overflows of both
// products.
#ifndef IGQ_DATAPATH_H
#define IGQ_DATAPATH_H
#include "calibration.h"
#include "engine.h"
#include "instance.h"
#include "scheme.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_datapath igq_datapath;

// Quantizes the weights once. All inputs must outlive the datapath. observer (may be NULL) sees the wide activations as
// floats (exact: fixed * 2^exponent), so that a recorded trace gives the same integers back. NULL when memory is short.
igq_datapath *igq_datapath_new(const igq_products *products, const igq_calibration *calibration,
                               const igq_scheme_cfg *cfg, const igq_observer *observer);
void igq_datapath_free(igq_datapath *datapath);
// From now on sums are cut as a machine does that has not room for all channels: tiles of tile_channels[k] channels for
// layer k of the network (0: all), which are added in order (docs/timing.md, "Tiles"). NULL: none are, as at first. The
// array is read until it is set anew.
void igq_datapath_cut(igq_datapath *datapath, const int *tile_channels);
// The engine writes into `instance` as the forward pass goes.
igq_engine igq_datapath_engine(igq_datapath *datapath, igq_instance *instance);

// The quantization half alone, for traces of whole activations (no weights needed): ranges and noise of one tensor.
// x [T][C] real; cfg as igq_scheme_of_layer gives it for the layer. Fills range and noise. scratch of
// igq_observe_scratch(T, C) bytes.
void igq_observe_linear(igq_range *range, igq_layer_noise *noise, const float *x, int T, int C,
                        const igq_group_bounds *bounds, const igq_scheme_cfg *cfg, void *scratch);
// softmax [T][K] of one product; adds to noise (all products of an attention together).
void igq_observe_softmax(igq_range *range, igq_layer_noise *noise, const float *softmax, int T, int K,
                         const igq_group_bounds *bounds, const igq_scheme_cfg *cfg, void *scratch);
size_t igq_observe_scratch(int T, int C);

#ifdef __cplusplus
}
#endif
#endif
