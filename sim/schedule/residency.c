// SPDX-License-Identifier: Apache-2.0
#include "residency.h"
#include "tiling.h"

// While heads are worked on, the buffer holds q k v, the softmax matrices of two heads and the context of all heads, in
// this order of preference. As soon as one of them is spilled, a quarter of the buffer is left for tiles.
igq_attention_room igq_attention_room_of(const igq_layer *layer, const igq_layer *keys, uint64_t capacity_bytes)
{
    int in_one_tensor = keys->read_again ? 1 : 3; // of q, k, v; cross attention: q alone
    int head_dim = layer->kind == IGQ_LAYER_SCORES ? layer->C : layer->O;
    int num_keys = layer->kind == IGQ_LAYER_SCORES ? layer->O : layer->C;
    uint64_t tile_bytes = 0; // left for tiles
    igq_attention_room room = {
        .qkv_bytes = igq_output_bytes(layer->T, in_one_tensor * layer->products * head_dim),
        .softmax_bytes = igq_output_bytes(layer->T, (layer->products < 2 ? 1 : 2) * num_keys),
        .context_bytes = igq_output_bytes(layer->T, layer->products * head_dim),
    };
    if (room.qkv_bytes > capacity_bytes / 2) {
        room.qkv_bytes = 0;
        tile_bytes = capacity_bytes / 4;
    }
    if (room.qkv_bytes + room.softmax_bytes + tile_bytes > capacity_bytes) {
        room.softmax_bytes = 0;
        tile_bytes = capacity_bytes / 4;
    }
    if (room.context_bytes > capacity_bytes / 2 ||
        room.qkv_bytes + room.softmax_bytes + room.context_bytes + tile_bytes > capacity_bytes)
        room.context_bytes = 0;
    return room;
}

uint64_t igq_resident_output_bytes(const igq_layer *layer, const igq_layer *keys, uint64_t capacity_bytes)
{
    uint64_t bytes = igq_output_bytes(layer->T, layer->O);
    switch (layer->kind) {
    case IGQ_LAYER_SCORES:
        return igq_attention_room_of(layer, keys, capacity_bytes).softmax_bytes;
    case IGQ_LAYER_CONTEXT:
        return igq_attention_room_of(layer, keys, capacity_bytes).context_bytes;
    default: // the input has the other half
        return bytes <= capacity_bytes / 2 && !layer->read_again ? bytes : 0;
    }
}

igq_product igq_layer_product(const igq_layer *layer, int images, uint64_t input_bytes, uint64_t output_bytes,
                              uint64_t waiting_bytes, int weight_bits, const igq_accelerator *accelerator)
{
    igq_scheme_cfg scheme = igq_scheme_of_layer(&accelerator->scheme, layer->kind);
    igq_product product = {
        .images = images,
        .T = layer->T,
        .C = layer->C,
        .O = layer->O,
        .weight_bits = weight_bits,
        .weight_dram_bits = weight_bits,
        .weight_scale_bits = igq_weight_scale_bits(&scheme, layer->C),
        .acts_in_dram = input_bytes == 0,
        .outputs_in_dram = output_bytes == 0,
        .residual = layer->residual,
        .resident_bytes = (uint64_t)images * (input_bytes + output_bytes) + waiting_bytes,
    };
    igq_product_vector_passes(&product, layer->post_op, &accelerator->vector_unit);
    return product;
}

/// Batches

// Of the layer's outputs, if the buffer had `capacity_bytes`. The results of the last layer leave the chip.
static uint64_t resident_bytes(const igq_network *network, int k, uint64_t capacity_bytes)
{
    const igq_layer *layer = &network->layer[k];
    if (k == network->num_layers - 1)
        return 0;
    return igq_resident_output_bytes(layer, layer->keys_from < 0 ? layer : &network->layer[layer->keys_from],
                                     capacity_bytes);
}

static uint64_t resident_input_bytes(const igq_network *network, int k, uint64_t capacity_bytes)
{
    int input = network->layer[k].input;
    return input < 0 ? 0 : resident_bytes(network, input, capacity_bytes);
}

// DRAM traffic of a layer for all `images`, worked on together or one after another.
static uint64_t traffic_bytes(const igq_network *network, int k, int images, int together, int weight_bits,
                              const igq_accelerator *accelerator)
{
    uint64_t capacity_bytes = (uint64_t)accelerator->activation_buffer.capacity_bytes, bytes = 0;
    igq_product product =
        igq_layer_product(&network->layer[k], together ? images : 1, resident_input_bytes(network, k, capacity_bytes),
                          resident_bytes(network, k, capacity_bytes), 0, weight_bits, accelerator);
    if (igq_tiling_shortage(&product, accelerator).buffer)
        return UINT64_MAX;
    igq_tiling tiling;
    igq_tiling_choose(&tiling, &product, accelerator);
    for (int image = 0; image < product.images; image++)
        bytes += igq_tiling_read_bytes(&tiling, &product, image, &accelerator->dram) +
                 igq_tiling_write_bytes(&tiling, &product, &accelerator->dram);
    return together ? bytes : (uint64_t)images * bytes;
}

// 1 if all images' tensors of a layer have room, and sharing its weights saves traffic.
static int is_worth_it(const igq_network *network, int k, int images, int weight_bits,
                       const igq_accelerator *accelerator)
{
    uint64_t capacity_bytes = (uint64_t)accelerator->activation_buffer.capacity_bytes;
    uint64_t half = capacity_bytes / 2, n = (uint64_t)images;
    return n * resident_bytes(network, k, capacity_bytes) <= half &&
           n * resident_input_bytes(network, k, capacity_bytes) <= half &&
           traffic_bytes(network, k, images, 1, weight_bits, accelerator) <
               traffic_bytes(network, k, images, 0, weight_bits, accelerator);
}

// Layers first .. end - 1 are worked on by one image after another. The inputs of those to come and the outputs of
// those that are through wait in the buffer.
static uint64_t waiting_bytes(const igq_network *network, int first, int end, int images, uint64_t capacity_bytes)
{
    uint64_t in = resident_input_bytes(network, first, capacity_bytes);
    uint64_t out = resident_bytes(network, end - 1, capacity_bytes);
    return (uint64_t)(images - 1) * (in > out ? in : out);
}

// 1 if all tensors of these layers lie where they lie for a single image although `waiting` bytes wait.
static int has_room(const igq_network *network, int first, int end, uint64_t waiting, uint64_t capacity_bytes)
{
    if (waiting > capacity_bytes)
        return 0;
    for (int k = first; k < end; k++)
        if ((resident_bytes(network, k, capacity_bytes) > 0) !=
                (resident_bytes(network, k, capacity_bytes - waiting) > 0) ||
            (resident_input_bytes(network, k, capacity_bytes) > 0) !=
                (resident_input_bytes(network, k, capacity_bytes - waiting) > 0))
            return 0;
    return 1;
}

static int end_of_run(const igq_batch_plan *plan, int first, int num_layers)
{
    int end = first;
    while (end < num_layers && !plan[end].together)
        end++;
    return end;
}

// Takes layers out of togetherness for whose sake too much would wait. Returns 1 if there was one.
static int separate_some(igq_batch_plan *plan, const igq_network *network, int images, uint64_t capacity_bytes)
{
    int num_layers = network->num_layers;
    for (int first = 0; first < num_layers; first++) {
        if (plan[first].together)
            continue;
        int end = end_of_run(plan, first, num_layers);
        uint64_t waiting = waiting_bytes(network, first, end, images, capacity_bytes);
        for (int k = first; k < end; k++)
            plan[k].waiting_bytes = waiting;
        if (!has_room(network, first, end, waiting, capacity_bytes)) {
            int before_weighs = resident_input_bytes(network, first, capacity_bytes) >=
                                resident_bytes(network, end - 1, capacity_bytes);
            plan[before_weighs ? first - 1 : end].together = 0;
            return 1;
        }
        first = end;
    }
    return 0;
}

void igq_plan_batch(igq_batch_plan *plan, const igq_network *network, const int *weight_bits, int images,
                    const igq_accelerator *accelerator)
{
    uint64_t capacity_bytes = (uint64_t)accelerator->activation_buffer.capacity_bytes;
    for (int k = 0; k < network->num_layers; k++) {
        int linear = network->layer[k].linear;
        plan[k] = (igq_batch_plan){0};
        if (images > 1 && linear >= 0)
            plan[k].together = is_worth_it(network, k, images, weight_bits[linear], accelerator);
    }
    while (separate_some(plan, network, images, capacity_bytes)) {
    }
}
