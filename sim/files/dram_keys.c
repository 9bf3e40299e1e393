// SPDX-License-Identifier: Apache-2.0
#include "dram_keys.h"
#include "dram_banks.h"
#include <limits.h>
#include <math.h>
#include <string.h>

static const igq_dram_cfg *dram_of(const void *values)
{
    return &((const igq_accelerator *)values)->dram;
}

// The part that is named, NULL: none.
static const igq_dram_part *preset_of(const igq_dram_cfg *dram)
{
    int num;
    const igq_dram_part *parts = igq_dram_parts(&num);
    return dram->preset > 0 ? &parts[dram->preset - 1] : NULL;
}

/// What auto stands for

#define DEFAULT_WIDTH_BITS 64
#define DEFAULT_BURST_BYTES 64

double igq_dram_auto_channels(const void *values)
{
    const igq_dram_part *part = preset_of(dram_of(values));
    return part != NULL ? part->channels : 1;
}

double igq_dram_auto_width_bits(const void *values)
{
    const igq_dram_part *part = preset_of(dram_of(values));
    return part != NULL ? part->width_bits : DEFAULT_WIDTH_BITS;
}

double igq_dram_auto_data_rate(const void *values)
{
    const igq_dram_part *part = preset_of(dram_of(values));
    return part != NULL ? part->data_rate_mtps : 0;
}

static double peak_gbytes_per_s(const igq_dram_cfg *dram)
{
    return dram->part.data_rate_mtps * dram->part.width_bits / 8 * dram->channels / 1000;
}

double igq_dram_auto_gbytes_per_s(const void *values)
{
    const igq_dram_cfg *dram = dram_of(values);
    if (dram->part.data_rate_mtps > 0)
        return peak_gbytes_per_s(dram);
    int clock_mhz = ((const igq_accelerator *)values)->clock_mhz;
    return isnan(dram->bandwidth_bytes_per_cycle) ? 0 : dram->bandwidth_bytes_per_cycle * clock_mhz / 1000;
}

double igq_dram_auto_bytes_per_cycle(const void *values)
{
    return dram_of(values)->bandwidth_gbytes_per_s * 1000 / ((const igq_accelerator *)values)->clock_mhz;
}

#define IS_AUTO(cycles) ((cycles) == INT_MIN) // of a key that is still to be derived

double igq_dram_auto_latency_ns(const void *values)
{
    const igq_dram_cfg *dram = dram_of(values);
    const igq_dram_part *part = preset_of(dram);
    if (!IS_AUTO(dram->latency_cycles))
        return dram->latency_cycles * 1000.0 / ((const igq_accelerator *)values)->clock_mhz;
    int worked_out = dram->model == IGQ_DRAM_MODEL_BANKS; // by the rows that are opened
    return part != NULL && !worked_out ? part->time_ns[IGQ_DRAM_RCD] + part->time_ns[IGQ_DRAM_CL] : 0;
}

double igq_dram_auto_latency_cycles(const void *values)
{
    return ceil(dram_of(values)->latency_ns * ((const igq_accelerator *)values)->clock_mhz / 1000 - 1e-9);
}

double igq_dram_auto_burst_bytes(const void *values)
{
    const igq_dram_part *part = preset_of(dram_of(values));
    return part != NULL ? dram_of(values)->part.width_bits / 8 * part->burst_length : DEFAULT_BURST_BYTES;
}

double igq_dram_auto_bank_groups(const void *values)
{
    const igq_dram_part *part = preset_of(dram_of(values));
    return part != NULL ? part->bank_groups : 0;
}

double igq_dram_auto_banks_per_group(const void *values)
{
    const igq_dram_part *part = preset_of(dram_of(values));
    return part != NULL ? part->banks_per_group : 0;
}

// A row of all chips of a channel: of a wider channel it is longer.
double igq_dram_auto_row_bytes(const void *values)
{
    const igq_dram_part *part = preset_of(dram_of(values));
    return part != NULL ? (double)part->row_bytes * dram_of(values)->part.width_bits / part->width_bits : 0;
}

static double time_of_part(const void *values, igq_dram_time time)
{
    const igq_dram_part *part = preset_of(dram_of(values));
    return part != NULL ? part->time_ns[time] : 0;
}

#define TIME(name, time)                                                                                               \
    double igq_dram_auto_##name(const void *values)                                                                    \
    {                                                                                                                  \
        return time_of_part(values, time);                                                                             \
    }
TIME(rcd, IGQ_DRAM_RCD)
TIME(rp, IGQ_DRAM_RP)
TIME(ras, IGQ_DRAM_RAS)
TIME(cl, IGQ_DRAM_CL)
TIME(cwl, IGQ_DRAM_CWL)
TIME(ccd_l, IGQ_DRAM_CCD_L)
TIME(rrd_s, IGQ_DRAM_RRD_S)
TIME(rrd_l, IGQ_DRAM_RRD_L)
TIME(faw, IGQ_DRAM_FAW)
TIME(wtr_s, IGQ_DRAM_WTR_S)
TIME(wtr_l, IGQ_DRAM_WTR_L)
TIME(wr, IGQ_DRAM_WR)
TIME(rtp, IGQ_DRAM_RTP)
TIME(rfc, IGQ_DRAM_RFC)
TIME(refi, IGQ_DRAM_REFI)

/// Nearer sources

#define NOWHERE INT_MAX

// 0: `--set`; 1: the file; 2: its base; ...
static int distance_of(const igq_key_source *source, const char *name)
{
    const igq_key_place place = igq_key_source_find(source, "dram", name);
    const char *text = igq_key_source_text(source, "dram", name);
    if (text == NULL || strcmp(text, IGQ_KEY_AUTO) == 0 || strcmp(text, igq_dram_preset_names[0]) == 0)
        return NOWHERE;
    return place.setting != NULL ? 0 : 1 + place.file;
}

static void forget(igq_accelerator *machine, const igq_key *keys, int num_keys, const char *name)
{
    char path[IGQ_KEY_PATH_BYTES] = "dram.";
    igq_error never;
    strcat(path, name);
    const igq_key *key = igq_keys_find(keys, num_keys, path);
    igq_key_set_number(machine, key, key->derive != NULL ? NAN : 0, &never);
}

static void forget_farther(igq_accelerator *machine, const igq_key *keys, int num_keys, const igq_key_source *source,
                           const char *const *name, int num, int nearest)
{
    for (int i = 0; i < num; i++) {
        int distance = distance_of(source, name[i]);
        if (distance != NOWHERE && distance > nearest)
            forget(machine, keys, num_keys, name[i]);
    }
}

void igq_dram_keys_choose(igq_accelerator *machine, const igq_key *keys, int num_keys, const igq_key_source *source)
{
    static const char *const rate[] = {"preset", "data_rate_mtps", "bandwidth_gbytes_per_s",
                                       "bandwidth_bytes_per_cycle"};
    static const char *const latency[] = {"latency_ns", "latency_cycles"};
    enum { NUM_RATE = sizeof rate / sizeof *rate };
    int nearest = NOWHERE, nearest_latency = distance_of(source, latency[0]);
    for (int i = 0; i < NUM_RATE; i++)
        nearest = distance_of(source, rate[i]) < nearest ? distance_of(source, rate[i]) : nearest;
    if (distance_of(source, latency[1]) < nearest_latency)
        nearest_latency = distance_of(source, latency[1]);
    int names_part = machine->dram.preset > 0 && distance_of(source, "preset") == nearest;
    forget_farther(machine, keys, num_keys, source, rate, NUM_RATE, nearest);
    forget_farther(machine, keys, num_keys, source, latency, 2, nearest_latency);
    for (int i = 0; names_part && i < num_keys; i++) // what a farther file says is of another memory
        if (keys[i].section != NULL && strcmp(keys[i].section, "dram") == 0 && keys[i].derive != NULL)
            forget_farther(machine, keys, num_keys, source, &keys[i].name, 1, nearest);
}

/// How keys go together

static int agree(double a, double b)
{
    return fabs(a - b) <= 1e-6 * fmax(fabs(a), fabs(b));
}

static void check_figures(const igq_accelerator *machine, igq_key_source *source)
{
    const igq_dram_cfg *dram = &machine->dram;
    const igq_dram_part *part = preset_of(dram);
    double per_cycle = dram->bandwidth_gbytes_per_s * 1000 / machine->clock_mhz;
    if (part != NULL && !agree(dram->part.data_rate_mtps, part->data_rate_mtps))
        igq_key_source_refuse(source, "dram.data_rate_mtps", "is %g; allowed with preset %s: %g, or preset: none",
                              dram->part.data_rate_mtps, part->name, part->data_rate_mtps);
    else if (dram->part.data_rate_mtps > 0 && !agree(dram->bandwidth_gbytes_per_s, peak_gbytes_per_s(dram)))
        igq_key_source_refuse(source, "dram.bandwidth_gbytes_per_s",
                              "is %g; allowed with %s of %g MT/s, %d bits, %d channels: %g. Give one of the two",
                              dram->bandwidth_gbytes_per_s, part != NULL ? part->name : "data_rate_mtps",
                              dram->part.data_rate_mtps, dram->part.width_bits, dram->channels,
                              peak_gbytes_per_s(dram));
    else if (!agree(dram->bandwidth_bytes_per_cycle, per_cycle))
        igq_key_source_refuse(source, "dram.bandwidth_bytes_per_cycle",
                              "is %g; allowed with %g GB/s at %d MHz: %g. Give one of preset, data_rate_mtps, "
                              "bandwidth_gbytes_per_s, bandwidth_bytes_per_cycle",
                              dram->bandwidth_bytes_per_cycle, dram->bandwidth_gbytes_per_s, machine->clock_mhz,
                              per_cycle);
    else if (dram->bandwidth_bytes_per_cycle < 1e-3 && dram->model != IGQ_DRAM_MODEL_IDEAL)
        igq_key_source_refuse(source, "dram.bandwidth_gbytes_per_s",
                              "is missing; allowed: one of preset, data_rate_mtps, bandwidth_gbytes_per_s, "
                              "bandwidth_bytes_per_cycle, or model: ideal");
    if (dram->latency_cycles != igq_dram_auto_latency_cycles(machine))
        igq_key_source_refuse(
            source, "dram.latency_cycles", "is %d; allowed with latency_ns %g at %d MHz: %g. Give one of the two",
            dram->latency_cycles, dram->latency_ns, machine->clock_mhz, igq_dram_auto_latency_cycles(machine));
}

// The first time of a part that nobody gave, NULL: all are there.
static const char *missing_time(const igq_dram_part *part)
{
    static const char *const name[IGQ_DRAM_TIME_COUNT] = {
        "dram.t_rcd_ns",   "dram.t_rp_ns",    "dram.t_ras_ns",   "dram.t_cl_ns",  "dram.t_cwl_ns",
        "dram.t_ccd_l_ns", "dram.t_rrd_s_ns", "dram.t_rrd_l_ns", "dram.t_faw_ns", "dram.t_wtr_s_ns",
        "dram.t_wtr_l_ns", "dram.t_wr_ns",    "dram.t_rtp_ns",   "dram.t_rfc_ns", "dram.t_refi_ns"};
    for (int i = 0; i < IGQ_DRAM_TIME_COUNT; i++)
        if (part->time_ns[i] <= 0)
            return name[i];
    return NULL;
}

static void check_banks(const igq_dram_cfg *dram, igq_key_source *source)
{
    const igq_dram_part *part = &dram->part;
    const char *missing = missing_time(part);
    int banks = part->bank_groups * part->banks_per_group;
    if (part->data_rate_mtps <= 0)
        missing = "dram.data_rate_mtps";
    else if (banks == 0)
        missing = part->bank_groups == 0 ? "dram.bank_groups" : "dram.banks_per_group";
    else if (part->row_bytes == 0)
        missing = "dram.row_bytes";
    if (missing != NULL) {
        igq_key_source_refuse(source, missing,
                              "is not given; model banks needs a preset (such as ddr4_2400), or all of data_rate_mtps, "
                              "width_bits, burst_bytes, bank_groups, banks_per_group, row_bytes and the times t_*_ns");
        return;
    }
    if (banks > IGQ_DRAM_MAX_BANKS)
        igq_key_source_refuse(source, "dram.banks_per_group", "is %d; allowed with %d bank groups: 1 to %d",
                              part->banks_per_group, part->bank_groups, IGQ_DRAM_MAX_BANKS / part->bank_groups);
    if (part->burst_length < 2 || part->burst_length % 2 != 0 ||
        dram->burst_bytes * 8 != part->burst_length * part->width_bits)
        igq_key_source_refuse(source, "dram.burst_bytes",
                              "is %d; allowed with model banks: an even number of transfers of %d bits (width_bits)",
                              dram->burst_bytes, part->width_bits);
    else if (part->row_bytes % dram->burst_bytes != 0)
        igq_key_source_refuse(source, "dram.row_bytes", "is %d; allowed: multiples of burst_bytes (%d)",
                              part->row_bytes, dram->burst_bytes);
    if (part->time_ns[IGQ_DRAM_RFC] + part->time_ns[IGQ_DRAM_RP] >= part->time_ns[IGQ_DRAM_REFI])
        igq_key_source_refuse(source, "dram.t_rfc_ns", "is %g; allowed: less than t_refi_ns (%g) less t_rp_ns (%g)",
                              part->time_ns[IGQ_DRAM_RFC], part->time_ns[IGQ_DRAM_REFI], part->time_ns[IGQ_DRAM_RP]);
}

void igq_dram_keys_finish(igq_accelerator *machine, igq_key_source *source)
{
    igq_dram_cfg *dram = &machine->dram;
    const igq_dram_part *part = preset_of(dram);
    dram->part.burst_length = dram->burst_bytes * 8 / dram->part.width_bits;
    dram->part.channels = dram->channels;
    dram->part.name = part != NULL ? part->name : "own";
    dram->part.source = part != NULL ? part->source : "the machine's file";
    check_figures(machine, source);
    if (dram->model == IGQ_DRAM_MODEL_BANKS)
        check_banks(dram, source);
}
