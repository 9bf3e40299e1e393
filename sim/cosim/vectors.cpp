// SPDX-License-Identifier: Apache-2.0
#include "vectors.h"
#include "cosim_compare.h"
#include "cosim_layers.h"
#include "file.h"
#include "latency.h"
#include "word_file.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <jansson.h>
#include <string>

namespace
{
const int words_per_layer = 12;

struct named_layer {
    std::string name;
    rtl_layer layer;
};

std::vector<named_layer> make_layers(const igq_vectors_cfg &cfg, const rtl_point &point)
{
    std::vector<named_layer> made;
    cosim_random random(1); // corner cases are the same for every seed
    for (rtl_layer &layer : cosim_corner_layers(random, point))
        made.push_back({"corner case", std::move(layer)});
    for (int i = 0; i < cfg.num_layers; i++) {
        const igq_cosim_layer &layer = cfg.layers[i];
        made.push_back({layer.name, cosim_layer_of_ranges(random, layer.observations, layer.members, layer.num_groups,
                                                          layer.lo, layer.hi, layer.lower, layer.upper)});
    }
    cosim_random seeded(cfg.seed);
    for (int i = 0; i < cfg.num_random; i++)
        made.push_back({"random", cosim_random_layer(seeded, point)});
    return made;
}

class vector_writer
{
  public:
    vector_writer(const igq_vectors_cfg &cfg, const rtl_point &point, igq_error *error)
        : cfg_(cfg), point_(point), error_(error), layers_(cfg.dir, "layers.hex", error),
          bounds_(cfg.dir, "bounds.hex", error), beats_(cfg.dir, "beats.hex", error),
          entries_(cfg.dir, "entries.hex", error), counts_(cfg.dir, "counts.hex", error)
    {
    }

    void add(const named_layer &named)
    {
        const rtl_layer &layer = named.layer;
        const rtl_layer_result expected = cosim_expected(layer, point_.distance);
        const uint64_t places[] = {bounds_.words(), beats_.words(), entries_.words()};
        add_bounds(layer);
        add_beats(layer);
        for (const rtl_entry &entry : expected.entries)
            entries_.add(
                static_cast<uint32_t>(entry.channel | entry.group << 16 | entry.group_last << 24 | entry.last << 25));
        for (int count : expected.counts)
            counts_.add(static_cast<uint32_t>(count));
        const uint64_t cycles[] = {
            igq_range_cycles(layer.T, layer.C, point_.range_lanes),
            igq_score_cycles(layer.C, point_.distance_lanes, rtl_answer_of(layer, point_).repairs),
            static_cast<uint64_t>(layer.C)};
        const uint64_t words[words_per_layer] = {static_cast<uint64_t>(layer.T),
                                                 static_cast<uint64_t>(layer.C),
                                                 static_cast<uint64_t>(layer.G),
                                                 static_cast<uint64_t>(layer.capacity),
                                                 places[0],
                                                 places[1],
                                                 beats_.words() - places[1],
                                                 places[2],
                                                 cycles[0],
                                                 cycles[1],
                                                 cycles[2],
                                                 0};
        for (uint64_t word : words)
            layers_.add(static_cast<uint32_t>(word));
        describe(named, places, cycles);
    }

    igq_status close(const igq_accelerator &accelerator)
    {
        json_t *root = json_pack(
            "{s:s, s:i, s:s, s:s, s:i, s:i, s:{s:o, s:o, s:o, s:o, s:o}, s:o}", "format", "igqsim vectors", "version",
            1, "accelerator", accelerator.name, "distance", igq_distance_names[point_.distance], "range_lanes",
            point_.range_lanes, "distance_lanes", point_.distance_lanes, "files", "layers", layers_.describe(32),
            "bounds", bounds_.describe(32), "beats", beats_.describe(16 * point_.range_lanes), "entries",
            entries_.describe(32), "counts", counts_.describe(32), "layers", described_);
        igq_status status = root != nullptr ? IGQ_OK : igq_out_of_memory(error_);
        for (word_file *file : {&layers_, &bounds_, &beats_, &entries_, &counts_})
            if (status == IGQ_OK)
                status = file->close();
        if (status == IGQ_OK)
            status = write_defines();
        char *text = root != nullptr ? json_dumps(root, JSON_INDENT(1)) : nullptr;
        json_decref(root);
        if (status == IGQ_OK && text == nullptr)
            status = igq_out_of_memory(error_);
        if (status == IGQ_OK) // last: where it lies, everything lies
            status = igq_file_write((std::string(cfg_.dir) + "/index.json").c_str(), text, strlen(text), error_);
        std::free(text);
        return status;
    }

    igq_vectors_counts counts() const
    {
        return {static_cast<int>(layers_.words() / words_per_layer), beats_.words(), entries_.words()};
    }

  private:
    // For testbenches that cannot read JSON: how many words there are.
    igq_status write_defines()
    {
        std::string text = "// Words of the files of this folder.\n";
        auto define = [&](const char *name, uint64_t value) {
            text += std::string("`define IGQ_VECTORS_") + name + " " + std::to_string(value) + "\n";
        };
        define("LAYERS", layers_.words() / words_per_layer);
        define("LAYER_WORDS", layers_.words());
        define("BOUND_WORDS", bounds_.words());
        define("BEAT_WORDS", beats_.words());
        define("ENTRY_WORDS", entries_.words());
        define("COUNT_WORDS", counts_.words());
        define("BEAT_BITS", static_cast<uint64_t>(16 * point_.range_lanes));
        return igq_file_write((std::string(cfg_.dir) + "/vectors.vh").c_str(), text.data(), text.size(), error_);
    }

    void add_bounds(const rtl_layer &layer)
    {
        for (size_t g = 0; g < layer.lower.size(); g++)
            bounds_.add({static_cast<uint16_t>(layer.upper[g]), static_cast<uint16_t>(layer.lower[g])});
    }

    // Token after token, the lowest channel in the lowest bits; lanes beyond the last channel carry the extremes, which
    // must not be seen.
    void add_beats(const rtl_layer &layer)
    {
        auto lanes = static_cast<size_t>(point_.range_lanes);
        std::vector<uint16_t> halves(lanes);
        for (int t = 0; t < layer.T; t++)
            for (int first = 0; first < layer.C; first += point_.range_lanes) {
                for (int lane = 0; lane < point_.range_lanes; lane++) {
                    int c = first + lane;
                    int16_t beyond = t % 2 ? INT16_MIN : INT16_MAX;
                    halves[lanes - 1 - static_cast<size_t>(lane)] = static_cast<uint16_t>(
                        c < layer.C
                            ? layer.acts[static_cast<size_t>(t) * static_cast<size_t>(layer.C) + static_cast<size_t>(c)]
                            : beyond);
                }
                beats_.add(halves);
            }
    }

    void describe(const named_layer &named, const uint64_t places[3], const uint64_t cycles[3])
    {
        const rtl_layer &layer = named.layer;
        auto window = [&](int i) {
            auto exact = static_cast<json_int_t>(cycles[i]);
            return json_pack("[I, I]", exact, exact);
        };
        json_array_append_new(described_,
                              json_pack("{s:s, s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:{s:o, s:o, s:o}}", "name",
                                        named.name.c_str(), "tokens", layer.T, "channels", layer.C, "groups", layer.G,
                                        "capacity", layer.capacity, "first_bound", static_cast<json_int_t>(places[0]),
                                        "first_beat", static_cast<json_int_t>(places[1]), "first_entry",
                                        static_cast<json_int_t>(places[2]), "cycles", "range", window(0), "score",
                                        window(1), "emission", window(2)));
    }

    const igq_vectors_cfg &cfg_;
    const rtl_point &point_;
    igq_error *error_;
    word_file layers_, bounds_, beats_, entries_, counts_;
    json_t *described_ = json_array();
};
} // namespace

igq_status igq_vectors_write(igq_vectors_counts *counts, const igq_vectors_cfg *cfg, igq_error *error)
{
    const igq_accelerator &accelerator = *cfg->accelerator;
    const rtl_point point = {"vectors",
                             accelerator.group_assignment.range_lanes,
                             accelerator.group_assignment.distance_lanes,
                             cfg->max_channels,
                             cfg->max_tokens,
                             accelerator.num_groups,
                             accelerator.scheme.distance,
                             accelerator.scheme.group_capacity_pct > 0};
    vector_writer writer(*cfg, point, error);
    for (const named_layer &layer : make_layers(*cfg, point))
        writer.add(layer);
    *counts = writer.counts();
    return writer.close(accelerator);
}
