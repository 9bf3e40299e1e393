// SPDX-License-Identifier: Apache-2.0
#include "datapath_tiles.h"
#include "gemm.h"
#include "slices.h"
#include <algorithm>
#include <cmath>

namespace
{
const uint64_t stall_seed = UINT64_C(0x5bd1e995); // stalls of a tile differ from its contents

void set_sizes(random_tile &made, cosim_random &random, const datapath_point &point)
{
    datapath_tile &tile = made.tile;
    const int mac_bits = point.mac_bits, slots = point.num_arrays * point.vector_length;
    const int rows = made.machine.mac_array.token_rows, blocks = made.machine.mac_array.tokens_in_flight / rows;
    tile.block_tokens = random.one_in(3) ? rows * random.between(1, blocks) : rows * blocks;
    made.machine.mac_array.tokens_in_flight = tile.block_tokens;
    tile.T = random.between(1, std::min(point.token_blocks * tile.block_tokens, random.one_in(2) ? 64 : 8));
    tile.O = random.between(1, random.one_in(3) ? point.output_blocks * point.lanes : std::min(point.lanes, 9));
    tile.C = random.between(1, std::min(point.max_channels, random.one_in(3) ? 4 * slots : 40));
    tile.act_bits = random.one_in(2) ? std::min(mac_bits, 8) : random.between(2, 8);
    tile.weight_bits = random.one_in(2) ? std::min(mac_bits, 8) : random.between(2, 8);
    tile.rows = random.one_in(4);
    tile.codes = random.one_in(4);
}

void set_token_groups(random_tile &made, cosim_random &random, int num_groups)
{
    for (int t = 0; t < made.tile.T; t++)
        made.tile.token_group.push_back(random.between(0, num_groups - 1));
    made.row_group.assign(made.tile.token_group.begin(), made.tile.token_group.end());
}

// Lists: all channels of few groups, or of all; some of one channel, some empty.
void set_lists(random_tile &made, cosim_random &random, int num_groups)
{
    datapath_tile &tile = made.tile;
    int lists = tile.rows ? 1 : num_groups, used = random.between(1, lists), heavy = random.between(0, used - 1);
    made.grouping_memory.resize((igq_grouping_size(tile.C, lists) + 7) / 8);
    igq_grouping_init(&tile.grouping, made.grouping_memory.data(), tile.C, lists);
    for (int c = 0; c < tile.C; c++)
        tile.grouping.group[c] = static_cast<uint16_t>(random.one_in(3) ? heavy : random.between(0, used - 1));
    igq_grouping_build(&tile.grouping);
    set_token_groups(made, random, num_groups);
}

void set_quantizers(random_tile &made, cosim_random &random, int num_groups)
{
    datapath_tile &tile = made.tile;
    const igq_scheme_cfg &scheme = made.machine.scheme;
    std::vector<int16_t> lower, upper;
    int limit = random.one_in(3) ? 32767 : 600;
    for (int g = 0; g < num_groups; g++) {
        int a = random.between(-limit, limit), b = random.between(-limit, limit);
        lower.push_back(static_cast<int16_t>(std::min(a, b)));
        upper.push_back(static_cast<int16_t>(std::max(a, b)));
    }
    auto groups = static_cast<size_t>(num_groups);
    tile.quantizer.resize(groups);
    made.steps.resize(groups);
    made.scale_weights.resize(groups);
    tile.scales.step = made.steps.data();
    tile.scales.weight = made.scale_weights.data();
    int exponent = random.one_in(8) ? random.between(-40, 40) : -11;
    igq_quantizers_from_bounds(tile.quantizer.data(), &tile.scales, lower.data(), upper.data(), num_groups,
                               tile.act_bits, exponent, scheme.group_scale,
                               scheme.group_scale_bits > 0 ? scheme.group_scale_bits : 8);
    for (int i = 0; i < tile.T * tile.C; i++)
        tile.acts.push_back(static_cast<int16_t>(tile.codes ? random.between(0, (1 << tile.act_bits) - 1)
                                                            : random.between(-limit - 1, limit)));
}

float random_float(cosim_random &random)
{
    float value = static_cast<float>(random.between(-(1 << 24), 1 << 24));
    return std::ldexp(value, random.one_in(8) ? random.between(-160, 60) : random.between(-40, -20));
}

void set_weights(random_tile &made, cosim_random &random)
{
    datapath_tile &tile = made.tile;
    int largest = (1 << tile.weight_bits) - 1;
    bool extreme = random.one_in(4), biased = random.one_in(2);
    for (int i = 0; i < tile.O * tile.C; i++)
        tile.weights.push_back(static_cast<uint8_t>(extreme ? largest : random.between(0, largest)));
    for (int o = 0; o < tile.O; o++) {
        tile.weight_zero.push_back(static_cast<uint8_t>(extreme ? 0 : random.between(0, largest)));
        tile.weight_scale.push_back(std::fabs(random_float(random)));
        tile.bias.push_back(biased ? random_float(random) : -0.0f);
    }
}

std::string text_of(const datapath_tile &tile)
{
    return std::to_string(tile.T) + " tokens x " + std::to_string(tile.O) + " outputs x " + std::to_string(tile.C) +
           " channels in " + std::to_string(tile.grouping.G) + " lists, " + std::to_string(tile.act_bits) + " x " +
           std::to_string(tile.weight_bits) + " bits, " + std::to_string(tile.block_tokens) + " tokens in flight" +
           (tile.rows ? ", groups of tokens" : "") + (tile.codes ? ", stored as codes" : "");
}
} // namespace

datapath_size datapath_random_size(const igq_accelerator &machine)
{
    return {machine.num_groups, machine.group_assignment.max_members, 4, 4};
}

std::unique_ptr<random_tile> datapath_random_tile(uint64_t seed, const igq_accelerator &machine,
                                                  const datapath_point &point)
{
    cosim_random random(seed);
    auto made = std::make_unique<random_tile>();
    made->machine = machine;
    set_sizes(*made, random, point);
    set_lists(*made, random, machine.num_groups);
    set_quantizers(*made, random, machine.num_groups);
    set_weights(*made, random);
    made->text = text_of(made->tile);
    return made;
}

std::unique_ptr<random_tile> datapath_tile_of_layer(uint64_t seed, const igq_accelerator &machine,
                                                    const layer_tile &shape)
{
    cosim_random random(seed);
    auto made = std::make_unique<random_tile>();
    made->machine = machine;
    datapath_tile &tile = made->tile;
    tile.T = shape.tokens;
    tile.O = shape.outputs;
    tile.C = shape.lists->C;
    tile.act_bits = shape.act_bits;
    tile.weight_bits = shape.weight_bits;
    tile.block_tokens = machine.mac_array.tokens_in_flight;
    tile.rows = shape.rows;
    tile.grouping = *shape.lists;
    const int num_groups = std::max(shape.lists->G, shape.rows ? machine.num_groups : 1);
    set_token_groups(*made, random, num_groups);
    set_quantizers(*made, random, num_groups);
    set_weights(*made, random);
    made->text = text_of(tile);
    return made;
}

datapath_stalls datapath_random_stalls(uint64_t seed)
{
    auto random = std::make_shared<cosim_random>(seed ^ stall_seed);
    int kind = random->between(0, 3);
    datapath_stalls stalls;
    if (kind & 1)
        stalls.before_output = [random] { return random->one_in(3) ? random->between(1, 9) : 0; };
    if (kind & 2) {
        stalls.before_fill = stalls.before_list = [random] { return random->one_in(6) ? random->between(1, 2) : 0; };
        stalls.before_tile = [random] { return random->between(0, 20); };
    }
    return stalls;
}

namespace
{
// [T][C]; of channels that are on no list, what adds nothing to a row.
std::vector<uint8_t> codes_of(const datapath_tile &tile)
{
    std::vector<uint8_t> codes;
    for (int t = 0; t < tile.T; t++) {
        const int group = tile.rows ? tile.token_group[static_cast<size_t>(t)] : 0;
        codes.insert(codes.end(), static_cast<size_t>(tile.C),
                     static_cast<uint8_t>(tile.quantizer[static_cast<size_t>(group)].zero_point));
        for (int g = 0; g < tile.grouping.G; g++) {
            const igq_quantizer &quantizer = tile.quantizer[static_cast<size_t>(tile.rows ? group : g)];
            for (int i = tile.grouping.start[g]; i < tile.grouping.start[g + 1]; i++) {
                auto place = static_cast<size_t>(t * tile.C + tile.grouping.channel[i]);
                int16_t value = tile.acts[place];
                codes[place] = tile.codes ? static_cast<uint8_t>(value) : igq_quantize(&quantizer, value);
            }
        }
    }
    return codes;
}
} // namespace

std::vector<float> datapath_expected_sums(const random_tile &random)
{
    const datapath_tile &tile = random.tile;
    std::vector<uint8_t> codes = codes_of(tile);
    std::vector<uint64_t> memory((igq_weight_codes_size(tile.O, tile.C) + 7) / 8);
    igq_weight_codes weights;
    igq_weight_codes_init(&weights, memory.data(), tile.O, tile.C, tile.weight_bits);
    std::copy(tile.weights.begin(), tile.weights.end(), weights.codes);
    std::copy(tile.weight_zero.begin(), tile.weight_zero.end(), weights.zero_point);
    std::copy(tile.weight_scale.begin(), tile.weight_scale.end(), weights.scale);
    std::vector<float> y(static_cast<size_t>(tile.T * tile.O));
    const int acc_bits = random.machine.mac_array.acc_bits;
    if (tile.rows) {
        igq_gemm_rows_ref(y.data(), codes.data(), random.row_group.data(), tile.quantizer.data(), &tile.scales,
                          &weights, tile.T, acc_bits, 0);
        for (size_t i = 0; i < y.size(); i++)
            y[i] += tile.bias[i % static_cast<size_t>(tile.O)];
        return y;
    }
    const igq_gemm_operands operands = {codes.data(), &tile.grouping, tile.quantizer.data(),
                                        &tile.scales, &weights,       tile.bias.data(),
                                        tile.T,       acc_bits,       0};
    igq_gemm_ref(y.data(), &operands);
    return y;
}

igq_tile_time datapath_expected_time(const random_tile &random, const igq_accelerator &machine)
{
    const datapath_tile &tile = random.tile;
    igq_accelerator used = machine;
    used.mac_array.tokens_in_flight = tile.block_tokens;
    std::vector<igq_step> step(igq_steps_room(tile.C, &used));
    igq_steps steps = {};
    steps.step = step.data();
    igq_array_steps(&steps, &tile.grouping, tile.act_bits, tile.weight_bits, &used);
    igq_tile_time time;
    igq_array_tile(&time, &steps, tile.T, tile.O, &used);
    return time;
}
