// SPDX-License-Identifier: Apache-2.0
#include "accelerator_file.h"
#include "commands.h"
#include "datapath_vectors.h"
#include "file.h"
#include "options.h"
#include "traced_layers.h"
#include "vectors.h"
#include "workload_file.h"
#include <stdio.h>
#include <string.h>

// Corner cases and random layers: small, so that a testbench is quick.
#define MAX_CHANNELS 64
#define MAX_TOKENS 16

typedef struct vectors_request {
    const char *accelerator_path, *trace_path, *calibration_path, *output_dir, *unit;
    igq_string_list sets;
    int64_t num_random, seed;
} vectors_request;

static igq_status write_vectors(const vectors_request *request, igq_error *error)
{
    igq_accelerator accelerator;
    igq_traced_layers traced = {0};
    igq_vectors_counts counts;
    igq_status status = igq_sets_check(&request->sets, 1, NULL, error);
    if (status == IGQ_OK)
        status = igq_accelerator_load_with(&accelerator, request->accelerator_path, &request->sets, NULL, error);
    if (status == IGQ_OK && request->trace_path)
        status = igq_traced_layers_open(&traced, request->trace_path, request->calibration_path,
                                        request->accelerator_path, &accelerator, error);
    if (status == IGQ_OK)
        status = igq_make_dir(request->output_dir, error);
    if (status == IGQ_OK) {
        const igq_vectors_cfg cfg = {.accelerator = &accelerator,
                                     .layers = traced.cosim,
                                     .num_layers = traced.num_layers,
                                     .num_random = (int)request->num_random,
                                     .seed = (uint64_t)request->seed,
                                     .max_channels = MAX_CHANNELS,
                                     .max_tokens = MAX_TOKENS,
                                     .dir = request->output_dir};
        status = igq_vectors_write(&counts, &cfg, error);
    }
    if (status == IGQ_OK)
        printf("Written: %s/index.json, vectors.vh, layers.hex, bounds.hex, beats.hex, entries.hex, counts.hex\n"
               "         %d layers, %llu beats, %llu list entries\n",
               request->output_dir, counts.layers, (unsigned long long)counts.beats,
               (unsigned long long)counts.entries);
    igq_traced_layers_close(&traced);
    return status;
}

static igq_status write_datapath(const vectors_request *request, igq_error *error)
{
    igq_accelerator accelerator;
    igq_datapath_vectors_counts counts;
    if (request->trace_path || request->calibration_path)
        return igq_fail(error, "--unit datapath with %s; allowed: random tiles",
                        request->trace_path ? "--trace" : "--calibration");
    igq_status status = igq_sets_check(&request->sets, 1, NULL, error);
    if (status == IGQ_OK)
        status = igq_accelerator_load_with(&accelerator, request->accelerator_path, &request->sets, NULL, error);
    if (status == IGQ_OK)
        status = igq_make_dir(request->output_dir, error);
    const igq_datapath_vectors_cfg cfg = {&accelerator, (int)request->num_random, (uint64_t)request->seed,
                                          request->output_dir};
    if (status == IGQ_OK)
        status = igq_datapath_vectors_write(&counts, &cfg, error);
    if (status == IGQ_OK)
        printf("Written: %s/index.json, vectors.vh, tiles.hex, fills.hex, lists.hex, sums.hex\n"
               "         %d tiles, %llu fills, %llu list entries, %llu sums\n",
               request->output_dir, counts.tiles, (unsigned long long)counts.fills,
               (unsigned long long)counts.list_entries, (unsigned long long)counts.sums);
    return status;
}

igq_status igq_cmd_vectors(int argc, const char *const *argv, igq_error *error)
{
    vectors_request request = {.num_random = 20, .seed = 1, .unit = "assign"};
    const igq_option options[] = {
        {"--accelerator", 'a', IGQ_OPTION_STRING, &request.accelerator_path, "FILE",
         "the machine (YAML); - reads standard input", 0, 0},
        {"--unit", 0, IGQ_OPTION_STRING, &request.unit, "assign|datapath",
         "group assignment unit (default), or the datapath behind it", 0, 0},
        {"--trace", 0, IGQ_OPTION_STRING, &request.trace_path, "FILE", "with the layers of a recorded trace", 0, 0},
        {"--calibration", 'c', IGQ_OPTION_STRING, &request.calibration_path, "FILE",
         "bounds of the groups (default: calibrated on the trace)", 0, 0},
        {"--random", 0, IGQ_OPTION_INT, &request.num_random, "N", "random layers or tiles (default 20)", 0, 1e6},
        {"--seed", 0, IGQ_OPTION_INT, &request.seed, "S", "of the first random one (default 1)", 0, 9e15},
        {"--set", 0, IGQ_OPTION_EACH, &request.sets, "KEY=VALUE",
         "instead of what the file of the machine says, such as num_groups=4; repeatable", 0, 0},
        {"--output", 'o', IGQ_OPTION_STRING, &request.output_dir, "DIR", "where the files go", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "vectors -a ACCELERATOR.yaml [--set KEY=VALUE]... [--trace T.safetensors] [--random N --seed S] -o DIR",
        "Writes layers for the group assignment unit with the lists that it must give and the cycles that it may "
        "take:\n"
        "corner cases, recorded and random layers, as files for $readmemh and an index (docs/formats.md); with --unit "
        "datapath,\n"
        "random tiles with their sums.",
        "  igqsim vectors -a configs/accelerators/igq_per_group.yaml --random 50 -o out/vectors\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (!request.accelerator_path || !request.output_dir)
        return igq_fail(error, "%s is missing; see igqsim vectors --help",
                        !request.accelerator_path ? "--accelerator" : "--output");
    if (strcmp(request.unit, "datapath") == 0)
        return write_datapath(&request, error);
    if (strcmp(request.unit, "assign") != 0)
        return igq_fail(error, "--unit %s; allowed: assign, datapath", request.unit);
    return write_vectors(&request, error);
}
