// SPDX-License-Identifier: Apache-2.0
// dram_part.h - DRAM parts as their data sheets give them: the presets of `dram.preset`, and the figures of a part in
// clocks of its own. Contract: docs/timing.md, "DRAM".
#ifndef IGQ_DRAM_PART_H
#define IGQ_DRAM_PART_H

#ifdef __cplusplus
extern "C" {
#endif

// Times of a part in ns, as JEDEC names them. ccd_s is the time of a burst and is not said again.
typedef enum igq_dram_time {
    IGQ_DRAM_RCD,   // activate to read or write
    IGQ_DRAM_RP,    // precharge to activate
    IGQ_DRAM_RAS,   // activate to precharge
    IGQ_DRAM_CL,    // read to data
    IGQ_DRAM_CWL,   // write to data
    IGQ_DRAM_CCD_L, // read to read, write to write, in the same bank group
    IGQ_DRAM_RRD_S, // activate to activate, other bank group
    IGQ_DRAM_RRD_L, // the same bank group
    IGQ_DRAM_FAW,   // any five activates are further apart
    IGQ_DRAM_WTR_S, // end of written data to read, other bank group
    IGQ_DRAM_WTR_L, // the same bank group
    IGQ_DRAM_WR,    // end of written data to precharge
    IGQ_DRAM_RTP,   // read to precharge
    IGQ_DRAM_RFC,   // refresh of all banks
    IGQ_DRAM_REFI,  // from refresh to refresh
    IGQ_DRAM_TIME_COUNT
} igq_dram_time;

typedef enum igq_dram_mapping {
    IGQ_DRAM_MAPPING_USUAL,       // row : bank : bank group : column : channel, from the top
    IGQ_DRAM_MAPPING_INTERLEAVED, // row : bank : column : bank group : channel: bursts go round the bank groups
    IGQ_DRAM_MAPPING_COUNT
} igq_dram_mapping;

typedef struct igq_dram_part {
    const char *name;
    double data_rate_mtps; // per pin
    int width_bits;        // data pins of a channel
    int burst_length;      // transfers per pin of a burst
    int channels;          // of the usual assembly
    int bank_groups, banks_per_group;
    int row_bytes; // of a channel: of all chips that work together
    double time_ns[IGQ_DRAM_TIME_COUNT];
    const char *source;
} igq_dram_part;

// All presets; *num is set to how many there are.
const igq_dram_part *igq_dram_parts(int *num);

// Choices of `dram.preset`: "none", then the names of the parts in their order.
#define IGQ_DRAM_NUM_PARTS 5
extern const char *const igq_dram_preset_names[1 + IGQ_DRAM_NUM_PARTS];
extern const char *const igq_dram_mapping_names[IGQ_DRAM_MAPPING_COUNT];

// What the controller works with, in clocks of half a data transfer's rate (1200 MHz at 2400 MT/s).
typedef struct igq_dram_clocks {
    int time[IGQ_DRAM_TIME_COUNT];
    int burst; // clocks of the data bus, also tCCD_S
    int bank_groups, banks_per_group;
    int row_bursts; // bursts of a row
    int channels;
    igq_dram_mapping mapping;
} igq_dram_clocks;

// Bursts to be read, and as many to be written, that the controller of a channel sees: 32 places in a queue, and the
// burst for which a row is being opened, which has left it.
#define IGQ_DRAM_QUEUE_BURSTS 33
#define IGQ_DRAM_READ_TO_WRITE_CLOCKS 2 // of the bus between the last data read and the first written

// Times rounded up to clocks by JEDEC's rule (JESD79-4, 13.5): an excess of up to 2.6 % of a clock does not count.
// data_rate_mtps > 0, channels >= 1.
void igq_dram_clocks_of(igq_dram_clocks *clocks, const igq_dram_part *part, int channels, igq_dram_mapping mapping);

#ifdef __cplusplus
}
#endif
#endif
