// SPDX-License-Identifier: Apache-2.0
#include "plan_bus.h"
#include "latency.h"
#include <math.h>

void igq_plan_bus_init(igq_plan_bus *bus, const igq_dram_cfg *cfg)
{
    *bus = (igq_plan_bus){.cfg = cfg, .port = -1};
}

int igq_plan_bus_request(igq_plan_bus *bus, igq_bus_port port, uint64_t bytes)
{
    if (bytes == 0 || bus->cfg->model == IGQ_DRAM_MODEL_IDEAL)
        return 1;
    bus->left_bytes[port] = igq_dram_burst_bytes(bytes, bus->cfg);
    return 0;
}

static int most_urgent(const igq_plan_bus *bus)
{
    for (int port = 0; port < IGQ_BUS_PORTS; port++)
        if (bus->left_bytes[port] > 0)
            return port;
    return -1;
}

void igq_plan_bus_finish(igq_plan_bus *bus, uint64_t now)
{
    if (bus->port < 0 || bus->end > now)
        return;
    bus->left_bytes[bus->port] -= bus->moving_bytes;
    bus->done[bus->port] = bus->left_bytes[bus->port] == 0;
    bus->port = -1;
}

// After the burst that has begun.
static void cut(igq_plan_bus *bus, uint64_t now)
{
    double begun_bytes = (double)(now - bus->begin) * bus->cfg->bandwidth_bytes_per_cycle;
    uint64_t bytes = igq_dram_burst_bytes((uint64_t)ceil(begun_bytes), bus->cfg);
    if (bytes < bus->moving_bytes)
        bus->moving_bytes = bytes;
    bus->is_cut = 1;
    bus->end = bus->begin + igq_dram_transfer_cycles(bus->moving_bytes, bus->cfg);
}

void igq_plan_bus_decide(igq_plan_bus *bus, uint64_t now)
{
    int next = most_urgent(bus);
    if (bus->port >= 0 && !bus->is_cut && next != bus->port && now > bus->begin) {
        cut(bus, now);
        igq_plan_bus_finish(bus, now);
        next = most_urgent(bus);
    }
    if (bus->port >= 0 || next < 0)
        return;
    bus->port = next;
    bus->is_cut = 0;
    bus->begin = now;
    bus->moving_bytes = bus->left_bytes[next];
    bus->end = now + igq_dram_transfer_cycles(bus->moving_bytes, bus->cfg);
}
