// SPDX-License-Identifier: Apache-2.0
// storage.h - how activations lie in buffers and DRAM. Contract: docs/timing.md, "What is stored".
// A quantizer that is known when a value is written back quantizes it then: codes are stored, with the scales of their
// vectors. One that is known after the last token only (channels of igq and channelwise) leaves 16-bit values.
#ifndef IGQ_STORAGE_H
#define IGQ_STORAGE_H
#include "scheme.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A row of n elements takes n * bits + ceil(n / block) * scale_bits bits. bits 0: 16-bit values; block 0: no scales.
typedef struct igq_storage {
    int bits, scale_bits, block;
} igq_storage;

static inline int igq_storage_element_bits(const igq_storage *storage)
{
    return storage->bits > 0 ? storage->bits : IGQ_ACT_IN_BITS;
}
static inline uint64_t igq_storage_row_bits(const igq_storage *storage, int n)
{
    uint64_t blocks = storage->block > 0 ? (uint64_t)((n + storage->block - 1) / storage->block) : 0;
    return (uint64_t)n * (uint64_t)igq_storage_element_bits(storage) + blocks * (uint64_t)storage->scale_bits;
}
// Bytes of `rows` rows together.
static inline uint64_t igq_storage_bytes(const igq_storage *storage, int rows, int n)
{
    return ((uint64_t)rows * igq_storage_row_bits(storage, n) + 7) / 8;
}

// 1 if the quantizer of a layer's activations is known when they are written back. cfg: of the layer
// (igq_scheme_of_layer). Rows of a softmax (kind context) are whole then, channels of other layers are not.
int igq_scheme_knows_codes(const igq_scheme_cfg *cfg, igq_layer_kind kind);

// The codes of a layer's activations, `bits` wide: with a scale for each vector (vsquant), or row of a softmax
// (channelwise, whose quantizers are found at run time: scale and zero point).
igq_storage igq_scheme_codes(const igq_scheme_cfg *cfg, igq_layer_kind kind, int bits);

// Channels that tiles do not cut: whole vectors of the array (V) and whole blocks of a scale, their least common
// multiple.
int igq_scheme_channel_unit(const igq_scheme_cfg *cfg, int V);

#ifdef __cplusplus
}
#endif
#endif
