// SPDX-License-Identifier: Apache-2.0
// main.cpp - picks the command; the only place that prints errors and exits.
#include "breakdown.h"
#include "commands.h"
#include <cstdio>
#include <cstring>

namespace
{
struct command {
    const char *name;
    igq_status (*run)(int argc, const char *const *argv, igq_error *error);
    const char *purpose;
};

const command commands[] = {
    {"run", igq_cmd_run, "simulate a network on an accelerator: cycles of every layer and why"},
    {"sweep", igq_cmd_sweep, "run one network on many machines, find the Pareto front"},
    {"trace", igq_cmd_trace, "record the activations of images in full precision"},
    {"calibrate", igq_cmd_calibrate, "find the quantizers of every layer from a few images or traces"},
    {"compare", igq_cmd_compare, "set the reports of several runs side by side"},
    {"describe", igq_cmd_describe, "print a machine: blocks, parameters, peak"},
    {"cosim", igq_cmd_cosim, "hold RTL, SystemC and C model of the group assignment module together"},
};

void print_help(FILE *out)
{
    std::fprintf(out,
                 "igqsim " IGQSIM_VERSION " - what does group quantization of vision transformers cost in hardware?\n\n"
                 "Usage: igqsim COMMAND [options]     igqsim COMMAND --help\n\nCommands:\n");
    for (const command &one : commands)
        std::fprintf(out, "  %-10s %s\n", one.name, one.purpose);
    std::fprintf(out, "\nExit status: 0 done, 1 wrong input, 2 internal error, 3 verification found a mismatch.\n");
}
} // namespace

// libsystemc looks for it; the simulation is started from sim/machine.cpp.
extern "C" int sc_main(int, char **)
{
    return 0;
}

int main(int argc, char **argv)
{
    igq_breakdown_install();
    if (argc < 2) {
        print_help(stderr);
        return 1;
    }
    if (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return 0;
    }
    if (std::strcmp(argv[1], "--version") == 0) {
        std::puts("igqsim " IGQSIM_VERSION);
        return 0;
    }
    for (const command &one : commands) {
        if (std::strcmp(argv[1], one.name) != 0)
            continue;
        igq_error error = {};
        igq_status status = one.run(argc - 2, argv + 2, &error);
        if (status == IGQ_USER_ERROR || status == IGQ_INTERNAL_ERROR)
            std::fprintf(stderr, "igqsim %s: %s\n", one.name, error.message[0] ? error.message : "internal error");
        return status;
    }
    std::fprintf(stderr, "igqsim: unknown command '%s'; allowed:", argv[1]);
    for (const command &one : commands)
        std::fprintf(stderr, " %s", one.name);
    std::fprintf(stderr, "\n");
    return 1;
}
