// SPDX-License-Identifier: Apache-2.0
#include "results.h"
#include "report_read.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void igq_results_init(igq_results *results)
{
    for (int r = 0; r < IGQ_MAX_RESULTS; r++)
        results->value[r] = NAN;
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++)
        results->stall_cycles[cause] = NAN;
}

void igq_results_of_run(igq_results *results, const igq_run_result *result, const igq_costs *costs)
{
    igq_run_totals totals;
    igq_accuracy_totals accuracy;
    igq_run_totals_of(&totals, result);
    if (result->mode == IGQ_RUN_EXECUTION)
        igq_run_accuracy_of(&accuracy, result);
    const igq_scope scope = {result, &totals, result->mode == IGQ_RUN_EXECUTION ? &accuracy : NULL, costs};
    double images = result->num_images;
    igq_results_init(results);
    for (int r = 0; r < igq_num_results(); r++) {
        const igq_column *column = igq_result_column(r);
        json_t *value = column->get(&scope);
        if (json_is_number(value))
            results->value[r] = json_number_value(value) / (igq_is_per_image(column) ? images : 1);
        json_decref(value);
    }
    for (int cause = IGQ_CAUSE_COMPUTE + 1; cause < IGQ_CAUSE_COUNT; cause++)
        results->stall_cycles[cause] = (double)totals.timing.cause_cycles[cause] / images;
}

static igq_status read_one(double *value, const json_t *object, const char *place, const char *key, int is_signed,
                           igq_error *error)
{
    const json_t *number = json_object_get(object, key);
    *value = NAN;
    return !number || json_is_null(number)
               ? IGQ_OK
               : igq_report_real(value, object, place, key, is_signed ? -INFINITY : 0, error);
}

igq_status igq_results_read(igq_results *results, const json_t *report, igq_error *error)
{
    const json_t *totals = json_object_get(report, "totals"), *accuracy = json_object_get(report, "accuracy");
    const json_t *stalls = json_object_get(totals, "stall_cycles");
    uint64_t images = 0;
    igq_results_init(results);
    igq_status status = igq_report_whole(&images, totals, "totals.", "images", 1, INT32_MAX, error);
    for (int r = 0; status == IGQ_OK && r < igq_num_results(); r++) {
        const igq_column *column = igq_result_column(r);
        int in_accuracy = (column->places & IGQ_IN_ACCURACY) != 0;
        status = read_one(&results->value[r], in_accuracy ? accuracy : totals, in_accuracy ? "accuracy." : "totals.",
                          column->key, strcmp(column->unit->name, "db") == 0, error);
        if (igq_is_per_image(column))
            results->value[r] /= (double)images;
    }
    for (int cause = IGQ_CAUSE_COMPUTE + 1; status == IGQ_OK && cause < IGQ_CAUSE_COUNT; cause++) {
        status =
            read_one(&results->stall_cycles[cause], stalls, "totals.stall_cycles.", igq_cause_names[cause], 0, error);
        results->stall_cycles[cause] /= (double)images;
    }
    return status;
}
