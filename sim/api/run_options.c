// SPDX-License-Identifier: Apache-2.0
#include "run_options.h"
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static igq_status find(igq_given_input *input, igq_error *error)
{
    char name[64];
    if (input->path != NULL && input->text != NULL)
        return igq_fail(error, "%s and %s_text; allowed: one of both", input->what, input->what);
    if (input->text != NULL) {
        snprintf(name, sizeof name, "%s_text", input->what);
        input->found = strdup(name);
        return input->found != NULL ? IGQ_OK : igq_out_of_memory(error);
    }
    return input->path != NULL ? igq_find_input(&input->found, input->kind, input->path, error) : IGQ_OK;
}

igq_status igq_run_call_begin(igq_run_call *c, const igq_run_options *options, igq_error *error)
{
    memset(c, 0, sizeof *c);
    if (options->struct_bytes < offsetof(igq_run_options, accelerator) + sizeof options->accelerator ||
        options->struct_bytes > sizeof c->options)
        return igq_fail(error,
                        "struct_bytes: %zu; allowed: sizeof(igq_run_options), %zu at most in version %d of the ABI",
                        options->struct_bytes, sizeof c->options, IGQ_ABI_VERSION);
    memcpy(&c->options, options, options->struct_bytes);
    const igq_run_options *o = &c->options;
    const igq_given_input inputs[IGQ_NUM_GIVEN] = {
        [IGQ_GIVEN_ACCELERATOR] = {"accelerator", o->accelerator, o->accelerator_text, IGQ_INPUT_ACCELERATOR, NULL},
        [IGQ_GIVEN_WORKLOAD] = {"workload", o->workload, o->workload_text, IGQ_INPUT_WORKLOAD, NULL},
        [IGQ_GIVEN_CALIBRATION] = {"calibration", o->calibration, o->calibration_text, IGQ_INPUT_CALIBRATION, NULL},
        [IGQ_GIVEN_TECHNOLOGY] = {"technology", o->technology, NULL, IGQ_INPUT_TECHNOLOGY, NULL},
        [IGQ_GIVEN_TRACE] = {"trace", o->trace, NULL, IGQ_INPUT_TRACE, NULL},
    };
    memcpy(c->input, inputs, sizeof inputs);
    if (o->num_images > INT_MAX || o->num_sets > INT_MAX)
        return igq_fail(error, "num_images: %zu, num_sets: %zu; allowed: up to %d", o->num_images, o->num_sets,
                        INT_MAX);
    int num_texts = 0;
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < IGQ_NUM_GIVEN; i++) {
        status = find(&c->input[i], error);
        if (status == IGQ_OK && c->input[i].text != NULL)
            c->text[num_texts++] = (igq_lent_text){c->input[i].found, c->input[i].text};
    }
    igq_file_lend(c->text, num_texts);
    return status;
}

void igq_run_call_end(igq_run_call *call)
{
    igq_file_lend(NULL, 0);
    for (int i = 0; i < IGQ_NUM_GIVEN; i++)
        free(call->input[i].found);
}

igq_status igq_run_call_check(const igq_run_call *c, igq_error *error)
{
    const igq_run_options *o = &c->options;
    const igq_given_input *input = c->input;
    if (input[IGQ_GIVEN_ACCELERATOR].found == NULL || input[IGQ_GIVEN_WORKLOAD].found == NULL)
        return igq_fail(error, "%s is missing; allowed: a file, the name of one that comes with igqsim, or its text",
                        input[IGQ_GIVEN_ACCELERATOR].found == NULL ? "accelerator" : "workload");
    if (o->trace != NULL && (o->weights != NULL || o->num_images > 0))
        return igq_fail(error,
                        "trace together with weights or images; allowed: either the trace, or weights and images");
    if ((o->weights != NULL) != (o->num_images > 0))
        return igq_fail(error, "%s; allowed: weights and images together",
                        o->weights != NULL ? "weights without images" : "images without weights");
    if ((o->trace != NULL || o->weights != NULL) && input[IGQ_GIVEN_CALIBRATION].found == NULL)
        return igq_fail(error,
                        "calibration is missing; allowed: the quantizers of this network, from igqsim calibrate");
    if (o->inputs != NULL && (o->weights != NULL || o->trace != NULL || input[IGQ_GIVEN_CALIBRATION].found != NULL))
        return igq_fail(error, "inputs together with weights, trace or calibration; allowed: alone");
    if (o->labels != NULL && o->weights == NULL)
        return igq_fail(error, "labels without weights and images; allowed: all three together");
    return IGQ_OK;
}

igq_string_list igq_run_call_sets(const igq_run_call *c)
{
    return (igq_string_list){(const char **)(uintptr_t)c->options.sets, (int)c->options.num_sets};
}

igq_run_request igq_run_call_request(const igq_run_call *c)
{
    const igq_run_options *o = &c->options;
    return (igq_run_request){
        .accelerator_path = c->input[IGQ_GIVEN_ACCELERATOR].found,
        .workload_path = c->input[IGQ_GIVEN_WORKLOAD].found,
        .calibration_path = c->input[IGQ_GIVEN_CALIBRATION].found,
        .trace_path = c->input[IGQ_GIVEN_TRACE].found,
        .weights_path = o->weights,
        .image_paths = o->images,
        .num_image_paths = (int)o->num_images,
        .inputs_path = o->inputs,
        .labels_path = o->labels,
        .num_jobs = 1, // no processes in somebody else's program
        .scheme_name = o->scheme,
        .sets = igq_run_call_sets(c),
        .assign_model = o->assign_rtl ? IGQ_ASSIGN_MODEL_RTL : IGQ_ASSIGN_MODEL_C,
        .mapping_path = o->mapping,
        .technology_path = c->input[IGQ_GIVEN_TECHNOLOGY].found,
    };
}
