// SPDX-License-Identifier: Apache-2.0
// allocation.h - allocates groups to the layers of a network, and runs what came out on the trace of the same image.
#ifndef IGQ_ALLOCATION_H
#define IGQ_ALLOCATION_H
#include "small_network.h"
#include <jansson.h>

typedef struct allocated_network {
    char workload[512], weights[512], image[512]; // files
} allocated_network;

static allocated_network network; // the one that the tests of a file are about

static void calibrate(const char *options, const char *name)
{
    igqsim("calibrate -w %s --weights %s --images %s --iterations 20 %s%s -o %s/%s.yaml", network.workload,
           network.weights, network.image, strstr(options, "--allocate") ? "--candidates 1,4 " : "", options, cli_dir(),
           name);
}

// Totals of a run with that calibration on the trace of the same image in full precision: what the budget was counted
// on.
static json_t *totals_of(const char *calibration, const char *options)
{
    igqsim("trace -w %s --weights %s --images %s -o %s/t.safetensors", network.workload, network.weights, network.image,
           cli_dir());
    accepted();
    igqsim("run -a configs/accelerators/igq_per_group.yaml -w %s -c %s/%s.yaml --trace %s/t.safetensors %s -o %s/out",
           network.workload, cli_dir(), calibration, cli_dir(), options, cli_dir());
    accepted();
    json_error_t error;
    json_t *report = json_load_file(test_path("out/report.json"), 0, &error),
           *totals = json_object_get(report, "totals");
    ck_assert_msg(totals != NULL, "%s", error.text);
    json_incref(totals);
    json_decref(report);
    return totals;
}

// The line "  LABEL  COST  SHARE %  PSI" of the table that calibrate prints.
static void table_row(double *cost, double *psi, const char *label)
{
    double share;
    const char *row = strstr(result.output, label);
    ck_assert_msg(row != NULL, "no '%s' in: %s", label, result.output);
    ck_assert_int_eq(sscanf(row + strlen(label), "%lf %lf %% %lf", cost, &share, psi), 3);
}

#endif
