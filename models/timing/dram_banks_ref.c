// SPDX-License-Identifier: Apache-2.0
// The cycle-by-cycle twin of dram_banks.c: a queue of bursts and at most one command a clock.
#include "dram_banks.h"
#include <stdlib.h>
#include <string.h>

enum { LONG_AGO = -1000000 };

typedef struct burst {
    int group, bank; // bank: of all groups
    int64_t row;
    int write;
} burst;

typedef struct controller {
    const igq_dram_clocks *clocks;
    int64_t clock;
    burst queue[2][IGQ_DRAM_QUEUE_BURSTS]; // to be read, to be written
    int num_queued[2];
    int writing;
    int64_t row[IGQ_DRAM_MAX_BANKS]; // -1: closed
    int64_t activated[IGQ_DRAM_MAX_BANKS], precharged[IGQ_DRAM_MAX_BANKS], precharge_after[IGQ_DRAM_MAX_BANKS];
    int64_t column[2][IGQ_DRAM_MAX_GROUPS]; // last read and last write of a group
    int64_t activate[4];
    int last_activated_group;
    int64_t refresh_at, refreshed_until;
    int64_t last_data;
} controller;

static burst burst_at(const igq_dram_clocks *clocks, uint64_t number, int write)
{
    uint64_t at = number / (uint64_t)clocks->channels, groups = (uint64_t)clocks->bank_groups, group;
    if (clocks->mapping == IGQ_DRAM_MAPPING_INTERLEAVED) {
        group = at % groups;
        at = at / groups / (uint64_t)clocks->row_bursts;
    } else {
        at /= (uint64_t)clocks->row_bursts;
        group = at % groups;
        at /= groups;
    }
    uint64_t bank = at % (uint64_t)clocks->banks_per_group;
    return (burst){.group = (int)group,
                   .bank = (int)(group * (uint64_t)clocks->banks_per_group + bank),
                   .row = (int64_t)(at / (uint64_t)clocks->banks_per_group),
                   .write = write};
}

static int may_go(const controller *c, const burst *b)
{
    const int *time = c->clocks->time;
    if (c->row[b->bank] != b->row || c->clock < c->activated[b->bank] + time[IGQ_DRAM_RCD])
        return 0;
    for (int g = 0; g < c->clocks->bank_groups; g++) {
        int same = g == b->group;
        int64_t like = c->column[b->write][g] + (same ? time[IGQ_DRAM_CCD_L] : c->clocks->burst);
        int64_t read_to_write =
            c->column[0][g] + time[IGQ_DRAM_CL] + c->clocks->burst + IGQ_DRAM_READ_TO_WRITE_CLOCKS - time[IGQ_DRAM_CWL];
        int64_t write_to_read =
            c->column[1][g] + time[IGQ_DRAM_CWL] + c->clocks->burst + time[same ? IGQ_DRAM_WTR_L : IGQ_DRAM_WTR_S];
        if (c->clock < like || c->clock < (b->write ? read_to_write : write_to_read))
            return 0;
    }
    return 1;
}

static void go(controller *c, int write, int index)
{
    const int *time = c->clocks->time;
    burst *queue = c->queue[write], b = queue[index];
    c->column[b.write][b.group] = c->clock;
    int64_t data_end = c->clock + time[b.write ? IGQ_DRAM_CWL : IGQ_DRAM_CL] + c->clocks->burst;
    int64_t after = b.write ? data_end + time[IGQ_DRAM_WR] : c->clock + time[IGQ_DRAM_RTP];
    if (after > c->precharge_after[b.bank])
        c->precharge_after[b.bank] = after;
    if (data_end > c->last_data)
        c->last_data = data_end;
    c->num_queued[write]--;
    memmove(queue + index, queue + index + 1, (size_t)(c->num_queued[write] - index) * sizeof *queue);
}

// By a burst of the queue at work, or, for one of the other queue, of any.
static int row_is_wanted(const controller *c, int bank, int by_any)
{
    for (int write = 0; write < 2; write++)
        for (int i = 0; i < c->num_queued[write] && (by_any || write == c->writing); i++)
            if (c->queue[write][i].bank == bank && c->queue[write][i].row == c->row[bank])
                return 1;
    return 0;
}

// An activate or a precharge for a burst; 1: issued.
static int prepare(controller *c, const burst *b)
{
    const int *time = c->clocks->time;
    if (c->row[b->bank] == b->row)
        return 0;
    if (c->row[b->bank] >= 0) {
        if (row_is_wanted(c, b->bank, b->write != c->writing) || c->clock < c->precharge_after[b->bank])
            return 0;
        c->row[b->bank] = -1;
        c->precharged[b->bank] = c->clock;
        return 1;
    }
    int apart = time[b->group == c->last_activated_group ? IGQ_DRAM_RRD_L : IGQ_DRAM_RRD_S];
    if (c->clock < c->precharged[b->bank] + time[IGQ_DRAM_RP] || c->clock < c->activate[3] + apart ||
        c->clock < c->activate[0] + time[IGQ_DRAM_FAW])
        return 0;
    memmove(c->activate, c->activate + 1, 3 * sizeof *c->activate);
    c->activate[3] = c->activated[b->bank] = c->clock;
    c->last_activated_group = b->group;
    c->row[b->bank] = b->row;
    c->precharge_after[b->bank] = c->clock + time[IGQ_DRAM_RAS];
    return 1;
}

// 1: this clock belongs to the refresh that is due.
static int refreshes(controller *c)
{
    const int *time = c->clocks->time;
    if (c->clock < c->refreshed_until)
        return 1;
    if (c->clock < c->refresh_at)
        return 0;
    int num_banks = c->clocks->bank_groups * c->clocks->banks_per_group;
    for (int b = 0; b < num_banks; b++)
        if (c->row[b] >= 0 && c->clock < c->precharge_after[b])
            return 1;
    for (int b = 0; b < num_banks; b++) {
        if (c->row[b] >= 0)
            c->precharged[b] = c->clock;
        c->row[b] = -1;
    }
    for (int b = 0; b < num_banks; b++)
        if (c->clock < c->precharged[b] + time[IGQ_DRAM_RP])
            return 1;
    c->refreshed_until = c->clock + time[IGQ_DRAM_RFC];
    c->refresh_at += time[IGQ_DRAM_REFI];
    return 1;
}

static void choose_direction(controller *c)
{
    if (c->writing && 5 * c->num_queued[1] < IGQ_DRAM_QUEUE_BURSTS && c->num_queued[0] > 0)
        c->writing = 0;
    else if (!c->writing &&
             (5 * c->num_queued[1] > 4 * IGQ_DRAM_QUEUE_BURSTS || (c->num_queued[0] == 0 && c->num_queued[1] > 0)))
        c->writing = 1;
}

static void issue(controller *c)
{
    if (refreshes(c))
        return;
    choose_direction(c);
    for (int i = 0; i < c->num_queued[c->writing]; i++)
        if (may_go(c, &c->queue[c->writing][i])) {
            go(c, c->writing, i);
            return;
        }
    for (int other = 0; other < 2; other++)
        for (int i = 0; i < c->num_queued[c->writing ^ other]; i++)
            if (prepare(c, &c->queue[c->writing ^ other][i]))
                return;
}

int64_t igq_dram_banks_ref(const igq_dram_clocks *clocks, const igq_dram_transfer *transfer, int num_transfers)
{
    controller *c = calloc(1, sizeof *c);
    if (c == NULL)
        abort();
    c->clocks = clocks;
    for (int b = 0; b < IGQ_DRAM_MAX_BANKS; b++) {
        c->row[b] = -1;
        c->activated[b] = c->precharged[b] = LONG_AGO;
    }
    for (int g = 0; g < IGQ_DRAM_MAX_GROUPS; g++)
        c->column[0][g] = c->column[1][g] = LONG_AGO;
    for (int i = 0; i < 4; i++)
        c->activate[i] = LONG_AGO;
    c->last_activated_group = -1;
    c->refresh_at = clocks->time[IGQ_DRAM_REFI];
    int t = 0;
    uint64_t taken = 0, step = (uint64_t)clocks->channels; // the bursts of channel 0
    while (t < num_transfers || c->num_queued[0] + c->num_queued[1] > 0) {
        while (t < num_transfers && transfer[t].known <= c->clock &&
               c->num_queued[transfer[t].write] < IGQ_DRAM_QUEUE_BURSTS) {
            int write = transfer[t].write;
            c->queue[write][c->num_queued[write]++] = burst_at(clocks, transfer[t].first + taken, write);
            taken += step;
            if (taken >= transfer[t].num_bursts) {
                taken = 0;
                t++;
            }
        }
        issue(c);
        c->clock++;
    }
    int64_t last_data = c->last_data;
    free(c);
    return last_data;
}
