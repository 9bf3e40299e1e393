// SPDX-License-Identifier: Apache-2.0
#include "accelerator_file.h"
#include "commands.h"
#include "cosim.h"
#include "cosim_datapath.h"
#include "file.h"
#include "options.h"
#include "traced_layers.h"
#include "workload_file.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct cosim_request {
    const char *accelerator_path, *trace_path, *calibration_path, *output_dir;
    igq_string_list sets;
    int64_t num_random, seed;
    const char *unit, *top, *ports_path, *latency_word; // of somebody else's unit
    igq_string_list rtl;
    igq_cosim_latency latency;
    uint64_t window_cycles;
    int64_t limit_cycles;
} cosim_request;

// The command that the reproducer of a mismatch starts with.
static void command_line(char *text, size_t text_bytes, const cosim_request *request)
{
    snprintf(text, text_bytes, "igqsim cosim -a %s%s%s%s%s", request->accelerator_path,
             request->trace_path ? " --trace " : "", request->trace_path ? request->trace_path : "",
             request->calibration_path ? " -c " : "", request->calibration_path ? request->calibration_path : "");
}

// So much of the command as tells of somebody else's unit.
static void add_user(char *text, size_t text_bytes, const cosim_request *request)
{
    size_t used = strlen(text);
    if (request->rtl.num == 0)
        return;
    used += (size_t)snprintf(text + used, text_bytes - used, " --rtl");
    for (int i = 0; i < request->rtl.num && used < text_bytes; i++)
        used += (size_t)snprintf(text + used, text_bytes - used, " %s", request->rtl.items[i]);
    if (used < text_bytes)
        snprintf(text + used, text_bytes - used, " --top %s%s%s --latency %s", request->top,
                 request->ports_path ? " --ports " : "", request->ports_path ? request->ports_path : "",
                 request->latency_word);
}

static igq_cosim_user user_of(const cosim_request *request)
{
    return (igq_cosim_user){request->rtl.items, request->rtl.num, request->top, request->ports_path};
}

// An earlier run's: beside a run without a mismatch it would tell of one.
static void remove_waveform(const char *dir)
{
    char path[4224];
    if (snprintf(path, sizeof path, "%s/mismatch.fst", dir) < (int)sizeof path)
        unlink(path);
}

static igq_status cosim(int *mismatch, const cosim_request *request, igq_error *error)
{
    igq_accelerator accelerator;
    igq_traced_layers traced = {0};
    igq_cosim_result result;
    char command[2048];
    int is_new = !igq_file_exists(request->output_dir);
    igq_status status = igq_make_dir(request->output_dir, error);
    if (status == IGQ_OK)
        status = igq_sets_check(&request->sets, 1, NULL, error);
    if (status == IGQ_OK)
        status = igq_accelerator_load_with(&accelerator, request->accelerator_path, &request->sets, NULL, error);
    if (status == IGQ_OK && request->trace_path)
        status = igq_traced_layers_open(&traced, request->trace_path, request->calibration_path,
                                        request->accelerator_path, &accelerator, error);
    if (status == IGQ_OK) {
        command_line(command, sizeof command, request);
        add_user(command, sizeof command, request);
        remove_waveform(request->output_dir);
        const igq_cosim_cfg cfg = {.accelerator = &accelerator,
                                   .layers = traced.cosim,
                                   .num_layers = traced.num_layers,
                                   .num_random = (int)request->num_random,
                                   .seed = (uint64_t)request->seed,
                                   .output_dir = request->output_dir,
                                   .command = command,
                                   .user = user_of(request),
                                   .latency = request->latency,
                                   .window_cycles = request->window_cycles,
                                   .limit_cycles = (uint64_t)request->limit_cycles};
        status = igq_cosim_run(&result, &cfg, error);
    }
    if (status == IGQ_OK) {
        igq_cosim_print(stdout, &result);
        *mismatch = result.mismatch;
    }
    igq_traced_layers_close(&traced);
    if (status != IGQ_OK && is_new)
        rmdir(request->output_dir); // does nothing to a folder that holds something
    return status;
}

static igq_status parse_latency(cosim_request *request, igq_error *error)
{
    const char *word = request->latency_word;
    char *end = NULL;
    if (strcmp(word, "exact") == 0) {
        request->latency = IGQ_COSIM_EXACT;
    } else if (strcmp(word, "any") == 0) {
        request->latency = IGQ_COSIM_ANY;
    } else if (strncmp(word, "window=", 7) == 0 && isdigit((unsigned char)word[7])) {
        request->latency = IGQ_COSIM_WINDOW;
        request->window_cycles = strtoull(word + 7, &end, 10);
    }
    if ((request->latency == IGQ_COSIM_EXACT && strcmp(word, "exact") != 0) ||
        (end && (*end != '\0' || request->window_cycles > 1000000000)))
        return igq_fail(error, "--latency %s; allowed: exact, any, window=CYCLES (up to 1000000000)", word);
    return IGQ_OK;
}

static igq_status check_user(cosim_request *request, igq_error *error)
{
    if (strcmp(request->unit, "datapath") != 0 && strcmp(request->unit, "assign") != 0)
        return igq_fail(error, "--unit %s; allowed: assign, datapath", request->unit);
    if (request->rtl.num > 0 && !request->top)
        return igq_fail(error, "--rtl without --top; allowed: both together");
    if (request->rtl.num == 0 && (request->top || request->ports_path || request->limit_cycles > 0 ||
                                  strcmp(request->latency_word, "exact") != 0))
        return igq_fail(error, "%s without --rtl; allowed: with the files of a unit of your own",
                        request->top            ? "--top"
                        : request->ports_path   ? "--ports"
                        : request->limit_cycles ? "--limit"
                                                : "--latency");
    return parse_latency(request, error);
}

static igq_status cosim_datapath(int *mismatch, const cosim_request *request, igq_error *error)
{
    igq_accelerator accelerator;
    igq_cosim_datapath_result result;
    char command[2048];
    if (request->trace_path || request->calibration_path)
        return igq_fail(error, "--unit datapath with %s; allowed: random tiles",
                        request->trace_path ? "--trace" : "--calibration");
    igq_status status = igq_make_dir(request->output_dir, error);
    if (status == IGQ_OK)
        status = igq_sets_check(&request->sets, 1, NULL, error);
    if (status == IGQ_OK)
        status = igq_accelerator_load_with(&accelerator, request->accelerator_path, &request->sets, NULL, error);
    if (status != IGQ_OK)
        return status;
    size_t used =
        (size_t)snprintf(command, sizeof command, "igqsim cosim --unit datapath -a %s", request->accelerator_path);
    for (int i = 0; i < request->sets.num && used < sizeof command; i++)
        used += (size_t)snprintf(command + used, sizeof command - used, " --set %s", request->sets.items[i]);
    add_user(command, sizeof command, request);
    remove_waveform(request->output_dir);
    const igq_cosim_datapath_cfg cfg = {.accelerator = &accelerator,
                                        .num_tiles = (int)request->num_random,
                                        .seed = (uint64_t)request->seed,
                                        .output_dir = request->output_dir,
                                        .command = command,
                                        .user = user_of(request),
                                        .latency = request->latency,
                                        .window_cycles = request->window_cycles,
                                        .limit_cycles = (uint64_t)request->limit_cycles};
    status = igq_cosim_datapath_run(&result, &cfg, error);
    if (status != IGQ_OK)
        return status;
    igq_cosim_datapath_print(stdout, &result);
    *mismatch = result.mismatch;
    return IGQ_OK;
}

igq_status igq_cmd_cosim(int argc, const char *const *argv, igq_error *error)
{
    cosim_request request = {.num_random = 100, .seed = 1, .unit = "assign", .latency_word = "exact"};
    const igq_option options[] = {
        {"--accelerator", 'a', IGQ_OPTION_STRING, &request.accelerator_path, "FILE",
         "the machine (YAML); - reads standard input", 0, 0},
        {"--trace", 0, IGQ_OPTION_STRING, &request.trace_path, "FILE", "drive the layers of a recorded trace", 0, 0},
        {"--calibration", 'c', IGQ_OPTION_STRING, &request.calibration_path, "FILE",
         "bounds of the groups (default: calibrated on the trace)", 0, 0},
        {"--unit", 0, IGQ_OPTION_STRING, &request.unit, "assign|datapath",
         "group assignment unit (default), or the datapath behind it", 0, 0},
        {"--random", 0, IGQ_OPTION_INT, &request.num_random, "N", "random layers or tiles (default 100)", 0, 1e9},
        {"--seed", 0, IGQ_OPTION_INT, &request.seed, "S", "of the random layers and stalls (default 1)", 0, 9e15},
        {"--set", 0, IGQ_OPTION_EACH, &request.sets, "KEY=VALUE",
         "instead of what the file of the machine says, such as num_groups=4; repeatable", 0, 0},
        {"--rtl", 0, IGQ_OPTION_LIST, &request.rtl, "FILE...",
         "a unit of your own: SystemVerilog, or lists of it (.f); built on the fly", 0, 0},
        {"--top", 0, IGQ_OPTION_STRING, &request.top, "NAME", "its module", 0, 0},
        {"--ports", 0, IGQ_OPTION_STRING, &request.ports_path, "FILE", "how it names its ports (YAML)", 0, 0},
        {"--latency", 0, IGQ_OPTION_STRING, &request.latency_word, "exact|any|window=N",
         "its cycles: those of the timing contract (default), any, or phases within N of it", 0, 0},
        {"--limit", 0, IGQ_OPTION_INT, &request.limit_cycles, "N",
         "cycles that it may do nothing, unless exact (default: by the size of layers)", 1, 1e9},
        {"--output", 'o', IGQ_OPTION_STRING, &request.output_dir, "DIR", "where the waveform of a mismatch goes", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "cosim -a ACCELERATOR.yaml [--set KEY=VALUE]... [--trace T.safetensors] [--random N --seed S]\n"
        "             [--rtl FILE... --top NAME [--ports P.yaml] [--latency exact|any|window=N]] -o DIR",
        "Drives the RTL of the group assignment unit, and the models, with the same layers and random stalls on both "
        "sides, and\n"
        "compares every list entry, count and cycle. Exit status 3 and a waveform on the first mismatch. With --rtl it "
        "is a unit\n"
        "of your own that is driven.",
        "  igqsim cosim -a configs/accelerators/igq_per_group.yaml --trace traces/deit_tiny_photos.safetensors -o "
        "out/cosim\n"};
    int help_shown, mismatch = 0;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (!request.accelerator_path || !request.output_dir)
        return igq_fail(error, "%s is missing; see igqsim cosim --help",
                        !request.accelerator_path ? "--accelerator" : "--output");
    status = check_user(&request, error);
    if (status == IGQ_OK)
        status = strcmp(request.unit, "datapath") == 0 ? cosim_datapath(&mismatch, &request, error)
                                                       : cosim(&mismatch, &request, error);
    return status == IGQ_OK && mismatch ? IGQ_MISMATCH : status;
}
