// SPDX-License-Identifier: Apache-2.0
#include "dram_part.h"
#include <assert.h>
#include <math.h>

const char *const igq_dram_preset_names[1 + IGQ_DRAM_NUM_PARTS] = {
    "none", "ddr4_2400", "ddr4_3200", "lpddr4_3200", "lpddr5_6400", "hbm2",
};
const char *const igq_dram_mapping_names[IGQ_DRAM_MAPPING_COUNT] = {
    [IGQ_DRAM_MAPPING_USUAL] = "usual",
    [IGQ_DRAM_MAPPING_INTERLEAVED] = "bank_groups_interleaved",
};

// Where a figure is a minimum in clocks, the ns are those of that many clocks at the part's rate.
static const igq_dram_part parts[] = {
    {.name = "ddr4_2400",
     .data_rate_mtps = 2400,
     .width_bits = 64,
     .burst_length = 8,
     .channels = 1,
     .bank_groups = 4,
     .banks_per_group = 4,
     .row_bytes = 8192, // eight x8 chips with pages of 1 KB
     .time_ns = {[IGQ_DRAM_RCD] = 13.32,
                 [IGQ_DRAM_RP] = 13.32,
                 [IGQ_DRAM_RAS] = 32,
                 [IGQ_DRAM_CL] = 13.32,
                 [IGQ_DRAM_CWL] = 10,
                 [IGQ_DRAM_CCD_L] = 5,
                 [IGQ_DRAM_RRD_S] = 3.3,
                 [IGQ_DRAM_RRD_L] = 4.9,
                 [IGQ_DRAM_FAW] = 21,
                 [IGQ_DRAM_WTR_S] = 2.5,
                 [IGQ_DRAM_WTR_L] = 7.5,
                 [IGQ_DRAM_WR] = 15,
                 [IGQ_DRAM_RTP] = 7.5,
                 [IGQ_DRAM_RFC] = 350,
                 [IGQ_DRAM_REFI] = 7800},
     .source = "JESD79-4, DDR4-2400R (16-16-16), 8 Gb x8; the same figures in the configurations of Ramulator 2.1 "
               "(DDR4_2400R, DDR4_8Gb_x8) and DRAMsim3 (DDR4_8Gb_x8_2400.ini, Micron MT40A1G8-083E)"},
    {.name = "ddr4_3200",
     .data_rate_mtps = 3200,
     .width_bits = 64,
     .burst_length = 8,
     .channels = 1,
     .bank_groups = 4,
     .banks_per_group = 4,
     .row_bytes = 8192,
     .time_ns = {[IGQ_DRAM_RCD] = 13.75,
                 [IGQ_DRAM_RP] = 13.75,
                 [IGQ_DRAM_RAS] = 32,
                 [IGQ_DRAM_CL] = 13.75,
                 [IGQ_DRAM_CWL] = 10,
                 [IGQ_DRAM_CCD_L] = 5,
                 [IGQ_DRAM_RRD_S] = 2.5,
                 [IGQ_DRAM_RRD_L] = 4.9,
                 [IGQ_DRAM_FAW] = 21,
                 [IGQ_DRAM_WTR_S] = 2.5,
                 [IGQ_DRAM_WTR_L] = 7.5,
                 [IGQ_DRAM_WR] = 15,
                 [IGQ_DRAM_RTP] = 7.5,
                 [IGQ_DRAM_RFC] = 350,
                 [IGQ_DRAM_REFI] = 7800},
     .source = "JESD79-4, DDR4-3200AA (22-22-22), 8 Gb x8; the same figures in the configurations of Ramulator 2.1 "
               "(DDR4_3200AA) and DRAMsim3 (DDR4_8Gb_x8_3200.ini)"},
    {.name = "lpddr4_3200",
     .data_rate_mtps = 3200,
     .width_bits = 16,
     .burst_length = 16,
     .channels = 2, // a die
     .bank_groups = 1,
     .banks_per_group = 8,
     .row_bytes = 2048,
     .time_ns = {[IGQ_DRAM_RCD] = 18,
                 [IGQ_DRAM_RP] = 18,
                 [IGQ_DRAM_RAS] = 42,
                 [IGQ_DRAM_CL] = 17.5,
                 [IGQ_DRAM_CWL] = 8.75,
                 [IGQ_DRAM_CCD_L] = 5,
                 [IGQ_DRAM_RRD_S] = 10,
                 [IGQ_DRAM_RRD_L] = 10,
                 [IGQ_DRAM_FAW] = 40,
                 [IGQ_DRAM_WTR_S] = 10,
                 [IGQ_DRAM_WTR_L] = 10,
                 [IGQ_DRAM_WR] = 18,
                 [IGQ_DRAM_RTP] = 7.5,
                 [IGQ_DRAM_RFC] = 180,
                 [IGQ_DRAM_REFI] = 3904},
     .source = "JESD209-4, LPDDR4-3200 (RL 28, WL 14), 8 Gb die of two channels of 4 Gb, x16"},
    {.name = "lpddr5_6400",
     .data_rate_mtps = 6400,
     .width_bits = 16,
     .burst_length = 16,
     .channels = 2, // a package of 32 bits
     .bank_groups = 4,
     .banks_per_group = 4,
     .row_bytes = 2048,
     .time_ns = {[IGQ_DRAM_RCD] = 18.75,
                 [IGQ_DRAM_RP] = 18.75,
                 [IGQ_DRAM_RAS] = 42.5,
                 [IGQ_DRAM_CL] = 21.25,
                 [IGQ_DRAM_CWL] = 11.25,
                 [IGQ_DRAM_CCD_L] = 5,
                 [IGQ_DRAM_RRD_S] = 5,
                 [IGQ_DRAM_RRD_L] = 5,
                 [IGQ_DRAM_FAW] = 20,
                 [IGQ_DRAM_WTR_S] = 6.25,
                 [IGQ_DRAM_WTR_L] = 12.5,
                 [IGQ_DRAM_WR] = 35,
                 [IGQ_DRAM_RTP] = 10,
                 [IGQ_DRAM_RFC] = 210,
                 [IGQ_DRAM_REFI] = 3906},
     .source = "JESD209-5B, LPDDR5-6400 in bank group mode, CK 800 MHz, 8 Gb x16; the figures of Ramulator 2.1 "
               "(LPDDR5_6400, LPDDR5_8Gb_x16)"},
    {.name = "hbm2",
     .data_rate_mtps = 2000,
     .width_bits = 64,
     .burst_length = 4,
     .channels = 16, // pseudo channels of a stack
     .bank_groups = 4,
     .banks_per_group = 4,
     .row_bytes = 1024,
     .time_ns = {[IGQ_DRAM_RCD] = 14,
                 [IGQ_DRAM_RP] = 14,
                 [IGQ_DRAM_RAS] = 34,
                 [IGQ_DRAM_CL] = 14,
                 [IGQ_DRAM_CWL] = 5,
                 [IGQ_DRAM_CCD_L] = 4,
                 [IGQ_DRAM_RRD_S] = 4,
                 [IGQ_DRAM_RRD_L] = 4,
                 [IGQ_DRAM_FAW] = 15,
                 [IGQ_DRAM_WTR_S] = 6,
                 [IGQ_DRAM_WTR_L] = 8,
                 [IGQ_DRAM_WR] = 16,
                 [IGQ_DRAM_RTP] = 5,
                 [IGQ_DRAM_RFC] = 260,
                 [IGQ_DRAM_REFI] = 3900},
     .source = "JESD235, 2 Gb/s a pin, 16 pseudo channels of 64 bits; the figures of Ramulator 2.1 (HBM2_2000Mbps, "
               "HBM2_4Gb)"},
};

static_assert(sizeof parts / sizeof *parts == IGQ_DRAM_NUM_PARTS, "a name for every part");

const igq_dram_part *igq_dram_parts(int *num)
{
    *num = (int)(sizeof parts / sizeof *parts);
    return parts;
}

// JESD79-4, 13.5: truncates (time / clock + 0.974); times and clocks in whole ps there, which we keep.
static int clocks_of(double time_ns, double data_rate_mtps)
{
    return (int)floor(time_ns * data_rate_mtps / 2000 + 0.974 + 1e-9);
}

void igq_dram_clocks_of(igq_dram_clocks *clocks, const igq_dram_part *part, int channels, igq_dram_mapping mapping)
{
    for (int i = 0; i < IGQ_DRAM_TIME_COUNT; i++)
        clocks->time[i] = clocks_of(part->time_ns[i], part->data_rate_mtps);
    clocks->burst = part->burst_length / 2;
    if (clocks->time[IGQ_DRAM_CCD_L] < clocks->burst)
        clocks->time[IGQ_DRAM_CCD_L] = clocks->burst;
    clocks->bank_groups = part->bank_groups;
    clocks->banks_per_group = part->banks_per_group;
    clocks->row_bursts = part->row_bytes / (part->width_bits / 8 * part->burst_length);
    clocks->channels = channels;
    clocks->mapping = mapping;
}
