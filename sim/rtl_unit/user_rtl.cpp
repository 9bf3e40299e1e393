// SPDX-License-Identifier: Apache-2.0
#include "user_rtl.h"
#include "file.h"
#include "share.h"
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

int user_rtl_index_bits(int values)
{
    int bits = 0;
    while (values > 1 << bits)
        bits++;
    return std::max(bits, 1);
}

namespace
{
const int max_list_depth = 8;

bool ends_with(const std::string &text, const std::string &end)
{
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string beside(const std::string &list, const std::string &path)
{
    size_t slash = list.rfind('/');
    return path[0] == '/' || slash == std::string::npos ? path : list.substr(0, slash + 1) + path;
}

/// The point

igq_status find_point(user_rtl *user, const igq_accelerator &accelerator, igq_error *error)
{
    const igq_port_map &map = user->map;
    const igq_group_assignment_cfg &cfg = accelerator.group_assignment;
    bool has_capacity = map.port[IGQ_PORT_CAPACITY].name[0] != '\0';
    auto said = [](int value, int otherwise) { return value > 0 ? value : otherwise; };
    user->point = {user->name.c_str(),
                   said(map.range_lanes, cfg.range_lanes),
                   said(map.distance_lanes, cfg.distance_lanes),
                   said(map.max_channels, 3072),
                   said(map.max_tokens, 2048),
                   said(map.max_groups, std::max(16, accelerator.num_groups)),
                   accelerator.scheme.distance,
                   has_capacity};
    if (user->point.max_groups < accelerator.num_groups)
        return igq_fail(error, "%s: max_groups %d, machine %s has %d; allowed: at least as many", user->name.c_str(),
                        user->point.max_groups, accelerator.name, accelerator.num_groups);
    if (!has_capacity && accelerator.scheme.group_capacity_pct > 0)
        return igq_fail(error, "%s: no port capacity_i, machine %s has group_capacity_pct %d; allowed: 0",
                        user->name.c_str(), accelerator.name, accelerator.scheme.group_capacity_pct);
    return IGQ_OK;
}

/// The adapter

std::string vector_of(int bits)
{
    return "[" + std::to_string(bits - 1) + ":0]";
}

// How a port of the user's unit is connected: inputs to these bits, outputs to a wire of as many.
struct connection {
    igq_port port;
    bool is_output;
    int bits;
};

std::vector<connection> connections_of(const rtl_point &point)
{
    int group = user_rtl_index_bits(point.max_groups), channel = user_rtl_index_bits(point.max_channels);
    int channels = user_rtl_index_bits(point.max_channels + 1);
    return {{IGQ_PORT_CLK, false, 1},
            {IGQ_PORT_RST, false, 1},
            {IGQ_PORT_BOUND_WE, false, 1},
            {IGQ_PORT_BOUND_GROUP, false, group},
            {IGQ_PORT_BOUND_LOWER, false, 16},
            {IGQ_PORT_BOUND_UPPER, false, 16},
            {IGQ_PORT_LAYER_VALID, false, 1},
            {IGQ_PORT_LAYER_READY, true, 1},
            {IGQ_PORT_NUM_TOKENS, false, user_rtl_index_bits(point.max_tokens + 1)},
            {IGQ_PORT_NUM_CHANNELS, false, channels},
            {IGQ_PORT_NUM_GROUPS, false, user_rtl_index_bits(point.max_groups + 1)},
            {IGQ_PORT_CAPACITY, false, channels},
            {IGQ_PORT_ACT_VALID, false, 1},
            {IGQ_PORT_ACT_READY, true, 1},
            {IGQ_PORT_ACT_DATA, false, 16 * point.range_lanes},
            {IGQ_PORT_LIST_VALID, true, 1},
            {IGQ_PORT_LIST_READY, false, 1},
            {IGQ_PORT_LIST_GROUP, true, group},
            {IGQ_PORT_LIST_CHANNEL, true, channel},
            {IGQ_PORT_LIST_GROUP_LAST, true, 1},
            {IGQ_PORT_LIST_LAST, true, 1},
            {IGQ_PORT_COUNT_OF_GROUPS, true, point.max_groups * channels}};
}

// Numbers arrive and leave as 32 bits, so that the harness is the same for every unit.
std::string declaration(const connection &one, const rtl_point &point)
{
    std::string name = igq_assign_ports.port[one.port].name, type = one.bits == 1 ? "" : "[31:0] ";
    if (one.port == IGQ_PORT_ACT_DATA)
        type = vector_of(16 * point.range_lanes) + " ";
    if (one.port == IGQ_PORT_COUNT_OF_GROUPS)
        return "  input  logic [31:0] counted_group_i,\n  output logic [31:0] count_o";
    return std::string(one.is_output ? "  output" : "  input ") + " logic " + type + name;
}
} // namespace

std::string user_rtl_parameters(const igq_port_map &map)
{
    std::string parameters;
    for (int i = 0; i < map.num_parameters; i++)
        parameters += (i > 0 ? ", ." : ".") + std::string(map.parameter[i][0]) + "(" + map.parameter[i][1] + ")";
    return parameters;
}

std::string user_rtl_adapter(const igq_port_map &map, const std::string &top, const rtl_point &point)
{
    std::string ports, wires, pins, results;
    for (const connection &one : connections_of(point)) {
        const auto &user = map.port[one.port];
        std::string name = igq_assign_ports.port[one.port].name, wire = "user_" + name,
                    invert = user.inverted ? "~" : "";
        bool is_count = one.port == IGQ_PORT_COUNT_OF_GROUPS;
        ports += (ports.empty() ? "" : ",\n") + declaration(one, point);
        if (user.name[0] != '\0') {
            std::string bits = one.bits > 1 && one.port != IGQ_PORT_ACT_DATA ? vector_of(one.bits) : "";
            std::string value = one.is_output ? wire : invert + name + bits;
            pins += (pins.empty() ? "" : ",\n") + ("    ." + std::string(user.name) + "(" + value + ")");
        }
        if (!one.is_output)
            continue;
        wires += "  logic " + vector_of(one.bits) + " " + wire + ";\n";
        int channels = user_rtl_index_bits(point.max_channels + 1);
        if (is_count)
            results += user.name[0] == '\0' ? "  assign " + wire + " = '0;\n" : "";
        results += "  assign " + name + " = " +
                   (is_count ? "32'(" + wire + "[counted_group_i * " + std::to_string(channels) +
                                   " +: " + std::to_string(channels) + "])"
                             : (one.bits == 1 ? invert + wire : "32'(" + wire + ")")) +
                   ";\n";
    }
    std::string parameters = user_rtl_parameters(map);
    if (map.num_parameters < 0)
        parameters = ".RangeLanes(" + std::to_string(point.range_lanes) + "), .DistanceLanes(" +
                     std::to_string(point.distance_lanes) + "), .MaxChannels(" + std::to_string(point.max_channels) +
                     "), .MaxTokens(" + std::to_string(point.max_tokens) + "), .MaxGroups(" +
                     std::to_string(point.max_groups) + "), .Distance(" +
                     std::to_string(static_cast<int>(point.distance)) + "), .HasCapacity(" +
                     std::to_string(point.has_capacity) + ")";
    return "// Written by igqsim: " + top + " behind the ports that the driver knows.\n" +
           "/* verilator lint_off UNUSED */\nmodule igq_adapter (\n" + ports + "\n);\n" + wires + results +
           "/* verilator lint_on UNUSED */\n  " + top + " #(" + parameters + ") i_user (\n" + pins +
           "\n  );\nendmodule\n";
}

/// Files

igq_status user_rtl_read_list(std::vector<std::string> *files, std::vector<std::string> *include_dirs,
                              const std::string &path, int depth, igq_error *error)
{
    char *text = nullptr;
    size_t size = 0;
    if (depth > max_list_depth)
        return igq_fail(error, "%s: lists of files in a circle, or more than %d behind one another", path.c_str(),
                        max_list_depth);
    if (igq_file_read(&text, &size, path.c_str(), error) != IGQ_OK)
        return IGQ_USER_ERROR;
    std::istringstream lines(std::string(text, size));
    std::free(text);
    std::string line, word;
    igq_status status = IGQ_OK;
    for (int number = 1; status == IGQ_OK && std::getline(lines, line); number++) {
        std::istringstream words(line.substr(0, std::min(line.find("//"), line.find('#'))));
        while (status == IGQ_OK && words >> word) {
            if (word == "-f" && words >> word)
                status = user_rtl_read_list(files, include_dirs, beside(path, word), depth + 1, error);
            else if (word.rfind("+incdir+", 0) == 0)
                include_dirs->push_back(beside(path, word.substr(8)));
            else if (word[0] == '-' || word[0] == '+')
                status = igq_fail(error, "%s:%d: %s; allowed: files, +incdir+DIR, -f LIST", path.c_str(), number,
                                  word.c_str());
            else
                files->push_back(beside(path, word));
        }
    }
    return status;
}

igq_status user_rtl_list_files(verilate_request *build, const user_rtl_request &request, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (size_t i = 0; status == IGQ_OK && i < request.files.size(); i++) {
        if (ends_with(request.files[i], ".f"))
            status = user_rtl_read_list(&build->sources, &build->include_dirs, request.files[i], 1, error);
        else
            build->sources.push_back(request.files[i]);
    }
    for (size_t i = 0; status == IGQ_OK && i < build->sources.size(); i++) {
        const std::string &file = build->sources[i];
        if (!igq_file_exists(file.c_str()))
            status = igq_fail(error, "%s: cannot open: no such file", file.c_str());
        std::string dir = file.find('/') == std::string::npos ? "." : file.substr(0, file.rfind('/'));
        auto &dirs = build->include_dirs; // headers lie beside those that include them
        if (std::find(dirs.begin(), dirs.end(), dir) == dirs.end())
            dirs.push_back(dir);
    }
    if (status == IGQ_OK && build->sources.empty())
        status = igq_fail(error, "--rtl: no files; allowed: SystemVerilog, or lists of it (.f)");
    return status;
}

namespace
{
// The C++ behind which every unit is the same: beside the program, or in the tree that it was built from.
igq_status find_harness(std::string *path, igq_error *error)
{
    char *share = igq_share_dir();
    std::string dir = share != nullptr ? share : "";
    std::free(share);
    for (const char *place : {"/harness/assign.cpp", "/sim/rtl_unit/harness/assign.cpp"}) {
        *path = dir + place;
        if (igq_file_exists(path->c_str()))
            return IGQ_OK;
    }
    return igq_fail(error,
                    "%s/harness/assign.cpp, which comes with igqsim, is not there; $IGQSIM_SHARE names the folder",
                    dir.c_str());
}

igq_status open_library(std::shared_ptr<verilated_library> *opened, verilate_request request, bool traced,
                        std::string *warnings, igq_error *error)
{
    std::string library;
    request.trace = traced;
    igq_status status = igq_verilate(&library, request, error);
    if (status != IGQ_OK)
        return status;
    if (warnings != nullptr)
        *warnings = igq_verilate_warnings(library);
    *opened = std::make_shared<verilated_library>();
    return (*opened)->open(library, error);
}

/// Units

template <typename Function> Function function_of(const verilated_library &library, const char *name)
{
    return reinterpret_cast<Function>(library.symbol(name));
}

// The functions of harness/assign.cpp.
class loaded_unit : public rtl_unit
{
  public:
    loaded_unit(std::shared_ptr<verilated_library> library, const rtl_point &point)
        : library_(std::move(library)), lanes_(point.range_lanes),
          cycle_(function_of<void (*)(void *, const int32_t *, const int16_t *, int)>(*library_, "igq_unit_cycle")),
          outputs_(function_of<void (*)(const void *, int32_t *)>(*library_, "igq_unit_outputs")),
          unit_(function_of<void *(*)()>(*library_, "igq_unit_new")())
    {
    }
    ~loaded_unit() override { function_of<void (*)(void *)>(*library_, "igq_unit_free")(unit_); }

    rtl_outputs outputs() const override
    {
        int32_t out[7];
        outputs_(unit_, out);
        return {out[0] != 0, out[1] != 0, out[2] != 0, out[3] != 0, out[4] != 0, out[5], out[6]};
    }
    int count(int group) const override
    {
        return function_of<int (*)(void *, int)>(*library_, "igq_unit_count")(unit_, group);
    }
    void cycle(const rtl_inputs &in) override
    {
        const int32_t pins[] = {!in.reset,      in.bound_we,    in.bound_group, in.bound_lower,
                                in.bound_upper, in.layer_valid, in.num_tokens,  in.num_channels,
                                in.num_groups,  in.capacity,    in.act_valid,   in.list_ready};
        cycle_(unit_, pins, in.act.data(), lanes_);
    }
    bool failed() const override { return function_of<int (*)(void *)>(*library_, "igq_unit_failed")(unit_) != 0; }
    void open_waveform(const std::string &path) override
    {
        function_of<void (*)(void *, const char *)>(*library_, "igq_unit_open_waveform")(unit_, path.c_str());
    }
    void close_waveform() override { function_of<void (*)(void *)>(*library_, "igq_unit_close_waveform")(unit_); }

  private:
    std::shared_ptr<verilated_library> library_;
    int lanes_;
    void (*cycle_)(void *, const int32_t *, const int16_t *, int);
    void (*outputs_)(const void *, int32_t *);
    void *unit_;
};
} // namespace

igq_status user_rtl_open(user_rtl *user, const user_rtl_request &request, const igq_accelerator &accelerator,
                         igq_error *error)
{
    *user = {};
    user->name = request.top;
    igq_status status = igq_port_map_load(&user->map, &igq_assign_ports,
                                          request.ports_path.empty() ? nullptr : request.ports_path.c_str(), error);
    if (status == IGQ_OK)
        status = find_point(user, accelerator, error);
    if (status == IGQ_OK)
        status = user_rtl_list_files(&user->build, request, error);
    if (status == IGQ_OK)
        status = find_harness(&user->build.harness, error);
    if (status != IGQ_OK)
        return status;
    std::string text = user_rtl_adapter(user->map, request.top, user->point);
    std::string path = request.work_dir + "/igq_adapter.sv";
    status = igq_file_write(path.c_str(), text.data(), text.size(), error);
    user->build.label = request.top;
    user->build.sources.push_back(path);
    user->build.top = "igq_adapter";
    user->build.options = {"--assert", "-Wall", "-Wno-fatal", "-Wno-DECLFILENAME"};
    return status == IGQ_OK ? open_library(&user->library, user->build, false, &user->warnings, error) : status;
}

std::unique_ptr<rtl_unit> user_rtl_make(user_rtl &user, bool traced, igq_error *error)
{
    if (traced && user.traced == nullptr && open_library(&user.traced, user.build, true, nullptr, error) != IGQ_OK)
        return nullptr;
    return std::make_unique<loaded_unit>(traced ? user.traced : user.library, user.point);
}
