// SPDX-License-Identifier: Apache-2.0
#include "word_room.h"
#include <assert.h>

void igq_word_room_release(igq_word_room *room, const igq_word_release *release)
{
    assert(release->parts >= 1 && release->begin_cycle <= release->end_cycle);
    assert(release->begin_cycle >= room->last.end_cycle && room->used_bits >= room->last.bits + release->bits);
    room->used_bits -= room->last.bits;
    room->last = *release;
}

static uint64_t part_cycle(const igq_word_release *release, int part)
{
    uint64_t cycles = release->end_cycle - release->begin_cycle, parts = (uint64_t)release->parts;
    return release->begin_cycle + ((uint64_t)part * cycles + parts - 1) / parts;
}

static uint64_t freed_bits(const igq_word_release *release, int parts)
{
    return parts > 0 ? release->bits * (uint64_t)parts / (uint64_t)release->parts : 0;
}

// Free when `parts` of what is released are; 0 if more is taken than there is room for.
static uint64_t free_bits(const igq_word_room *room, int parts, uint64_t capacity_bits)
{
    uint64_t free = capacity_bits + freed_bits(&room->last, parts);
    return free > room->used_bits ? free - room->used_bits : 0;
}

// Before each part becomes free no more may have been written than was free without it.
uint64_t igq_word_room_start(const igq_word_room *room, uint64_t now, uint64_t bits, uint64_t write_cycles,
                             uint64_t capacity_bits)
{
    const igq_word_release *last = &room->last;
    uint64_t start = now;
    for (int part = 1; free_bits(room, part - 1, capacity_bits) < bits; part++) {
        if (part > last->parts)
            return IGQ_NEVER;
        uint64_t cycle = part_cycle(last, part);
        uint64_t ahead = free_bits(room, part - 1, capacity_bits) * write_cycles / bits;
        if (cycle > start + ahead)
            start = cycle - ahead;
    }
    return start;
}

static int can_start(const igq_word_room *room, uint64_t start, uint64_t bits, uint64_t write_cycles,
                     uint64_t capacity_bits)
{
    // After c cycles ceil(bits c / write_cycles) have been written; all of them at once if that takes no time.
    for (uint64_t c = write_cycles > 0 ? 1 : 0; c <= write_cycles; c++) {
        uint64_t written = write_cycles > 0 ? (bits * c + write_cycles - 1) / write_cycles : bits;
        uint64_t during = start + (c > 0 ? c - 1 : 0);
        int parts = 0;
        while (parts < room->last.parts && part_cycle(&room->last, parts + 1) <= during)
            parts++;
        if (written > free_bits(room, parts, capacity_bits))
            return 0;
    }
    return 1;
}

uint64_t igq_word_room_start_ref(const igq_word_room *room, uint64_t now, uint64_t bits, uint64_t write_cycles,
                                 uint64_t capacity_bits)
{
    uint64_t last_cycle = now > room->last.end_cycle ? now : room->last.end_cycle;
    for (uint64_t start = now; start <= last_cycle; start++)
        if (can_start(room, start, bits, write_cycles, capacity_bits))
            return start;
    return IGQ_NEVER;
}
