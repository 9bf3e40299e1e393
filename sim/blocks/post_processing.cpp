// SPDX-License-Identifier: Apache-2.0
#include "post_processing.h"

namespace igq
{
void post_processing::work_through_jobs()
{
    for_each_tile([this](int j, int n, const igq_tile &tile) {
        tile_task task = {};
        wait_during([&] {
            task = sums->read();
            wait_cycles(task.time.cycles - task.time.handover_cycles);
        });
        takes_up(j, n);
        work(task.time.handover_cycles);
        if (tile.ends_sums) {
            result(j).ports.sum_write_bits += 8 * igq_output_bytes(tile.tokens, tile.outputs);
            finished->write(task);
        }
        drained->write(j);
    });
}
} // namespace igq
