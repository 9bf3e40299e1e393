// SPDX-License-Identifier: Apache-2.0
#include "columns.h"
#include "report.h"
#include "decoder_result.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *igq_grouped_digits(char text[32], uint64_t value)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, value), out = 0;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = '\0';
    return text;
}

static void line(const char *label, uint64_t value, const char *note)
{
    char text[32];
    printf("  %-26s %17s%s%s\n", label, igq_grouped_digits(text, value), *note ? "  " : "", note);
}

// Under its own name; whole, whatever unit tables give it in.
static void figure_line(igq_column_id id, uint64_t value, const char *note)
{
    line(igq_columns[id].name, value, note);
}

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_causes(const igq_job_result *timing)
{
    printf("\nWhere the cycles of the MAC arrays went\n");
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++) {
        char text[32];
        double share_pct = percent(timing->cause_cycles[cause], timing->cycles);
        printf("  %-26s %17s %6.1f %%  ", igq_cause_names[cause], igq_grouped_digits(text, timing->cause_cycles[cause]),
               share_pct);
        for (int mark = 0; mark < (int)(share_pct / 2 + 0.5); mark++)
            putchar('#');
        putchar('\n');
    }
}

static void print_kinds(const igq_run_result *result)
{
    printf("\n  %-12s %14s %8s %8s %12s %12s %10s %9s\n", "layers", "cycles", "share", "MAC use", "assign", "hidden",
           "DRAM MB", "SQNR dB");
    for (int kind = 0; kind < IGQ_LAYER_KIND_COUNT; kind++) {
        igq_job_result sum = {0};
        double slots = 0, sqnr_sum_db = 0;
        int num_sqnr = 0;
        for (int k = 0; k < result->num_layers; k++) {
            const igq_layer_result *one = &result->sum[k];
            if (result->layer[k].kind != (igq_layer_kind)kind)
                continue;
            igq_job_result_add(&sum, &one->timing);
            slots += (double)igq_run_mac_slots(result, k, result->num_images, one->skipped_channels);
            sqnr_sum_db += one->sqnr_sum_db;
            num_sqnr += one->num_sqnr;
        }
        if (sum.cycles == 0)
            continue;
        igq_run_totals totals;
        igq_run_totals_of(&totals, result);
        char cycles[32], assign[32], hidden[32], sqnr[32] = "-";
        if (num_sqnr)
            snprintf(sqnr, sizeof sqnr, "%.2f", sqnr_sum_db / num_sqnr);
        double peak = igq_peak_macs_per_cycle(&result->accelerator.mac_array);
        printf("  %-12s %14s %6.1f %% %6.1f %% %12s %12s %10.2f %9s\n", igq_layer_kind_names[kind],
               igq_grouped_digits(cycles, sum.cycles), percent(sum.cycles, totals.timing.cycles),
               100 * slots / ((double)sum.cycles * peak), igq_grouped_digits(assign, sum.assign_cycles),
               igq_grouped_digits(hidden, sum.assign_hidden_cycles),
               (double)(sum.dram_read_bytes + sum.dram_write_bytes) / 1e6, sqnr);
    }
}

static void print_phase(const char *name, const igq_phase_totals *phase, int clock_mhz)
{
    char text[32];
    double tokens = (double)phase->tokens, cycles = (double)phase->cycles / tokens;
    if (phase->tokens == 0)
        return;
    printf("  %-12s %8" PRIu64 " %15s %14.1f %14.1f %12.3f %12.3f\n", name, phase->tokens,
           igq_grouped_digits(text, (uint64_t)(cycles + 0.5)), cycles / clock_mhz,
           (double)phase->assign_cycles / tokens, (double)phase->dram_bytes / tokens / 1e3,
           (double)phase->kv_read_bytes / tokens / 1e3);
}

static void print_decoder(const igq_run_result *result)
{
    igq_decoder_totals totals;
    igq_decoder_totals_of(&totals, result);
    printf("\n  %-12s %8s %15s %14s %14s %12s %12s\n", "each token", "tokens", "cycles", "us", "assign cycles",
           "DRAM kB", "of it KV kB");
    print_phase("prefill", &totals.prefill, result->accelerator.clock_mhz);
    print_phase("decoding", &totals.decoding, result->accelerator.clock_mhz);
    printf("  cache of keys and values: %" PRIu64 " bytes a token, %" PRIu64 " in all, as %s\n",
           totals.kv_bytes_per_token, totals.kv_bytes, igq_stores_names[totals.kv_stores]);
    printf("  causal mask: %.1f %% of the masked multiply-accumulates of the prompt's attention are left out\n",
           percent(totals.causal.skipped, totals.causal.masked));
}

// Of an executed network that was given the tokens which it should find.
static void print_perplexity(const igq_run_result *result)
{
    if (result->datapath.num > 0)
        printf("  perplexity %.4f, in full precision %.4f, over %" PRIu64 " tokens\n",
               igq_prediction_perplexity(&result->datapath), igq_prediction_perplexity(&result->full_precision),
               result->datapath.num);
}

enum { MOST_IMAGES_LISTED = 20 };

static void print_accuracy(const igq_run_result *result)
{
    printf("\nAgainst full precision\n  %-40s %10s %10s %12s %12s\n", "image", "top-1", "FP32", "KL, nats",
           "logits dB");
    for (int i = 0; i < result->num_images && i < MOST_IMAGES_LISTED; i++) {
        const igq_image_result *image = &result->image[i];
        printf("  %-40.40s %10d %10d %12.5f %12.2f\n", image->name, image->accuracy.top[0],
               image->accuracy.top_reference[0], image->accuracy.kl_divergence, image->accuracy.logits_sqnr_db);
    }
    if (result->num_images > MOST_IMAGES_LISTED)
        printf("  and %d more, in the report\n", result->num_images - MOST_IMAGES_LISTED);
    igq_accuracy_totals totals;
    igq_run_accuracy_of(&totals, result);
    printf("  mean KL divergence %.5f nats; full precision's top-1 is top-1 in %.1f %%, in the top 5 in %.1f %% of the "
           "images\n",
           totals.kl_divergence, 100 * totals.top1_agreement, 100 * totals.top5_agreement);
    if (totals.has_labels)
        printf("\nAgainst the labels %12s %12s\n  top-1, %% %21.2f %12.2f\n  top-5, %% %21.2f %12.2f\n", "quantized",
               "FP32", 100 * totals.top1, 100 * totals.top1_reference, 100 * totals.top5, 100 * totals.top5_reference);
}

static void print_skipped(const igq_run_result *result)
{
    if (result->num_skipped)
        printf("\nLeft out: %d of %d images\n", result->num_skipped, result->num_images + result->num_skipped);
    for (int i = 0; i < result->num_skipped; i++)
        printf("  %s\n", result->skipped[i].reason);
}

static void print_spread(const igq_run_result *result)
{
    igq_image_spread spread;
    char note[400];
    igq_image_spread_of(&spread, result);
    snprintf(note, sizeof note, "mean; standard deviation %.2f %%, worst %+.2f %% (%s)",
             100 * spread.deviation_cycles / spread.mean_cycles,
             100 * ((double)spread.worst_cycles / spread.mean_cycles - 1), result->image[spread.worst_image].name);
    line("cycles per image", (uint64_t)(spread.mean_cycles + 0.5), note);
}

// What no figure of the run has.
static void print_left_macs(const igq_run_result *result, uint64_t macs)
{
    char note[96];
    uint64_t left = result->left_macs * (uint64_t)result->num_images;
    if (left == 0)
        return;
    snprintf(note, sizeof note, "%.2f %% of the network's, in no figure here; describe -w lists them",
             percent(left, left + macs));
    line("  left to full precision", left, note);
}

void igq_summary_print(const igq_run_result *result)
{
    const igq_accelerator *machine = &result->accelerator;
    igq_run_totals totals;
    igq_run_totals_of(&totals, result);
    char note[160];
    printf("%s on %s: scheme %s on %s arrays, %s, %d image%s\n", result->workload.name, machine->name,
           igq_scheme_names[machine->scheme.scheme], igq_organisation_names[machine->mac_organisation],
           result->mode == IGQ_RUN_SHAPE   ? "SHAPES ONLY (channel ranges drawn from a seeded distribution)"
           : result->mode == IGQ_RUN_TRACE ? "driven by a trace"
                                           : "executed on weights and images",
           result->num_images, result->num_images == 1 ? "" : "s");
    if (result->mode == IGQ_RUN_SHAPE)
        printf("seed %" PRIu64 "\n", result->seed);
    putchar('\n');
    snprintf(note, sizeof note, "%.4f ms at %d MHz", totals.time_ms, machine->clock_mhz);
    if (result->num_images > 1)
        print_spread(result);
    line(result->num_images > 1 ? "cycles of all images" : igq_columns[IGQ_COLUMN_CYCLES].name, totals.timing.cycles,
         note);
    snprintf(note, sizeof note, "%.1f %% of %" PRIu64 " per cycle; %.1f %% of the multiplier slots are used",
             100 * totals.macs_per_peak, totals.peak_macs_per_cycle, 100 * totals.mac_utilization);
    figure_line(IGQ_COLUMN_MACS, totals.macs, note);
    print_left_macs(result, totals.macs);
    snprintf(note, sizeof note, "%.1f %% hidden behind other work",
             percent(totals.timing.assign_hidden_cycles, totals.timing.assign_cycles));
    figure_line(IGQ_COLUMN_ASSIGN_CYCLES, totals.timing.assign_cycles,
                totals.timing.assign_cycles ? note : "static groups");
    snprintf(note, sizeof note, "bytes: %.2f MB read, %.2f MB written", (double)totals.timing.dram_read_bytes / 1e6,
             (double)totals.timing.dram_write_bytes / 1e6);
    figure_line(IGQ_COLUMN_DRAM_BYTES, totals.timing.dram_read_bytes + totals.timing.dram_write_bytes, note);
    snprintf(note, sizeof note, "+ %.3f %% for the assignment", percent(totals.assign_bops, totals.bops));
    figure_line(IGQ_COLUMN_BOPS, totals.bops, totals.assign_bops ? note : "");
    if (totals.skipped_channels)
        figure_line(IGQ_COLUMN_SKIPPED_CHANNELS, totals.skipped_channels,
                    "of all layers and images: all their products are zero");
    if (totals.overflow_count)
        figure_line(IGQ_COLUMN_OVERFLOW_COUNT, totals.overflow_count, "accumulator too narrow: see mac_array.acc_bits");
    if (totals.num_sqnr_layers)
        printf("  %-26s %14.2f dB  mean of %d layers whose whole activations were at hand\n",
               igq_columns[IGQ_COLUMN_ACTIVATION_SQNR_DB].name, totals.activation_sqnr_db, totals.num_sqnr_layers);
    print_causes(&totals.timing);
    print_kinds(result);
    if (igq_is_decoder(result))
        print_decoder(result);
    if (result->mode == IGQ_RUN_EXECUTION)
        print_accuracy(result);
    print_perplexity(result);
    print_skipped(result);
}
