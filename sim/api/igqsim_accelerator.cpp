// SPDX-License-Identifier: Apache-2.0
// igqsim_accelerator.cpp - a run of sim/run inside a process of the platform: where it would start a simulation, it
// starts this machine and waits for it.
#include "igqsim_accelerator.h"
#include "machine_module.h"
#include "progress.h"
#include "report.h"
#include "run_options.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace igqsim
{
namespace
{
const int stack_bytes = 8 << 20; // C code that reads, calibrates and plans runs on it
const int platform_clock_mhz = 1000;

// Of one payload at a time: whoever lets go of it last frees it.
struct payload_memory : tlm::tlm_mm_interface {
    void free(tlm::tlm_generic_payload *payload) override { delete payload; }
};

void tell_nobody(void *, const char *, int, int, const char *) {}
} // namespace

struct accelerator::state : igq::foreign_memory {
    state(accelerator &owner, const igq_run_options &given, memory_kind kind)
        : module(owner), options(given), is_foreign(kind != memory_kind::own),
          in_phases(kind == memory_kind::socket_phases)
    {
        if (is_foreign)
            machine.use_memory(this);
    }
    ~state() override { igq_run_result_free(result); }

    accelerator &module;
    igq_run_options options;
    bool is_foreign, in_phases;
    payload_memory payloads;
    sc_core::sc_event answered{"answered"};
    igq::machine machine{"machine"};
    sc_core::sc_event start{"start"};
    igq_error error = {};
    std::string report, message, memory_fault;
    igq_run_result *result = nullptr;
    igq_run_totals totals = {};
    uint32_t status = 0, layer = 0;
    bool interrupts = false;

    // A piece of a transfer, with data that nobody looks at.
    void transfer(bool writes, uint64_t address, uint64_t bytes) override
    {
        std::vector<unsigned char> data(bytes);
        auto *made = new tlm::tlm_generic_payload(&payloads);
        tlm::tlm_generic_payload &payload = *made;
        payload.acquire();
        payload.set_command(writes ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
        payload.set_address(address);
        payload.set_data_ptr(data.data());
        payload.set_data_length(static_cast<unsigned>(bytes));
        payload.set_streaming_width(static_cast<unsigned>(bytes));
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        if (in_phases)
            pass_phases(payload);
        else
            block(payload);
        if (!payload.is_response_ok() && memory_fault.empty())
            memory_fault = "the memory answers " + payload.get_response_string() + " at address " +
                           std::to_string(address) + ", " + std::to_string(bytes) + " bytes";
        payload.release();
    }

    void block(tlm::tlm_generic_payload &payload)
    {
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        module.memory->b_transport(payload, delay);
        sc_core::wait(delay);
    }

    // A target may answer at once, skip END_REQ, or come back for both.
    void pass_phases(tlm::tlm_generic_payload &payload)
    {
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        tlm::tlm_sync_enum sync = module.memory->nb_transport_fw(payload, phase, delay);
        if (sync == tlm::TLM_COMPLETED) {
            sc_core::wait(delay);
        } else if (sync == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
            sc_core::wait(delay);
            phase = tlm::END_RESP;
            delay = sc_core::SC_ZERO_TIME;
            module.memory->nb_transport_fw(payload, phase, delay);
        } else {
            sc_core::wait(answered);
        }
    }

    static igq_status run_jobs(void *context, igq_job_result *results, const igq_accelerator *accelerator,
                               const igq_job *jobs, const igq_job_plan *plan, int num_jobs,
                               igq_assign_model assign_model, igq_error *error)
    {
        auto *own = static_cast<state *>(context);
        if (own->is_foreign && accelerator->clock_mhz != platform_clock_mhz)
            return igq_fail(error, "accelerator %s: clock_mhz %d with the memory of a platform; allowed: %d",
                            accelerator->name, accelerator->clock_mhz, platform_clock_mhz);
        const igq::machine_run run = {accelerator, jobs, plan, results, num_jobs};
        try {
            std::fill_n(results, num_jobs, igq_job_result{});
            own->machine.start(run, assign_model);
            sc_core::wait(own->machine.ended());
            sc_core::wait(igq::cycle_time()); // all blocks are at rest
            own->machine.finish(run);
            igq::finish_results(run, own->is_foreign);
        } catch (const std::logic_error &fault) {
            return igq_fail_internal(error, "%s", fault.what());
        }
        igq_progress_to(tell_nobody, nullptr);
        return own->memory_fault.empty() ? IGQ_OK : igq_fail(error, "%s", own->memory_fault.c_str());
    }

    igq_status simulate()
    {
        igq_run_call call;
        const igq_machine_runner runner = {run_jobs, this};
        char *text = nullptr;
        igq_run_result *made = nullptr;
        igq_progress_to(tell_nobody, nullptr);
        igq_status done = igq_run_call_begin(&call, &options, &error);
        if (done == IGQ_OK)
            done = igq_run_call_check(&call, &error);
        igq_run_request request = igq_run_call_request(&call);
        if (done == IGQ_OK && request.technology_path != nullptr)
            done = igq_fail(&error, "technology on a platform; allowed: with igq_run");
        request.runner = &runner;
        if (done == IGQ_OK)
            done = igq_simulate(&made, &request, &error);
        igq_run_call_end(&call);
        igq_progress_to(nullptr, nullptr);
        if (done != IGQ_OK)
            return done;
        json_t *json = igq_report_json(made);
        done = igq_report_text(&text, json, &error);
        json_decref(json);
        report = done == IGQ_OK ? text : "";
        std::free(text);
        igq_run_result_free(result);
        result = made;
        igq_run_totals_of(&totals, result);
        return done;
    }

    uint32_t layer_register(uint64_t offset) const
    {
        if (result == nullptr || layer >= static_cast<uint32_t>(result->num_layers))
            return 0;
        const igq_layer &shape = result->layer[layer];
        uint64_t cycles = result->sum[layer].timing.cycles;
        switch (offset) {
        case register_layer_tokens:
            return static_cast<uint32_t>(shape.T);
        case register_layer_channels:
            return static_cast<uint32_t>(shape.C);
        case register_layer_outputs:
            return static_cast<uint32_t>(shape.O);
        case register_layer_products:
            return static_cast<uint32_t>(shape.products);
        default:
            return static_cast<uint32_t>(offset == register_layer_cycles ? cycles : cycles >> 32);
        }
    }

    uint32_t read(uint64_t offset) const
    {
        const uint64_t counters[] = {totals.timing.cycles, totals.timing.dram_read_bytes,
                                     totals.timing.dram_write_bytes};
        if (offset >= register_cycles) {
            uint64_t counter = counters[(offset - register_cycles) / 8];
            return static_cast<uint32_t>(offset % 8 == 0 ? counter : counter >> 32);
        }
        switch (offset) {
        case register_id:
            return 0x31514749; // "IGQ1"
        case register_control:
            return interrupts ? uint32_t{control_interrupt} : 0U;
        case register_status:
            return status;
        case register_num_layers:
            return result != nullptr ? static_cast<uint32_t>(result->num_layers) : 0;
        case register_layer_select:
            return layer;
        case register_layer_cycles + 8: // nothing there
            return 0;
        default:
            return layer_register(offset);
        }
    }

    void write(uint64_t offset, uint32_t value)
    {
        if (offset == register_control) {
            interrupts = (value & control_interrupt) != 0;
            if ((value & control_start) != 0 && (status & status_busy) == 0) {
                status = status_busy;
                start.notify(sc_core::SC_ZERO_TIME);
            }
        } else if (offset == register_status) {
            status &= ~(value & (status_done | status_error));
        } else if (offset == register_layer_select) {
            layer = value;
        } // the others are for reading
        raise();
    }

    void raise() { module.interrupt.write(interrupts && (status & (status_done | status_error)) != 0); }
};

accelerator::accelerator(const sc_core::sc_module_name &name, const igq_run_options &options, memory_kind memory_is)
    : sc_module(name), state_(std::make_unique<state>(*this, options, memory_is))
{
    SC_HAS_PROCESS(accelerator);
    control.register_b_transport(this, &accelerator::answer);
    memory.register_nb_transport_bw(this, &accelerator::memory_answers);
    SC_THREAD(work);
    set_stack_size(stack_bytes);
}

accelerator::~accelerator() = default;

void accelerator::work()
{
    for (;;) {
        sc_core::wait(state_->start);
        state_->report.clear();
        state_->message.clear();
        state_->memory_fault.clear();
        bool done = state_->simulate() == IGQ_OK;
        if (!done)
            state_->message = state_->error.message;
        state_->status = done ? status_done : status_error;
        state_->raise();
    }
}

// BEGIN_RESP ends the piece when its time has come; END_REQ changes nothing, since there is no other to send.
tlm::tlm_sync_enum accelerator::memory_answers(tlm::tlm_generic_payload &, tlm::tlm_phase &phase,
                                               sc_core::sc_time &delay)
{
    if (phase != tlm::BEGIN_RESP)
        return tlm::TLM_ACCEPTED;
    state_->answered.notify(delay);
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

void accelerator::answer(tlm::tlm_generic_payload &payload, sc_core::sc_time &)
{
    uint64_t offset = payload.get_address();
    unsigned char *data = payload.get_data_ptr();
    if (offset >= register_bytes || offset % 4 != 0) {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    } else if (payload.get_data_length() != 4 || payload.get_streaming_width() < 4) {
        payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    } else if (payload.get_byte_enable_ptr() != nullptr) {
        payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    } else {
        uint32_t value = 0;
        if (payload.is_read()) {
            value = state_->read(offset);
            for (int byte = 0; byte < 4; byte++)
                data[byte] = static_cast<unsigned char>(value >> 8 * byte);
        } else if (payload.is_write()) {
            for (int byte = 0; byte < 4; byte++)
                value |= static_cast<uint32_t>(data[byte]) << 8 * byte;
            state_->write(offset, value);
        }
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
}

const std::string &accelerator::report() const
{
    return state_->report;
}

const std::string &accelerator::error() const
{
    return state_->message;
}
} // namespace igqsim
