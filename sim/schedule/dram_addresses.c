// SPDX-License-Identifier: Apache-2.0
#include "dram_addresses.h"
#include "latency.h"
#include <stdlib.h>

// Tensors of an image, or weights (image 0): by the layer that makes or has them. Layer num_layers: what enters.
typedef struct tensors {
    int num_layers, num_images;
    igq_dram_place *weights, *outputs; // (num_images) x (num_layers + 1)
    igq_dram_place *residual;          // (num_images)
    uint64_t end;
} tensors;

static igq_dram_place *tensor(igq_dram_place *of, const tensors *all, int image, int layer)
{
    return &of[image * (all->num_layers + 1) + layer];
}

static int producer_of_acts(const igq_job *jobs, int j, int num_layers)
{
    return jobs[j].acts_from_job < 0 ? num_layers : jobs[jobs[j].acts_from_job].layer_index;
}

static void at_least(igq_dram_place *place, uint64_t bytes)
{
    if (place->bytes < bytes)
        place->bytes = bytes;
}

static int is_fetched(const igq_product *product)
{
    return product->weight_dram_bits > 0;
}

// Bytes of the tensors that meet DRAM.
static void measure(tensors *all, const igq_job *jobs, const igq_job_plan *plans, int num_jobs)
{
    for (int j = 0; j < num_jobs; j++) {
        const igq_job *job = &jobs[j];
        const igq_product *product = &plans[j].product;
        uint64_t products = (uint64_t)job->layer->products;
        uint64_t out_bytes = igq_output_bytes(product->T, product->O);
        if (is_fetched(product) && job->weights_from_job < 0)
            at_least(tensor(all->weights, all, 0, job->layer_index),
                     products * igq_weight_tile_bytes(product, product->O, product->C));
        if (is_fetched(product) && job->weights_from_job >= 0)
            at_least(tensor(all->outputs, all, job->image, jobs[job->weights_from_job].layer_index),
                     igq_weight_tile_bytes(product, product->O, product->C));
        if (product->acts_in_dram || plans[j].range_load_bytes > 0)
            at_least(tensor(all->outputs, all, job->image, producer_of_acts(jobs, j, all->num_layers)),
                     igq_act_tile_bytes(product, product->T, product->C));
        if (product->outputs_in_dram)
            at_least(tensor(all->outputs, all, job->image, job->layer_index), products * out_bytes);
        if (product->residual)
            at_least(&all->residual[job->image], products * out_bytes);
    }
}

static void lay(igq_dram_place *place, uint64_t *end)
{
    const uint64_t alignment = IGQ_DRAM_TENSOR_ALIGNMENT;
    place->base = *end;
    *end += igq_ceil_div(place->bytes, alignment) * alignment;
}

static void lay_all(tensors *all)
{
    for (int k = 0; k < all->num_layers; k++)
        lay(tensor(all->weights, all, 0, k), &all->end);
    for (int image = 0; image < all->num_images; image++) {
        lay(tensor(all->outputs, all, image, all->num_layers), &all->end);
        lay(&all->residual[image], &all->end);
        for (int k = 0; k < all->num_layers; k++)
            lay(tensor(all->outputs, all, image, k), &all->end);
    }
}

// The part of a tensor that product `index` of a layer works on, `bytes` long.
static igq_dram_place part(const igq_dram_place *whole, int index, uint64_t bytes)
{
    uint64_t begin = (uint64_t)index * bytes;
    return (igq_dram_place){.base = whole->base + (whole->bytes > 0 ? begin % whole->bytes : 0), .bytes = bytes};
}

static void place_transfers(igq_dram_place *place, const tensors *all, const igq_job *jobs, const igq_job_plan *plans,
                            int j)
{
    const igq_job *job = &jobs[j];
    const igq_product *product = &plans[j].product;
    uint64_t out_bytes = igq_output_bytes(product->T, product->O);
    const igq_dram_place *acts = tensor(all->outputs, all, job->image, producer_of_acts(jobs, j, all->num_layers));
    const igq_dram_place *weights =
        job->weights_from_job < 0 ? tensor(all->weights, all, 0, job->layer_index)
                                  : tensor(all->outputs, all, job->image, jobs[job->weights_from_job].layer_index);
    place[IGQ_TRAFFIC_WEIGHTS_READ] = part(weights, job->head, igq_weight_tile_bytes(product, product->O, product->C));
    place[IGQ_TRAFFIC_ACTIVATIONS_READ] = part(acts, job->head, igq_act_tile_bytes(product, product->T, product->C));
    place[IGQ_TRAFFIC_RANGES_READ] = place[IGQ_TRAFFIC_ACTIVATIONS_READ];
    place[IGQ_TRAFFIC_RESIDUAL_READ] = part(&all->residual[job->image], job->head, out_bytes);
    place[IGQ_TRAFFIC_RESIDUAL_WRITE] = place[IGQ_TRAFFIC_RESIDUAL_READ];
    place[IGQ_TRAFFIC_OUTPUTS_WRITE] =
        part(tensor(all->outputs, all, job->image, job->layer_index), job->head, out_bytes);
}

igq_dram_addresses *igq_dram_addresses_new(const igq_job *jobs, const igq_job_plan *plans, int num_jobs)
{
    tensors all = {0};
    for (int j = 0; j < num_jobs; j++) {
        all.num_layers = jobs[j].layer_index >= all.num_layers ? jobs[j].layer_index + 1 : all.num_layers;
        all.num_images = jobs[j].image >= all.num_images ? jobs[j].image + 1 : all.num_images;
    }
    size_t num = (size_t)all.num_images * (size_t)(all.num_layers + 1);
    igq_dram_addresses *addresses = calloc(1, sizeof *addresses);
    igq_dram_place *place = calloc((size_t)num_jobs * IGQ_TRAFFIC_COUNT, sizeof *place);
    igq_dram_place *memory = calloc(2 * num + (size_t)all.num_images, sizeof *memory);
    if (addresses && place && memory) {
        all.weights = memory;
        all.outputs = memory + num;
        all.residual = memory + 2 * num;
        measure(&all, jobs, plans, num_jobs);
        lay_all(&all);
        for (int j = 0; j < num_jobs; j++)
            place_transfers(&place[(size_t)j * IGQ_TRAFFIC_COUNT], &all, jobs, plans, j);
        *addresses = (igq_dram_addresses){.place = place, .num_jobs = num_jobs, .bytes = all.end};
    } else {
        free(place);
        free(addresses);
        addresses = NULL;
    }
    free(memory);
    return addresses;
}

void igq_dram_addresses_free(igq_dram_addresses *addresses)
{
    if (addresses)
        free(addresses->place);
    free(addresses);
}

uint64_t igq_dram_next_address(igq_dram_addresses *addresses, int job, igq_traffic traffic, uint64_t bytes)
{
    igq_dram_place *place = &addresses->place[(size_t)job * IGQ_TRAFFIC_COUNT + (size_t)traffic];
    if (place->next >= place->bytes)
        place->next = 0;
    uint64_t address = place->base + place->next;
    place->next += bytes;
    return address;
}
