// SPDX-License-Identifier: Apache-2.0
// accelerator.h - the parameters of a machine. One struct; sim/files/accelerator_file.c reads it from YAML with these
// key names.
#ifndef IGQ_ACCELERATOR_H
#define IGQ_ACCELERATOR_H
#include "dram_part.h"
#include "params.h"
#include "scheme.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_NAME_BYTES 64

// Peak = num_arrays * lanes * token_rows * vector_length multiply-accumulates of mac_bits x mac_bits per cycle.
// A product of wider codes takes several passes (igq_mac_passes in latency.h).
typedef struct igq_mac_array_cfg {
    int num_arrays;          // per_group: one per group (= num_groups); elastic: slices (>= num_groups); unbound: any;
                             // else 1
    int lanes;               // output channels of an array worked on at once
    int vector_length;       // V, channels of one vector MAC; temporal: 1
    int token_rows;          // tokens of an array worked on in the same cycle; shared, per_group: usually 1
    int tokens_in_flight;    // tokens for which a gathered vector of weights is kept; a multiple of token_rows
    int mac_bits;            // operand width of a multiplier, codes before zero points
    int acc_bits;            // accumulator width
    int accumulator_sets;    // 1: array waits while sums are handed to post-processing; 2: double buffered
    int rescale_cycles;      // group_scale pow2: cycles for the accumulator shift at a group change
    igq_wide_rate wide_rate; // of codes of twice mac_bits, beside codes of mac_bits
    int stream_sums;         // 1: sums leave during the last step of an accumulation, row after row of tokens
    int systolic;            // 1: operands go through the array from its edges, a row and a lane per cycle
    int pipeline_cycles;     // from the start of a step to its first sum
} igq_mac_array_cfg;

typedef enum igq_buffering {
    IGQ_BUFFERING_NO,
    IGQ_BUFFERING_HALVES, // "yes": one half is filled while the other is used
    IGQ_BUFFERING_WORDS,  // what comes next fills the words that have been read (word_room.h)
    IGQ_BUFFERING_COUNT
} igq_buffering;

typedef struct igq_buffer_cfg {
    int capacity_bytes;
    int double_buffered; // igq_buffering
} igq_buffer_cfg;

// Sizes and order are used with choice fixed.
typedef struct igq_tiling_cfg {
    igq_tiling_choice choice;
    int tile_tokens;  // a multiple of tokens_in_flight
    int tile_outputs; // a multiple of lanes
    igq_loop_order loop_order;
    int batch_images;  // whatever the choice: so many images go through the layers together and share weight tiles
    int tile_channels; // 0: all
    igq_tiling_objective objective; // of choice auto
    int mapped;                     // 1: layers may have tiles of their own (--mapping)
} igq_tiling_cfg;
#define IGQ_MAX_BATCH_IMAGES 64

typedef struct igq_row_selector_cfg {
    int num_banks;       // of weight and activation buffer, channel c lives in bank c mod num_banks
    int ports_per_bank;  // reads per cycle and bank
    int bank_width_bits; // one read: holds lanes codes of mac_bits (wider ones take several reads), token_rows x 16
                         // bits
    int queue_depth;     // gathered vectors that may wait for the array
    int zero_skip;       // 1 (row): channels whose products are all zero stay off the lists (zero_skip.h)
    int shared_ports;    // 1: words are written through the ports that read, in cycles without gathers
    int setup_cycles;    // from the start of a tile to its first read
    int pipeline_cycles; // from the last read of a gather until the arrays can start on it
} igq_row_selector_cfg;

#define IGQ_MAX_LIST_SETS 16

typedef struct igq_group_assignment_cfg {
    igq_range_source range_source;
    int range_lanes;    // P activations per cycle into the range unit
    int distance_lanes; // D channels per cycle scored against all groups
    int max_members;    // channels, or softmax rows, that range memory and index buffer hold
    int list_sets;      // of the index buffer: the one in use, and those that wait (batches: more, igq_index_sets)
    int recode;         // 1: channels that were stored as values are rewritten as codes when their groups are known
} igq_group_assignment_cfg;

typedef struct igq_post_processing_cfg {
    int lanes; // group sums scaled and accumulated per cycle
    int latency_cycles;
    int add_cycles; // least cycles between two visits to a running sum; 0: as 1
} igq_post_processing_cfg;

typedef struct igq_vector_unit_cfg {
    int lanes; // elements per cycle and pass
    int latency_cycles;
    int layer_norm_passes, softmax_passes, gelu_passes, rotary_passes, residual_passes;
    int elementwise_passes, move_passes; // of other operations
    int ideal;                           // 1: takes no cycles, energy or area, whatever the other keys say
} igq_vector_unit_cfg;

typedef enum igq_dram_model {
    IGQ_DRAM_MODEL_BANDWIDTH, // so many bytes a cycle
    IGQ_DRAM_MODEL_IDEAL,     // operands are there: no cycles, no energy, no area
    IGQ_DRAM_MODEL_BANKS,     // rows, bank groups, turn-round, refresh (dram_banks.h)
    IGQ_DRAM_MODEL_COUNT
} igq_dram_model;

typedef struct igq_dram_cfg {
    double bandwidth_bytes_per_cycle; // peak of all channels; fractions count to a millionth
    int latency_cycles;               // of read data, beyond what `banks` works out
    int burst_bytes;                  // of a channel; a transfer is rounded up to whole bursts
    int channels;
    igq_dram_mapping mapping; // banks
    igq_dram_part part;       // banks; figures that nobody gave are 0
    igq_dram_model model;
    int preset;                    // 0: none; else one of igq_dram_parts, from 1
    double bandwidth_gbytes_per_s; // the peak as data sheets give it
    double latency_ns;
} igq_dram_cfg;

typedef struct igq_accelerator {
    char name[IGQ_NAME_BYTES];
    int clock_mhz;
    igq_organisation mac_organisation;
    igq_zero_point zero_point;
    int zero_gating;       // 1: a multiplier stays still when an operand is zero
    int num_groups;        // groups that the hardware can hold
    igq_scheme_cfg scheme; // scheme, distance, group_scale, ...; num_groups, acc_bits, vector_length copied from here
    igq_mac_array_cfg mac_array;
    igq_buffer_cfg weight_buffer, activation_buffer, output_buffer;
    igq_stores activation_stores; // activation_buffer.stores
    int operand_bits_per_cycle;   // weight_buffer.operand_bits_per_cycle: of K and V on their way there; 0: no time
    igq_tiling_cfg tiling;
    igq_row_selector_cfg row_selector;
    igq_group_assignment_cfg group_assignment;
    igq_post_processing_cfg post_processing;
    igq_vector_unit_cfg vector_unit;
    igq_dram_cfg dram;
} igq_accelerator;

// Cycles by which the last multiplier of an array is behind the first.
static inline int igq_skew_cycles(const igq_mac_array_cfg *array)
{
    return array->systolic ? array->token_rows + array->lanes - 2 : 0;
}

// What an array takes from a bank in one cycle: a channel's row of weights, its activations of a cycle.
static inline int igq_row_bits(const igq_mac_array_cfg *array)
{
    return array->lanes * array->mac_bits;
}

static inline int igq_token_bits(const igq_mac_array_cfg *array)
{
    return array->token_rows * IGQ_ACT_IN_BITS;
}

// Blocks of outputs (and of tokens) that are worked on at once: unbound has an array for each.
static inline int igq_blocks_at_once(const igq_accelerator *accelerator)
{
    return accelerator->mac_organisation == IGQ_ORGANISATION_UNBOUND ? accelerator->mac_array.num_arrays : 1;
}

// Outputs that are worked on together before the next ones of a tile.
static inline int igq_outputs_at_once(const igq_accelerator *accelerator)
{
    return igq_blocks_at_once(accelerator) * accelerator->mac_array.lanes;
}

static inline int igq_peak_macs_per_cycle(const igq_mac_array_cfg *array)
{
    return array->num_arrays * array->lanes * array->vector_length * array->token_rows;
}

// Bits of an activation of a transformer's layers where it leaves the activation buffer, if codes are as wide as the
// multipliers.
static inline int igq_stored_act_bits(const igq_accelerator *accelerator)
{
    int codes = !igq_scheme_needs_ranges(accelerator->scheme.scheme) || accelerator->group_assignment.recode;
    return codes && accelerator->activation_stores != IGQ_STORES_VALUES ? accelerator->mac_array.mac_bits
                                                                        : IGQ_ACT_IN_BITS;
}

// Finished outputs that are scaled and written back in a cycle: as many as the vector unit takes, or, if that is ideal,
// as post-processing gives.
static inline int igq_output_lanes(const igq_accelerator *accelerator)
{
    return accelerator->vector_unit.ideal ? accelerator->post_processing.lanes : accelerator->vector_unit.lanes;
}

// Sets of lists in the index buffer: one in use for each image of a batch, and those that are filled meanwhile.
static inline int igq_index_sets(const igq_accelerator *accelerator)
{
    return accelerator->tiling.batch_images + accelerator->group_assignment.list_sets - 1;
}

// Banks of ranges. pass: one is filled while another is scored. writeback: each image of a batch fills one, the softmax
// rows of a head another, while yet another is scored.
static inline int igq_range_banks(const igq_accelerator *accelerator)
{
    int listens = accelerator->group_assignment.range_source == IGQ_RANGE_SOURCE_WRITEBACK;
    return listens ? accelerator->tiling.batch_images + 2 : 2;
}

#ifdef __cplusplus
}
#endif
#endif
