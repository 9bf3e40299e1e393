// SPDX-License-Identifier: Apache-2.0
#include "datapath_vectors.h"
#include "datapath_tiles.h"
#include "word_file.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace
{
const int words_per_tile = 24;

std::vector<uint16_t> halves_of(const std::vector<uint32_t> &words, size_t num_halves)
{
    std::vector<uint16_t> halves(num_halves); // the lowest last
    for (size_t i = 0; i < num_halves && i / 2 < words.size(); i++)
        halves[num_halves - 1 - i] = static_cast<uint16_t>(words[i / 2] >> 16 * (i % 2));
    return halves;
}

// Stands where the RTL would: takes every word at once, writes it down, and is done with a tile as it begins.
class recorder
{
  public:
    recorder(const igq_datapath_vectors_cfg &cfg, const datapath_point &point, igq_error *error)
        : cfg_(cfg), point_(point), error_(error), tiles_(cfg.dir, "tiles.hex", error),
          fills_(cfg.dir, "fills.hex", error), lists_(cfg.dir, "lists.hex", error), sums_(cfg.dir, "sums.hex", error)
    {
        const int word = std::max(
            {point.planes_per_word * point.lanes * point.mac_bits, point.tokens_per_word * IGQ_ACT_IN_BITS, 64});
        data_halves_ = static_cast<size_t>((word + 15) / 16);
    }

    void add(const random_tile &random)
    {
        const datapath_tile &tile = random.tile;
        first_fill_ = fills_.words();
        first_list_ = lists_.words();
        rtl_datapath driver;
        driver.attach(point_, functions(), this);
        driver.run(tile, random.machine, {}, 1);
        const uint64_t first_sum = sums_.words(), cycles = datapath_expected_time(random, *cfg_.accelerator).cycles;
        for (float sum : datapath_expected_sums(random)) {
            uint32_t bits;
            std::memcpy(&bits, &sum, sizeof bits);
            sums_.add(bits);
        }
        const uint64_t places[] = {
            first_fill_, fills_.words() - first_fill_, first_list_, lists_.words() - first_list_, first_sum, cycles};
        for (uint64_t place : places)
            tiles_.add(static_cast<uint32_t>(place));
        for (uint64_t used = tiles_.words() % words_per_tile; used > 0 && used < words_per_tile; used++)
            tiles_.add(0);
        json_array_append_new(
            described_,
            json_pack("{s:s, s:i, s:i, s:i, s:I, s:I, s:I, s:[I, I]}", "name", random.text.c_str(), "tokens", tile.T,
                      "outputs", tile.O, "channels", tile.C, "first_fill", static_cast<json_int_t>(places[0]),
                      "first_list", static_cast<json_int_t>(places[2]), "first_sum", static_cast<json_int_t>(first_sum),
                      "cycles", static_cast<json_int_t>(cycles), static_cast<json_int_t>(cycles)));
    }

    igq_status close()
    {
        json_t *parameters = json_object();
        for (const auto &parameter : point_.parameters)
            json_object_set_new(parameters, parameter.first.c_str(), json_integer(std::atoi(parameter.second.c_str())));
        json_t *root =
            json_pack("{s:s, s:i, s:s, s:o, s:{s:o, s:o, s:o, s:o}, s:o}", "format", "igqsim datapath vectors",
                      "version", 1, "accelerator", cfg_.accelerator->name, "parameters", parameters, "files", "tiles",
                      tiles_.describe(32), "fills", fills_.describe(static_cast<int>(16 * data_halves_ + 64)), "lists",
                      lists_.describe(32), "sums", sums_.describe(32), "tiles", described_);
        igq_status status = root != nullptr ? IGQ_OK : igq_out_of_memory(error_);
        for (word_file *file : {&tiles_, &fills_, &lists_, &sums_})
            if (status == IGQ_OK)
                status = file->close();
        if (status == IGQ_OK)
            status = write_defines();
        char *text = root != nullptr ? json_dumps(root, JSON_INDENT(1)) : nullptr;
        json_decref(root);
        if (status == IGQ_OK && text == nullptr)
            status = igq_out_of_memory(error_);
        if (status == IGQ_OK) // last: where it lies, everything lies
            status = igq_file_write((std::string(cfg_.dir) + "/index.json").c_str(), text, std::strlen(text), error_);
        std::free(text);
        return status;
    }

    igq_datapath_vectors_counts counts() const
    {
        return {static_cast<int>(tiles_.words() / words_per_tile), fills_.words(), lists_.words(), sums_.words()};
    }

  private:
    // For testbenches that cannot read JSON: how many words there are, and the parameters of the top.
    igq_status write_defines()
    {
        std::string text = "// Words of the files of this folder, and parameters of igq_datapath.\n";
        auto define = [&](const std::string &name, const std::string &value) {
            text += "`define IGQ_VECTORS_" + name + " " + value + "\n";
        };
        define("TILES", std::to_string(tiles_.words() / words_per_tile));
        define("TILE_WORDS", std::to_string(tiles_.words()));
        define("FILL_WORDS", std::to_string(fills_.words()));
        define("LIST_WORDS", std::to_string(lists_.words()));
        define("SUM_WORDS", std::to_string(sums_.words()));
        define("DATA_BITS", std::to_string(16 * data_halves_));
        define("LANES", std::to_string(point_.lanes));
        define("POST_LANES", std::to_string(point_.post_lanes));
        std::string list;
        for (const auto &parameter : point_.parameters)
            list += (list.empty() ? "." : ", .") + parameter.first + "(" + parameter.second + ")";
        define("PARAMETERS", list);
        return igq_file_write((std::string(cfg_.dir) + "/vectors.vh").c_str(), text.data(), text.size(), error_);
    }

    void take(const igq_datapath_pins &pins)
    {
        if (pins.fill_valid) {
            std::vector<uint32_t> words(pins.fill_data, pins.fill_data + pins.fill_words);
            words.resize((data_halves_ + 1) / 2);
            std::vector<uint16_t> line = {static_cast<uint16_t>(pins.fill_kind), static_cast<uint16_t>(pins.fill_index),
                                          static_cast<uint16_t>(pins.fill_addr >> 16),
                                          static_cast<uint16_t>(pins.fill_addr)};
            for (uint16_t half : halves_of(words, data_halves_))
                line.push_back(half);
            fills_.add(line);
        }
        if (pins.list_valid)
            lists_.add(pins.list_channel | pins.list_group << 16 | pins.list_group_last << 24);
        if (pins.tile_valid) {
            const uint32_t words[] = {pins.tile_tokens,        pins.tile_outputs,       pins.tile_block_tokens,
                                      pins.tile_token_blocks,  pins.tile_output_blocks, pins.tile_act_digits,
                                      pins.tile_weight_digits, pins.tile_weight_words,  pins.tile_act_words,
                                      pins.tile_num_rows,      pins.tile_rows,          pins.tile_codes,
                                      pins.tile_layer_scale};
            for (uint32_t word : words)
                tiles_.add(word);
        }
    }

    static const igq_datapath_library *functions()
    {
        static const igq_datapath_library table = {
            nullptr,
            [](void *) {},
            [](void *, igq_datapath_pins *pins) {
                pins->fill_ready = pins->list_ready = pins->tile_ready = 1;
                pins->out_valid = pins->out_last = 1;
            },
            [](void *, uint32_t *, uint32_t *) {},
            [](void *unit, const igq_datapath_pins *pins) { static_cast<recorder *>(unit)->take(*pins); },
            [](void *) { return 0; },
            [](void *, const char *) {}};
        return &table;
    }

    const igq_datapath_vectors_cfg &cfg_;
    const datapath_point &point_;
    igq_error *error_;
    word_file tiles_, fills_, lists_, sums_;
    json_t *described_ = json_array();
    size_t data_halves_ = 0;
    uint64_t first_fill_ = 0, first_list_ = 0;
};
} // namespace

igq_status igq_datapath_vectors_write(igq_datapath_vectors_counts *counts, const igq_datapath_vectors_cfg *cfg,
                                      igq_error *error)
{
    datapath_point point;
    igq_status status = datapath_point_of(&point, *cfg->accelerator, datapath_random_size(*cfg->accelerator), error);
    if (status != IGQ_OK)
        return status;
    recorder writer(*cfg, point, error);
    for (int i = 0; i < cfg->num_tiles; i++)
        writer.add(*datapath_random_tile(cfg->seed + static_cast<uint64_t>(i), *cfg->accelerator, point));
    *counts = writer.counts();
    return writer.close();
}
