// SPDX-License-Identifier: Apache-2.0
#include "user_datapath.h"
#include "file.h"
#include <algorithm>

namespace
{
const char *const adapter_name = "igq_datapath_adapter";

// Bits of the ports of igq_datapath_ports, by their names.
int bits_of_port(const std::string &name, const datapath_point &point)
{
    const int word =
        std::max({point.planes_per_word * point.lanes * point.mac_bits, point.tokens_per_word * IGQ_ACT_IN_BITS, 64});
    const std::pair<const char *, int> wide[] = {{"fill_kind_i", 3},
                                                 {"fill_addr_i", 32},
                                                 {"fill_data_i", word},
                                                 {"list_group_i", user_rtl_index_bits(point.max_groups)},
                                                 {"list_channel_i", user_rtl_index_bits(point.max_channels)},
                                                 {"tile_act_digits_i", 4},
                                                 {"tile_weight_digits_i", 4},
                                                 {"tile_layer_scale_i", 32},
                                                 {"out_data_o", 32 * point.post_lanes},
                                                 {"out_mask_o", point.post_lanes}};
    for (const auto &port : wide)
        if (name == port.first)
            return port.second;
    for (int i = 0; i < igq_datapath_ports.num_ports; i++)
        if (name == igq_datapath_ports.port[i].name && igq_datapath_ports.port[i].may_be_inverted)
            return 1;
    return name == "clk_i" ? 1 : 16;
}

std::string adapter_text(const igq_port_map &map, const std::string &top, const datapath_point &point)
{
    std::string ports, wires, pins, parameters = user_rtl_parameters(map);
    for (int i = 0; i < igq_datapath_ports.num_ports; i++) {
        const std::string name = igq_datapath_ports.port[i].name, invert = map.port[i].inverted ? "~" : "";
        const int bits = bits_of_port(name, point);
        const bool is_output = name.back() == 'o';
        const std::string type = bits > 1 ? "[" + std::to_string(bits - 1) + ":0] " : "";
        ports += (i > 0 ? ",\n  " : "  ") + std::string(is_output ? "output" : "input ") + " logic " + type + name;
        if (is_output)
            wires +=
                "  logic " + type + "user_" + name + ";\n  assign " + name + " = " + invert + "user_" + name + ";\n";
        pins += (i > 0 ? ",\n    ." : "    .") + std::string(map.port[i].name) + "(" +
                (is_output ? "user_" + name : invert + name) + ")";
    }
    for (size_t i = 0; map.num_parameters < 0 && i < point.parameters.size(); i++)
        parameters += (i > 0 ? ", ." : ".") + point.parameters[i].first + "(" + point.parameters[i].second + ")";
    return "// Written by igqsim: " + top + " behind the ports that the driver knows.\nmodule " + adapter_name +
           " (\n" + ports + "\n);\n" + wires + "  " + top + " #(" + parameters + ") i_user (\n" + pins +
           "\n  );\nendmodule\n";
}
} // namespace

igq_status user_datapath_build(verilate_request *build, const datapath_point &point, const user_rtl_request &request,
                               igq_error *error)
{
    igq_port_map map;
    std::string dir, path = request.work_dir + "/igq_adapter.sv";
    igq_status status = igq_port_map_load(&map, &igq_datapath_ports,
                                          request.ports_path.empty() ? nullptr : request.ports_path.c_str(), error);
    if (status == IGQ_OK)
        status = user_rtl_list_files(build, request, error);
    if (status == IGQ_OK)
        status = igq_rtl_dir(&dir, error);
    if (status != IGQ_OK)
        return status;
    std::string text = adapter_text(map, request.top, point);
    build->label = request.top;
    build->sources.push_back(path);
    build->top = adapter_name;
    build->options = {"--assert",       "-Wall", "-Wno-fatal",     "-Wno-DECLFILENAME",
                      "--unroll-count", "65536", "--unroll-stmts", "1"};
    build->harness = dir + "/datapath/igq_datapath_harness.cpp";
    return igq_file_write(path.c_str(), text.data(), text.size(), error);
}
