// SPDX-License-Identifier: Apache-2.0
// job.h - one matrix product as the machine is given it, and what became of it.
#ifndef IGQ_JOB_H
#define IGQ_JOB_H
#include "grouping.h"
#include "network.h"
#include "stall.h"
#include "stored_layers.h"
#include "zero_skip.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_assign_kind {
    IGQ_ASSIGN_NONE,    // static groups
    IGQ_ASSIGN_RANGES,  // ranges only (channelwise): no distance phase
    IGQ_ASSIGN_NEAREST, // ranges, then nearest group (igq)
} igq_assign_kind;

// Phases of the assignment of one job, given beats back to back and an idle unit.
typedef struct igq_assign_phases {
    uint64_t range_cycles, score_cycles, emit_cycles;
} igq_assign_phases;

// One matrix product [T][C] x [O][C]^T of one instance.
typedef struct igq_job {
    const igq_layer *layer; // T, C, O, post_op, residual
    int layer_index;        // where its result is added up
    int head;               // 0 .. layer->products - 1
    int image;              // of the batch, from 0
    int num_partners; // jobs of the batch's other images that share this one's weight tiles, 0: alone. They follow one
                      // another by image
    uint64_t waiting_bytes; // tensors of other images, and residual streams, that wait in the activation buffer
                            // meanwhile
    int residual_from_buffer, residual_stays; // igq_product
    int executed_tile_channels; // values were computed for tiles of so many channels, before lists were known; 0: not
    const igq_stored_layer *stored; // of all layers of the network; NULL: activations are values
    int act_bits, weight_bits;
    int weights_from_job; // index of the job that produced the weight operand (attention), -1: weights lie in DRAM
    int acts_from_job;    // index of the job whose written-back output is this one's activations, -1: the image in DRAM
    // What the group assignment module works on: channels (observed over T tokens) or softmax rows (observed over C
    // keys).
    igq_assign_kind assign;
    int assign_members, assign_observations; // C and T, or T and C
    int num_groups;                          // of the assignment
    int list_capacity;                       // members of a group at most; 0: no limit
    const int16_t *lo, *hi, *lower, *upper;  // ranges of members; bounds of groups
    uint16_t *assigned;                      // out (assign_members): the module's answer
    igq_assign_phases unit_cycles;           // measured beforehand; for IGQ_ASSIGN_MODEL_MEASURED only
    igq_zeros zeros;                         // of channels that zero_skip keeps off the lists; all NULL: of none
    // Static lists for the row selector. With assign == NEAREST on channels the module fills them from its answer
    // instead.
    igq_grouping *grouping;
    struct igq_rtl_tiles *rtl_tiles; // works its tiles beside the model (rtl_tiles.h); NULL: the model alone
} igq_job;

// 1 if the members that the module assigns are the rows of the activations (softmax), not their channels.
static inline int igq_job_assigns_rows(const igq_job *job)
{
    return job->layer->kind == IGQ_LAYER_CONTEXT;
}
// The module's answer for a job with assign NEAREST goes to job->assigned. Returns its repairs (igq_assign_limited).
int igq_job_assign(const igq_job *job, igq_distance distance, int distance_lanes);
// The lists of channels from that answer, without those that zero_skip leaves out.
void igq_job_build_lists(const igq_job *job);

// DRAM traffic by operand and direction.
typedef enum igq_traffic {
    IGQ_TRAFFIC_WEIGHTS_READ, // K and V of attention, too
    IGQ_TRAFFIC_ACTIVATIONS_READ,
    IGQ_TRAFFIC_RANGES_READ, // activations once more, for the range pass
    IGQ_TRAFFIC_RESIDUAL_READ,
    IGQ_TRAFFIC_RESIDUAL_WRITE,
    IGQ_TRAFFIC_OUTPUTS_WRITE,
    IGQ_TRAFFIC_COUNT
} igq_traffic;
extern const char *const igq_traffic_names[IGQ_TRAFFIC_COUNT]; // "weights_read", "activations_read", ...
static inline int igq_traffic_writes(igq_traffic traffic)
{
    return traffic == IGQ_TRAFFIC_RESIDUAL_WRITE || traffic == IGQ_TRAFFIC_OUTPUTS_WRITE;
}

// What passed the ports of the buffers, counted by the modules tile by tile: a check on the closed forms of events.h.
typedef struct igq_port_counts {
    uint64_t weight_reads; // words
    uint64_t weight_write_bits, activation_load_bits,
        sum_write_bits;            // DMA; DMA; post-processing into the output buffer
    uint64_t result_bits;          // written back, as they are stored
    uint64_t vector_pass_elements; // elements times passes of the vector unit
} igq_port_counts;

typedef struct igq_job_result {
    uint64_t cycles;                        // of the MAC arrays' time; all jobs add up to the total
    uint64_t cause_cycles[IGQ_CAUSE_COUNT]; // add up to cycles
    uint64_t assign_cycles;                 // group assignment module busy for this job
    uint64_t assign_hidden_cycles;          // of these, not waited for by the arrays
    uint64_t dram_read_bytes, dram_write_bytes;
    uint64_t traffic_bytes[IGQ_TRAFFIC_COUNT];        // they add up to both
    uint64_t dram_busy_cycles;                        // that the bus was taken up by them
    uint64_t compute_bound_cycles, dram_bound_cycles; // closed forms of latency.h
    uint64_t estimate_cycles;                         // without waiting and conflicts, estimate.h
    igq_port_counts ports;
} igq_job_result;

#ifdef __cplusplus
}
#endif
#endif
