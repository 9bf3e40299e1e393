// SPDX-License-Identifier: Apache-2.0
// dram_banks.h - when the transfers of a DRAM with rows, bank groups, turn-round and refresh are through. Contract:
// docs/timing.md, "DRAM". Worked out per run of bursts in a row, in whole clocks of the memory; the cycle-by-cycle twin
// is igq_dram_banks_ref (streams of transfers of 16 bursts and more: within 4 %). All channels do the same at the same
// time: a transfer is dealt over them burst by burst, and the one with most bursts is worked out.
#ifndef IGQ_DRAM_BANKS_H
#define IGQ_DRAM_BANKS_H
#include "dram_part.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_DRAM_MAX_BANKS 64 // of a channel, all bank groups together
#define IGQ_DRAM_MAX_GROUPS 16

typedef struct igq_dram_bank {
    int64_t row;             // -1: closed
    int64_t activated;       // clock of the last activate
    int64_t precharge_after; // no precharge before
    int64_t activate_after;  // no activate before
} igq_dram_bank;

typedef struct igq_dram_banks {
    igq_dram_clocks clocks;
    igq_dram_bank bank[IGQ_DRAM_MAX_BANKS];
    int64_t bus_free;    // clock in which the next burst of another bank group may put its data on the bus
    int64_t group_free;  // the same for the bank group of the last burst
    int64_t refresh_at;  // next one
    int64_t activate[4]; // clocks of the last four, oldest first
    int last_group;      // of the last burst, -1: none yet
    int last_activated_group;
    int last_write; // 1: the last burst was written
    // Bursts of a group, among the last of the queue's depth, that had none of another group beside them: the bus had
    // room between them, into which bursts of another group go that were in the queue then. Read and written ones.
    int64_t alone[2][IGQ_DRAM_MAX_GROUPS];
    int turned;                             // 1: nothing has followed in the direction of the bus since it turned
    int64_t row_hits, activates, refreshes; // so far
} igq_dram_banks;

void igq_dram_banks_reset(igq_dram_banks *banks, const igq_dram_clocks *clocks);

// Serves a transfer of num_bursts > 0 bursts from burst `first` of the address space on (burst k lies in channel
// k mod channels). `known`: clock from which the controller knows of it; the transfers of a call are served after those
// of the calls before, with their rows opened ahead. Returns the clock at which the last of its data is through.
int64_t igq_dram_banks_transfer(igq_dram_banks *banks, int64_t known, uint64_t first, uint64_t num_bursts, int write);

// One transfer for the twin.
typedef struct igq_dram_transfer {
    int64_t known;
    uint64_t first, num_bursts;
    int write;
} igq_dram_transfer;

// Command by command, clock by clock. Bursts come in order of their transfers into the controller's queues of reads and
// of writes, IGQ_DRAM_QUEUE_BURSTS each. It writes when more than 4/5 of the writes' queue are taken or nothing is to
// be read, until less than 1/5 are and something is. Of the queue at work, the oldest burst goes whose row is open and
// that may go; else the oldest precharges or activates that may (a row with bursts waiting is not closed), the other
// queue's after it. Returns the clock at which the last data is through.
int64_t igq_dram_banks_ref(const igq_dram_clocks *clocks, const igq_dram_transfer *transfer, int num_transfers);

#ifdef __cplusplus
}
#endif
#endif
