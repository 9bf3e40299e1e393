// SPDX-License-Identifier: Apache-2.0
#include "commands.h"
#include "file.h"
#include "json_file.h"
#include "options.h"
#include "result_dir.h"
#include "run_outputs.h"
#include "technology_file.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static igq_status check_what_if(const igq_run_request *request, const igq_run_outputs *outputs, igq_error *error)
{
    if (!outputs->what_if)
        return IGQ_OK;
    if (request->num_image_paths || request->inputs_path)
        return igq_fail(error, "--what-if with %s; allowed: with --trace (--record makes one) or with shapes alone",
                        request->weights_path  ? "--weights"
                        : request->inputs_path ? "--inputs"
                                               : "--images");
    if (outputs->from_path || igq_names_schemes(request->scheme_name))
        return igq_fail(error, "--what-if with %s; allowed: a single run",
                        outputs->from_path ? "--from" : "several schemes");
    if (request->datapath_rtl)
        return igq_fail(error, "--what-if with --datapath rtl; allowed: a single run");
    return IGQ_OK;
}

static igq_status check_unit(const igq_run_request *request, const igq_run_outputs *outputs, const char *assign,
                             const igq_cosim_user *user, igq_error *error)
{
    if (strcmp(assign, "model") != 0 && strcmp(assign, "rtl") != 0)
        return igq_fail(error, "--assign %s; allowed: model, rtl", assign);
    if (user->num_files == 0 && (user->top || user->ports_path))
        return igq_fail(error, "%s without --rtl; allowed: with the files of a unit of your own",
                        user->top ? "--top" : "--ports");
    if (user->num_files == 0)
        return IGQ_OK;
    if (strcmp(assign, "rtl") != 0)
        return igq_fail(error, "--rtl with --assign %s; allowed: --assign rtl", assign);
    if (!user->top)
        return igq_fail(error, "--rtl without --top; allowed: both together");
    if (!outputs->dir)
        return igq_fail(error, "--rtl without --output; allowed: with a folder, for the waveform of a mismatch");
    if (request->num_image_paths || request->inputs_path)
        return igq_fail(error, "--rtl with %s; allowed: with --trace (--record makes one) or with shapes alone",
                        request->inputs_path ? "--inputs" : "--images");
    if (outputs->from_path || outputs->what_if || igq_names_schemes(request->scheme_name))
        return igq_fail(error, "--rtl with %s; allowed: a single run",
                        outputs->from_path ? "--from"
                        : outputs->what_if ? "--what-if"
                                           : "several schemes");
    return IGQ_OK;
}

static igq_status check_combination(const igq_run_request *request, const char *dir, igq_error *error)
{
    if (!request->accelerator_path)
        return igq_fail(error, "--accelerator FILE is missing; allowed: a machine of configs/accelerators");
    if (!request->workload_path)
        return igq_fail(error, "--workload FILE is missing; allowed: a network of configs/workloads");
    if (request->trace_path && (request->weights_path || request->num_image_paths))
        return igq_fail(
            error, "--trace together with --weights or --images; allowed: either the trace, or weights and images");
    if (request->weights_path && !request->num_image_paths && !request->inputs_path)
        return igq_fail(error, "--weights without --images; allowed: both together, or with --inputs");
    if (request->trace_path && !request->calibration_path)
        return igq_fail(
            error, "--calibration FILE is missing: the quantizers of this network; make one with igqsim calibrate");
    if (request->inputs_path && (request->trace_path || request->num_image_paths))
        return igq_fail(error, "--inputs together with %s; allowed: one of them",
                        request->trace_path ? "--trace" : "--images");
    if (request->calibration_path && !request->trace_path && !request->num_image_paths && !request->inputs_path)
        return igq_fail(error, "--calibration without activations to quantize; allowed: with --trace, --images or "
                               "--inputs");
    if (request->outputs_path && !request->inputs_path && !request->num_image_paths)
        return igq_fail(error, "--outputs without --inputs or --images; allowed: both together");
    if (request->outputs_path && igq_names_schemes(request->scheme_name))
        return igq_fail(error, "--outputs with --scheme %s; allowed: a single scheme", request->scheme_name);
    if (request->record_path && (!request->num_image_paths || !request->calibration_path || request->outputs_path))
        return igq_fail(error, "--record without --images and --calibration, or with --outputs; allowed: with photos "
                               "that are executed, a trace is recorded already");
    if (request->dram_trace_path && igq_names_schemes(request->scheme_name))
        return igq_fail(error, "--dram-trace with --scheme %s; allowed: a single scheme", request->scheme_name);
    if (request->labels_path && (!request->num_image_paths || !request->calibration_path || request->outputs_path))
        return igq_fail(error, "--labels without --images and --calibration, or with --outputs; allowed: with photos "
                               "that are executed");
    if (request->record_path && request->num_jobs > 1)
        return igq_fail(error, "--record with -j %d; allowed: -j 1, a trace is recorded image after image",
                        request->num_jobs);
    if (request->record_path && igq_names_schemes(request->scheme_name))
        return igq_fail(error, "--record with --scheme %s; allowed: a single scheme", request->scheme_name);
    if (request->resume && (!request->num_image_paths || !request->calibration_path || !dir || request->record_path))
        return igq_fail(error,
                        "--resume %s; allowed: with --images, --calibration and the --output of the run that was "
                        "ended",
                        request->record_path ? "with --record"
                        : !dir               ? "without --output"
                                             : "without --images");
    return IGQ_OK;
}

// Files besides those of the folder, which may lie in it.
static igq_status check_files(const igq_run_request *request, igq_error *error)
{
    igq_status status = igq_file_check_output(request->record_path, error);
    if (status == IGQ_OK)
        status = igq_file_check_output(request->outputs_path, error);
    return status == IGQ_OK ? igq_file_check_output(request->dram_trace_path, error) : status;
}

// 1 if the file is the folder's own report.
static int is_report_of(const char *dir, const char *path)
{
    char own[4224];
    struct stat a, b;
    snprintf(own, sizeof own, "%s/report.json", dir);
    return stat(own, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Energy of a saved report, nothing is simulated.
static igq_status run_from(const igq_run_request *request, const igq_run_outputs *outputs, igq_error *error)
{
    if (request->accelerator_path || request->workload_path || request->calibration_path || request->trace_path ||
        request->weights_path || request->num_image_paths || request->labels_path || request->scheme_name ||
        request->record_path || request->inputs_path || request->outputs_path || request->resume ||
        request->dram_trace_path || request->sets.num)
        return igq_fail(error,
                        "--from together with the inputs of a run; allowed: with --technology and --output only");
    if (!outputs->technology_path)
        return igq_fail(error, "--from without --technology; allowed: both together");
    json_t *report;
    igq_status status = igq_json_read(&report, outputs->from_path, "a report.json written by igqsim run", error);
    if (status != IGQ_OK)
        return status;
    igq_error inner;
    igq_run_outputs finished = *outputs;
    finished.in_place = outputs->dir && is_report_of(outputs->dir, outputs->from_path);
    igq_activity activity;
    igq_costs costs = {0};
    status = igq_activity_read(&activity, report, &inner);
    if (status == IGQ_OK)
        status = igq_run_finish(report, &costs, &activity, &finished, NULL, 0, &inner);
    igq_activity_free(&activity);
    igq_costs_free(&costs);
    json_decref(report);
    return status == IGQ_OK ? IGQ_OK : igq_fail(error, "%s: %.1900s", outputs->from_path, inner.message);
}

// With the command, which a mismatch names.
static void print_unit(igq_user_unit *unit, int argc, const char *const *argv)
{
    char command[4096];
    size_t used = (size_t)snprintf(command, sizeof command, "igqsim run");
    for (int i = 0; i < argc && used < sizeof command; i++)
        used += (size_t)snprintf(command + used, sizeof command - used, " %s", argv[i]);
    igq_user_unit_print(stdout, unit, command);
}

igq_status igq_cmd_run(int argc, const char *const *argv, igq_error *error)
{
    igq_run_request request = {0};
    igq_string_list images = {0};
    igq_run_outputs outputs = {0};
    const char *assign = "model", *datapath = "model";
    igq_string_list rtl = {0};
    igq_cosim_user user = {0};
    int64_t num_jobs = 0; // not said
    const igq_option options[] = {
        {"--accelerator", 'a', IGQ_OPTION_STRING, &request.accelerator_path, "FILE",
         "the machine (YAML); - reads standard input", 0, 0},
        {"--workload", 'w', IGQ_OPTION_STRING, &request.workload_path, "FILE",
         "the network (YAML, ONNX), or a list of products (CSV, YAML)", 0, 0},
        {"--calibration", 'c', IGQ_OPTION_STRING, &request.calibration_path, "FILE",
         "quantizers, from igqsim calibrate", 0, 0},
        {"--trace", 0, IGQ_OPTION_STRING, &request.trace_path, "FILE", "recorded activations (safetensors)", 0, 0},
        {"--weights", 0, IGQ_OPTION_STRING, &request.weights_path, "FILE", "checkpoint to execute (safetensors)", 0, 0},
        {"--images", 0, IGQ_OPTION_LIST, &images, "PATH...", "photos to execute it on (PNG, JPEG), or folders of them",
         0, 0},
        {"--inputs", 0, IGQ_OPTION_STRING, &request.inputs_path, "FILE",
         "or tensors for the inputs of the network, by their names", 0, 0},
        {"--outputs", 0, IGQ_OPTION_STRING, &request.outputs_path, "FILE",
         "write what it gives: fp32/NAME, datapath/NAME (safetensors)", 0, 0},
        {"--labels", 0, IGQ_OPTION_STRING, &request.labels_path, "FILE", "what they show: NAME,CLASS lines (CSV)", 0,
         0},
        {"--skip-bad", 0, IGQ_OPTION_FLAG, &request.skip_bad, NULL, "go on without images that cannot be read", 0, 0},
        {"--jobs", 'j', IGQ_OPTION_JOBS, &num_jobs, "JOBS", "images executed at the same time (default: all cores)", 1,
         IGQ_MAX_JOBS},
        {"--resume", 0, IGQ_OPTION_FLAG, &request.resume, NULL, "continue a killed run of the same --output", 0, 0},
        {"--scheme", 0, IGQ_OPTION_STRING, &request.scheme_name, "NAME,...",
         "instead of the machine's scheme; several, or all: a table", 0, 0},
        {"--set", 0, IGQ_OPTION_EACH, &request.sets, "KEY=VALUE",
         "instead of what the files of machine and workload say, such as mac_array.lanes=32; repeatable", 0, 0},
        {"--assign", 0, IGQ_OPTION_STRING, &assign, "model|rtl",
         "group assignment by the model (default) or by the RTL", 0, 0},
        {"--rtl", 0, IGQ_OPTION_LIST, &rtl, "FILE...",
         "of a unit of your own: SystemVerilog, or lists of it (.f); built on the fly", 0, 0},
        {"--top", 0, IGQ_OPTION_STRING, &user.top, "NAME", "its module", 0, 0},
        {"--ports", 0, IGQ_OPTION_STRING, &user.ports_path, "FILE", "how it names its ports (YAML)", 0, 0},
        {"--datapath", 0, IGQ_OPTION_STRING, &datapath, "model|rtl",
         "tiles by the model (default), or by the RTL of the datapath, held against the model", 0, 0},
        {"--record", 0, IGQ_OPTION_STRING, &request.record_path, "FILE", "record what the datapath saw as a trace", 0,
         0},
        {"--mapping", 0, IGQ_OPTION_STRING, &request.mapping_path, "FILE",
         "tiles of layers, fixed by name: a report.json or its like", 0, 0},
        {"--dram-trace", 0, IGQ_OPTION_STRING, &request.dram_trace_path, "FILE",
         "write all DRAM transfers of the first image, for DRAM simulators", 0, 0},
        {"--technology", 't', IGQ_OPTION_STRING, &outputs.technology_path, "FILE", "figures of energy and area (YAML)",
         0, 0},
        {"--from", 0, IGQ_OPTION_STRING, &outputs.from_path, "REPORT.json",
         "energy of a saved report, without simulating", 0, 0},
        {"--output", 'o', IGQ_OPTION_STRING, &outputs.dir, "DIR",
         "write report.html, report.json, layers.csv and timeline.json there", 0, 0},
        {"--what-if", 0, IGQ_OPTION_FLAG, &outputs.what_if, NULL,
         "halve and double every resource of the machine: which to change first", 0, 0},
        {"--no-html", 0, IGQ_OPTION_FLAG, &outputs.no_html, NULL, "no report.html", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "run -a ACCELERATOR.yaml -w WORKLOAD.yaml [-c CALIBRATION.yaml]\n"
        "                  [--trace T.safetensors | --weights W.safetensors --images PATH...\n"
        "                  [--labels L.csv] [-j JOBS]] [--scheme NAME,...] [--set KEY=VALUE]... [--what-if]\n"
        "                  [-t TECHNOLOGY.yaml] [-o DIR]\n"
        "       igqsim run --from REPORT.json -t TECHNOLOGY.yaml [-o DIR]",
        "Simulates a network on a machine and says how many cycles each layer takes and why. With --trace from "
        "recorded\n"
        "activations; with --weights and --images the network is executed bit by bit on the machine's integer "
        "datapath;\n"
        "with neither, channel ranges are drawn from the workload's seeded distribution. With -t the report has energy "
        "and area\n"
        "too; --from does that for a report that was saved before. Several schemes run one after another, on the same "
        "network,\n"
        "images and machine, and are printed side by side.",
        "  igqsim run -a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_tiny.yaml \\\n"
        "    -c configs/calibration/deit_tiny_w4a4_g8.yaml --trace traces/deit_tiny_chelsea.safetensors -o out/first\n"
        "  igqsim run -a configs/accelerators/igq_temporal.yaml -w configs/workloads/deit_base.yaml\n"
        "  igqsim run -a configs/accelerators/igq_shared.yaml -w configs/workloads/deit_tiny.yaml \\\n"
        "    -c configs/calibration/deit_tiny_w4a4_g8.yaml --weights deit_tiny.safetensors --images photos/ --scheme "
        "all\n"
        "  igqsim run --from out/first/report.json -t configs/technologies/scaled_7nm.yaml -o out/first_7nm\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    request.image_paths = images.items;
    request.num_image_paths = images.num;
    request.num_jobs = num_jobs > 0 ? (int)num_jobs : request.record_path ? 1 : igq_num_cores();
    if (strcmp(datapath, "model") != 0 && strcmp(datapath, "rtl") != 0)
        return igq_fail(error, "--datapath %s; allowed: model, rtl", datapath);
    request.datapath_rtl = strcmp(datapath, "rtl") == 0;
    if ((status = check_what_if(&request, &outputs, error)) != IGQ_OK)
        return status;
    if (!outputs.from_path && (status = check_combination(&request, outputs.dir, error)) != IGQ_OK)
        return status;
    user.files = rtl.items;
    user.num_files = rtl.num;
    if ((status = check_unit(&request, &outputs, assign, &user, error)) != IGQ_OK)
        return status;
    request.assign_model = rtl.num > 0                  ? IGQ_ASSIGN_MODEL_MEASURED
                           : strcmp(assign, "rtl") == 0 ? IGQ_ASSIGN_MODEL_RTL
                                                        : IGQ_ASSIGN_MODEL_C;
    igq_technology technology;
    if (outputs.technology_path &&
        (status = igq_technology_load(&technology, outputs.technology_path, error)) != IGQ_OK)
        return status;
    request.technology = outputs.technology_path ? &technology : NULL;
    request.technology_path = outputs.technology_path;
    outputs.technology = &technology;
    if (rtl.num > 0 && (request.unit = igq_user_unit_new(&user, outputs.dir)) == NULL)
        return igq_out_of_memory(error);
    int lock = -1, is_new = outputs.dir && !igq_file_exists(outputs.dir);
    if (outputs.dir)
        status = igq_result_dir_open(&lock, outputs.dir, IGQ_RESULTS_OF_RUN, error);
    if (status == IGQ_OK)
        status = check_files(&request, error);
    if (status == IGQ_OK)
        status = outputs.from_path                        ? run_from(&request, &outputs, error)
                 : igq_names_schemes(request.scheme_name) ? igq_run_schemes(&request, &outputs, error)
                                                          : igq_run_one(&request, &outputs, error);
    if (request.unit && (status == IGQ_OK || status == IGQ_MISMATCH))
        print_unit(request.unit, argc, argv);
    igq_user_unit_free(request.unit);
    igq_result_dir_close(lock, outputs.dir, is_new, status);
    if (status == IGQ_MISMATCH && request.datapath_rtl)
        fprintf(stderr, "%s\n", error->message);
    return status;
}
