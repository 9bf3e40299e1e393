// SPDX-License-Identifier: Apache-2.0
// The Verilated datapath behind the functions of igq_datapath_pins.h.
#include "igq_datapath_pins.h"
#include "Vunit.h"
#if VM_TRACE
#include <verilated_fst_c.h>
#endif
#include <algorithm>
#include <memory>

namespace
{
struct datapath {
    VerilatedContext context;
    std::unique_ptr<Vunit> model;
#if VM_TRACE
    std::unique_ptr<VerilatedFstC> waveform;
#endif

    datapath()
    {
        context.fatalOnError(false); // a failed assertion is reported, not the end of the process
        context.traceEverOn(VM_TRACE);
        model = std::make_unique<Vunit>(&context);
    }

    ~datapath()
    {
#if VM_TRACE
        if (waveform)
            waveform->close();
#endif
        model->final();
    }

    void half_cycle(int clock)
    {
        Verilated::threadContextp(&context); // assertions report to it
        model->clk_i = clock;
        model->eval();
#if VM_TRACE
        if (waveform)
            waveform->dump(context.time());
#endif
        context.timeInc(1);
    }
};

datapath &of(void *unit)
{
    return *static_cast<datapath *>(unit);
}

// Ports of up to 64 bits are integers, wider ones arrays of words.
template <typename T> void set_words(T &port, const uint32_t *words, uint32_t num)
{
    uint64_t value = num > 0 ? words[0] : 0;
    value |= num > 1 ? static_cast<uint64_t>(words[1]) << 32 : 0;
    port = static_cast<T>(value);
}

template <std::size_t N> void set_words(VlWide<N> &port, const uint32_t *words, uint32_t num)
{
    std::fill_n(std::copy_n(words, std::min<std::size_t>(num, N), port.data()), N - std::min<std::size_t>(num, N), 0u);
}

template <typename T> uint32_t word_of(const T &port, uint32_t word)
{
    return static_cast<uint32_t>(static_cast<uint64_t>(port) >> 32 * word);
}

template <std::size_t N> uint32_t word_of(const VlWide<N> &port, uint32_t word)
{
    return port[word];
}

template <typename T> constexpr uint32_t bits_of(const T &)
{
    return 8 * sizeof(T);
}

void set_inputs(Vunit &model, const igq_datapath_pins &pins)
{
    model.rst_ni = !pins.reset;
    model.fill_valid_i = pins.fill_valid;
    model.fill_kind_i = pins.fill_kind;
    model.fill_index_i = pins.fill_index;
    model.fill_addr_i = pins.fill_addr;
    set_words(model.fill_data_i, pins.fill_data, pins.fill_words);
    model.list_valid_i = pins.list_valid;
    model.list_group_i = pins.list_group;
    model.list_channel_i = pins.list_channel;
    model.list_group_last_i = pins.list_group_last;
    model.tile_valid_i = pins.tile_valid;
    model.tile_tokens_i = pins.tile_tokens;
    model.tile_outputs_i = pins.tile_outputs;
    model.tile_block_tokens_i = pins.tile_block_tokens;
    model.tile_token_blocks_i = pins.tile_token_blocks;
    model.tile_output_blocks_i = pins.tile_output_blocks;
    model.tile_act_digits_i = pins.tile_act_digits;
    model.tile_weight_digits_i = pins.tile_weight_digits;
    model.tile_weight_words_i = pins.tile_weight_words;
    model.tile_act_words_i = pins.tile_act_words;
    model.tile_num_rows_i = pins.tile_num_rows;
    model.tile_rows_i = pins.tile_rows;
    model.tile_codes_i = pins.tile_codes;
    model.tile_layer_scale_i = pins.tile_layer_scale;
    model.out_ready_i = pins.out_ready;
}

void outputs(void *unit, igq_datapath_pins *pins)
{
    const Vunit &model = *of(unit).model;
    pins->fill_ready = model.fill_ready_o;
    pins->list_ready = model.list_ready_o;
    pins->tile_ready = model.tile_ready_o;
    pins->out_valid = model.out_valid_o;
    pins->out_token = model.out_token_o;
    pins->out_output = model.out_output_o;
    pins->out_last = model.out_last_o;
}

void lanes(void *unit, uint32_t *data, uint32_t *mask)
{
    const Vunit &model = *of(unit).model;
    uint32_t num = (bits_of(model.out_data_o) + 31) / 32;
    for (uint32_t i = 0; i < num; i++) {
        data[i] = word_of(model.out_data_o, i);
        mask[i] = i / 32 * 32 < bits_of(model.out_mask_o) ? word_of(model.out_mask_o, i / 32) >> i % 32 & 1 : 0;
    }
}

void cycle(void *unit, const igq_datapath_pins *pins)
{
    set_inputs(*of(unit).model, *pins);
    of(unit).half_cycle(0);
    of(unit).half_cycle(1);
}

void open_waveform(void *unit, const char *path)
{
#if VM_TRACE
    of(unit).waveform = std::make_unique<VerilatedFstC>();
    of(unit).model->trace(of(unit).waveform.get(), 99);
    of(unit).waveform->open(path);
#else
    (void)unit;
    (void)path;
#endif
}
} // namespace

extern "C" const igq_datapath_library *igq_datapath_functions()
{
    static const igq_datapath_library functions = {[]() -> void * { return new datapath; },
                                                   [](void *unit) { delete &of(unit); },
                                                   outputs,
                                                   lanes,
                                                   cycle,
                                                   [](void *unit) -> int { return of(unit).context.gotError(); },
                                                   open_waveform};
    return &functions;
}
