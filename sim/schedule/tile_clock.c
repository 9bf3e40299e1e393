// SPDX-License-Identifier: Apache-2.0
#include "tile_clock.h"
#include "array_timing.h"
#include <stdlib.h>
#include <string.h>

typedef struct shape_time {
    int block_tokens, tokens, outputs;
    uint64_t cycles;
} shape_time;

// Channels first .. first + channels - 1 of some lists.
typedef struct channel_range {
    int first, channels;
    igq_steps steps;
    shape_time *time;
    int num_times, room;
} channel_range;

// Lists that differ from those of all others.
typedef struct lists {
    const igq_job *job; // the first that has them
    uint64_t hash;
    channel_range *range;
    int num_ranges, room;
} lists;

struct igq_tile_clock {
    igq_accelerator accelerator; // mac_array.tokens_in_flight: as many as the tiling in hand uses
    int tokens_in_flight;        // of the machine
    int *lists_of;               // by job
    lists *lists;
    int num_lists, failed;
};

// The array with room for one element more, the new memory zero. NULL if memory is short; the array stays as it is.
static void *grow(void *array, int num, int *room, size_t size)
{
    if (num < *room)
        return array;
    int more = *room > 0 ? 2 * *room : 4;
    char *moved = realloc(array, (size_t)more * size);
    if (!moved)
        return NULL;
    memset(moved + (size_t)*room * size, 0, (size_t)(more - *room) * size);
    *room = more;
    return moved;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t num)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < num; i++)
        hash = (hash ^ byte[i]) * 1099511628211u; // FNV-1a
    return hash;
}

static size_t channel_bytes(const igq_grouping *of)
{
    return (size_t)igq_grouping_num_listed(of) * sizeof *of->channel;
}
static size_t start_bytes(const igq_grouping *of)
{
    return ((size_t)of->G + 1) * sizeof *of->start;
}

static uint64_t hash_of(const igq_job *job)
{
    const igq_grouping *of = job->grouping;
    uint64_t hash = hash_bytes(14695981039346656037u, of->start, start_bytes(of));
    hash = hash_bytes(hash, of->channel, channel_bytes(of));
    return (hash ^ (uint64_t)job->act_bits << 8 ^ (uint64_t)job->weight_bits) * 1099511628211u;
}

static int same_lists(const igq_job *a, const igq_job *b)
{
    const igq_grouping *x = a->grouping, *y = b->grouping;
    return x->C == y->C && x->G == y->G && a->act_bits == b->act_bits && a->weight_bits == b->weight_bits &&
           memcmp(x->start, y->start, start_bytes(x)) == 0 && memcmp(x->channel, y->channel, channel_bytes(x)) == 0;
}

// A table with open addressing over the lists, at most half full, serves while they are numbered.
static void number_lists(igq_tile_clock *clock, const igq_job *jobs, int num_jobs, int *table, size_t mask)
{
    for (int j = 0; j < num_jobs; j++) {
        uint64_t hash = hash_of(&jobs[j]);
        size_t place = (size_t)(hash ^ hash >> 32) & mask;
        while (table[place] >= 0 &&
               (clock->lists[table[place]].hash != hash || !same_lists(clock->lists[table[place]].job, &jobs[j])))
            place = (place + 1) & mask;
        if (table[place] < 0) {
            table[place] = clock->num_lists;
            clock->lists[clock->num_lists++] = (lists){.job = &jobs[j], .hash = hash};
        }
        clock->lists_of[j] = table[place];
    }
}

igq_tile_clock *igq_tile_clock_new(const igq_job *jobs, int num_jobs, const igq_accelerator *accelerator)
{
    size_t places = 16;
    while (places < 2 * (size_t)num_jobs)
        places *= 2;
    igq_tile_clock *clock = calloc(1, sizeof *clock);
    int *table = malloc(places * sizeof *table);
    if (clock) {
        clock->accelerator = *accelerator;
        clock->tokens_in_flight = accelerator->mac_array.tokens_in_flight;
        clock->lists_of = calloc((size_t)num_jobs, sizeof *clock->lists_of);
        clock->lists = calloc((size_t)num_jobs, sizeof *clock->lists);
    }
    if (!clock || !table || !clock->lists_of || !clock->lists) {
        igq_tile_clock_free(clock);
        free(table);
        return NULL;
    }
    memset(table, 0xff, places * sizeof *table);
    number_lists(clock, jobs, num_jobs, table, places - 1);
    free(table);
    return clock;
}

void igq_tile_clock_free(igq_tile_clock *clock)
{
    for (int i = 0; clock && i < clock->num_lists; i++) {
        for (int r = 0; r < clock->lists[i].num_ranges; r++) {
            free(clock->lists[i].range[r].steps.step);
            free(clock->lists[i].range[r].time);
        }
        free(clock->lists[i].range);
    }
    if (clock) {
        free(clock->lists);
        free(clock->lists_of);
    }
    free(clock);
}

int igq_tile_clock_failed(const igq_tile_clock *clock)
{
    return clock->failed;
}

// The steps of a range of channels. 0 if memory is short.
static int build_steps(channel_range *range, const igq_job *job, const igq_accelerator *accelerator)
{
    igq_grouping slice, *of = job->grouping;
    void *memory = NULL;
    range->steps.step = malloc(igq_steps_room(of->C, accelerator) * sizeof *range->steps.step);
    if (range->channels < of->C) {
        memory = malloc(igq_grouping_size(of->C, of->G));
        if (memory) {
            igq_grouping_init(&slice, memory, of->C, of->G);
            igq_grouping_slice(&slice, of, range->first, range->first + range->channels);
            of = &slice;
        }
    }
    int built = range->steps.step && (memory || of == job->grouping) && range->channels > 0;
    if (built)
        igq_array_steps(&range->steps, of, job->act_bits, job->weight_bits, accelerator);
    free(memory);
    return built;
}

static channel_range *range_of(igq_tile_clock *clock, lists *of, const igq_tile *tile)
{
    for (int r = 0; r < of->num_ranges; r++)
        if (of->range[r].first == tile->first_channel && of->range[r].channels == tile->channels)
            return &of->range[r];
    channel_range *all = grow(of->range, of->num_ranges, &of->room, sizeof *all);
    if (!all)
        return NULL;
    of->range = all;
    channel_range *range = &of->range[of->num_ranges++];
    *range = (channel_range){.first = tile->first_channel, .channels = tile->channels};
    return build_steps(range, of->job, &clock->accelerator) ? range : NULL;
}

uint64_t igq_tile_clock_cycles(igq_tile_clock *clock, int job, const igq_tiling *tiling, const igq_tile *tile)
{
    channel_range *range = clock->failed ? NULL : range_of(clock, &clock->lists[clock->lists_of[job]], tile);
    shape_time *times = range ? grow(range->time, range->num_times, &range->room, sizeof *times) : NULL;
    if (!times) {
        clock->failed = 1;
        return 0;
    }
    range->time = times;
    if (range->steps.num_steps == 0)
        return 0;
    int block_tokens = tiling->block_tokens > 0 ? tiling->block_tokens : clock->tokens_in_flight;
    for (int i = 0; i < range->num_times; i++) {
        const shape_time *known = &times[i];
        if (known->tokens == tile->tokens && known->outputs == tile->outputs && known->block_tokens == block_tokens)
            return known->cycles;
    }
    igq_tile_time time;
    clock->accelerator.mac_array.tokens_in_flight = block_tokens;
    igq_array_tile(&time, &range->steps, tile->tokens, tile->outputs, &clock->accelerator);
    times[range->num_times++] = (shape_time){block_tokens, tile->tokens, tile->outputs, time.cycles};
    return time.cycles;
}
