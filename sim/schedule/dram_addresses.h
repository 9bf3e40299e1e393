// SPDX-License-Identifier: Apache-2.0
// dram_addresses.h - where the tensors of a run lie in DRAM. One after another, each from a multiple of
// IGQ_DRAM_TENSOR_ALIGNMENT on: the weights of all layers, then, image by image, what enters the network, the residual
// stream and the outputs of every layer that leave the chip. A tensor lies there in the order in which its tiles are
// fetched or stored, each in whole bursts, the products of a layer (heads) one after another; a tensor that is fetched
// again is fetched from its beginning.
#ifndef IGQ_DRAM_ADDRESSES_H
#define IGQ_DRAM_ADDRESSES_H
#include "job.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_DRAM_TENSOR_ALIGNMENT 4096 // bytes

typedef struct igq_dram_place {
    uint64_t base, bytes; // of the tensor, or of the product's part of it
    uint64_t next;        // of the next transfer, from base
} igq_dram_place;

typedef struct igq_dram_addresses {
    igq_dram_place *place; // (num_jobs) x (IGQ_TRAFFIC_COUNT)
    int num_jobs;
    uint64_t bytes; // of all tensors
} igq_dram_addresses;

// NULL when memory is short.
igq_dram_addresses *igq_dram_addresses_new(const igq_job *jobs, const igq_job_plan *plans, int num_jobs);
void igq_dram_addresses_free(igq_dram_addresses *addresses); // NULL is allowed

// Address of the next transfer of a kind of a job, `bytes` of whole bursts.
uint64_t igq_dram_next_address(igq_dram_addresses *addresses, int job, igq_traffic traffic, uint64_t bytes);

#ifdef __cplusplus
}
#endif
#endif
