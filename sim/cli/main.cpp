// SPDX-License-Identifier: Apache-2.0
// main.cpp - picks the command; the only place that prints errors and exits.
#include "breakdown.h"
#include "commands.h"
#include "console.h"
#include "file.h"
#include "options.h"
#include "suggest.h"
#include <cstdio>
#include <cstring>
#include <exception>
#include <iterator>
#include <string>

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
    {"merge", igq_cmd_merge, "join the folders of a sweep that was simulated in shards"},
    {"export", igq_cmd_export, "write all points of a sweep as a table"},
    {"trace", igq_cmd_trace, "record the activations of images in full precision"},
    {"calibrate", igq_cmd_calibrate, "find the quantizers of every layer from a few images or traces"},
    {"compare", igq_cmd_compare, "set the reports of several runs side by side"},
    {"describe", igq_cmd_describe, "print a machine: blocks, parameters, peak"},
    {"schema", igq_cmd_schema, "print a JSON schema of the files of one kind"},
    {"quantize", igq_cmd_quantize, "code tensors of a file in a number format"},
    {"cosim", igq_cmd_cosim, "hold RTL, SystemC and C model of the group assignment module together"},
    {"vectors", igq_cmd_vectors, "write layers and answers for a testbench of the group assignment module"},
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

// "igqsim help COMMAND" is "igqsim COMMAND --help".
bool asks_for_help(const char *word)
{
    return std::strcmp(word, "--help") == 0 || std::strcmp(word, "-h") == 0 || std::strcmp(word, "help") == 0;
}

igq_status refuse_unknown(const char *word, igq_error *error)
{
    const char *names[std::size(commands) + 1];
    int num = 0;
    for (const command &one : commands)
        names[num++] = one.name;
    names[num++] = "help";
    char suggestion[IGQ_SUGGEST_BYTES];
    igq_suggest(suggestion, word, names, num);
    return igq_fail(error,
                    "unknown command '%s'; %sallowed: run sweep trace calibrate compare describe schema quantize cosim "
                    "vectors help",
                    word, suggestion);
}

// *name is that of the command, once it is known.
igq_status run(const char **name, int argc, const char *const *argv, igq_error *error)
{
    static const char *const help[] = {"--help"};
    if (argc < 1) {
        print_help(stderr);
        return IGQ_USER_ERROR;
    }
    if (igq_words_check(argc, argv, error) != IGQ_OK)
        return IGQ_USER_ERROR;
    bool is_help = asks_for_help(argv[0]);
    if (is_help && argc == 1) {
        print_help(stdout);
        return IGQ_OK;
    }
    if (std::strcmp(argv[0], "--version") == 0 || std::strcmp(argv[0], "-V") == 0) {
        std::puts("igqsim " IGQSIM_VERSION);
        return IGQ_OK;
    }
    const char *wanted = argv[is_help ? 1 : 0];
    for (const command &one : commands) {
        if (std::strcmp(wanted, one.name) != 0)
            continue;
        *name = one.name;
        return is_help ? one.run(1, help, error) : one.run(argc - 1, argv + 1, error);
    }
    return refuse_unknown(wanted, error);
}

// A message may have several lines, one for each fault of a file.
void print_error(const char *command_name, const char *message)
{
    for (const char *line = message; *line; line += std::strcspn(line, "\n"), line += *line == '\n')
        std::fprintf(stderr, "igqsim%s%s: %.*s\n", command_name ? " " : "", command_name ? command_name : "",
                     static_cast<int>(std::strcspn(line, "\n")), line);
}
} // namespace

// libsystemc looks for it; the simulation is started from sim/blocks/machine.cpp.
extern "C" int sc_main(int, char **)
{
    return 0;
}

int main(int argc, char **argv)
{
    igq_breakdown_install();
    igq_console_open();
    igq_error error = {}, lost = {};
    const char *name = nullptr;
    igq_status status;
    try {
        status = run(&name, argc - 1, argv + 1, &error);
    } catch (const std::exception &fault) { // of SystemC, which says several lines
        igq_file_abandon_all();
        std::string what = fault.what();
        igq_fail(&error, "%s", what.substr(0, what.find('\n')).c_str());
        status = IGQ_INTERNAL_ERROR;
    }
    if (igq_console_close(&lost) != IGQ_OK && status == IGQ_OK) {
        status = IGQ_USER_ERROR;
        error = lost;
    }
    if ((status == IGQ_USER_ERROR || status == IGQ_INTERNAL_ERROR) && argc > 1)
        print_error(name, error.message[0] ? error.message : "internal error");
    return status;
}
