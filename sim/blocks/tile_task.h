// SPDX-License-Identifier: Apache-2.0
// tile_task.h - a tile on its way through row selector, arrays, post-processing and vector unit.
#ifndef IGQ_TILE_TASK_H
#define IGQ_TILE_TASK_H
#include "array_timing.h"
#include "tiling.h"
#include <ostream>

namespace igq
{
struct tile_task {
    int job;
    igq_tile tile;
    igq_tile_time time; // set by the row selector
};

inline std::ostream &operator<<(std::ostream &out, const tile_task &task) // sc_fifo asks for it
{
    return out << "job " << task.job << ", " << task.tile.tokens << " x " << task.tile.outputs;
}
} // namespace igq

#endif
