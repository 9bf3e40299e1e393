// SPDX-License-Identifier: Apache-2.0
// assign.cpp - built with a user's assignment unit and its adapter (user_rtl.cpp, which calls these functions): the
// pins of the adapter as plain numbers.
#include "Vunit.h"
#include <cstdint>
#include <cstring>
#include <memory>
#if VM_TRACE
#include <verilated_fst_c.h>
#endif

namespace
{
struct unit {
    VerilatedContext context;
    std::unique_ptr<Vunit> model;
#if VM_TRACE
    std::unique_ptr<VerilatedFstC> waveform;
#endif

    void half_cycle(int clock)
    {
        Verilated::threadContextp(&context); // assertions report to it
        model->clk_i = static_cast<CData>(clock);
        model->eval();
#if VM_TRACE
        if (waveform)
            waveform->dump(context.time());
#endif
        context.timeInc(1);
    }
};

template <typename T> void set_lanes(T &port, const int16_t *act, int lanes)
{
    uint64_t value = 0;
    for (int lane = 0; lane < lanes; lane++)
        value |= static_cast<uint64_t>(static_cast<uint16_t>(act[lane])) << 16 * lane;
    port = static_cast<T>(value);
}

template <std::size_t N> void set_lanes(VlWide<N> &port, const int16_t *act, int lanes)
{
    std::memcpy(port.data(), act, static_cast<size_t>(lanes) * sizeof *act);
}
} // namespace

extern "C" {
void *igq_unit_new()
{
    auto *made = new unit;
    made->context.fatalOnError(false); // a failed assertion is reported, not the end of the process
    made->context.traceEverOn(VM_TRACE);
    made->model = std::make_unique<Vunit>(&made->context);
    return made;
}

void igq_unit_free(void *handle)
{
    auto *own = static_cast<unit *>(handle);
    own->model->final();
    delete own;
}

void igq_unit_cycle(void *handle, const int32_t *pins, const int16_t *act, int lanes)
{
    auto *own = static_cast<unit *>(handle);
    Vunit &model = *own->model;
    model.rst_ni = static_cast<CData>(pins[0]);
    model.bound_we_i = static_cast<CData>(pins[1]);
    model.bound_group_i = static_cast<IData>(pins[2]);
    model.bound_lower_i = static_cast<IData>(pins[3]);
    model.bound_upper_i = static_cast<IData>(pins[4]);
    model.layer_valid_i = static_cast<CData>(pins[5]);
    model.num_tokens_i = static_cast<IData>(pins[6]);
    model.num_channels_i = static_cast<IData>(pins[7]);
    model.num_groups_i = static_cast<IData>(pins[8]);
    model.capacity_i = static_cast<IData>(pins[9]);
    model.act_valid_i = static_cast<CData>(pins[10]);
    model.list_ready_i = static_cast<CData>(pins[11]);
    set_lanes(model.act_data_i, act, lanes);
    own->half_cycle(0);
    own->half_cycle(1);
}

void igq_unit_outputs(const void *handle, int32_t *out)
{
    const Vunit &model = *static_cast<const unit *>(handle)->model;
    out[0] = model.layer_ready_o;
    out[1] = model.act_ready_o;
    out[2] = model.list_valid_o;
    out[3] = model.list_group_last_o;
    out[4] = model.list_last_o;
    out[5] = static_cast<int32_t>(model.list_group_o);
    out[6] = static_cast<int32_t>(model.list_channel_o);
}

int igq_unit_count(void *handle, int group)
{
    auto *own = static_cast<unit *>(handle);
    own->model->counted_group_i = static_cast<IData>(group);
    own->model->eval();
    return static_cast<int>(own->model->count_o);
}

int igq_unit_failed(void *handle)
{
    return static_cast<unit *>(handle)->context.gotError();
}

void igq_unit_open_waveform(void *handle, const char *path)
{
#if VM_TRACE
    auto *own = static_cast<unit *>(handle);
    own->waveform = std::make_unique<VerilatedFstC>();
    own->model->trace(own->waveform.get(), 99);
    own->waveform->open(path);
#else
    (void)handle;
    (void)path;
#endif
}

void igq_unit_close_waveform(void *handle)
{
#if VM_TRACE
    auto *own = static_cast<unit *>(handle);
    if (own->waveform)
        own->waveform->close();
    own->waveform.reset();
#else
    (void)handle;
#endif
}
}
