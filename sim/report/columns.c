// SPDX-License-Identifier: Apache-2.0
#include "columns.h"
#include "decoder_result.h"
#include "latency.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const igq_unit count = {"count", "", 1, 0}, cycles = {"cycles", "", 1, 0}, ms = {"ms", ", ms", 1, 4},
                      share = {"share", ", %", 100, 1}, bops = {"count", ", G", 1e-9, 4}, db = {"db", ", dB", 1, 2},
                      bytes = {"bytes", ", MB", 1e-6, 3}, pj = {"pj", ", uJ", 1e-6, 1}, um2 = {"um2", ", mm2", 1e-6, 4},
                      pj_each = {"pj", ", pJ", 1, 4}, ratio = {"ratio", "", 1, 3}, mw = {"mw", ", mW", 1, 1},
                      nats = {"ratio", ", nats", 1, 4};

/// Where figures come from

// JSON has no infinity: what is unknown or unbounded becomes null.
static json_t *real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *whole(uint64_t value)
{
    return json_integer((json_int_t)value);
}

// A getter of a number of the sums (s), the costs (c) or the accuracy (a).
#define SUM(name, make, value)                                                                                         \
    static json_t *get_##name(const igq_scope *scope)                                                                  \
    {                                                                                                                  \
        const igq_run_totals *s = scope->sums;                                                                         \
        return make(value);                                                                                            \
    }
#define COST(name, value)                                                                                              \
    static json_t *get_##name(const igq_scope *scope)                                                                  \
    {                                                                                                                  \
        const igq_costs *c = scope->costs;                                                                             \
        return c ? real(value) : json_null();                                                                          \
    }
#define ACCURACY(name, value)                                                                                          \
    static json_t *get_##name(const igq_scope *scope)                                                                  \
    {                                                                                                                  \
        const igq_accuracy_totals *a = scope->accuracy;                                                                \
        return a ? real(value) : json_null();                                                                          \
    }

SUM(images, whole, s->num_images)
SUM(skipped_images, whole, s->num_skipped)
SUM(cycles, whole, s->timing.cycles)
SUM(compute_cycles, whole, s->timing.cause_cycles[IGQ_CAUSE_COMPUTE])
SUM(assign_cycles, whole, s->timing.assign_cycles)
SUM(assign_cycles_hidden, whole, s->timing.assign_hidden_cycles)
SUM(dram_bytes, whole, s->timing.dram_read_bytes + s->timing.dram_write_bytes)
SUM(compute_bound_cycles, whole, s->timing.compute_bound_cycles)
SUM(estimate_cycles, whole, s->timing.estimate_cycles)
SUM(dram_busy_cycles, whole, s->timing.dram_busy_cycles)
SUM(dram_bound_cycles, whole, s->timing.dram_bound_cycles)
SUM(limited_by, json_string, igq_limit_names[igq_limited_by(s->timing.cause_cycles)])
SUM(time_ms, real, s->time_ms)
SUM(dram_gbytes_per_s, real, (double)(s->timing.dram_read_bytes + s->timing.dram_write_bytes) / (s->time_ms * 1e6))
SUM(macs, whole, s->macs)
SUM(skipped_channels, whole, s->skipped_channels)
SUM(peak_macs_per_cycle, whole, s->peak_macs_per_cycle)
SUM(mac_utilization, real, s->mac_utilization)
SUM(macs_per_peak, real, s->macs_per_peak)
SUM(bops, whole, s->bops)
SUM(assign_bops, whole, s->assign_bops)
SUM(weight_quantizers, whole, s->weight_quantizers)
SUM(sqnr_db, real, s->activation_sqnr_db)
SUM(activation_sqnr_layers, whole, (uint64_t)s->num_sqnr_layers)
SUM(overflow_count, whole, s->overflow_count)
SUM(saturated_count, whole, s->saturated_count)
COST(energy_pj, c->total.energy.pj)
COST(area_um2, c->total.area.um2)
COST(instance_aware_energy_pj, c->total.instance_aware_pj)
COST(instance_aware_area_um2, c->total.instance_aware_um2)
COST(energy_pj_per_mac, c->pj_per_mac)
COST(tops_per_watt, c->tops_per_watt)
COST(power_mw, c->power_mw)
ACCURACY(top1_agreement, a->top1_agreement)
ACCURACY(top5_agreement, a->top5_agreement)
ACCURACY(kl_divergence, a->kl_divergence)
ACCURACY(top1, a->has_labels ? a->top1 : NAN)
ACCURACY(top5, a->has_labels ? a->top5 : NAN)

// A getter of a number of a decoder's run (d), null for other networks.
#define OF_DECODER(name, value)                                                                                        \
    static json_t *get_##name(const igq_scope *scope)                                                                  \
    {                                                                                                                  \
        igq_decoder_totals totals, *d = &totals;                                                                       \
        if (!igq_is_decoder(scope->result))                                                                            \
            return json_null();                                                                                        \
        igq_decoder_totals_of(d, scope->result);                                                                       \
        return real(value);                                                                                            \
    }
static double per_token(uint64_t sum, uint64_t tokens)
{
    return tokens > 0 ? (double)sum / (double)tokens : NAN;
}
OF_DECODER(prefill_cycles_per_token, per_token(d->prefill.cycles, d->prefill.tokens))
OF_DECODER(decode_cycles_per_token, per_token(d->decoding.cycles, d->decoding.tokens))
OF_DECODER(prefill_dram_bytes_per_token, per_token(d->prefill.dram_bytes, d->prefill.tokens))
OF_DECODER(decode_dram_bytes_per_token, per_token(d->decoding.dram_bytes, d->decoding.tokens))
OF_DECODER(kv_cache_bytes, (double)d->kv_bytes)
OF_DECODER(kv_cache_bytes_per_token, (double)d->kv_bytes_per_token)

static json_t *get_left_macs(const igq_scope *scope)
{
    return whole(scope->result->left_macs * (uint64_t)scope->result->num_images);
}

static json_t *get_perplexity(const igq_scope *scope)
{
    return real(igq_prediction_perplexity(&scope->result->datapath));
}

static json_t *get_perplexity_full_precision(const igq_scope *scope)
{
    return real(igq_prediction_perplexity(&scope->result->full_precision));
}

// Every cause but compute: together with compute_cycles they add up to cycles.
static json_t *get_stall_cycles(const igq_scope *scope)
{
    json_t *stalls = json_object();
    for (int cause = IGQ_CAUSE_COMPUTE + 1; cause < IGQ_CAUSE_COUNT; cause++)
        json_object_set_new(stalls, igq_cause_names[cause], whole(scope->sums->timing.cause_cycles[cause]));
    return stalls;
}

static json_t *get_dram_bytes_by_operand(const igq_scope *scope)
{
    json_t *parts = json_object();
    for (int traffic = 0; traffic < IGQ_TRAFFIC_COUNT; traffic++)
        json_object_set_new(parts, igq_traffic_names[traffic], whole(scope->sums->timing.traffic_bytes[traffic]));
    return parts;
}

// Null with an ideal memory.
static json_t *get_dram_share_of_peak(const igq_scope *scope)
{
    const igq_job_result *timing = &scope->sums->timing;
    uint64_t all_bytes = timing->dram_read_bytes + timing->dram_write_bytes;
    uint64_t bound_cycles = igq_dram_bound_cycles(all_bytes, &scope->result->accelerator.dram);
    return bound_cycles > 0 ? real((double)bound_cycles / (double)timing->cycles) : json_null();
}

static json_t *get_cycles_per_image(const igq_scope *scope)
{
    igq_image_spread spread;
    igq_image_spread_of(&spread, scope->result);
    json_t *object = json_object();
    json_object_set_new(object, "mean", json_real(spread.mean_cycles));
    json_object_set_new(object, "standard_deviation", json_real(spread.deviation_cycles));
    json_object_set_new(object, "least", whole(spread.least_cycles));
    json_object_set_new(object, "worst", whole(spread.worst_cycles));
    json_object_set_new(object, "worst_image", json_string(scope->result->image[spread.worst_image].name));
    return object;
}

/// The table

#define TOTALS IGQ_IN_TOTALS
#define LAYERS IGQ_IN_LAYERS
#define EVERY (IGQ_IN_TOTALS | IGQ_IN_LAYERS | IGQ_IN_IMAGES)
#define RESULTS IGQ_IN_RESULTS
#define TABLE IGQ_IN_TABLE
#define COSTS IGQ_IN_COSTS
#define DECODER IGQ_IN_DECODER
#define LESS IGQ_LESS_IS_BETTER
#define MORE IGQ_MORE_IS_BETTER
#define NEITHER IGQ_NEITHER_IS_BETTER
// id, key, name, unit, better, places, needs, meaning: of a figure that stays as it is, and of one that is a sum over
// images.
#define ROW(id, key, get, name, unit, better, places, needs, meaning)                                                  \
    [IGQ_COLUMN_##id] = {key, key, name, &unit, better, places, needs, get, meaning}
#define SUM_ROW(id, key, get, name, unit, better, places, needs, meaning)                                              \
    [IGQ_COLUMN_##id] = {key, key "_per_image", name, &unit, better, places, needs, get, meaning}

// clang-format off
const igq_column igq_columns[IGQ_COLUMN_COUNT] = {
    ROW(IMAGES, "images", get_images, "images", count, NEITHER, TOTALS, NULL, "that the totals are sums over"),
    ROW(SKIPPED_IMAGES, "skipped_images", get_skipped_images, "images left out", count, LESS, TOTALS, NULL,
        "by --skip-bad; they count nowhere else"),
    SUM_ROW(CYCLES, "cycles", get_cycles, "cycles", cycles, LESS, EVERY | RESULTS, NULL,
            "of the MAC arrays' time line; the layers add up to the total"),
    SUM_ROW(COMPUTE_CYCLES, "compute_cycles", get_compute_cycles, "compute cycles", cycles, NEITHER, EVERY | TABLE, NULL,
            "useful multiply-accumulates at the full peak"),
    SUM_ROW(STALL_CYCLES, "stall_cycles", get_stall_cycles, "stall cycles", cycles, LESS, EVERY | TABLE, NULL,
            "by cause; with compute_cycles they add up to cycles"),
    SUM_ROW(ASSIGN_CYCLES, "assign_cycles", get_assign_cycles, "assignment cycles", cycles, LESS,
            EVERY | RESULTS, NULL, "in which the group assignment module worked"),
    SUM_ROW(ASSIGN_CYCLES_HIDDEN, "assign_cycles_hidden", get_assign_cycles_hidden, "assignment cycles hidden", cycles,
            MORE, EVERY | TABLE, NULL, "of assign_cycles, those that the arrays did not wait for"),
    SUM_ROW(DRAM_BYTES, "dram_bytes", get_dram_bytes, "DRAM traffic", bytes, LESS, EVERY | RESULTS, NULL,
            "read and written"),
    SUM_ROW(DRAM_BYTES_BY_OPERAND, "dram_bytes_by_operand", get_dram_bytes_by_operand, "DRAM traffic by operand", bytes,
            LESS, EVERY, NULL, "and direction; they add up to dram_bytes"),
    SUM_ROW(COMPUTE_BOUND_CYCLES, "compute_bound_cycles", get_compute_bound_cycles, "bound of the peak", cycles, NEITHER,
            EVERY, NULL, "no organisation of the arrays is faster"),
    SUM_ROW(ESTIMATE_CYCLES, "estimate_cycles", get_estimate_cycles, "bound of the lists", cycles, NEITHER, EVERY, NULL,
            "closed form of the arrays' work on these lists"),
    SUM_ROW(DRAM_BUSY_CYCLES, "dram_busy_cycles", get_dram_busy_cycles, "DRAM bus taken", cycles, LESS, EVERY, NULL,
            "bytes over these is the bandwidth that the memory sustained"),
    SUM_ROW(DRAM_BOUND_CYCLES, "dram_bound_cycles", get_dram_bound_cycles, "bound of DRAM", cycles, NEITHER, EVERY, NULL,
            "no schedule of the DRAM bus is faster"),
    ROW(LIMITED_BY, "limited_by", get_limited_by, "limited by", count, NEITHER, EVERY, NULL,
        "class of causes with most cycles: compute, dram, vector_unit, post_processing, assignment, mapping"),
    ROW(CYCLES_PER_IMAGE, "cycles_per_image", get_cycles_per_image, "cycles of an image", cycles, LESS, TOTALS, NULL,
        "mean, standard deviation, least and worst: the cost depends on the instance"),
    SUM_ROW(TIME_MS, "time_ms", get_time_ms, "time", ms, LESS, TOTALS | RESULTS, NULL, "cycles at clock_mhz"),
    ROW(DRAM_GBYTES_PER_S, "dram_gbytes_per_s", get_dram_gbytes_per_s, "DRAM traffic, GB/s", ratio, NEITHER,
        TOTALS | RESULTS, NULL, "dram_bytes over the time: what the memory really gave"),
    ROW(DRAM_SHARE_OF_PEAK, "dram_share_of_peak", get_dram_share_of_peak, "share of DRAM's peak", share, NEITHER, TOTALS, NULL,
        "traffic over what the bus could have moved in the run's cycles"),
    SUM_ROW(MACS, "macs", get_macs, "multiply-accumulates", count, NEITHER, TOTALS | LAYERS, NULL, "of the network, on the arrays"),
    ROW(LEFT_MACS, "left_macs", get_left_macs, "multiply-accumulates left to full precision", count, NEITHER, TOTALS, NULL,
        "no array does them (convolutions in groups, products of activations without a softmax), and no time or energy has them"),
    SUM_ROW(SKIPPED_CHANNELS, "skipped_channels", get_skipped_channels, "channels skipped", count, NEITHER,
            TOTALS | LAYERS, NULL, "kept off the lists by zero_skip; not in group_sizes, nor in useful slots"),
    ROW(PEAK_MACS_PER_CYCLE, "peak_macs_per_cycle", get_peak_macs_per_cycle, "peak, MACs per cycle", count, NEITHER,
        TOTALS, NULL, "of multipliers of mac_bits x mac_bits"),
    ROW(MAC_UTILIZATION, "mac_utilization", get_mac_utilization, "multiplier slots used", share, MORE,
        TOTALS | LAYERS | RESULTS, NULL,
        "share of multiplier slots that did useful work; a product that takes several passes uses several"),
    ROW(MACS_PER_PEAK, "macs_per_peak", get_macs_per_peak, "MACs per peak", share, MORE, TOTALS | LAYERS | RESULTS, NULL,
        "macs / (cycles * peak_macs_per_cycle): multiply-accumulates of the network, however many passes each takes"),
    SUM_ROW(BOPS, "bops", get_bops, "matmul bit operations", bops, NEITHER, TOTALS | LAYERS | TABLE, NULL,
            "macs * act_bits * weight_bits"),
    SUM_ROW(ASSIGN_BOPS, "assign_bops", get_assign_bops, "assignment bit operations", bops, LESS, TOTALS | LAYERS | TABLE, NULL,
            "bit operations of the assignment"),
    ROW(WEIGHT_QUANTIZERS, "weight_quantizers", get_weight_quantizers, "weight quantizers", count, NEITHER,
        TOTALS | LAYERS, NULL, "of a layer's weights, of the network: a scale and a zero point each; vsquant: scales"),
    ROW(SQNR_DB, "sqnr_db", get_sqnr_db, "SQNR", db, MORE, LAYERS, NULL,
        "signal over quantization noise of the layer's input activations"),
    ROW(ACTIVATION_SQNR_DB, "activation_sqnr_db", get_sqnr_db, "activation SQNR", db, MORE, TOTALS | RESULTS,
        "activations", "mean over the layers whose whole activations were at hand"),
    ROW(ACTIVATION_SQNR_LAYERS, "activation_sqnr_layers", get_activation_sqnr_layers, "layers of that mean", count,
        NEITHER, TOTALS, NULL, "of all images"),
    SUM_ROW(OVERFLOW_COUNT, "accumulator_overflow_count", get_overflow_count, "saturated group sums", count, LESS,
            TOTALS | LAYERS, NULL, "that did not fit acc_bits"),
    SUM_ROW(SATURATED_COUNT, "activation_saturated_count", get_saturated_count, "saturated activations", count, LESS,
            TOTALS | LAYERS, NULL, "that left the 16-bit grid"),
    SUM_ROW(ENERGY_PJ, "energy_pj", get_energy_pj, "energy", pj, LESS, COSTS | RESULTS, "technology",
            "sum of the components, leakage included"),
    ROW(AREA_UM2, "area_um2", get_area_um2, "area", um2, LESS, COSTS | RESULTS, "technology", "of the machine"),
    SUM_ROW(INSTANCE_AWARE_ENERGY_PJ, "instance_aware_energy_pj", get_instance_aware_energy_pj,
            "instance-aware energy", pj, LESS, COSTS | RESULTS, "technology",
            "of what exists only because groups are assigned per instance"),
    ROW(INSTANCE_AWARE_AREA_UM2, "instance_aware_area_um2", get_instance_aware_area_um2,
        "instance-aware area", um2, LESS, COSTS | RESULTS, "technology",
        "of what exists only because groups are assigned per instance"),
    ROW(ENERGY_PJ_PER_MAC, "energy_pj_per_mac", get_energy_pj_per_mac, "energy per MAC", pj_each, LESS, COSTS | TABLE,
        "technology", "energy over multiply-accumulates"),
    ROW(TOPS_PER_WATT, "tops_per_watt", get_tops_per_watt, "TOPS/W", ratio, MORE, COSTS | TABLE, "technology",
        "an operation is half a multiply-accumulate"),
    ROW(POWER_MW, "power_mw", get_power_mw, "power", mw, LESS, COSTS, "technology", "energy over time"),
    ROW(TOP1_AGREEMENT, "top1_agreement", get_top1_agreement, "same top-1 as in full precision", share, MORE,
        IGQ_IN_ACCURACY | RESULTS, "weights", "share of images where full precision's top-1 is the quantized top-1"),
    ROW(TOP5_AGREEMENT, "top5_agreement", get_top5_agreement, "full precision's top-1 in the top 5", share, MORE,
        IGQ_IN_ACCURACY, "weights", "share of images where full precision's top-1 is in the quantized top 5"),
    ROW(KL_DIVERGENCE, "kl_divergence", get_kl_divergence, "KL divergence", nats, LESS, IGQ_IN_ACCURACY | RESULTS,
        "weights", "of the quantized from the full-precision prediction, mean"),
    ROW(TOP1, "top1", get_top1, "top-1", share, MORE, IGQ_IN_ACCURACY | RESULTS, "labels", "against the labels"),
    ROW(TOP5, "top5", get_top5, "top-5", share, MORE, IGQ_IN_ACCURACY, "labels", "against the labels"),
    ROW(PREFILL_CYCLES_PER_TOKEN, "prefill_cycles_per_token", get_prefill_cycles_per_token, "cycles per prompt token",
        cycles, LESS, DECODER | RESULTS, "decoder", "of the prompt's layers over its tokens"),
    ROW(DECODE_CYCLES_PER_TOKEN, "decode_cycles_per_token", get_decode_cycles_per_token, "cycles per decoded token",
        cycles, LESS, DECODER | RESULTS, "decoder", "mean over the decoded tokens"),
    ROW(PREFILL_DRAM_BYTES_PER_TOKEN, "prefill_dram_bytes_per_token", get_prefill_dram_bytes_per_token,
        "DRAM traffic per prompt token", bytes, LESS, DECODER, "decoder", "read and written"),
    ROW(DECODE_DRAM_BYTES_PER_TOKEN, "decode_dram_bytes_per_token", get_decode_dram_bytes_per_token,
        "DRAM traffic per decoded token", bytes, LESS, DECODER, "decoder", "read and written: weights, keys and values"),
    ROW(KV_CACHE_BYTES, "kv_cache_bytes", get_kv_cache_bytes, "cache of keys and values", bytes, LESS,
        DECODER | RESULTS, "decoder", "of all blocks with the last token, as it is stored"),
    ROW(KV_CACHE_BYTES_PER_TOKEN, "kv_cache_bytes_per_token", get_kv_cache_bytes_per_token, "cache bytes of a token",
        bytes, LESS, DECODER, "decoder", "keys and values of all blocks"),
    ROW(PERPLEXITY, "perplexity", get_perplexity, "perplexity", ratio, LESS, DECODER | RESULTS, "ids",
        "on the datapath: exp of the mean -ln p of each given token after those before it"),
    ROW(PERPLEXITY_FULL_PRECISION, "perplexity_full_precision", get_perplexity_full_precision,
        "perplexity in full precision", ratio, LESS, DECODER | RESULTS, "ids", "the same in full precision"),
};
// clang-format on

int igq_is_per_image(const igq_column *column)
{
    return strcmp(column->key, column->metric) != 0;
}

const char *igq_column_label(char label[IGQ_LABEL_BYTES], igq_column_id id)
{
    snprintf(label, IGQ_LABEL_BYTES, "%s%s", igq_columns[id].name, igq_columns[id].unit->text);
    return label;
}

void igq_column_set(json_t *object, igq_column_id id, const igq_scope *scope)
{
    json_object_set_new(object, igq_columns[id].key, igq_columns[id].get(scope));
}

void igq_columns_set(json_t *object, unsigned place, const igq_scope *scope)
{
    for (int id = 0; id < IGQ_COLUMN_COUNT; id++)
        if ((igq_columns[id].places & place) && !json_object_get(object, igq_columns[id].key))
            igq_column_set(object, (igq_column_id)id, scope);
}

void igq_columns_set_known(json_t *object, unsigned place, const igq_scope *scope)
{
    for (int id = 0; id < IGQ_COLUMN_COUNT; id++) {
        json_t *value = igq_columns[id].places & place ? igq_columns[id].get(scope) : NULL;
        if (value && !json_is_null(value))
            json_object_set(object, igq_columns[id].key, value);
        json_decref(value);
    }
}

json_t *igq_columns_json(void)
{
    static const char *const better[] = {NULL, "less", "more"};
    json_t *columns = json_object();
    for (int id = 0; id < IGQ_COLUMN_COUNT; id++) {
        const igq_column *column = &igq_columns[id];
        if (json_object_get(columns, column->metric)) // cycles per image are a mean already
            continue;
        json_object_set_new(columns, column->metric,
                            json_pack("{s:s, s:s, s:s, s:s?, s:s}", "key", column->key, "name", column->name, "unit",
                                      column->unit->name, "better", better[column->better], "meaning",
                                      column->meaning));
    }
    return columns;
}

/// Results

int igq_num_results(void)
{
    int num = 0;
    for (int id = 0; id < IGQ_COLUMN_COUNT; id++)
        num += (igq_columns[id].places & IGQ_IN_RESULTS) != 0;
    return num;
}

const igq_column *igq_result_column(igq_result result)
{
    int id = 0;
    for (; id < IGQ_COLUMN_COUNT; id++)
        if ((igq_columns[id].places & IGQ_IN_RESULTS) && result-- == 0)
            break;
    assert(id < IGQ_COLUMN_COUNT);
    return &igq_columns[id];
}

igq_result igq_result_of(igq_column_id of)
{
    igq_result result = 0;
    assert(igq_columns[of].places & IGQ_IN_RESULTS);
    for (int id = 0; id < (int)of; id++)
        result += (igq_columns[id].places & IGQ_IN_RESULTS) != 0;
    return result;
}
