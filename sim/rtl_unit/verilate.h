// SPDX-License-Identifier: Apache-2.0
// verilate.h - SystemVerilog into a shared library while the program runs: Verilator and the C++ compiler make it once
// for each content of files, parameters and tools, and a cache keeps it. The folder of the cache is $IGQSIM_CACHE, else
// $XDG_CACHE_HOME/igqsim, else ~/.cache/igqsim.
#ifndef IGQ_VERILATE_H
#define IGQ_VERILATE_H
#include "error.h"
#include <string>
#include <utility>
#include <vector>

struct verilate_request {
    std::string label;                // what is built, for people: "datapath of igq_shared"
    std::vector<std::string> sources; // SystemVerilog and waivers (.vlt), in the order in which Verilator reads them
    std::vector<std::string> include_dirs;                       // what is included from them counts as content
    std::string top;                                             // module
    std::vector<std::pair<std::string, std::string>> parameters; // of the top, as Verilator's -G takes them
    std::vector<std::string> options;                            // of Verilator, such as --assert, -Wall
    std::string harness; // C++ file that includes "Vunit.h", the class Vunit, and has `extern "C"` functions
    bool trace;          // with what a waveform (VerilatedFstC) needs: slower to build and to run
};

// Path of the library, built if it is not in the cache; then a line on stderr says so, and when it is done.
// IGQ_USER_ERROR with Verilator's or the compiler's first error, and the file that has the others.
igq_status igq_verilate(std::string *library, const verilate_request &request, igq_error *error);

// What Verilator warned of when it made that library; "": nothing.
std::string igq_verilate_warnings(const std::string &library);

// Folder with the RTL that comes with the program: share/igqsim/rtl beside an installed bin/, else the source tree that
// it was built from.
igq_status igq_rtl_dir(std::string *dir, igq_error *error);

// A library that stays open while the object lives. Libraries of several points can be open at the same time.
class verilated_library
{
  public:
    verilated_library() = default;
    ~verilated_library();
    verilated_library(const verilated_library &) = delete;
    verilated_library &operator=(const verilated_library &) = delete;
    igq_status open(const std::string &path, igq_error *error);
    // A function of the harness; asserts that it is there.
    void *symbol(const char *name) const;

  private:
    void *handle_ = nullptr;
};

#endif
