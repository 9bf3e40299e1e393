// SPDX-License-Identifier: Apache-2.0
#include "commands.h"
#include "file.h"
#include "options.h"
#include "report.h"
#include "run.h"
#include <stdio.h>
#include <string.h>

static igq_status check_combination(const igq_run_request *request, igq_error *error)
{
    if (!request->accelerator_path)
        return igq_fail(error, "--accelerator FILE is missing; allowed: a machine of configs/accelerators");
    if (!request->workload_path)
        return igq_fail(error, "--workload FILE is missing; allowed: a network of configs/workloads");
    if (request->trace_path && (request->weights_path || request->num_image_paths))
        return igq_fail(error, "--trace together with --weights or --images; allowed: either the trace, or weights and images");
    if (!request->weights_path != !request->num_image_paths)
        return igq_fail(error, "%s without %s; allowed: both together", request->weights_path ? "--weights" : "--images",
                        request->weights_path ? "--images" : "--weights");
    if ((request->trace_path || request->weights_path) && !request->calibration_path)
        return igq_fail(error, "--calibration FILE is missing: the quantizers of this network; make one with igqsim calibrate");
    if (request->record_path && !request->weights_path)
        return igq_fail(error, "--record without --weights; allowed: with weights and images, a trace is recorded already");
    return IGQ_OK;
}

int igq_cmd_run(int argc, const char *const *argv, igq_error *error)
{
    igq_run_request request = {0};
    igq_string_list images = {0};
    const char *assign = "model", *dir = NULL;
    const igq_option options[] = {
        {"--accelerator", 'a', IGQ_OPTION_STRING, &request.accelerator_path, "FILE", "the machine (YAML)", 0, 0},
        {"--workload", 'w', IGQ_OPTION_STRING, &request.workload_path, "FILE", "the network (YAML)", 0, 0},
        {"--calibration", 'c', IGQ_OPTION_STRING, &request.calibration_path, "FILE", "quantizers, from igqsim calibrate", 0, 0},
        {"--trace", 0, IGQ_OPTION_STRING, &request.trace_path, "FILE", "recorded activations (safetensors)", 0, 0},
        {"--weights", 0, IGQ_OPTION_STRING, &request.weights_path, "FILE", "checkpoint to execute (safetensors)", 0, 0},
        {"--images", 0, IGQ_OPTION_LIST, &images, "PATH...", "photos to execute it on (PNG, JPEG)", 0, 0},
        {"--scheme", 0, IGQ_OPTION_STRING, &request.scheme_name, "NAME", "instead of the machine's quantization scheme", 0, 0},
        {"--assign", 0, IGQ_OPTION_STRING, &assign, "model|rtl", "group assignment by the model (default) or by the RTL", 0, 0},
        {"--record", 0, IGQ_OPTION_STRING, &request.record_path, "FILE", "record what the datapath saw as a trace", 0, 0},
        {"--output", 'o', IGQ_OPTION_STRING, &dir, "DIR", "write report.json and layers.csv there", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "run -a ACCELERATOR.yaml -w WORKLOAD.yaml [-c CALIBRATION.yaml]\n"
        "                  [--trace T.safetensors | --weights W.safetensors --images PATH...] [-o DIR]",
        "Simulates a network on a machine and says how many cycles each layer takes and why. With --trace from recorded\n"
        "activations; with --weights and --images the network is executed bit by bit on the machine's integer datapath;\n"
        "with neither, channel ranges are drawn from the workload's seeded distribution.",
        "  igqsim run -a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_tiny.yaml \\\n"
        "    -c configs/calibration/deit_tiny_w4a4_g8.yaml --trace traces/deit_tiny_chelsea.safetensors -o out/first\n"
        "  igqsim run -a configs/accelerators/igq_temporal.yaml -w configs/workloads/deit_base.yaml\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    request.image_paths = images.items;
    request.num_image_paths = images.num;
    if ((status = check_combination(&request, error)) != IGQ_OK)
        return status;
    if (strcmp(assign, "model") != 0 && strcmp(assign, "rtl") != 0)
        return igq_fail(error, "--assign %s; allowed: model, rtl", assign);
    request.assign_model = strcmp(assign, "rtl") == 0 ? IGQ_ASSIGN_MODEL_RTL : IGQ_ASSIGN_MODEL_C;
    if (dir && (status = igq_make_dir(dir, error)) != IGQ_OK)
        return status;
    igq_run_result *result;
    if ((status = igq_run(&result, &request, error)) != IGQ_OK)
        return status;
    igq_summary_print(result);
    if (dir)
        status = igq_report_write(dir, result, error);
    if (dir && status == IGQ_OK)
        printf("\nWritten: %s/report.json, %s/layers.csv\n", dir, dir);
    igq_run_result_free(result);
    return status;
}
