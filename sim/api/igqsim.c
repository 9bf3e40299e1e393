// SPDX-License-Identifier: Apache-2.0
// igqsim.c - the C interface over sim/run: what crosses it is plain C; everything behind it is hidden.
#include "igqsim.h"
#include "accelerator_file.h"
#include "costs.h"
#include "latency.h"
#include "progress.h"
#include "report.h"
#include "run_options.h"
#include "technology_file.h"
#include <stdio.h>
#include <stdlib.h>

struct igq_simulator {
    igq_error error;
    igq_log *log;
    void *log_context;
};

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

static igq_status begin(igq_run_call *call, igq_simulator *simulator, const igq_run_options *options)
{
    *simulator->error.message = '\0';
    igq_progress_to(tell, simulator);
    return igq_run_call_begin(call, options, &simulator->error);
}

static void end(igq_run_call *call)
{
    igq_progress_to(NULL, NULL);
    igq_run_call_end(call);
}

static igq_status price(json_t *report, const igq_run_result *result, const igq_run_request *request, igq_error *error)
{
    igq_activity activity = {0};
    igq_costs costs = {0};
    igq_status status = igq_activity_of_run(&activity, result, error);
    if (status == IGQ_OK)
        status = igq_report_price(report, &costs, &activity, request->technology, request->technology_path, error);
    igq_costs_free(&costs);
    igq_activity_free(&activity);
    return status;
}

static igq_status simulate(char **report_json, const igq_run_call *call, igq_error *error)
{
    igq_run_result *result;
    igq_technology technology;
    igq_run_request request = igq_run_call_request(call);
    igq_status status = igq_run_call_check(call, error);
    if (status == IGQ_OK && request.technology_path != NULL)
        status = igq_technology_load(&technology, request.technology_path, error);
    if (request.technology_path != NULL)
        request.technology = &technology;
    if (status == IGQ_OK)
        status = igq_simulate(&result, &request, error);
    if (status != IGQ_OK)
        return status;
    json_t *report = igq_report_json(result);
    if (request.technology != NULL)
        status = price(report, result, &request, error);
    if (status == IGQ_OK)
        status = igq_report_text(report_json, report, error);
    json_decref(report);
    igq_run_result_free(result);
    return status;
}

igq_status igq_run(igq_simulator *simulator, const igq_run_options *options, char **report_json)
{
    igq_run_call call;
    *report_json = NULL;
    igq_status status = begin(&call, simulator, options);
    if (status == IGQ_OK)
        status = simulate(report_json, &call, &simulator->error);
    end(&call);
    return status;
}

static igq_status describe(char **machine_json, const igq_run_call *call, igq_error *error)
{
    igq_accelerator machine;
    const igq_string_list sets = igq_run_call_sets(call);
    const char *path = call->input[IGQ_GIVEN_ACCELERATOR].found;
    if (path == NULL)
        return igq_fail(error,
                        "accelerator is missing; allowed: a file, the name of one that comes with igqsim, or its "
                        "text");
    igq_status status = igq_sets_check(&sets, 1, NULL, error);
    if (status == IGQ_OK)
        status = igq_accelerator_load_with(&machine, path, &sets, call->options.scheme, error);
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
    igq_run_call call;
    *machine_json = NULL;
    igq_status status = begin(&call, simulator, options);
    if (status == IGQ_OK)
        status = describe(machine_json, &call, &simulator->error);
    end(&call);
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
