// SPDX-License-Identifier: Apache-2.0
// dram_keys.h - the section `dram` of a machine: what its keys stand for where the file does not give them, and how
// they go together. A memory is said in one of four ways: by the name of a part (preset), its data rate, GB/s, or bytes
// a cycle; its latency in ns or in cycles. Where a file says it otherwise than its base does, or `--set` otherwise than
// the file, the nearer one counts alone; ways that stand together have to agree.
#ifndef IGQ_DRAM_KEYS_H
#define IGQ_DRAM_KEYS_H
#include "accelerator.h"
#include "keys.h"

// Functions for the table of keys: what "auto" stands for. All take an igq_accelerator.
double igq_dram_auto_channels(const void *values);
double igq_dram_auto_width_bits(const void *values);
double igq_dram_auto_data_rate(const void *values);
double igq_dram_auto_gbytes_per_s(const void *values);
double igq_dram_auto_bytes_per_cycle(const void *values);
double igq_dram_auto_latency_ns(const void *values);
double igq_dram_auto_latency_cycles(const void *values);
double igq_dram_auto_burst_bytes(const void *values);
double igq_dram_auto_bank_groups(const void *values);
double igq_dram_auto_banks_per_group(const void *values);
double igq_dram_auto_row_bytes(const void *values);
double igq_dram_auto_rcd(const void *values);
double igq_dram_auto_rp(const void *values);
double igq_dram_auto_ras(const void *values);
double igq_dram_auto_cl(const void *values);
double igq_dram_auto_cwl(const void *values);
double igq_dram_auto_ccd_l(const void *values);
double igq_dram_auto_rrd_s(const void *values);
double igq_dram_auto_rrd_l(const void *values);
double igq_dram_auto_faw(const void *values);
double igq_dram_auto_wtr_s(const void *values);
double igq_dram_auto_wtr_l(const void *values);
double igq_dram_auto_wr(const void *values);
double igq_dram_auto_rtp(const void *values);
double igq_dram_auto_rfc(const void *values);
double igq_dram_auto_refi(const void *values);

// Forgets what a nearer source says otherwise. Before keys are derived.
void igq_dram_keys_choose(igq_accelerator *machine, const igq_key *keys, int num_keys, const igq_key_source *source);

// Adds faults of how the keys go together, and sets the members of the part that are no keys. After they are derived.
void igq_dram_keys_finish(igq_accelerator *machine, igq_key_source *source);

#endif
