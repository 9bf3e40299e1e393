// SPDX-License-Identifier: Apache-2.0
#include "residency.h"
#include "format.h"
#include "tiling.h"

// While heads are worked on, the buffer holds q k v, the softmax matrices of two heads and the context of all heads, in
// this order of preference. As soon as one of them is spilled, a quarter of the buffer is left for tiles.
igq_attention_room igq_attention_room_of(const igq_layer *layer, int index, const igq_layer *keys,
                                         const igq_stored_layer *stored, uint64_t capacity_bytes)
{
    int is_scores = layer->kind == IGQ_LAYER_SCORES;
    const igq_layer *scores = is_scores ? layer : layer - 1; // context follows its scores
    int first = is_scores ? index : index - 1;
    igq_storage q = {0}, softmax = igq_stored_results(stored, first), context = igq_stored_results(stored, first + 1);
    if (stored)
        q = igq_stored_results(stored, scores->input);
    int in_one_tensor = keys->read_again ? 1 : 3; // of q, k, v; cross attention: q alone
    int head_dim = is_scores ? layer->C : layer->O;
    int num_keys = is_scores ? layer->O : layer->C;
    uint64_t tile_bytes = 0; // left for tiles
    igq_attention_room room = {
        .qkv_bytes = igq_storage_bytes(&q, layer->T, in_one_tensor * layer->products * head_dim),
        .softmax_bytes = (layer->products < 2 ? 1 : 2) * igq_storage_bytes(&softmax, layer->T, num_keys),
        .context_bytes = igq_storage_bytes(&context, layer->T, layer->products * head_dim),
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

uint64_t igq_resident_output_bytes(const igq_layer *layer, int index, const igq_layer *keys,
                                   const igq_stored_layer *stored, uint64_t capacity_bytes)
{
    igq_storage results = igq_stored_results(stored, index);
    uint64_t bytes = igq_storage_bytes(&results, layer->T, layer->O);
    switch (layer->kind) {
    case IGQ_LAYER_SCORES:
        return igq_attention_room_of(layer, index, keys, stored, capacity_bytes).softmax_bytes;
    case IGQ_LAYER_CONTEXT:
        return igq_attention_room_of(layer, index, keys, stored, capacity_bytes).context_bytes;
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
    igq_product_vector_passes(&product, layer, &accelerator->vector_unit);
    return product;
}

/// Batches

// What the plan of a batch is made from.
typedef struct batch {
    const igq_network *network;
    const igq_stored_layer *stored;
    const int *weight_bits; // by layer with weights
    int images;
    const igq_accelerator *accelerator;
    uint64_t capacity_bytes; // of the activation buffer
} batch;

static const igq_layer *keys_of(const igq_network *network, int k)
{
    const igq_layer *layer = &network->layer[k];
    return layer->keys_from < 0 ? layer : &network->layer[layer->keys_from];
}

// Of the layer's outputs, if the buffer had `capacity_bytes`. The results of the last layer leave the chip.
static uint64_t resident_bytes(const batch *of, int k, uint64_t capacity_bytes)
{
    if (k == of->network->num_layers - 1)
        return 0;
    return igq_resident_output_bytes(&of->network->layer[k], k, keys_of(of->network, k), of->stored, capacity_bytes);
}

static uint64_t resident_input_bytes(const batch *of, int k, uint64_t capacity_bytes)
{
    int input = of->network->layer[k].input;
    return input < 0 ? 0 : resident_bytes(of, input, capacity_bytes);
}

// Layer k, with weights, for `images` images together.
static igq_product product_of(const batch *of, int k, int images)
{
    const igq_layer *layer = &of->network->layer[k];
    igq_product product = igq_layer_product(layer, images, resident_input_bytes(of, k, of->capacity_bytes),
                                            resident_bytes(of, k, of->capacity_bytes), 0,
                                            of->weight_bits[layer->linear], of->accelerator);
    product.acts = igq_stored_input(of->stored, k);
    product.outputs = igq_stored_results(of->stored, k);
    return product;
}

// DRAM traffic of a layer for all images, worked on together or one after another, if all else is as in its plan.
static uint64_t traffic_bytes(const batch *of, int k, int together, const igq_batch_plan *plan)
{
    uint64_t bytes = 0;
    igq_product product = product_of(of, k, together ? of->images : 1);
    product.resident_bytes += plan->waiting_bytes + plan->residual_bytes;
    product.residual_from_buffer = plan->residual_from_buffer;
    product.residual_stays = plan->residual_stays;
    if (igq_tiling_shortage(&product, of->accelerator).buffer)
        return UINT64_MAX;
    igq_tiling tiling;
    igq_tiling_choose(&tiling, &product, of->accelerator);
    for (int image = 0; image < product.images; image++)
        bytes += igq_tiling_read_bytes(&tiling, &product, image, &of->accelerator->dram) +
                 igq_tiling_write_bytes(&tiling, &product, &of->accelerator->dram);
    return together ? bytes : (uint64_t)of->images * bytes;
}

// 1 if all images' tensors of a layer have room, and sharing its weights saves traffic.
static int is_worth_it(const batch *of, int k)
{
    static const igq_batch_plan nothing = {0};
    uint64_t half = of->capacity_bytes / 2, n = (uint64_t)of->images;
    return n * resident_bytes(of, k, of->capacity_bytes) <= half &&
           n * resident_input_bytes(of, k, of->capacity_bytes) <= half &&
           traffic_bytes(of, k, 1, &nothing) < traffic_bytes(of, k, 0, &nothing);
}

// Layers first .. end - 1 are worked on by one image after another. The inputs of those to come and the outputs of
// those that are through wait in the buffer.
static uint64_t waiting_bytes(const batch *of, int first, int end)
{
    uint64_t in = resident_input_bytes(of, first, of->capacity_bytes);
    uint64_t out = resident_bytes(of, end - 1, of->capacity_bytes);
    return (uint64_t)(of->images - 1) * (in > out ? in : out);
}

// 1 if all tensors of these layers lie where they lie for a single image although `waiting` bytes wait.
static int has_room(const batch *of, int first, int end, uint64_t waiting)
{
    uint64_t all = of->capacity_bytes, left = all - waiting;
    if (waiting > all)
        return 0;
    for (int k = first; k < end; k++)
        if ((resident_bytes(of, k, all) > 0) != (resident_bytes(of, k, left) > 0) ||
            (resident_input_bytes(of, k, all) > 0) != (resident_input_bytes(of, k, left) > 0))
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
static int separate_some(igq_batch_plan *plan, const batch *of)
{
    int num_layers = of->network->num_layers;
    for (int first = 0; first < num_layers; first++) {
        if (plan[first].together)
            continue;
        int end = end_of_run(plan, first, num_layers);
        uint64_t waiting = waiting_bytes(of, first, end);
        for (int k = first; k < end; k++)
            plan[k].waiting_bytes = waiting;
        if (!has_room(of, first, end, waiting)) {
            int before_weighs =
                resident_input_bytes(of, first, of->capacity_bytes) >= resident_bytes(of, end - 1, of->capacity_bytes);
            plan[before_weighs ? first - 1 : end].together = 0;
            return 1;
        }
        first = end;
    }
    return 0;
}

/// Residual streams

// 1 if results of the layer are part of the stream of a transformer, which the next such layer of the same size reads.
static int is_of_stream(const igq_layer *layer)
{
    return layer->residual && (igq_layer_kind_is_grouped(layer->kind) || layer->kind == IGQ_LAYER_PATCH_EMBED);
}

// Bytes that are in use, or left for tiles, while a layer is worked on.
static uint64_t used_bytes(const igq_batch_plan *plan, const batch *of, int k)
{
    const igq_layer *layer = &of->network->layer[k];
    const igq_accelerator *accelerator = of->accelerator;
    uint64_t images = plan[k].together ? (uint64_t)of->images : 1, used;
    uint64_t input = resident_input_bytes(of, k, of->capacity_bytes);
    uint64_t output = resident_bytes(of, k, of->capacity_bytes);
    if (layer->linear >= 0) {
        used = images * (input + output);
    } else {
        igq_attention_room room =
            igq_attention_room_of(layer, k, keys_of(of->network, k), of->stored, of->capacity_bytes);
        used = room.qkv_bytes + room.softmax_bytes + room.context_bytes;
    }
    if (input == 0 || output == 0) {
        uint64_t tiles = (uint64_t)igq_buffer_slots(&accelerator->activation_buffer) *
                         igq_output_bytes(accelerator->mac_array.tokens_in_flight, layer->C);
        tiles += output == 0 ? images * igq_output_bytes(layer->T, layer->O) : 0;
        used += tiles > of->capacity_bytes / 4 ? tiles : of->capacity_bytes / 4;
    }
    return used + plan[k].waiting_bytes;
}

// The stream from layer `writer` to `reader`.
static void plan_stream(igq_batch_plan *plan, const batch *of, int writer, int reader)
{
    const igq_layer *from = &of->network->layer[writer], *to = &of->network->layer[reader];
    uint64_t bytes = (uint64_t)of->images * igq_output_bytes(from->T, from->O);
    if (!is_of_stream(to) || from->T != to->T || from->O != to->O)
        return;
    for (int k = writer; k <= reader; k++)
        if (used_bytes(plan, of, k) + bytes > of->capacity_bytes)
            return;
    plan[writer].residual_stays = plan[reader].residual_from_buffer = 1;
    for (int k = writer; k <= reader; k++) // one stream takes the place of the other
        plan[k].residual_bytes = plan[k].residual_bytes > bytes ? plan[k].residual_bytes : bytes;
}

static void plan_streams(igq_batch_plan *plan, const batch *of)
{
    int writer = -1;
    for (int k = 0; k < of->network->num_layers; k++) {
        if (!of->network->layer[k].residual)
            continue;
        if (writer >= 0 && is_of_stream(&of->network->layer[writer]))
            plan_stream(plan, of, writer, k);
        writer = k;
    }
    if (writer >= 0 && is_of_stream(&of->network->layer[writer]))
        plan[writer].residual_stays = 1; // nobody reads it
}

void igq_plan_batch(igq_batch_plan *plan, const igq_network *network, const int *weight_bits,
                    const igq_stored_layer *stored, int images, const igq_accelerator *accelerator)
{
    const batch of = {network, stored,      weight_bits,
                      images,  accelerator, (uint64_t)accelerator->activation_buffer.capacity_bytes};
    for (int k = 0; k < network->num_layers; k++) {
        plan[k] = (igq_batch_plan){0};
        if (images > 1 && network->layer[k].linear >= 0)
            plan[k].together = is_worth_it(&of, k);
    }
    while (separate_some(plan, &of)) {
    }
    plan_streams(plan, &of);
}

// DRAM traffic of the layers with weights for `images` images together; UINT64_MAX: some do not fit.
static uint64_t planned_bytes(igq_batch_plan *plan, const igq_network *network, const int *weight_bits,
                              const igq_stored_layer *stored, int images, const igq_accelerator *accelerator)
{
    const batch of = {network, stored,      weight_bits,
                      images,  accelerator, (uint64_t)accelerator->activation_buffer.capacity_bytes};
    uint64_t sum_bytes = 0;
    igq_plan_batch(plan, network, weight_bits, stored, images, accelerator);
    for (int k = 0; k < network->num_layers; k++) {
        if (network->layer[k].linear < 0)
            continue;
        uint64_t bytes = traffic_bytes(&of, k, plan[k].together, &plan[k]);
        if (bytes == UINT64_MAX)
            return bytes;
        sum_bytes += bytes;
    }
    return sum_bytes;
}

int igq_batch_part(igq_batch_plan *plan, const igq_network *network, const int *weight_bits,
                   const igq_stored_layer *stored, int images, const igq_accelerator *accelerator)
{
    uint64_t least_bytes = UINT64_MAX;
    int best = images, last = 0;
    for (int parts = 1; parts <= images && images > 1; parts++) {
        int part = (images + parts - 1) / parts, rest = images % part;
        if (part == last)
            continue;
        last = part;
        uint64_t rest_bytes = 0;
        uint64_t bytes = planned_bytes(plan, network, weight_bits, stored, part, accelerator);
        if (rest > 0)
            rest_bytes = planned_bytes(plan, network, weight_bits, stored, rest, accelerator);
        if (bytes == UINT64_MAX || rest_bytes == UINT64_MAX)
            continue;
        bytes = (uint64_t)(images / part) * bytes + rest_bytes;
        if (bytes < least_bytes) {
            least_bytes = bytes;
            best = part;
        }
    }
    return best;
}
