// SPDX-License-Identifier: Apache-2.0
#include "commands.h"
#include "file.h"
#include "image_list.h"
#include "model.h"
#include "options.h"
#include "record.h"
#include "trace_file.h"
#include "workload_file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// "0,5,11" -> which blocks to record whole.
static igq_status parse_blocks(unsigned char *whole, int depth, const char *text, igq_error *error)
{
    const char *at = text;
    while (*at) {
        char *end;
        long block = strtol(at, &end, 10);
        if (end == at || block < 0 || block >= depth || (*end && *end != ','))
            return igq_fail(error,
                            "--blocks %s: not a list of blocks; allowed: numbers from 0 to %d with commas between",
                            text, depth - 1);
        whole[block] = 1;
        at = *end ? end + 1 : end;
    }
    return IGQ_OK;
}

// *whole (igq_trace_blocks) is new.
static igq_status choose_blocks(unsigned char **whole, const igq_workload *workload, const char *list, int all,
                                igq_error *error)
{
    igq_network *network = igq_workload_network(workload);
    if (!network)
        return igq_out_of_memory(error);
    int num = igq_trace_blocks(network);
    igq_network_free(network);
    *whole = calloc((size_t)num + 1, sizeof **whole);
    if (!*whole)
        return igq_out_of_memory(error);
    if (all)
        memset(*whole, 1, (size_t)num);
    return list ? parse_blocks(*whole, num, list, error) : IGQ_OK;
}

static igq_status begin_sample(void *context, const char *name, igq_error *error)
{
    (void)error;
    igq_trace_writer_begin(context, name);
    return IGQ_OK;
}

igq_status igq_cmd_trace(int argc, const char *const *argv, igq_error *error)
{
    const char *workload_path = NULL, *weights = NULL, *inputs = NULL, *blocks = NULL, *output = NULL;
    igq_string_list images = {0}, sets = {0};
    int full = 0, num = 0;
    const igq_option options[] = {
        {"--workload", 'w', IGQ_OPTION_STRING, &workload_path, "FILE", "the network (YAML)", 0, 0},
        {"--weights", 0, IGQ_OPTION_STRING, &weights, "FILE", "checkpoint (safetensors)", 0, 0},
        {"--images", 0, IGQ_OPTION_LIST, &images, "PATH...", "photos (PNG, JPEG), or folders of them", 0, 0},
        {"--inputs", 0, IGQ_OPTION_STRING, &inputs, "FILE", "or tensors for the inputs of the network, by their names",
         0, 0},
        {"--set", 0, IGQ_OPTION_EACH, &sets, "KEY=VALUE",
         "instead of what the file of the workload says, such as network.image_size=384; repeatable", 0, 0},
        {"--full", 0, IGQ_OPTION_FLAG, &full, NULL, "record whole activations of all blocks too", 0, 0},
        {"--blocks", 0, IGQ_OPTION_STRING, &blocks, "LIST", "whole activations of these blocks only, such as 0,5", 0,
         0},
        {"--output", 'o', IGQ_OPTION_STRING, &output, "FILE", "the trace to write (safetensors)", 0, 0},
        {0},
    };
    const igq_command_help help = {
        "trace -w WORKLOAD.yaml|NETWORK.onnx [--set KEY=VALUE]... [--weights W.safetensors] --images PATH...|--inputs "
        "FILE [--full | --blocks LIST] "
        "-o TRACE.safetensors",
        "Runs the network in full precision and records the range of every channel and softmax row (compact), and "
        "whole\n"
        "activations where asked for. `igqsim run --trace` needs no weights.",
        "  igqsim trace -w configs/workloads/deit_tiny.yaml --weights model.safetensors --images photo.png \\\n"
        "    --blocks 5 -o photo.safetensors\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    if (!workload_path || (!images.num && !inputs) || !output)
        return igq_fail(error, "%s is missing; see igqsim trace --help",
                        !workload_path           ? "--workload"
                        : !images.num && !inputs ? "--images"
                                                 : "--output");
    if (images.num && inputs)
        return igq_fail(error, "--images together with --inputs; allowed: one of them");
    igq_workload workload;
    if ((status = igq_file_check_output(output, error)) != IGQ_OK)
        return status;
    if ((status = igq_workload_load_with(&workload, workload_path, &sets, error)) != IGQ_OK)
        return status;
    if ((status = igq_sets_check(&sets, 0, &workload, error)) != IGQ_OK)
        return status;
    igq_image_list list = {0};
    igq_trace_writer *writer = NULL;
    unsigned char *whole = NULL;
    status = igq_model_check(&workload, weights, inputs ? "--inputs" : "--images", error);
    if (status == IGQ_OK)
        status = choose_blocks(&whole, &workload, blocks, full, error);
    if (status == IGQ_OK) {
        writer = igq_trace_writer_new(&workload, IGQ_TRACE_FP32, whole, full && workload.family != IGQ_FAMILY_VIT);
        status = writer ? IGQ_OK : igq_out_of_memory(error);
    }
    if (status == IGQ_OK) {
        igq_observer observer = igq_trace_writer_observer(writer);
        igq_sample_listener listener = {writer, begin_sample};
        if (images.num)
            status = igq_image_list_open(&list, images.items, images.num, error);
        const igq_sample_source samples = {.image_paths = (const char *const *)list.path,
                                           .num_images = list.num,
                                           .preprocess = &workload.preprocess,
                                           .inputs_path = inputs,
                                           .network_path = workload_path};
        if (status == IGQ_OK)
            status = igq_record_samples(&num, &workload, weights, &samples, &observer, &listener, error);
    }
    if (status == IGQ_OK)
        status = igq_trace_writer_save(writer, output, error);
    if (status == IGQ_OK)
        printf("Written: %s (%d image%s)\n", output, num, num == 1 ? "" : "s");
    igq_image_list_free(&list);
    igq_trace_writer_free(writer);
    free(whole);
    igq_workload_free(&workload);
    return status;
}
