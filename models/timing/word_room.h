// SPDX-License-Identifier: Apache-2.0
// word_room.h - room in a buffer whose words are free as soon as they have been read the last time (double_buffered:
// words), so that what comes next follows what is read. Contract: docs/timing.md, "Tiles".
#ifndef IGQ_WORD_ROOM_H
#define IGQ_WORD_ROOM_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_NEVER UINT64_MAX

// What is being read the last time: of `bits`, floor(bits k / parts) are free from begin_cycle + ceil(k (end_cycle -
// begin_cycle) / parts) on, k = 1 ... parts.
typedef struct igq_word_release {
    uint64_t begin_cycle, end_cycle, bits;
    int parts; // at least 1
} igq_word_release;

// All zero: empty.
typedef struct igq_word_room {
    uint64_t used_bits; // and reserved; those of `last` are all among them
    igq_word_release last;
} igq_word_room;

// Begins at once. The release before must have ended.
void igq_word_room_release(igq_word_room *room, const igq_word_release *release);
// The first cycle from `now` on from which `bits` may be written evenly in `write_cycles` cycles without meeting a word
// that is still needed, in a buffer of capacity_bits; IGQ_NEVER as long as too little is known to become free.
uint64_t igq_word_room_start(const igq_word_room *room, uint64_t now, uint64_t bits, uint64_t write_cycles,
                             uint64_t capacity_bits);
// Cycle by cycle.
uint64_t igq_word_room_start_ref(const igq_word_room *room, uint64_t now, uint64_t bits, uint64_t write_cycles,
                                 uint64_t capacity_bits);
static inline void igq_word_room_take(igq_word_room *room, uint64_t bits)
{
    room->used_bits += bits;
}

#ifdef __cplusplus
}
#endif
#endif
