// SPDX-License-Identifier: Apache-2.0
#include "rtl_unit.h"
#include "igq_rtl_headers.inc"
#include <verilated_fst_c.h>
#if VM_COVERAGE
#include <verilated_cov.h>
#include <unistd.h>
#endif
#include <cassert>
#include <cstdlib>
#include <cstring>

namespace
{

// Bits [low, low + width) of a port, width <= 32. Verilator makes a port an unsigned integer, or an array of words when
// it is wider than 64 bits.
template <typename T> uint32_t get_bits(const T &port, int low, int width)
{
    return static_cast<uint32_t>(static_cast<uint64_t>(port) >> low & ((UINT64_C(1) << width) - 1));
}

template <std::size_t N> uint32_t get_bits(const VlWide<N> &port, int low, int width)
{
    int word = low / 32;
    uint64_t pair = port[word];
    if (low % 32 + width > 32)
        pair |= static_cast<uint64_t>(port[word + 1]) << 32;
    return static_cast<uint32_t>(pair >> low % 32 & ((UINT64_C(1) << width) - 1));
}

template <typename T> void set_lanes(T &port, const std::vector<int16_t> &act)
{
    uint64_t value = 0;
    for (size_t lane = 0; lane < act.size(); lane++)
        value |= static_cast<uint64_t>(static_cast<uint16_t>(act[lane])) << 16 * lane;
    port = static_cast<T>(value);
}

template <std::size_t N> void set_lanes(VlWide<N> &port, const std::vector<int16_t> &act)
{
    std::memcpy(port.data(), act.data(), act.size() * sizeof act[0]);
}

int count_bits(int max)
{
    int bits = 0;
    while (max >> bits != 0)
        bits++;
    return bits;
}

template <typename Model> class verilated_unit : public rtl_unit
{
  public:
    explicit verilated_unit(const rtl_point &point) : count_bits_(count_bits(point.max_channels)), model_(&context_)
    {
        context_.fatalOnError(false); // a failed assertion is reported, not the end of the process
        context_.traceEverOn(true);
    }

    ~verilated_unit() override
    {
        close_waveform();
        model_.final();
#if VM_COVERAGE
        write_coverage();
#endif
    }

    rtl_outputs outputs() const override
    {
        rtl_outputs out;
        out.layer_ready = model_.layer_ready_o;
        out.act_ready = model_.act_ready_o;
        out.list_valid = model_.list_valid_o;
        out.list_group_last = model_.list_group_last_o;
        out.list_last = model_.list_last_o;
        out.list_group = model_.list_group_o;
        out.list_channel = model_.list_channel_o;
        return out;
    }

    int count(int group) const override
    {
        return static_cast<int>(get_bits(model_.count_o, group * count_bits_, count_bits_));
    }

    void cycle(const rtl_inputs &in) override
    {
        model_.rst_ni = !in.reset;
        model_.bound_we_i = in.bound_we;
        model_.bound_group_i = static_cast<uint8_t>(in.bound_group);
        model_.bound_lower_i = static_cast<uint16_t>(in.bound_lower);
        model_.bound_upper_i = static_cast<uint16_t>(in.bound_upper);
        model_.layer_valid_i = in.layer_valid;
        assign(model_.num_tokens_i, in.num_tokens);
        assign(model_.num_channels_i, in.num_channels);
        assign(model_.num_groups_i, in.num_groups);
        assign(model_.capacity_i, in.capacity);
        model_.act_valid_i = in.act_valid;
        set_lanes(model_.act_data_i, in.act);
        model_.list_ready_i = in.list_ready;
        half_cycle(0);
        half_cycle(1);
    }

    bool failed() const override
    {
        return context_.gotError();
    }

    void open_waveform(const std::string &path) override
    {
        waveform_ = std::make_unique<VerilatedFstC>();
        model_.trace(waveform_.get(), 99);
        waveform_->open(path.c_str());
    }

    void close_waveform() override
    {
        if (waveform_)
            waveform_->close();
        waveform_.reset();
    }

  private:
    template <typename T> static void assign(T &port, int value)
    {
        port = static_cast<T>(value);
    }

    void half_cycle(int clock)
    {
        Verilated::threadContextp(&context_); // assertions report to it
        assign(model_.clk_i, clock);
        model_.eval();
        if (waveform_)
            waveform_->dump(context_.time());
        context_.timeInc(1);
    }

#if VM_COVERAGE
    // One file per unit; tools/coverage.sh adds them up.
    void write_coverage()
    {
        static int num_units = 0;
        const char *directory = std::getenv("IGQ_RTL_COVERAGE_DIR");
        if (directory != nullptr)
            context_.coveragep()->write(
                (std::string(directory) + "/" + std::to_string(getpid()) + "_" + std::to_string(num_units++) + ".dat")
                    .c_str());
    }
#endif

    int count_bits_;
    VerilatedContext context_;
    Model model_;
    std::unique_ptr<VerilatedFstC> waveform_;
};

} // namespace

std::unique_ptr<rtl_unit> rtl_unit::make(const rtl_point &point)
{
#define IGQ_RTL_POINT(id, p, d, channels, tokens, groups, distance, has_capacity)                                      \
    if (std::strcmp(point.name, #id) == 0)                                                                             \
        return std::make_unique<verilated_unit<V##id>>(point);
#include "igq_rtl_points.inc"
#undef IGQ_RTL_POINT
    assert(!"a point of rtl_points()");
    return nullptr;
}
