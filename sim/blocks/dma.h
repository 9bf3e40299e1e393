// SPDX-License-Identifier: Apache-2.0
// dma.h - the engines that move tiles between DRAM and the buffers, one tile per transfer, ahead of the arrays as far
// as slots are free.
#ifndef IGQ_DMA_H
#define IGQ_DMA_H
#include "controller.h"
#include "dram.h"
#include "tile_buffer.h"
#include "write_back_watch.h"

namespace igq
{
class dma_engine : public block
{
  public:
    using block::block;
    sc_core::sc_port<dram> memory{"memory"};
    sc_core::sc_port<controller> control{"control"};
};

// Weight tiles, ahead across jobs; K and V as soon as they are written back, from where they are.
class weight_dma : public dma_engine
{
  public:
    using dma_engine::dma_engine;
    sc_core::sc_port<tile_buffer> buffer{"buffer"};

  private:
    uint64_t turn_cycles(int job) const;
    void work_through_jobs() override;
};

// Activation tiles of inputs that lie in DRAM.
class activation_dma : public dma_engine
{
  public:
    using dma_engine::dma_engine;
    sc_core::sc_port<tile_buffer> buffer{"buffer"};

  private:
    void work_through_jobs() override;
};

// Tiles of the residual stream, ordered when the output tile that they are added to gets its slot.
class residual_dma : public dma_engine
{
  public:
    using dma_engine::dma_engine;
    sc_core::sc_fifo_in<uint64_t> order_bytes{"order_bytes"};
    sc_core::sc_port<tile_buffer> buffer{"buffer"};

  private:
    void work_through_jobs() override;
};

// What the vector unit writes to DRAM.
struct store {
    int job;
    igq_traffic traffic;
    uint64_t bytes;
    bool frees_output_slot;
    bool ends_residual, ends_outputs; // the last of its kind of the job
};

class store_dma : public dma_engine
{
  public:
    using dma_engine::dma_engine;
    sc_core::sc_fifo_in<store> stores{"stores"};
    sc_core::sc_port<tile_buffer> output_buffer{"output_buffer"};
    sc_core::sc_port<write_back_watch> watch{"watch"};

  private:
    void work_through_jobs() override;
};

inline std::ostream &operator<<(std::ostream &out, const store &next) // sc_fifo asks for it
{
    return out << "job " << next.job << ", " << next.bytes << " bytes";
}
} // namespace igq

#endif
