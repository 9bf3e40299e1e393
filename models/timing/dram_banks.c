// SPDX-License-Identifier: Apache-2.0
#include "dram_banks.h"
#include <assert.h>
#include <string.h>

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void igq_dram_banks_reset(igq_dram_banks *banks, const igq_dram_clocks *clocks)
{
    assert(clocks->bank_groups <= IGQ_DRAM_MAX_GROUPS);
    assert(clocks->bank_groups * clocks->banks_per_group <= IGQ_DRAM_MAX_BANKS);
    memset(banks, 0, sizeof *banks);
    banks->clocks = *clocks;
    for (int b = 0; b < IGQ_DRAM_MAX_BANKS; b++)
        banks->bank[b] = (igq_dram_bank){.row = -1, .activated = INT32_MIN};
    for (int i = 0; i < 4; i++)
        banks->activate[i] = INT32_MIN;
    banks->last_group = banks->last_activated_group = -1;
    banks->refresh_at = clocks->time[IGQ_DRAM_REFI];
}

// Bursts of a row, or of rows of the same number in a bank of each group (interleaved), of a channel.
typedef struct run {
    int group, bank; // of the first burst; the bank within its group
    int64_t row;
    int64_t num_bursts;
    int num_groups; // that it goes round
} run;

static run next_run(const igq_dram_clocks *clocks, int64_t first, int64_t num_bursts)
{
    int groups = clocks->bank_groups;
    int interleaved = clocks->mapping == IGQ_DRAM_MAPPING_INTERLEAVED && groups > 1;
    int64_t stretch = interleaved ? (int64_t)clocks->row_bursts * groups : clocks->row_bursts;
    int64_t above = first / stretch;
    run r = {.num_bursts = min64(num_bursts, stretch - first % stretch), .num_groups = 1};
    if (interleaved) {
        r.group = (int)(first % groups);
        r.num_groups = (int)min64(groups, r.num_bursts);
    } else {
        r.group = (int)(above % groups);
        above /= groups;
    }
    r.bank = (int)(above % clocks->banks_per_group);
    r.row = above / clocks->banks_per_group;
    return r;
}

// Refreshes that are due by clock `now` have taken place: all rows are closed, none opens before the last is through.
static void refresh(igq_dram_banks *banks, int64_t now)
{
    const int *time = banks->clocks.time;
    if (now < banks->refresh_at)
        return;
    int num_banks = banks->clocks.bank_groups * banks->clocks.banks_per_group;
    int64_t due = (now - banks->refresh_at) / time[IGQ_DRAM_REFI] + 1;
    int64_t at = banks->refresh_at + (due - 1) * time[IGQ_DRAM_REFI], start = at;
    for (int b = 0; b < num_banks; b++)
        if (banks->bank[b].row >= 0)
            start = max64(start, max64(at, banks->bank[b].precharge_after) + time[IGQ_DRAM_RP]);
    for (int b = 0; b < num_banks; b++) {
        banks->bank[b].row = -1;
        banks->bank[b].activate_after = start + time[IGQ_DRAM_RFC];
    }
    banks->refresh_at += due * time[IGQ_DRAM_REFI];
    banks->refreshes += due;
}

// Clock from which bursts of a row may be read or written; opens it.
static int64_t open_row(igq_dram_banks *banks, int group, const run *r, int64_t known)
{
    const int *time = banks->clocks.time;
    igq_dram_bank *bank = &banks->bank[group * banks->clocks.banks_per_group + r->bank];
    if (bank->row == r->row)
        return bank->activated + time[IGQ_DRAM_RCD];
    int64_t at = max64(known, bank->activate_after);
    if (bank->row >= 0)
        at = max64(known, bank->precharge_after) + time[IGQ_DRAM_RP];
    int apart = time[group == banks->last_activated_group ? IGQ_DRAM_RRD_L : IGQ_DRAM_RRD_S];
    at = max64(at, bank->activated + time[IGQ_DRAM_RAS] + time[IGQ_DRAM_RP]);
    at = max64(at, max64(banks->activate[3] + apart, banks->activate[0] + time[IGQ_DRAM_FAW]));
    memmove(banks->activate, banks->activate + 1, 3 * sizeof *banks->activate);
    banks->activate[3] = at;
    banks->last_activated_group = group;
    bank->row = r->row;
    bank->activated = at;
    bank->precharge_after = at + time[IGQ_DRAM_RAS];
    banks->activates++;
    return at + time[IGQ_DRAM_RCD];
}

// Bursts of other groups that went alone among the last of the queue's depth: so many of the next find a place between
// them, if they could go by the time the first of these did. They are used up.
static int64_t take_places(igq_dram_banks *banks, int group, int write, int64_t num_bursts, int64_t ready)
{
    const igq_dram_clocks *clocks = &banks->clocks;
    int64_t reach = max64(banks->group_free - ready, 0) / clocks->time[IGQ_DRAM_CCD_L];
    if (banks->turned) // the rows were opened meanwhile
        reach = IGQ_DRAM_QUEUE_BURSTS;
    int64_t left = min64(num_bursts, min64(reach, IGQ_DRAM_QUEUE_BURSTS)), taken = 0;
    for (int g = 0; g < clocks->bank_groups; g++) {
        if (g == group)
            continue;
        int64_t some = min64(left - taken, banks->alone[write][g]);
        banks->alone[write][g] -= some;
        taken += some;
    }
    return taken;
}

// Keeps the account of bursts that went alone to the depth of the queue; new ones push old ones out.
static void remember_alone(int64_t *alone, int num_groups, int group, int64_t num_bursts, int64_t num_alone)
{
    for (int g = 0; g < num_groups; g++)
        alone[g] = max64(0, min64(alone[g], IGQ_DRAM_QUEUE_BURSTS - num_bursts));
    alone[group] = min64(alone[group] + num_alone, IGQ_DRAM_QUEUE_BURSTS);
}

// The direction of the bus turns, if it has to. Returns the first clock in which data of the run may be on it then.
// Bursts of the old direction that went alone stay in the queue, in effect, until it comes back.
static int64_t turn_round(igq_dram_banks *banks, int group, int write)
{
    const int *time = banks->clocks.time;
    banks->turned = banks->last_group >= 0 && banks->last_write != write;
    if (!banks->turned)
        return 0;
    banks->group_free = banks->bus_free;
    if (write)
        return banks->bus_free + IGQ_DRAM_READ_TO_WRITE_CLOCKS;
    return banks->bus_free + time[group == banks->last_group ? IGQ_DRAM_WTR_L : IGQ_DRAM_WTR_S] + time[IGQ_DRAM_CL];
}

static void set_precharge(igq_dram_banks *banks, const run *r, int64_t last_data, int write)
{
    const igq_dram_clocks *clocks = &banks->clocks;
    const int *time = clocks->time;
    int64_t after =
        write ? last_data + clocks->burst + time[IGQ_DRAM_WR] : last_data - time[IGQ_DRAM_CL] + time[IGQ_DRAM_RTP];
    for (int i = 0; i < r->num_groups; i++) {
        int group = (r->group + i) % clocks->bank_groups;
        igq_dram_bank *bank = &banks->bank[group * clocks->banks_per_group + r->bank];
        bank->precharge_after = max64(bank->precharge_after, after);
    }
}

// That the queue's depth of bursts before the next took on the bus: those alone went at the pace of a bank group.
static int64_t queue_clocks(const igq_dram_banks *banks, int write)
{
    const igq_dram_clocks *clocks = &banks->clocks;
    int64_t alone = 0;
    for (int g = 0; g < clocks->bank_groups; g++)
        alone += banks->alone[write][g];
    return (int64_t)IGQ_DRAM_QUEUE_BURSTS * clocks->burst + alone * (clocks->time[IGQ_DRAM_CCD_L] - clocks->burst);
}

// Opens the rows of a run; returns the first clock in which its data may be on the bus as far as they go.
static int64_t open_rows(igq_dram_banks *banks, const run *r, int64_t known, int column)
{
    int64_t activates = banks->activates, ready = known + column;
    for (int i = 0; i < r->num_groups; i++) { // bursts of later groups come a burst later each
        int group = (r->group + i) % banks->clocks.bank_groups;
        ready = max64(ready, open_row(banks, group, r, known) + column - (int64_t)i * banks->clocks.burst);
    }
    banks->row_hits += r->num_bursts - (banks->activates - activates);
    return ready;
}

// Serves a run; returns the clock at which its last data is through.
static int64_t serve(igq_dram_banks *banks, const run *r, int64_t known, int write)
{
    const igq_dram_clocks *clocks = &banks->clocks;
    int column = clocks->time[write ? IGQ_DRAM_CWL : IGQ_DRAM_CL];
    int pace = clocks->time[IGQ_DRAM_CCD_L], gap = pace - clocks->burst;
    int64_t queued = max64(known, banks->bus_free - queue_clocks(banks, write) - column);
    refresh(banks, max64(known, banks->bus_free - column));
    int64_t ready = open_rows(banks, r, queued, column);
    ready = max64(ready, turn_round(banks, r->group, write));

    if (r->num_groups > 1) { // keeps the bus busy by itself
        int64_t start = max64(ready, r->group == banks->last_group ? banks->group_free : banks->bus_free);
        banks->bus_free = start + r->num_bursts * clocks->burst;
        memset(banks->alone[write], 0, sizeof banks->alone[write]);
        banks->last_group = (int)((r->group + r->num_bursts - 1) % clocks->bank_groups);
    } else {
        int64_t places = take_places(banks, r->group, write, r->num_bursts, ready), alone = r->num_bursts - places;
        int64_t free = places > 0 || r->group == banks->last_group ? banks->group_free : banks->bus_free;
        int64_t end = max64(ready, free) + places * (clocks->burst - gap) + alone * pace;
        banks->bus_free = alone > 0 ? end - gap : end;
        remember_alone(banks->alone[write], clocks->bank_groups, r->group, r->num_bursts, alone);
        banks->last_group = r->group;
    }
    banks->group_free = banks->bus_free + gap;
    banks->last_write = write;
    set_precharge(banks, r, banks->bus_free - clocks->burst, write);
    return banks->bus_free;
}

int64_t igq_dram_banks_transfer(igq_dram_banks *banks, int64_t known, uint64_t first, uint64_t num_bursts, int write)
{
    assert(num_bursts > 0);
    uint64_t channels = (uint64_t)banks->clocks.channels;
    int64_t at = (int64_t)(first / channels), left = (int64_t)((num_bursts + channels - 1) / channels), end = 0;
    while (left > 0) {
        run r = next_run(&banks->clocks, at, left);
        end = serve(banks, &r, known, write);
        at += r.num_bursts;
        left -= r.num_bursts;
    }
    return end;
}
