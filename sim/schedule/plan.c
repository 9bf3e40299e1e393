// SPDX-License-Identifier: Apache-2.0
#include "plan.h"
#include "latency.h"
#include "mapping_search.h"
#include "residency.h"
#include <stdio.h>
#include <string.h>

static uint64_t resident_output_bytes(const igq_job *job, const igq_job *jobs, const igq_accelerator *accelerator)
{
    const igq_layer *keys = job->weights_from_job < 0 ? NULL : jobs[job->weights_from_job].layer;
    return igq_resident_output_bytes(job->layer, job->layer_index, keys, job->stored,
                                     (uint64_t)accelerator->activation_buffer.capacity_bytes);
}

// Scores and context: all tensors of the attention lie together, and the operand is K or V.
static void set_attention(igq_product *product, const igq_job *job, const igq_job *jobs,
                          const igq_accelerator *accelerator)
{
    const igq_job *keys = &jobs[job->weights_from_job];
    igq_attention_room room = igq_attention_room_of(job->layer, job->layer_index, keys->layer, job->stored,
                                                    (uint64_t)accelerator->activation_buffer.capacity_bytes);
    product->resident_bytes = room.qkv_bytes + room.softmax_bytes + room.context_bytes + job->waiting_bytes;
    product->operand_codes = igq_stored_results(job->stored, keys->layer_index).bits > 0;
    product->weight_dram_bits = resident_output_bytes(keys, jobs, accelerator) > 0 ? 0
                                : product->operand_codes                           ? job->weight_bits
                                                                                   : IGQ_ACT_IN_BITS;
}

// Activations that were written back as values are rewritten as codes, in place.
static void set_recoding(igq_product *product, const igq_stored_layer *stored)
{
    if (!stored->recodes || product->acts_in_dram)
        return;
    uint64_t values_bytes = igq_act_tile_bytes(product, product->T, product->C);
    product->recodes = 1;
    product->acts = stored->acts;
    product->resident_bytes -=
        (uint64_t)product->images * (values_bytes - igq_act_tile_bytes(product, product->T, product->C));
}

static igq_product product_of(const igq_job *job, const igq_job *jobs, int num_jobs, const igq_accelerator *accelerator)
{
    const igq_layer *layer = job->layer;
    uint64_t input_bytes =
        job->acts_from_job < 0 ? 0 : resident_output_bytes(&jobs[job->acts_from_job], jobs, accelerator);
    int is_last = job->layer_index == jobs[num_jobs - 1].layer_index; // its result leaves the chip
    uint64_t output_bytes = is_last ? 0 : resident_output_bytes(job, jobs, accelerator);
    igq_product product = igq_layer_product(layer, job->num_partners + 1, input_bytes, output_bytes, job->waiting_bytes,
                                            job->weight_bits, accelerator);
    product.acts = igq_stored_input(job->stored, job->layer_index);
    product.outputs = igq_stored_results(job->stored, job->layer_index);
    product.residual_from_buffer = layer->residual && job->residual_from_buffer;
    product.residual_stays = layer->residual && job->residual_stays;
    if (job->weights_from_job >= 0)
        set_attention(&product, job, jobs, accelerator);
    product.act_bits = job->act_bits;
    product.num_lists = job->grouping->G;
    if (job->stored)
        set_recoding(&product, &job->stored[job->layer_index + 1]);
    return product;
}

// Registers job `index` with the jobs whose write-back gives it its ranges: one head, or all heads of a layer. Between
// the heads of a context layer stand only those of its scores, the layer before.
static void listen_to_producers(igq_job_plan *plans, const igq_job *jobs, int index)
{
    int last = jobs[index].acts_from_job;
    int all_heads = jobs[index].layer->products == 1;
    int first_layer = jobs[last].layer_index - 1;
    for (int producer = last; producer >= 0 && jobs[producer].layer_index >= first_layer; producer--) {
        if (jobs[producer].layer_index != jobs[last].layer_index || jobs[producer].image != jobs[last].image ||
            (producer != last && !all_heads))
            continue;
        plans[producer].observer = index;
        plans[index].observed_elements += (uint64_t)jobs[producer].layer->T * (uint64_t)jobs[producer].layer->O;
    }
}

// The module's answer is worked out before the run, so that tiles can be chosen for the lists that it will give.
// Returns the cycles of the score phase.
static uint64_t foresee_lists(const igq_job *job, const igq_accelerator *accelerator)
{
    int lanes = accelerator->group_assignment.distance_lanes, repairs = 0;
    int assigns_rows = igq_job_assigns_rows(job);
    if (!assigns_rows || job->list_capacity > 0)
        repairs = igq_job_assign(job, accelerator->scheme.distance, lanes);
    if (!assigns_rows)
        igq_job_build_lists(job);
    return igq_score_cycles(job->assign_members, lanes, repairs);
}

static void plan_assignment(igq_job_plan *plans, const igq_job *jobs, int index, const igq_accelerator *accelerator)
{
    const igq_group_assignment_cfg *cfg = &accelerator->group_assignment;
    const igq_job *job = &jobs[index];
    igq_job_plan *plan = &plans[index];
    if (job->assign == IGQ_ASSIGN_NONE)
        return;
    plan->range_cycles = igq_range_cycles(job->assign_observations, job->assign_members, cfg->range_lanes);
    if (job->assign == IGQ_ASSIGN_NEAREST)
        plan->score_cycles = foresee_lists(job, accelerator);
    if (job->assign == IGQ_ASSIGN_NEAREST && accelerator->mac_organisation == IGQ_ORGANISATION_ELASTIC &&
        !igq_job_assigns_rows(job))
        plan->deal_cycles = igq_deal_cycles(accelerator->mac_array.num_arrays);
    plan->listens = cfg->range_source == IGQ_RANGE_SOURCE_WRITEBACK && job->acts_from_job >= 0 &&
                    !jobs[job->acts_from_job].layer->read_again;
    if (plan->product.recodes)
        plan->recode_cycles =
            igq_vector_cycles(1, (uint64_t)plan->product.T * (uint64_t)plan->product.C, &accelerator->vector_unit);
    if (plan->listens)
        listen_to_producers(plans, jobs, index);
    else if (plan->product.acts_in_dram)
        plan->range_load_bytes = igq_act_tile_bytes(&plan->product, plan->product.T, plan->product.C);
}

static void explain_shortage(char *message, int message_bytes, const igq_shortage *shortage, const igq_job *job,
                             const igq_accelerator *accelerator)
{
    snprintf(message, (size_t)message_bytes,
             "%s: layer %s needs %llu bytes %s, capacity_bytes is %llu: %llu bytes are missing", shortage->buffer,
             job->layer->name, (unsigned long long)shortage->needed_bytes,
             accelerator->tiling.choice == IGQ_TILING_CHOICE_FIXED || igq_job_is_mapped(job, accelerator)
                 ? "with the fixed tiling"
                 : "even for its smallest tile",
             (unsigned long long)shortage->capacity_bytes,
             (unsigned long long)(shortage->needed_bytes - shortage->capacity_bytes));
}

void igq_plan_work(igq_job_plan *plans, const igq_accelerator *accelerator, const igq_job *jobs, int num_jobs)
{
    int residual_writer[IGQ_MAX_BATCH_IMAGES]; // the last job of each image
    memset(residual_writer, 0xff, sizeof residual_writer);
    for (int j = 0; j < num_jobs; j++) {
        igq_job_plan *plan = &plans[j];
        memset(plan, 0, sizeof *plan);
        plan->product = product_of(&jobs[j], jobs, num_jobs, accelerator);
        plan->observer = -1;
        int follows =
            j > 0 && jobs[j - 1].layer_index == jobs[j].layer_index && plans[j - 1].image < jobs[j - 1].num_partners;
        plan->image = follows ? plans[j - 1].image + 1 : 0; // of the partners
        plan->residual_from = residual_writer[jobs[j].image];
        if (igq_stores_residual(&plan->product))
            residual_writer[jobs[j].image] = j;
        plan_assignment(plans, jobs, j, accelerator);
    }
}

int igq_plan_jobs(igq_job_plan *plans, char *message, int message_bytes, const igq_accelerator *accelerator,
                  const igq_job *jobs, int num_jobs)
{
    igq_shortage shortage;
    int short_job;
    igq_plan_work(plans, accelerator, jobs, num_jobs);
    int failed = igq_search_mapping(plans, &shortage, &short_job, jobs, num_jobs, accelerator);
    if (failed > 0)
        explain_shortage(message, message_bytes, &shortage, &jobs[short_job], accelerator);
    else if (failed < 0)
        snprintf(message, (size_t)message_bytes, "out of memory");
    for (int j = 0; j < num_jobs && !failed; j++) {
        igq_job_plan *plan = &plans[j];
        plan->read_bytes = igq_tiling_read_bytes(&plan->tiling, &plan->product, plan->image, &accelerator->dram) +
                           igq_dram_burst_bytes(plan->range_load_bytes, &accelerator->dram);
        plan->write_bytes = igq_tiling_write_bytes(&plan->tiling, &plan->product, &accelerator->dram);
    }
    return failed != 0;
}
