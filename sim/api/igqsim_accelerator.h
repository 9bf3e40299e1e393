// SPDX-License-Identifier: Apache-2.0
// igqsim_accelerator.h - the machine as a SystemC module for somebody's platform: a TLM-2.0 target socket with
// registers, an initiator socket for memory, an interrupt. It never starts the simulation; any number of them may be in
// one. Part of the static library; needs C++17 and SystemC 2.3.4.
//
//   igqsim::accelerator first("first", options, igqsim::memory_kind::own);
//   cpu.socket.bind(first.control);          // write 1 to control: the run of the options begins
//   sc_core::sc_start();
//   first.report();                          // a report.json, as igq_run gives it
//
// A run is that of igq_run: all images of its options, one batch after another. With memory_kind::own it takes the
// cycles of the command line; with ::socket every piece of a DRAM transfer is a b_transport of `memory` (loosely timed,
// the process waits for the annotated delay), with ::socket_phases one of nb_transport (approximately timed, the base
// protocol's four phases, backward path included); at the addresses of docs/formats.md, one at a time; data are zeros.
// A cycle is 1 ns of simulated time: with a memory of a platform only machines of clock_mhz 1000 are accepted.
#ifndef IGQSIM_ACCELERATOR_H
#define IGQSIM_ACCELERATOR_H
#include "igqsim.h"
#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace igqsim
{
enum class memory_kind { own, socket, socket_phases };

// Registers of 32 bits, little endian, read and written one at a time. Counters are those of the last run that was
// done.
enum register_offset : uint64_t {
    register_id = 0x00,             // "IGQ1"
    register_control = 0x04,        // write bit 0: start (ignored while busy); bit 1: interrupt enable
    register_status = 0x08,         // bit 0 busy, bit 1 done, bit 2 error; writing 1 to bit 1 or 2 clears it
    register_num_layers = 0x0c,     //
    register_layer_select = 0x10,   // which layer the next five tell of
    register_layer_tokens = 0x14,   // T
    register_layer_channels = 0x18, // C
    register_layer_outputs = 0x1c,  // O
    register_layer_products = 0x20, // matrix products of that shape: heads
    register_layer_cycles = 0x24,   // low half; high half at + 4: all images
    register_cycles = 0x30,         // low half; high half at + 4, as the next
    register_read_bytes = 0x38,     //
    register_write_bytes = 0x40,    //
    register_bytes = 0x48           // size of the map
};
enum : uint32_t { control_start = 1, control_interrupt = 2, status_busy = 1, status_done = 2, status_error = 4 };

class accelerator : public sc_core::sc_module
{
  public:
    // options: as of igq_run, without a technology; what they point to must live as long as the accelerator.
    accelerator(const sc_core::sc_module_name &name, const igq_run_options &options, memory_kind memory);
    ~accelerator() override;

    tlm_utils::simple_target_socket<accelerator> control{"control"};
    tlm_utils::simple_initiator_socket_optional<accelerator> memory{"memory"}; // unbound with memory_kind::own
    sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> interrupt{"interrupt"}; // while done or error, if enabled

    const std::string &report() const; // of the last run; "" if there is none
    const std::string &error() const;  // why the last run failed; "" if it did not

  private:
    struct state;
    void work();
    void answer(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    tlm::tlm_sync_enum memory_answers(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                      sc_core::sc_time &delay);

    std::unique_ptr<state> state_;
};
} // namespace igqsim

#endif
