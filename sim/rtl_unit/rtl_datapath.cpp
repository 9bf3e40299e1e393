// SPDX-License-Identifier: Apache-2.0
#include "rtl_datapath.h"
#include "format.h"
#include "latency.h"
#include "slices.h"
#include <algorithm>
#include <cassert>
#include <cstring>

namespace
{
const int ready_limit_cycles = 100000; // between tiles

uint32_t bits_of(float value)
{
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

// num bits of `value` at bit `low` of a row of words.
void put_bits(std::vector<uint32_t> &words, int low, int num, uint32_t value)
{
    for (int i = 0; i < num; i++)
        words[static_cast<size_t>((low + i) / 32)] |= (value >> i & 1) << (low + i) % 32;
}

std::vector<uint32_t> zero_words(int bits)
{
    return std::vector<uint32_t>(static_cast<size_t>((bits + 31) / 32));
}

int ceil_div(int a, int b)
{
    return (a + b - 1) / b;
}

struct needed {
    const char *key;
    int got, needed; // of a machine that has RTL
};

igq_status check(const igq_accelerator &accelerator, igq_error *error)
{
    const igq_scheme scheme = accelerator.scheme.scheme;
    if (igq_act_format(&accelerator.scheme) != &igq_format_affine || scheme == IGQ_SCHEME_CHANNELWISE)
        return igq_fail(error,
                        "%s: there is no RTL of the datapath for scheme %s; allowed: layerwise, consecutive, peg, igq, "
                        "igq_fixed",
                        accelerator.name, igq_scheme_names[scheme]);
    if (igq_weight_format(&accelerator.scheme) != &igq_format_affine)
        return igq_fail(error,
                        "%s: there is no RTL of the datapath for weight_scheme %s; allowed: auto, per_channel, groups",
                        accelerator.name, igq_weight_scheme_names[accelerator.scheme.weight_scheme]);
    if (accelerator.mac_organisation == IGQ_ORGANISATION_UNBOUND)
        return igq_fail(error,
                        "%s: there is no RTL of the datapath for mac_organisation unbound; allowed: per_group, shared, "
                        "elastic, temporal",
                        accelerator.name);
    const needed keys[] = {
        {"mac_array.stream_sums", accelerator.mac_array.stream_sums, 0},
        {"mac_array.systolic", accelerator.mac_array.systolic, 0},
        {"mac_array.pipeline_cycles", accelerator.mac_array.pipeline_cycles, IGQ_RTL_MAC_CYCLES},
        {"row_selector.setup_cycles", accelerator.row_selector.setup_cycles, IGQ_RTL_SETUP_CYCLES},
        {"row_selector.pipeline_cycles", accelerator.row_selector.pipeline_cycles, IGQ_RTL_GATHER_CYCLES},
        {"post_processing.add_cycles", accelerator.post_processing.add_cycles, IGQ_RTL_ADD_CYCLES}};
    for (const needed &key : keys) {
        if (key.got != key.needed)
            return igq_fail(error, "%s: %s is %d; the RTL of the datapath has %d", accelerator.name, key.key, key.got,
                            key.needed);
    }
    if (accelerator.post_processing.latency_cycles < IGQ_RTL_POST_CYCLES)
        return igq_fail(error, "%s: post_processing.latency_cycles is %d; the RTL of the datapath takes %d or more",
                        accelerator.name, accelerator.post_processing.latency_cycles, IGQ_RTL_POST_CYCLES);
    const int bits = accelerator.mac_array.tokens_in_flight * IGQ_ACT_IN_BITS;
    if (accelerator.row_selector.bank_width_bits < bits)
        return igq_fail(
            error,
            "%s: row_selector.bank_width_bits is %d; the RTL of the datapath takes %d or more, 16 bits for each of "
            "mac_array.tokens_in_flight",
            accelerator.name, accelerator.row_selector.bank_width_bits, bits);
    if (accelerator.mac_array.acc_bits > 32)
        return igq_fail(error, "%s: mac_array.acc_bits is %d; the RTL of the datapath takes up to 32", accelerator.name,
                        accelerator.mac_array.acc_bits);
    return IGQ_OK;
}
} // namespace

igq_status datapath_point_of(datapath_point *point, const igq_accelerator &accelerator, const datapath_size &size,
                             igq_error *error)
{
    igq_status status = check(accelerator, error);
    if (status != IGQ_OK)
        return status;
    const igq_mac_array_cfg &array = accelerator.mac_array;
    const igq_row_selector_cfg &selector = accelerator.row_selector;
    const bool half = array.wide_rate == IGQ_WIDE_RATE_HALF;
    *point = {};
    point->in_turn = !igq_works_in_lockstep(accelerator.mac_organisation);
    point->num_arrays = array.num_arrays;
    point->lanes = array.lanes;
    point->vector_length = array.vector_length;
    point->tokens_in_flight = array.tokens_in_flight;
    point->mac_bits = array.mac_bits;
    point->num_banks = selector.num_banks;
    point->planes_per_word = std::min(ceil_div(IGQ_MAX_CODE_BITS, array.mac_bits),
                                      selector.bank_width_bits / (array.lanes * array.mac_bits));
    point->tokens_per_word = std::min(array.tokens_in_flight, selector.bank_width_bits / IGQ_ACT_IN_BITS);
    point->post_lanes = accelerator.post_processing.lanes;
    point->max_groups = size.max_groups;
    point->max_channels = size.max_channels;
    point->token_blocks = size.token_blocks;
    point->output_blocks = size.output_blocks;
    const std::pair<const char *, int> values[] = {{"InTurn", point->in_turn},
                                                   {"NumArrays", array.num_arrays},
                                                   {"Lanes", array.lanes},
                                                   {"VectorLength", array.vector_length},
                                                   {"TokenRows", array.token_rows},
                                                   {"TokensInFlight", array.tokens_in_flight},
                                                   {"MacBits", array.mac_bits},
                                                   {"AccBits", array.acc_bits},
                                                   {"AccumulatorSets", array.accumulator_sets},
                                                   {"RescaleCycles", array.rescale_cycles},
                                                   {"HalfRate", half},
                                                   {"GroupScale", accelerator.scheme.group_scale},
                                                   {"NumBanks", selector.num_banks},
                                                   {"PortsPerBank", selector.ports_per_bank},
                                                   {"BankBits", selector.bank_width_bits},
                                                   {"QueueDepth", selector.queue_depth},
                                                   {"PostLanes", accelerator.post_processing.lanes},
                                                   {"PostLatency", accelerator.post_processing.latency_cycles},
                                                   {"MaxGroups", point->max_groups},
                                                   {"MaxChannels", point->max_channels},
                                                   {"TokenBlocks", size.token_blocks},
                                                   {"OutputBlocks", size.output_blocks}};
    for (const auto &value : values)
        point->parameters.emplace_back(value.first, std::to_string(value.second));
    return IGQ_OK;
}

igq_status rtl_datapath::open(const datapath_point &point, const std::string &label, bool trace, igq_error *error)
{
    static const char *const modules[] = {"fp32_mul",     "fp32_add",     "int_to_fp32",     "quantizer",
                                          "index_buffer", "row_selector", "gather_queue",    "sequencer",
                                          "mac_array",    "post_lanes",   "post_processing", "datapath"};
    std::string dir;
    igq_status status = igq_rtl_dir(&dir, error);
    if (status != IGQ_OK)
        return status;
    std::vector<std::string> sources;
    for (const char *common :
         {"lint.vlt", "datapath/lint.vlt", "igq_pkg.sv", "igq_ram.sv", "datapath/igq_datapath_pkg.sv"})
        sources.push_back(dir + "/" + common);
    for (const char *module : modules)
        sources.push_back(dir + "/datapath/igq_" + module + ".sv");
    // Loops stay loops: the code is small, and compiles in seconds.
    const verilate_request request = {
        "datapath of " + label,
        sources,
        {dir, dir + "/datapath"},
        "igq_datapath",
        point.parameters,
        {"--assert", "-Wall", "-Wno-UNUSEDPARAM", "-Wno-WIDTHCONCAT", "--unroll-count", "65536", "--unroll-stmts", "1"},
        dir + "/datapath/igq_datapath_harness.cpp",
        trace};
    return open(point, request, nullptr, error);
}

igq_status rtl_datapath::open(const datapath_point &point, const verilate_request &request, std::string *warnings,
                              igq_error *error)
{
    std::string library;
    point_ = point;
    igq_status status = igq_verilate(&library, request, error);
    if (status == IGQ_OK && warnings != nullptr)
        *warnings = igq_verilate_warnings(library);
    if (status == IGQ_OK)
        status = library_.open(library, error);
    if (status != IGQ_OK)
        return status;
    functions_ = reinterpret_cast<const igq_datapath_library *(*)()>(library_.symbol("igq_datapath_functions"))();
    unit_ = functions_->create();
    reset();
    return IGQ_OK;
}

void rtl_datapath::attach(const datapath_point &point, const igq_datapath_library *functions, void *unit)
{
    point_ = point;
    functions_ = functions;
    unit_ = unit;
    reset();
}

rtl_datapath::~rtl_datapath()
{
    if (unit_ != nullptr)
        functions_->destroy(unit_);
}

void rtl_datapath::open_waveform(const std::string &path)
{
    functions_->open_waveform(unit_, path.c_str());
}

void rtl_datapath::cycle()
{
    functions_->cycle(unit_, &pins_);
    functions_->outputs(unit_, &pins_);
    cycle_++;
}

void rtl_datapath::reset()
{
    pins_ = {};
    pins_.reset = 1;
    cycle();
    pins_.reset = 0;
}

void rtl_datapath::idle(int cycles)
{
    for (int i = 0; i < cycles; i++)
        cycle();
}

// Ours is always ready between tiles.
void rtl_datapath::await(const uint32_t &ready, const char *port)
{
    for (int i = 0; i < ready_limit_cycles && !ready && fault_.empty(); i++)
        cycle();
    if (!ready && fault_.empty())
        fault_ = std::string(port) + " is 0 for " + std::to_string(ready_limit_cycles) + " cycles between tiles";
}

/// Operands into their places

void rtl_datapath::fill(uint32_t kind, uint32_t index, uint32_t addr, const std::vector<uint32_t> &data,
                        const datapath_stalls &stalls)
{
    idle(stalls.before_fill ? stalls.before_fill() : 0);
    await(pins_.fill_ready, "fill_ready_o");
    pins_.fill_valid = 1;
    pins_.fill_kind = kind;
    pins_.fill_index = index;
    pins_.fill_addr = addr;
    pins_.fill_data = data.data();
    pins_.fill_words = static_cast<uint32_t>(data.size());
    cycle();
    pins_.fill_valid = 0;
    pins_.fill_words = 0;
}

void rtl_datapath::fill_weights(const datapath_tile &tile, const igq_accelerator &accelerator,
                                const datapath_stalls &stalls)
{
    const int words = igq_weight_words(tile.weight_bits, &accelerator), rows = ceil_div(tile.C, point_.num_banks);
    const int plane_bits = point_.lanes * point_.mac_bits, digits = ceil_div(tile.weight_bits, point_.mac_bits);
    for (int o = 0; o < tile.O; o += point_.lanes) {
        for (int i = 0; i < igq_grouping_num_listed(&tile.grouping); i++) {
            const int c = tile.grouping.channel[i];
            for (int w = 0; w < words; w++) {
                std::vector<uint32_t> word = zero_words(point_.planes_per_word * plane_bits);
                for (int p = 0; p < std::min(point_.planes_per_word, digits - w * point_.planes_per_word); p++)
                    for (int lane = 0; lane < std::min(point_.lanes, tile.O - o); lane++)
                        put_bits(word, p * plane_bits + lane * point_.mac_bits, point_.mac_bits,
                                 static_cast<uint32_t>(tile.weights[static_cast<size_t>((o + lane) * tile.C + c)] >>
                                                       (w * point_.planes_per_word + p) * point_.mac_bits));
                int addr = (o / point_.lanes * words + w) * rows + c / point_.num_banks;
                fill(IGQ_FILL_WEIGHTS, static_cast<uint32_t>(c % point_.num_banks), static_cast<uint32_t>(addr), word,
                     stalls);
            }
        }
    }
}

void rtl_datapath::fill_acts(const datapath_tile &tile, const datapath_stalls &stalls)
{
    const int words = ceil_div(tile.block_tokens, point_.tokens_per_word), rows = ceil_div(tile.C, point_.num_banks);
    for (int t = 0; t < tile.T; t += tile.block_tokens) {
        for (int i = 0; i < igq_grouping_num_listed(&tile.grouping); i++) {
            const int c = tile.grouping.channel[i];
            for (int w = 0; w < words; w++) {
                std::vector<uint32_t> word = zero_words(point_.tokens_per_word * IGQ_ACT_IN_BITS);
                int first = w * point_.tokens_per_word, end = std::min(tile.block_tokens, tile.T - t);
                for (int n = first; n < std::min(first + point_.tokens_per_word, end); n++)
                    put_bits(word, (n - first) * IGQ_ACT_IN_BITS, IGQ_ACT_IN_BITS,
                             static_cast<uint16_t>(tile.acts[static_cast<size_t>((t + n) * tile.C + c)]));
                int addr = (t / tile.block_tokens * words + w) * rows + c / point_.num_banks;
                fill(IGQ_FILL_ACTS, static_cast<uint32_t>(c % point_.num_banks), static_cast<uint32_t>(addr), word,
                     stalls);
            }
        }
    }
}

void rtl_datapath::fill_tables(const datapath_tile &tile, const datapath_stalls &stalls)
{
    const igq_group_scales &scales = tile.scales;
    for (size_t g = 0; g < tile.quantizer.size(); g++) {
        const igq_quantizer &quantizer = tile.quantizer[g];
        std::vector<uint32_t> word = zero_words(64);
        put_bits(word, 0, 15, static_cast<uint32_t>(quantizer.multiplier));
        put_bits(word, 15, 5, static_cast<uint32_t>(quantizer.shift_log2));
        put_bits(word, 20, 8, static_cast<uint32_t>(quantizer.zero_point));
        put_bits(word, 28, 8, (1u << quantizer.bits) - 1);
        fill(IGQ_FILL_QUANTIZER, static_cast<uint32_t>(g), 0, word, stalls);
        int32_t weight = scales.weight[g];
        float whole =
            static_cast<float>(scales.mode == IGQ_GROUP_SCALE_POW2 ? 1 << weight : weight) * scales.layer_scale;
        uint32_t step = scales.mode == IGQ_GROUP_SCALE_FP32 ? bits_of(scales.step[g]) : bits_of(whole);
        fill(IGQ_FILL_SCALE, static_cast<uint32_t>(g), 0, {step, static_cast<uint32_t>(weight)}, stalls);
    }
    for (int o = 0; o < tile.O; o++) {
        auto lane = static_cast<uint32_t>(o % point_.lanes), block = static_cast<uint32_t>(o / point_.lanes);
        auto index = static_cast<size_t>(o);
        fill(IGQ_FILL_OUTPUT, lane, block, {bits_of(tile.weight_scale[index]), bits_of(tile.bias[index])}, stalls);
        fill(IGQ_FILL_ZERO, lane, block, {tile.weight_zero[index]}, stalls);
    }
    for (int t = 0; tile.rows && t < tile.T; t++)
        fill(IGQ_FILL_TOKEN_GROUP, static_cast<uint32_t>(t), 0,
             {static_cast<uint32_t>(tile.token_group[static_cast<size_t>(t)])}, stalls);
}

void rtl_datapath::fill_lists(const datapath_tile &tile, const igq_accelerator &accelerator,
                              const datapath_stalls &stalls)
{
    const igq_grouping &grouping = tile.grouping;
    fill(IGQ_FILL_ARRAYS, 0, 1, {0}, stalls);
    if (!point_.in_turn) {
        int arrays[IGQ_MAX_GROUPS], first = 0;
        igq_arrays_of_lists(arrays, &grouping, &accelerator);
        for (int g = 0; g < grouping.G; first += arrays[g], g++)
            if (arrays[g] > 0)
                fill(IGQ_FILL_ARRAYS, static_cast<uint32_t>(g), 0,
                     {static_cast<uint32_t>(first) | static_cast<uint32_t>(arrays[g]) << 16}, stalls);
    }
    for (int g = 0; g < grouping.G; g++) {
        for (int i = grouping.start[g]; i < grouping.start[g + 1]; i++) {
            idle(stalls.before_list ? stalls.before_list() : 0);
            await(pins_.list_ready, "list_ready_o");
            pins_.list_valid = 1;
            pins_.list_group = static_cast<uint32_t>(g);
            pins_.list_channel = grouping.channel[i];
            pins_.list_group_last = i + 1 == grouping.start[g + 1];
            cycle();
            pins_.list_valid = 0;
        }
    }
}

/// A tile

void rtl_datapath::command(const datapath_tile &tile, const igq_accelerator &accelerator)
{
    await(pins_.tile_ready, "tile_ready_o");
    auto set = [](uint32_t &pin, int value) { pin = static_cast<uint32_t>(value); };
    pins_.tile_valid = 1;
    set(pins_.tile_tokens, tile.T);
    set(pins_.tile_outputs, tile.O);
    set(pins_.tile_block_tokens, tile.block_tokens);
    set(pins_.tile_token_blocks, ceil_div(tile.T, tile.block_tokens));
    set(pins_.tile_output_blocks, ceil_div(tile.O, point_.lanes));
    set(pins_.tile_act_digits, ceil_div(tile.act_bits, point_.mac_bits));
    set(pins_.tile_weight_digits, ceil_div(tile.weight_bits, point_.mac_bits));
    set(pins_.tile_weight_words, igq_weight_words(tile.weight_bits, &accelerator));
    set(pins_.tile_act_words, ceil_div(tile.block_tokens, point_.tokens_per_word));
    set(pins_.tile_num_rows, ceil_div(tile.C, point_.num_banks));
    set(pins_.tile_rows, tile.rows);
    set(pins_.tile_codes, tile.codes);
    pins_.tile_layer_scale = bits_of(tile.scales.layer_scale);
    cycle();
    pins_.tile_valid = 0;
}

void rtl_datapath::collect(datapath_result &result, const datapath_tile &tile)
{
    std::vector<uint32_t> data(static_cast<size_t>(point_.post_lanes) + 2), mask(data.size());
    functions_->lanes(unit_, data.data(), mask.data());
    for (int i = 0; i < point_.post_lanes; i++) {
        if (mask[static_cast<size_t>(i)] == 0)
            continue;
        int token = static_cast<int>(pins_.out_token) + i / point_.lanes;
        int output = static_cast<int>(pins_.out_output) + i % point_.lanes;
        if (token >= tile.T || output >= tile.O) {
            result.fault = "the RTL gives token " + std::to_string(token) + ", output " + std::to_string(output) +
                           ", which the tile does not have";
            return;
        }
        auto place = static_cast<size_t>(token * tile.O + output);
        std::memcpy(&result.y[place], &data[static_cast<size_t>(i)], sizeof(float));
        result.seen[place]++;
    }
}

// An output that is offered stays as it is until it is taken.
void rtl_datapath::check_offer(datapath_result &result, bool taken)
{
    if (offered_.out_valid && !pins_.out_valid)
        result.fault = "out_valid_o falls before the output is taken";
    else if (offered_.out_valid && (offered_.out_token != pins_.out_token || offered_.out_output != pins_.out_output ||
                                    offered_.out_last != pins_.out_last))
        result.fault = "the output changes before it is taken";
    offered_ = pins_;
    offered_.out_valid = pins_.out_valid && !taken;
}

datapath_result rtl_datapath::run(const datapath_tile &tile, const igq_accelerator &accelerator,
                                  const datapath_stalls &stalls, uint64_t limit_cycles)
{
    datapath_result result = {};
    auto num = static_cast<size_t>(tile.T * tile.O);
    result.y.resize(num);
    result.seen.resize(num);
    fill_weights(tile, accelerator, stalls);
    fill_acts(tile, stalls);
    fill_tables(tile, stalls);
    fill_lists(tile, accelerator, stalls);
    idle(stalls.before_tile ? stalls.before_tile() : 0);
    command(tile, accelerator);
    result.fault = fault_;
    offered_ = {};
    int waits = stalls.before_output ? stalls.before_output() : 0;
    for (result.cycles = 1; result.fault.empty();) {
        bool taken = pins_.out_valid && waits == 0;
        bool ends = taken && pins_.out_last;
        pins_.out_ready = taken;
        check_offer(result, taken);
        if (taken)
            collect(result, tile);
        else if (pins_.out_valid)
            waits--;
        result.cycles += !ends && (taken || !pins_.out_valid);
        if (taken)
            waits = stalls.before_output ? stalls.before_output() : 0;
        cycle();
        if (functions_->failed(unit_))
            result.fault = "an assertion of the RTL failed";
        else if (ends)
            break;
        else if (result.cycles > limit_cycles)
            result.fault = "the RTL has not finished the tile after " + std::to_string(result.cycles) + " cycles";
    }
    pins_.out_ready = 0;
    return result;
}
