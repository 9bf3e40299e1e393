// SPDX-License-Identifier: Apache-2.0
// user_rtl.h - a user's own assignment unit, Verilated while the program runs, behind the pins of rtl_unit.h. Between
// both stands an adapter in SystemVerilog, written from the port map.
#ifndef IGQ_USER_RTL_H
#define IGQ_USER_RTL_H
#include "port_map.h"
#include "rtl_unit.h"
#include "verilate.h"

struct user_rtl_request {
    std::vector<std::string> files; // SystemVerilog, waivers (.vlt) and lists of files (.f), in order
    std::string top;
    std::string ports_path; // of the port map; "": none
    std::string work_dir;   // takes the adapter; exists
};

// What it takes to make such units.
struct user_rtl {
    rtl_point point; // whose name is the top's
    std::string name;
    igq_port_map map;
    verilate_request build;
    std::string warnings;                               // of Verilator; "": none
    std::shared_ptr<verilated_library> library, traced; // traced: made when a waveform is asked for
};

// Reads the lists, writes the adapter and builds. Refuses what is missing, no RTL, or too small for the machine.
igq_status user_rtl_open(user_rtl *user, const user_rtl_request &request, const igq_accelerator &accelerator,
                         igq_error *error);

// A unit; with what a waveform needs if `traced`, which builds once more. nullptr with a message if that fails.
std::unique_ptr<rtl_unit> user_rtl_make(user_rtl &user, bool traced, igq_error *error);

// Bits of an index into so many values; one value has an index of one bit too.
int user_rtl_index_bits(int values);

// The adapter's text.
std::string user_rtl_adapter(const igq_port_map &map, const std::string &top, const rtl_point &point);

// Parameters of the user's top that its map sets, as an instance has them: ".Depth(1024), .Groups(8)".
std::string user_rtl_parameters(const igq_port_map &map);

// Sources and folders of headers of a request into a build: lists are read, what is missing is refused.
igq_status user_rtl_list_files(verilate_request *build, const user_rtl_request &request, igq_error *error);

// Files of a list and of the lists in it: a file, +incdir+DIR, -f LIST or a comment (//, #) a line. Paths are relative
// to the list.
igq_status user_rtl_read_list(std::vector<std::string> *files, std::vector<std::string> *include_dirs,
                              const std::string &path, int depth, igq_error *error);

#endif
