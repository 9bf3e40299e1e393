// SPDX-License-Identifier: Apache-2.0
// igqsim.c - the C interface over sim/run: what crosses it is plain C; everything behind it is hidden.
#include "igqsim.h"
#include "accelerator_file.h"
#include "costs.h"
#include "file.h"
#include "latency.h"
#include "progress.h"
#include "report.h"
#include "run.h"
#include "share.h"
#include "technology_file.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct igq_simulator {
    igq_error error;
    igq_log *log;
    void *log_context;
};

// An input that may be given as a path, a plain name or a text.
typedef struct given_input {
    const char *what, *path, *text;
    igq_input_kind kind;
    char *found; // new: the path that is read; of a text a name that messages and reports use
} given_input;

enum { ACCELERATOR, WORKLOAD, CALIBRATION, TECHNOLOGY, TRACE, NUM_INPUTS };

// What a call works on, as long as it lasts.
typedef struct call {
    igq_simulator *simulator;
    igq_run_options options; // as long as this library knows them
    given_input input[NUM_INPUTS];
    igq_lent_text text[NUM_INPUTS];
    igq_technology technology;
} call;

int igq_abi_version(void)
{
    return IGQ_ABI_VERSION;
}

const char *igq_version(void)
{
    return IGQSIM_VERSION;
}

igq_status igq_open(igq_simulator **simulator)
{
    *simulator = calloc(1, sizeof **simulator);
    return *simulator != NULL ? IGQ_OK : IGQ_INTERNAL_ERROR;
}

void igq_close(igq_simulator *simulator)
{
    free(simulator);
}

const char *igq_error_message(const igq_simulator *simulator)
{
    return simulator != NULL ? simulator->error.message : "not enough memory";
}

void igq_set_log(igq_simulator *simulator, igq_log *log, void *context)
{
    simulator->log = log;
    simulator->log_context = context;
}

void igq_free(char *text)
{
    free(text);
}

static void tell(void *context, const char *what, int done, int total, const char *name)
{
    const igq_simulator *simulator = context;
    char message[512];
    if (simulator->log == NULL || done >= total)
        return;
    snprintf(message, sizeof message, "%s %d/%d %s", what, done + 1, total, name);
    simulator->log(simulator->log_context, message);
}

static igq_status find(given_input *input, igq_error *error)
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

// Takes the caller's options and finds their inputs. End the call in any case.
static igq_status begin(call *c, igq_simulator *simulator, const igq_run_options *options)
{
    memset(c, 0, sizeof *c);
    igq_error *error = &simulator->error;
    *error->message = '\0';
    c->simulator = simulator;
    if (options->struct_bytes < offsetof(igq_run_options, accelerator) + sizeof options->accelerator ||
        options->struct_bytes > sizeof c->options)
        return igq_fail(error,
                        "struct_bytes: %zu; allowed: sizeof(igq_run_options), %zu at most in version %d of the ABI",
                        options->struct_bytes, sizeof c->options, IGQ_ABI_VERSION);
    memcpy(&c->options, options, options->struct_bytes);
    const igq_run_options *o = &c->options;
    const given_input inputs[NUM_INPUTS] = {
        [ACCELERATOR] = {"accelerator", o->accelerator, o->accelerator_text, IGQ_INPUT_ACCELERATOR, NULL},
        [WORKLOAD] = {"workload", o->workload, o->workload_text, IGQ_INPUT_WORKLOAD, NULL},
        [CALIBRATION] = {"calibration", o->calibration, o->calibration_text, IGQ_INPUT_CALIBRATION, NULL},
        [TECHNOLOGY] = {"technology", o->technology, NULL, IGQ_INPUT_TECHNOLOGY, NULL},
        [TRACE] = {"trace", o->trace, NULL, IGQ_INPUT_TRACE, NULL},
    };
    memcpy(c->input, inputs, sizeof inputs);
    if (o->num_images > INT_MAX || o->num_sets > INT_MAX)
        return igq_fail(error, "num_images: %zu, num_sets: %zu; allowed: up to %d", o->num_images, o->num_sets,
                        INT_MAX);
    int num_texts = 0;
    igq_status status = IGQ_OK;
    for (int i = 0; status == IGQ_OK && i < NUM_INPUTS; i++) {
        status = find(&c->input[i], error);
        if (status == IGQ_OK && c->input[i].text != NULL)
            c->text[num_texts++] = (igq_lent_text){c->input[i].found, c->input[i].text};
    }
    igq_file_lend(c->text, num_texts);
    igq_progress_to(tell, simulator);
    return status;
}

static void end(call *c)
{
    igq_progress_to(NULL, NULL);
    igq_file_lend(NULL, 0);
    for (int i = 0; i < NUM_INPUTS; i++)
        free(c->input[i].found);
}

// What `igqsim run` asks of its options.
static igq_status check_combination(const call *c, igq_error *error)
{
    const igq_run_options *o = &c->options;
    const given_input *input = c->input;
    if (input[ACCELERATOR].found == NULL || input[WORKLOAD].found == NULL)
        return igq_fail(error, "%s is missing; allowed: a file, the name of one that comes with igqsim, or its text",
                        input[ACCELERATOR].found == NULL ? "accelerator" : "workload");
    if (o->trace != NULL && (o->weights != NULL || o->num_images > 0))
        return igq_fail(error,
                        "trace together with weights or images; allowed: either the trace, or weights and images");
    if ((o->weights != NULL) != (o->num_images > 0))
        return igq_fail(error, "%s; allowed: weights and images together",
                        o->weights != NULL ? "weights without images" : "images without weights");
    if ((o->trace != NULL || o->weights != NULL) && input[CALIBRATION].found == NULL)
        return igq_fail(error,
                        "calibration is missing; allowed: the quantizers of this network, from igqsim calibrate");
    if (o->inputs != NULL && (o->weights != NULL || o->trace != NULL || input[CALIBRATION].found != NULL))
        return igq_fail(error, "inputs together with weights, trace or calibration; allowed: alone");
    if (o->labels != NULL && o->weights == NULL)
        return igq_fail(error, "labels without weights and images; allowed: all three together");
    return IGQ_OK;
}

static igq_string_list sets_of(const call *c)
{
    return (igq_string_list){(const char **)(uintptr_t)c->options.sets, (int)c->options.num_sets};
}

static igq_run_request request_of(const call *c)
{
    const igq_run_options *o = &c->options;
    return (igq_run_request){
        .accelerator_path = c->input[ACCELERATOR].found,
        .workload_path = c->input[WORKLOAD].found,
        .calibration_path = c->input[CALIBRATION].found,
        .trace_path = c->input[TRACE].found,
        .weights_path = o->weights,
        .image_paths = o->images,
        .num_image_paths = (int)o->num_images,
        .inputs_path = o->inputs,
        .labels_path = o->labels,
        .num_jobs = 1, // no processes in somebody else's program
        .scheme_name = o->scheme,
        .sets = sets_of(c),
        .assign_model = o->assign_rtl ? IGQ_ASSIGN_MODEL_RTL : IGQ_ASSIGN_MODEL_C,
        .mapping_path = o->mapping,
        .technology = c->input[TECHNOLOGY].found != NULL ? &c->technology : NULL,
        .technology_path = c->input[TECHNOLOGY].found,
    };
}

static igq_status price(json_t *report, const igq_run_result *result, const call *c, igq_error *error)
{
    igq_activity activity = {0};
    igq_costs costs = {0};
    igq_status status = igq_activity_of_run(&activity, result, error);
    if (status == IGQ_OK)
        status = igq_report_price(report, &costs, &activity, &c->technology, c->input[TECHNOLOGY].found, error);
    igq_costs_free(&costs);
    igq_activity_free(&activity);
    return status;
}

static igq_status simulate(char **report_json, call *c, igq_error *error)
{
    igq_run_result *result;
    const igq_run_request request = request_of(c);
    igq_status status = check_combination(c, error);
    if (status == IGQ_OK && request.technology != NULL)
        status = igq_technology_load(&c->technology, request.technology_path, error);
    if (status == IGQ_OK)
        status = igq_simulate(&result, &request, error);
    if (status != IGQ_OK)
        return status;
    json_t *report = igq_report_json(result);
    if (request.technology != NULL)
        status = price(report, result, c, error);
    if (status == IGQ_OK)
        status = igq_report_text(report_json, report, error);
    json_decref(report);
    igq_run_result_free(result);
    return status;
}

igq_status igq_run(igq_simulator *simulator, const igq_run_options *options, char **report_json)
{
    call c;
    *report_json = NULL;
    igq_status status = begin(&c, simulator, options);
    if (status == IGQ_OK)
        status = simulate(report_json, &c, &simulator->error);
    end(&c);
    return status;
}

static igq_status describe(char **machine_json, const call *c, igq_error *error)
{
    igq_accelerator machine;
    const igq_string_list sets = sets_of(c);
    if (c->input[ACCELERATOR].found == NULL)
        return igq_fail(error,
                        "accelerator is missing; allowed: a file, the name of one that comes with igqsim, or its "
                        "text");
    igq_status status = igq_sets_check(&sets, 1, NULL, error);
    if (status == IGQ_OK)
        status = igq_accelerator_load_with(&machine, c->input[ACCELERATOR].found, &sets, c->options.scheme, error);
    if (status != IGQ_OK)
        return status;
    json_t *json = igq_accelerator_to_json(&machine);
    json_object_set_new(json, "peak_macs_per_cycle", json_integer(igq_peak_macs_per_cycle(&machine.mac_array)));
    status = igq_report_text(machine_json, json, error);
    json_decref(json);
    return status;
}

igq_status igq_describe(igq_simulator *simulator, const igq_run_options *options, char **machine_json)
{
    call c;
    *machine_json = NULL;
    igq_status status = begin(&c, simulator, options);
    if (status == IGQ_OK)
        status = describe(machine_json, &c, &simulator->error);
    end(&c);
    return status;
}

// libsystemc wants one of whoever uses it; a program in SystemC brings its own, which goes before this. It stands here
// so that an archive gives it out.
int sc_main(int argc, char **argv);

__attribute__((weak, visibility("default"))) int sc_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 0;
}
