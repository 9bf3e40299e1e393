// SPDX-License-Identifier: Apache-2.0
// tiling.h - cuts a matrix product into tiles that fit the buffers, and says what DRAM traffic that costs.
// Contract: docs/timing.md, "Where tensors live" and "Tiles". A tile is tokens x outputs x channels; with fewer
// channels than C its sums wait in the output buffer for those of the next tile, channels being the innermost loop.
// Bytes of DRAM traffic are whole bursts, as the bus sees them.
#ifndef IGQ_TILING_H
#define IGQ_TILING_H
#include "accelerator.h"
#include "network.h"
#include "storage.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What tiling needs to know of a product: its shape, where its tensors live, what the vector unit does with its
// outputs. The images of a batch that work on a layer together share its weight tiles; every image has tiles of its own
// activations and outputs.
typedef struct igq_product {
    int images;                // that share the weights, at least 1
    int T, C, O;               // of each image
    int weight_bits;           // of an element in the weight buffer
    int weight_dram_bits;      // of an element fetched from DRAM; 0: the operand comes from the activation buffer
    int weight_scale_bits;     // of the scales that lie beside the codes of an output; 0 where none do
    int operand_codes;         // 1: K or V, which lie as codes with their scales; else they are quantized on their way
    int acts_in_dram;          // 1: activations are loaded tile by tile
    int outputs_in_dram;       // 1: the vector unit's results go to DRAM
    igq_storage acts, outputs; // how they lie where they are read from and written to
    int recodes;               // 1: the activations are rewritten as codes before the first tile
    int residual;              // 1: T*O values are read from and written to the residual stream
    int residual_from_buffer;  // 1: it is read from the activation buffer, else from DRAM
    int residual_stays;        // 1: it stays there, or nobody reads it again; else it is written to DRAM
    int tile_passes;           // of the vector unit over each element of a tile
    int row_passes;            // over rows that have all O outputs (LayerNorm, softmax)
    int act_bits, num_lists;   // codes, and lists that the channels are on: tiles are chosen by them; 0: mac_bits, 1
    uint64_t resident_bytes;   // whole tensors of all images that lie in the activation buffer meanwhile
} igq_product;

// Passes of the vector unit over the results of a layer. Every output takes at least one, which writes it back.
void igq_product_vector_passes(igq_product *product, const igq_layer *layer, const igq_vector_unit_cfg *unit);

typedef struct igq_tiling {
    int tile_tokens, tile_outputs;         // of all tiles but the last of a dimension
    int num_token_tiles, num_output_tiles; // of each image
    igq_loop_order order;
    int tile_channels, num_channel_tiles; // 0: all C, 1
    int block_tokens;                     // of the machine's tokens in flight, as many as are used; 0: all
} igq_tiling;

static inline int igq_tiling_channel_tiles(const igq_tiling *tiling)
{
    return tiling->num_channel_tiles > 1 ? tiling->num_channel_tiles : 1;
}
static inline int igq_tiling_block_tokens(const igq_tiling *tiling, const igq_mac_array_cfg *array)
{
    return tiling->block_tokens > 0 ? tiling->block_tokens : array->tokens_in_flight;
}

// Sums that wait for more channels are as wide as the sum of all groups: FP32, or an integer that holds it.
#define IGQ_PARTIAL_SUM_BITS 32

typedef struct igq_tile {
    int image; // 0 .. product->images - 1
    int tokens, outputs;
    int channel_tile, first_channel, channels;
    int opens_sums, ends_sums;        // 1: the first, last tile of its channels' sums
    int loads_weights, frees_weights; // 1: the first, last tile that uses this weight tile
    int loads_acts, frees_acts;       // the same for its activation tile
    int ends_rows;                    // 1: with it, all outputs of its tokens are there
    int ends_image;                   // 1: the last tile of its image
} igq_tile;

// What a machine lacks to work on a product: even in its smallest tiles, or in the tiles that the user fixed.
typedef struct igq_shortage {
    const char *buffer; // NULL: nothing is missing
    uint64_t needed_bytes, capacity_bytes;
} igq_shortage;
igq_shortage igq_tiling_shortage(const igq_product *product, const igq_accelerator *accelerator);

// The tiling of least DRAM traffic, or of least energy of memories if the machine's tiling.objective says so; or the
// one that the user fixed, smaller where the product is. Requires that nothing is short (asserted). For fewest cycles
// the lists must be known: tiling_options.h.
void igq_tiling_choose(igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator);
// 1 if the tiles fit the buffers.
int igq_tiling_fits(const igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator);
igq_shortage igq_tiling_shortage_of(const igq_tiling *tiling, const igq_product *product,
                                    const igq_accelerator *accelerator);
// Fills in the numbers of tiles. channels 0: all.
void igq_tiling_set(igq_tiling *tiling, const igq_product *product, int tokens, int outputs, int channels,
                    igq_loop_order order);
// Tiles of channels are whole vectors and blocks: a multiple of this.
static inline int igq_channel_unit(const igq_accelerator *accelerator)
{
    int V = accelerator->mac_array.vector_length;
    return igq_scheme_channel_unit(&accelerator->scheme, V > 1 ? V : 1);
}
// Of the tokens in flight all may be used, or half of them, a quarter, ..., while these are whole rows of the arrays.
// Returns the next smaller block; 0: none.
int igq_smaller_block(int block_tokens, const igq_mac_array_cfg *array);
// Tiles of tokens that are tried with a block: multiples of this. Single rows of the arrays where there are few, else
// blocks of about 16 tokens.
int igq_token_unit(const igq_product *product, int block_tokens, const igq_mac_array_cfg *array);

int igq_tiling_num_tiles(const igq_tiling *tiling, const igq_product *product); // of all images

// Tile `index` of all, in the order in which they run: with weights outer, a weight tile meets all activation tiles of
// all images in turn; with activations outer, image follows image.
void igq_tiling_tile(igq_tile *tile, const igq_tiling *tiling, const igq_product *product, int index);

// The same tiles one after another: a walk starts with zeros.
typedef struct igq_tiling_walk {
    int image, t, o, c;
} igq_tiling_walk;
void igq_tiling_walk_next(igq_tile *tile, igq_tiling_walk *walk, const igq_tiling *tiling, const igq_product *product);

// 1 if the codes of the operand are made from 16-bit activations on their way into the weight buffer (K and V).
int igq_weights_are_activations(const igq_product *product);
// 1 if tiles of the residual stream cross the bus.
static inline int igq_loads_residual(const igq_product *product)
{
    return product->residual && !product->residual_from_buffer;
}
static inline int igq_stores_residual(const igq_product *product)
{
    return product->residual && !product->residual_stays;
}

// Bytes of one transfer: a weight tile, an activation tile, results as they are stored; of values of 16 bits.
uint64_t igq_weight_tile_bytes(const igq_product *product, int outputs, int channels);
uint64_t igq_weight_buffer_bits(const igq_product *product, int outputs, int channels); // that it takes up there
// Bits of K or V that a tile brings from the activation buffer; 0 where operands come from DRAM.
uint64_t igq_operand_bits(const igq_product *product, int outputs, int channels);
uint64_t igq_act_tile_bytes(const igq_product *product, int tokens, int channels);
uint64_t igq_result_bytes(const igq_product *product, int tokens, int outputs);
uint64_t igq_output_bytes(int tokens, int outputs);

// 1 if the outputs of a token wait in the activation buffer until its last output is there, because the vector unit
// needs whole rows.
int igq_tiling_parks_rows(const igq_tiling *tiling, const igq_product *product);

// DRAM traffic of the tiles of one image. Weights that all images share are fetched for the first.
uint64_t igq_tiling_read_bytes(const igq_tiling *tiling, const igq_product *product, int image,
                               const igq_dram_cfg *dram);
uint64_t igq_tiling_write_bytes(const igq_tiling *tiling, const igq_product *product, const igq_dram_cfg *dram);
// Of the bytes read for all images, those that the arrays must see arriving between their last tile of the product
// before and their last tile of this one: all loads of weights and activations but those that fit into slots that may
// be free before.
uint64_t igq_tiling_exposed_read_bytes(const igq_tiling *tiling, const igq_product *product,
                                       const igq_accelerator *accelerator);

// Tiles that a buffer must hold at once.
static inline int igq_buffer_slots(const igq_buffer_cfg *buffer)
{
    return buffer->double_buffered == IGQ_BUFFERING_HALVES ? 2 : 1;
}
// Bits of the buffers that tiles of weights, and of activations, may take up together.
uint64_t igq_weight_room_bits(const igq_accelerator *accelerator);
uint64_t igq_act_room_bits(const igq_tiling *tiling, const igq_product *product, const igq_accelerator *accelerator);
uint64_t igq_act_buffer_bits(const igq_product *product, int tokens, int channels); // of a tile

#ifdef __cplusplus
}
#endif
#endif
