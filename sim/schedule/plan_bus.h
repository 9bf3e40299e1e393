// SPDX-License-Identifier: Apache-2.0
// plan_bus.h - the DRAM bus of plan_cycles.c: one transfer at a time, the most urgent port first, broken off after a
// burst for a more urgent one (docs/timing.md, "Blocks"). Twin of sim/blocks/dram.cpp for the models ideal and
// bandwidth; banks are taken at their peak.
#ifndef IGQ_PLAN_BUS_H
#define IGQ_PLAN_BUS_H
#include "accelerator.h"
#include <stdint.h>

// By urgency.
typedef enum igq_bus_port {
    IGQ_BUS_STORES,
    IGQ_BUS_RESIDUAL,
    IGQ_BUS_RANGES,
    IGQ_BUS_ACTIVATIONS,
    IGQ_BUS_WEIGHTS,
    IGQ_BUS_PORTS,
} igq_bus_port;

typedef struct igq_plan_bus {
    const igq_dram_cfg *cfg;
    uint64_t left_bytes[IGQ_BUS_PORTS]; // of the request of each port; 0: none
    int done[IGQ_BUS_PORTS];            // 1: the port's request is through, and nobody has taken notice yet
    int port;                           // served, -1: idle
    int is_cut;                         // 1: for a more urgent one
    uint64_t begin, end, moving_bytes;
} igq_plan_bus;

void igq_plan_bus_init(igq_plan_bus *bus, const igq_dram_cfg *cfg);
// 1 if the bytes (whole bursts, after this) are through at once: none, or an ideal memory. Else done[port] is set when
// they are through.
int igq_plan_bus_request(igq_plan_bus *bus, igq_bus_port port, uint64_t bytes);
// Ends the transfer that is through at `now`, before anybody else moves.
void igq_plan_bus_finish(igq_plan_bus *bus, uint64_t now);
// When nobody moves at `now` any more: breaks off what is less urgent, begins what is most urgent.
void igq_plan_bus_decide(igq_plan_bus *bus, uint64_t now);

#endif
