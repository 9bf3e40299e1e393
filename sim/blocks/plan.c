// SPDX-License-Identifier: Apache-2.0
#include "plan.h"
#include "latency.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

// Bytes that the tensors of attention take up in the activation buffer; 0: the tensor is spilled to DRAM.
typedef struct attention_room {
    uint64_t qkv_bytes, softmax_bytes, context_bytes;
} attention_room;

// While heads are worked on, the buffer holds q k v, the softmax matrices of two heads and the context of all heads, in
// this order of preference. As soon as one of them is spilled, a quarter of the buffer is left for tiles.
static attention_room attention_room_of(const igq_job *job, const igq_job *jobs, uint64_t capacity_bytes)
{
    const igq_layer *layer = job->layer;
    int in_one_tensor = jobs[job->weights_from_job].layer->read_again ? 1 : 3; // of q, k, v; cross attention: q alone
    int head_dim = layer->kind == IGQ_LAYER_SCORES ? layer->C : layer->O;
    int keys = layer->kind == IGQ_LAYER_SCORES ? layer->O : layer->C;
    uint64_t tile_bytes = 0; // left for tiles
    attention_room room = {
        .qkv_bytes = igq_output_bytes(layer->T, in_one_tensor * layer->products * head_dim),
        .softmax_bytes = igq_output_bytes(layer->T, (layer->products < 2 ? 1 : 2) * keys),
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

// Bytes that the written-back outputs of a job (all heads) take up in the activation buffer; 0: spilled.
static uint64_t resident_output_bytes(const igq_job *job, const igq_job *jobs, const igq_accelerator *accelerator)
{
    const igq_layer *layer = job->layer;
    uint64_t capacity_bytes = (uint64_t)accelerator->activation_buffer.capacity_bytes;
    uint64_t bytes = igq_output_bytes(layer->T, layer->O);
    switch (layer->kind) {
    case IGQ_LAYER_SCORES:
        return attention_room_of(job, jobs, capacity_bytes).softmax_bytes;
    case IGQ_LAYER_CONTEXT:
        return attention_room_of(job, jobs, capacity_bytes).context_bytes;
    default: // the input has the other half
        return bytes <= capacity_bytes / 2 && !layer->read_again ? bytes : 0;
    }
}

static igq_product product_of(const igq_job *job, const igq_job *jobs, int num_jobs, const igq_accelerator *accelerator)
{
    const igq_layer *layer = job->layer;
    uint64_t input_bytes =
        job->acts_from_job < 0 ? 0 : resident_output_bytes(&jobs[job->acts_from_job], jobs, accelerator);
    int is_last = job == &jobs[num_jobs - 1]; // its result leaves the chip
    uint64_t output_bytes = is_last ? 0 : resident_output_bytes(job, jobs, accelerator);
    igq_product product = {
        .T = layer->T,
        .C = layer->C,
        .O = layer->O,
        .weight_bits = job->weight_bits,
        .weight_dram_bits = job->weight_bits,
        .acts_in_dram = input_bytes == 0,
        .outputs_in_dram = output_bytes == 0,
        .residual = layer->residual,
        .resident_bytes = input_bytes + output_bytes,
    };
    if (layer->kind == IGQ_LAYER_SCORES || layer->kind == IGQ_LAYER_CONTEXT) {
        attention_room room = attention_room_of(job, jobs, (uint64_t)accelerator->activation_buffer.capacity_bytes);
        product.resident_bytes = room.qkv_bytes + room.softmax_bytes + room.context_bytes;
    }
    if (job->weights_from_job >= 0) // codes are made of 16-bit values on their way into the weight buffer
        product.weight_dram_bits =
            resident_output_bytes(&jobs[job->weights_from_job], jobs, accelerator) > 0 ? 0 : IGQ_ACT_IN_BITS;
    igq_product_vector_passes(&product, layer->post_op, &accelerator->vector_unit);
    return product;
}

static_assert(sizeof(igq_product) == 10 * sizeof(int) + sizeof(uint64_t),
              "no padding, so that memcmp compares products");

// Products of the same kind share a tiling: it is looked up in the plans of earlier jobs before it is searched for.
static igq_shortage choose_tiling(igq_job_plan *plans, int index, const igq_accelerator *accelerator)
{
    igq_job_plan *plan = &plans[index];
    for (int earlier = index - 1; earlier >= 0; earlier--) {
        if (memcmp(&plans[earlier].product, &plan->product, sizeof plan->product) == 0) {
            plan->tiling = plans[earlier].tiling;
            return (igq_shortage){0};
        }
    }
    igq_shortage shortage = igq_tiling_shortage(&plan->product, accelerator);
    if (!shortage.buffer)
        igq_tiling_choose(&plan->tiling, &plan->product, accelerator);
    return shortage;
}

// Registers job `index` with the jobs whose write-back gives it its ranges: one head, or all heads of a layer.
static void listen_to_producers(igq_job_plan *plans, const igq_job *jobs, int index)
{
    int last = jobs[index].acts_from_job;
    int all_heads = jobs[index].layer->products == 1;
    for (int producer = last; producer >= 0; producer--) {
        if (jobs[producer].layer_index != jobs[last].layer_index || (producer != last && !all_heads))
            continue;
        plans[producer].observer = index;
        plans[index].observed_elements += (uint64_t)jobs[producer].layer->T * (uint64_t)jobs[producer].layer->O;
    }
}

static void plan_assignment(igq_job_plan *plans, const igq_job *jobs, int index, const igq_accelerator *accelerator)
{
    const igq_group_assignment_cfg *cfg = &accelerator->group_assignment;
    const igq_job *job = &jobs[index];
    igq_job_plan *plan = &plans[index];
    if (job->assign == IGQ_ASSIGN_NONE)
        return;
    plan->range_cycles = igq_range_cycles(job->assign_observations, job->assign_members, cfg->range_lanes);
    if (job->assign == IGQ_ASSIGN_NEAREST) {
        plan->score_cycles = igq_score_cycles(job->assign_members, cfg->distance_lanes);
        plan->emit_cycles = igq_emit_cycles(job->assign_members);
        if (accelerator->mac_organisation == IGQ_ORGANISATION_ELASTIC && !igq_job_assigns_rows(job))
            plan->deal_cycles = igq_deal_cycles(accelerator->mac_array.num_arrays);
    }
    plan->listens = cfg->range_source == IGQ_RANGE_SOURCE_WRITEBACK && job->acts_from_job >= 0 &&
                    !jobs[job->acts_from_job].layer->read_again;
    if (plan->listens)
        listen_to_producers(plans, jobs, index);
    else if (plan->product.acts_in_dram)
        plan->range_load_bytes = igq_act_tile_bytes(&plan->product, plan->product.T);
}

int igq_plan_jobs(igq_job_plan *plans, char *message, int message_bytes, const igq_accelerator *accelerator,
                  const igq_job *jobs, int num_jobs)
{
    int residual_from = -1;
    for (int j = 0; j < num_jobs; j++) {
        igq_job_plan *plan = &plans[j];
        memset(plan, 0, sizeof *plan);
        plan->product = product_of(&jobs[j], jobs, num_jobs, accelerator);
        plan->observer = -1;
        igq_shortage shortage = choose_tiling(plans, j, accelerator);
        if (shortage.buffer) {
            snprintf(message, (size_t)message_bytes,
                     "%s: layer %s needs %llu bytes %s, capacity_bytes is %llu: %llu bytes are missing",
                     shortage.buffer, jobs[j].layer->name, (unsigned long long)shortage.needed_bytes,
                     accelerator->tiling.choice == IGQ_TILING_CHOICE_FIXED ? "with the fixed tiling"
                                                                           : "even for its smallest tile",
                     (unsigned long long)shortage.capacity_bytes,
                     (unsigned long long)(shortage.needed_bytes - shortage.capacity_bytes));
            return 1;
        }
        plan->num_tiles = plan->tiling.num_token_tiles * plan->tiling.num_output_tiles;
        plan->residual_from = residual_from;
        if (plan->product.residual)
            residual_from = j;
        plan_assignment(plans, jobs, j, accelerator);
        plan->read_bytes = igq_tiling_read_bytes(&plan->tiling, &plan->product, &accelerator->dram) +
                           igq_dram_burst_bytes(plan->range_load_bytes, &accelerator->dram);
        plan->write_bytes = igq_tiling_write_bytes(&plan->tiling, &plan->product, &accelerator->dram);
    }
    return 0;
}
