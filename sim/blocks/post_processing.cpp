// SPDX-License-Identifier: Apache-2.0
#include "post_processing.h"

namespace igq
{
void post_processing::work_through_jobs()
{
    for (int j = 0; j < num_jobs(); j++) {
        for (int n = 0; n < plan(j).num_tiles; n++) {
            tile_task task = {};
            wait_during([&] {
                task = sums->read();
                wait_cycles(task.time.cycles - task.time.handover_cycles);
            });
            takes_up(j, n);
            work(task.time.handover_cycles);
            result(j).ports.sum_write_bits += 8 * igq_output_bytes(task.tile.tokens, task.tile.outputs);
            finished->write(task);
            drained->write(j);
        }
    }
}
} // namespace igq
