// SPDX-License-Identifier: Apache-2.0
// platform.cpp - two accelerators, memory and a driver: who slows whom down.
//   platform own                each machine with its own model of a DRAM: the cycles of the command line
//   platform first|second       one accelerator alone with a memory of this platform
//   platform separate           both, each with a memory
//   platform shared             both on one memory
//   platform phases             the first alone with a memory that is approximately timed: the cycles of `first`
// Prints a line for each accelerator: name, cycles, bytes read and written; and for each memory the bytes that it
// moved.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <igqsim_accelerator.h>
#include <memory>
#include <string>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/peq_with_get.h>
#include <vector>

// 16 bytes a nanosecond behind 40 ns, one transfer at a time, whoever asks.
struct slow_memory : sc_core::sc_module {
    tlm_utils::multi_passthrough_target_socket<slow_memory> socket{"socket"};
    sc_core::sc_time busy_until;
    uint64_t bytes = 0;

    explicit slow_memory(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_b_transport(this, &slow_memory::transport);
    }
    void transport(int, tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
    {
        sc_core::sc_time now = sc_core::sc_time_stamp() + delay, begin = now < busy_until ? busy_until : now;
        busy_until = begin + sc_core::sc_time(40 + payload.get_data_length() / 16.0, sc_core::SC_NS);
        delay = busy_until - sc_core::sc_time_stamp();
        bytes += payload.get_data_length();
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
};

// The same memory in four phases: END_REQ at once, BEGIN_RESP when the data have come.
struct phased_memory : sc_core::sc_module {
    tlm_utils::simple_target_socket<phased_memory> socket{"socket"};
    tlm_utils::peq_with_get<tlm::tlm_generic_payload> waiting{"waiting"};
    uint64_t bytes = 0;

    SC_HAS_PROCESS(phased_memory);
    explicit phased_memory(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_nb_transport_fw(this, &phased_memory::request);
        SC_THREAD(respond);
    }
    tlm::tlm_sync_enum request(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase, sc_core::sc_time &delay)
    {
        if (phase != tlm::BEGIN_REQ)
            return tlm::TLM_ACCEPTED;
        payload.acquire();
        waiting.notify(payload, delay + sc_core::sc_time(40 + payload.get_data_length() / 16.0, sc_core::SC_NS));
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }
    void respond()
    {
        for (;;) {
            wait(waiting.get_event());
            while (tlm::tlm_generic_payload *payload = waiting.get_next_transaction()) {
                tlm::tlm_phase phase = tlm::BEGIN_RESP;
                sc_core::sc_time delay;
                bytes += payload->get_data_length();
                payload->set_response_status(tlm::TLM_OK_RESPONSE);
                socket->nb_transport_bw(*payload, phase, delay);
                payload->release();
            }
        }
    }
};

// Starts an accelerator, waits for its interrupt, reads its counters.
struct driver : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<driver> socket{"socket"};
    igqsim::accelerator &device;

    SC_HAS_PROCESS(driver);
    driver(const sc_core::sc_module_name &name, igqsim::accelerator &driven) : sc_module(name), device(driven)
    {
        socket.bind(device.control);
        SC_THREAD(run);
    }
    uint32_t access(tlm::tlm_command command, uint64_t address, uint32_t value = 0)
    {
        unsigned char data[4] = {static_cast<unsigned char>(value), 0, 0, 0};
        tlm::tlm_generic_payload payload;
        sc_core::sc_time delay;
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(data);
        payload.set_data_length(4);
        payload.set_streaming_width(4);
        socket->b_transport(payload, delay);
        if (!payload.is_response_ok()) {
            std::fprintf(stderr, "%s: no register at %llu\n", name(), static_cast<unsigned long long>(address));
            std::exit(1);
        }
        return data[0] | data[1] << 8 | data[2] << 16 | static_cast<uint32_t>(data[3]) << 24;
    }
    unsigned long long counter(uint64_t address)
    {
        return access(tlm::TLM_READ_COMMAND, address) |
               static_cast<unsigned long long>(access(tlm::TLM_READ_COMMAND, address + 4)) << 32;
    }
    void run()
    {
        access(tlm::TLM_WRITE_COMMAND, igqsim::register_control, igqsim::control_start | igqsim::control_interrupt);
        wait(device.interrupt.posedge_event());
        if (access(tlm::TLM_READ_COMMAND, igqsim::register_status) != igqsim::status_done) {
            std::fprintf(stderr, "%s: %s\n", device.name(), device.error().c_str());
            std::exit(1);
        }
        access(tlm::TLM_WRITE_COMMAND, igqsim::register_status, igqsim::status_done);
        std::printf("%s %llu cycles %llu read %llu written\n", device.name(), counter(igqsim::register_cycles),
                    counter(igqsim::register_read_bytes), counter(igqsim::register_write_bytes));
    }
};

// The library beside the platform: the same run on its own has the same report. False if not.
static bool agrees(const igqsim::accelerator &device, const igq_run_options &options)
{
    igq_simulator *simulator = nullptr;
    char *report = nullptr;
    bool same =
        igq_open(&simulator) == IGQ_OK && igq_run(simulator, &options, &report) == IGQ_OK && device.report() == report;
    std::printf("%s: %s\n", device.name(), same ? "the report of igq_run" : "another report than igq_run's");
    igq_free(report);
    igq_close(simulator);
    return same;
}

int sc_main(int argc, char **argv)
{
    const std::string kind = argc == 2 ? argv[1] : "";
    const char *const names[] = {"first", "second"}, *const machines[] = {"igq_temporal", "vsquant"};
    std::vector<std::unique_ptr<igqsim::accelerator>> devices;
    std::vector<std::unique_ptr<driver>> drivers;
    std::vector<std::unique_ptr<slow_memory>> memories;
    std::vector<igq_run_options> runs;
    std::unique_ptr<phased_memory> phased;
    if (kind != "own" && kind != "first" && kind != "second" && kind != "separate" && kind != "shared" &&
        kind != "phases") {
        std::fprintf(stderr, "usage: platform own|first|second|separate|shared|phases\n");
        return 1;
    }
    for (int i = 0; i < 2; i++) {
        if (((kind == "first" || kind == "second") && kind != names[i]) || (kind == "phases" && i > 0))
            continue;
        igq_run_options options = igq_empty_options();
        options.accelerator = machines[i];
        options.workload = "deit_tiny";
        runs.push_back(options);
        bool own = kind == "own", in_phases = kind == "phases";
        devices.push_back(std::make_unique<igqsim::accelerator>(names[i], options,
                                                                own         ? igqsim::memory_kind::own
                                                                : in_phases ? igqsim::memory_kind::socket_phases
                                                                            : igqsim::memory_kind::socket));
        drivers.push_back(std::make_unique<driver>((std::string(names[i]) + "_driver").c_str(), *devices.back()));
        if (in_phases) {
            phased = std::make_unique<phased_memory>("phased_memory");
            devices.back()->memory.bind(phased->socket);
            continue;
        }
        if (!own && (kind != "shared" || memories.empty()))
            memories.push_back(std::make_unique<slow_memory>((std::string(names[i]) + "_memory").c_str()));
        if (!own)
            devices.back()->memory.bind(memories.back()->socket);
    }
    sc_core::sc_start();
    for (const auto &memory : memories)
        std::printf("%s %llu bytes\n", memory->name(), static_cast<unsigned long long>(memory->bytes));
    if (phased)
        std::printf("%s %llu bytes\n", phased->name(), static_cast<unsigned long long>(phased->bytes));
    bool agree = true;
    for (size_t i = 0; kind == "own" && i < devices.size(); i++)
        agree = agrees(*devices[i], runs[i]) && agree;
    return agree ? 0 : 1;
}
