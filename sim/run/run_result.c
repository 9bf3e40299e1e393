// SPDX-License-Identifier: Apache-2.0
#include "run_result.h"
#include "latency.h"
#include "layer_kinds.h"
#include "metrics.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const igq_run_mode_names[] = {"execution", "trace", "shape"};

igq_run_result *igq_run_result_new(const igq_workload *workload, const igq_accelerator *accelerator, int num_images)
{
    igq_run_result *result = calloc(1, sizeof *result);
    if (!result)
        return NULL;
    result->network = igq_workload_network(workload);
    if (!result->network) {
        free(result);
        return NULL;
    }
    int num_layers = result->network->num_layers;
    result->accelerator = *accelerator;
    result->left_macs = workload->onnx.graph ? igq_graph_left_macs(workload->onnx.graph) : 0; // families have none
    result->workload = *workload;
    result->workload.matmuls = (igq_matmuls){0}; // they stay the caller's; the network has them
    result->workload.onnx = (igq_onnx){0};
    result->num_layers = num_layers;
    result->num_images = num_images;
    result->layer = result->network->layer;
    result->act_bits = calloc((size_t)num_layers, sizeof(int));
    result->weight_bits = calloc((size_t)num_layers, sizeof(int));
    result->weight_quantizers = calloc((size_t)num_layers, sizeof(int));
    result->image = calloc((size_t)num_images, sizeof *result->image);
    result->sum = calloc((size_t)num_layers, sizeof *result->sum);
    int complete = result->act_bits && result->weight_bits && result->weight_quantizers && result->image && result->sum;
    if (!complete) {
        igq_run_result_free(result);
        return NULL;
    }
    return result;
}

static void free_layers(igq_layer_result *layer, int num_layers)
{
    for (int k = 0; layer && k < num_layers; k++)
        free(layer[k].group_sizes);
    free(layer);
}

static void free_image(igq_image_result *image, int num_layers)
{
    free_layers(image->layer, num_layers);
    free(image->events);
}

igq_status igq_run_result_open_image(igq_run_result *result, int image, igq_error *error)
{
    igq_run_result_close_image(result, image);
    result->image[image].layer = calloc((size_t)result->num_layers, sizeof *result->image[image].layer);
    return result->image[image].layer ? IGQ_OK : igq_out_of_memory(error);
}

void igq_run_result_close_image(igq_run_result *result, int image)
{
    free_layers(result->image[image].layer, result->num_layers);
    result->image[image].layer = NULL;
}

void igq_run_result_free(igq_run_result *result)
{
    if (!result)
        return;
    for (int i = 0; result->image && i < result->num_images; i++)
        free_image(&result->image[i], result->num_layers);
    free_layers(result->sum, result->num_layers);
    for (int i = 0; i < result->num_skipped; i++) {
        free(result->skipped[i].path);
        free(result->skipped[i].reason);
    }
    free(result->skipped);
    free(result->output);
    free(result->image);
    igq_network_free(result->network);
    free(result->act_bits);
    free(result->weight_bits);
    free(result->weight_quantizers);
    for (int i = 0; i < result->num_inputs; i++)
        free(result->input[i].path);
    free(result->input);
    free(result);
}

igq_status igq_run_result_skip(igq_run_result *result, int image, const char *path, const char *reason,
                               igq_error *error)
{
    igq_skipped_image *grown = realloc(result->skipped, (size_t)(result->num_skipped + 1) * sizeof *grown);
    if (!grown)
        return igq_out_of_memory(error);
    result->skipped = grown;
    igq_skipped_image *one = &grown[result->num_skipped++];
    *one = (igq_skipped_image){image, strdup(path), strdup(reason)};
    return one->path && one->reason ? IGQ_OK : igq_out_of_memory(error);
}

void igq_run_result_drop_skipped(igq_run_result *result)
{
    int num_kept = 0, next_skipped = 0;
    for (int i = 0; i < result->num_images; i++) {
        if (next_skipped < result->num_skipped && result->skipped[next_skipped].image == i) {
            free_image(&result->image[i], result->num_layers);
            next_skipped++;
        } else {
            result->image[num_kept++] = result->image[i];
        }
    }
    result->num_images = num_kept;
}

double igq_noise_sqnr_db(const igq_layer_noise *noise)
{
    if (!noise->known)
        return NAN;
    return igq_power_ratio_db(noise->signal, noise->noise);
}

int igq_run_passes(const igq_run_result *result, int layer)
{
    return igq_mac_passes(result->act_bits[layer], result->weight_bits[layer], &result->accelerator.mac_array);
}

uint64_t igq_run_mac_slots(const igq_run_result *result, int layer, int num_images, uint64_t skipped_channels)
{
    const igq_layer *of = &result->layer[layer];
    uint64_t macs = igq_layer_macs(of) * (uint64_t)num_images - skipped_channels * (uint64_t)of->T * (uint64_t)of->O;
    return macs * (uint64_t)igq_run_passes(result, layer);
}

void igq_job_result_add(igq_job_result *sum, const igq_job_result *one)
{
    sum->cycles += one->cycles;
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++)
        sum->cause_cycles[cause] += one->cause_cycles[cause];
    sum->assign_cycles += one->assign_cycles;
    sum->assign_hidden_cycles += one->assign_hidden_cycles;
    sum->dram_read_bytes += one->dram_read_bytes;
    sum->dram_write_bytes += one->dram_write_bytes;
    for (int traffic = 0; traffic < IGQ_TRAFFIC_COUNT; traffic++)
        sum->traffic_bytes[traffic] += one->traffic_bytes[traffic];
    sum->compute_bound_cycles += one->compute_bound_cycles;
    sum->estimate_cycles += one->estimate_cycles;
    sum->dram_busy_cycles += one->dram_busy_cycles;
    sum->dram_bound_cycles += one->dram_bound_cycles;
}

static void add_layer(igq_run_totals *totals, const igq_run_result *result, const igq_layer_result *one, int layer,
                      int num_images)
{
    totals->macs += igq_layer_macs(&result->layer[layer]) * (uint64_t)num_images;
    totals->mac_slots += igq_run_mac_slots(result, layer, num_images, one->skipped_channels);
    totals->skipped_channels += one->skipped_channels;
    igq_job_result_add(&totals->timing, &one->timing);
    totals->bops += one->bops;
    totals->assign_bops += one->assign_bops;
    totals->overflow_count += one->noise.overflow_count;
    totals->saturated_count += one->noise.saturated_count;
}

static igq_status add_group_sizes(igq_layer_result *sum, const igq_layer_result *one, igq_error *error)
{
    if (!sum->group_sizes) {
        sum->num_groups = one->num_groups;
        sum->group_sizes = calloc((size_t)one->num_groups + 1, sizeof *sum->group_sizes);
    }
    if (!sum->group_sizes)
        return igq_out_of_memory(error);
    for (int g = 0; g < sum->num_groups && g < one->num_groups; g++)
        sum->group_sizes[g] += one->group_sizes[g];
    return IGQ_OK;
}

static void add_noise(igq_layer_result *sum, igq_run_result *result, const igq_layer_noise *one)
{
    double sqnr_db = igq_noise_sqnr_db(one);
    sum->noise.known |= one->known;
    sum->noise.signal += one->signal;
    sum->noise.noise += one->noise;
    sum->noise.overflow_count += one->overflow_count;
    sum->noise.saturated_count += one->saturated_count;
    if (!isfinite(sqnr_db))
        return;
    sum->sqnr_sum_db += sqnr_db;
    sum->num_sqnr++;
    result->sqnr_sum_db += sqnr_db;
    result->num_sqnr_layers++;
}

igq_status igq_run_result_add_image(igq_run_result *result, int image, igq_error *error)
{
    igq_image_result *of = &result->image[image];
    int is_listed = image < IGQ_LISTED_IMAGES;
    if (is_listed || result->technology)
        of->events = calloc(1, sizeof *of->events);
    igq_status status = of->events || (!is_listed && !result->technology) ? IGQ_OK : igq_out_of_memory(error);
    for (int k = 0; status == IGQ_OK && k < result->num_layers; k++) {
        const igq_layer_result *one = &of->layer[k];
        igq_layer_result *sum = &result->sum[k];
        igq_job_result_add(&sum->timing, &one->timing);
        sum->tiling = one->tiling;
        sum->stores = one->stores;
        sum->kept_bytes = one->kept_bytes;
        igq_events_add(&sum->events, &one->events);
        sum->skipped_channels += one->skipped_channels;
        sum->bops += one->bops;
        sum->assign_bops += one->assign_bops;
        add_noise(sum, result, &one->noise);
        status = add_group_sizes(sum, one, error);
        add_layer(&of->sums, result, one, k, 1);
        if (of->events)
            igq_events_add(of->events, &one->events);
    }
    if (!is_listed)
        igq_run_result_close_image(result, image);
    return status;
}

static igq_run_totals no_totals(const igq_run_result *result)
{
    return (igq_run_totals){
        .num_images = (uint64_t)result->num_images,
        .num_skipped = (uint64_t)result->num_skipped,
        .peak_macs_per_cycle = (uint64_t)igq_peak_macs_per_cycle(&result->accelerator.mac_array),
        .activation_sqnr_db = NAN,
    };
}

static void set_quotients(igq_run_totals *totals, const igq_run_result *result)
{
    double cycles = (double)totals->timing.cycles, slots = cycles * (double)totals->peak_macs_per_cycle;
    totals->time_ms = cycles / (1000.0 * result->accelerator.clock_mhz);
    totals->mac_utilization = slots > 0 ? (double)totals->mac_slots / slots : 0;
    totals->macs_per_peak = slots > 0 ? (double)totals->macs / slots : 0;
}

void igq_run_totals_of(igq_run_totals *totals, const igq_run_result *result)
{
    *totals = no_totals(result);
    for (int k = 0; k < result->num_layers; k++) {
        add_layer(totals, result, &result->sum[k], k, result->num_images);
        if (result->layer[k].like < 0)
            totals->weight_quantizers += (uint64_t)result->weight_quantizers[k];
    }
    // The bus is never faster, whatever layers have to wait for.
    totals->timing.dram_bound_cycles = igq_dram_bound_cycles(
        totals->timing.dram_read_bytes + totals->timing.dram_write_bytes, &result->accelerator.dram);
    totals->num_sqnr_layers = result->num_sqnr_layers;
    if (totals->num_sqnr_layers)
        totals->activation_sqnr_db = result->sqnr_sum_db / totals->num_sqnr_layers;
    set_quotients(totals, result);
}

void igq_layer_totals_of(igq_run_totals *totals, const igq_run_result *result, int layer)
{
    *totals = no_totals(result);
    add_layer(totals, result, &result->sum[layer], layer, result->num_images);
    totals->weight_quantizers = (uint64_t)result->weight_quantizers[layer];
    totals->activation_sqnr_db = igq_noise_sqnr_db(&result->sum[layer].noise);
    set_quotients(totals, result);
}

void igq_image_totals_of(igq_run_totals *totals, const igq_run_result *result, int image)
{
    const igq_run_totals known = no_totals(result);
    *totals = result->image[image].sums;
    totals->num_images = known.num_images;
    totals->num_skipped = known.num_skipped;
    totals->peak_macs_per_cycle = known.peak_macs_per_cycle;
    totals->activation_sqnr_db = known.activation_sqnr_db;
    set_quotients(totals, result);
}

uint64_t igq_image_cycles(const igq_run_result *result, int image)
{
    return result->image[image].sums.timing.cycles;
}

void igq_image_spread_of(igq_image_spread *spread, const igq_run_result *result)
{
    double sum = 0, squares = 0;
    *spread = (igq_image_spread){.least_cycles = UINT64_MAX};
    for (int i = 0; i < result->num_images; i++) {
        uint64_t cycles = igq_image_cycles(result, i);
        sum += (double)cycles;
        if (cycles < spread->least_cycles)
            spread->least_cycles = cycles;
        if (cycles > spread->worst_cycles) {
            spread->worst_cycles = cycles;
            spread->worst_image = i;
        }
    }
    spread->mean_cycles = sum / result->num_images;
    for (int i = 0; i < result->num_images; i++) {
        double difference = (double)igq_image_cycles(result, i) - spread->mean_cycles;
        squares += difference * difference;
    }
    spread->deviation_cycles = sqrt(squares / result->num_images);
}

void igq_run_accuracy_of(igq_accuracy_totals *totals, const igq_run_result *result)
{
    *totals = (igq_accuracy_totals){0};
    for (int i = 0; i < result->num_images; i++)
        igq_accuracy_totals_add(totals, &result->image[i].accuracy);
    igq_accuracy_totals_finish(totals);
}

int igq_run_layer_is_grouped(const igq_run_result *result, int layer)
{
    igq_layer_kind kind = result->layer[layer].kind;
    return igq_layer_kind_is_grouped(kind) || kind == IGQ_LAYER_CONTEXT;
}
