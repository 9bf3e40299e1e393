// SPDX-License-Identifier: Apache-2.0
#include "sweep_results.h"
#include <math.h>

const igq_result_info igq_result_infos[IGQ_RESULT_COUNT] = {
    [IGQ_RESULT_CYCLES] = {"cycles_per_image", 0, NULL},
    [IGQ_RESULT_TIME] = {"time_ms_per_image", 0, NULL},
    [IGQ_RESULT_ENERGY] = {"energy_pj_per_image", 0, "technology"},
    [IGQ_RESULT_AREA] = {"area_um2", 0, "technology"},
    [IGQ_RESULT_UTILIZATION] = {"mac_utilization", 1, NULL},
    [IGQ_RESULT_DRAM] = {"dram_bytes_per_image", 0, NULL},
    [IGQ_RESULT_SQNR] = {"activation_sqnr_db", 1, NULL},
    [IGQ_RESULT_TOP1_AGREEMENT] = {"top1_agreement", 1, "weights"},
    [IGQ_RESULT_TOP1] = {"top1", 1, "labels"},
    [IGQ_RESULT_KL] = {"kl_divergence", 0, "weights"},
};

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

void igq_sweep_results_init(igq_sweep_results *results)
{
    for (int f = 0; f < IGQ_RESULT_COUNT; f++)
        results->value[f] = NAN;
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++)
        results->stall_cycles[cause] = NAN;
}

void igq_sweep_results_of(igq_sweep_results *results, const json_t *report)
{
    const json_t *totals = json_object_get(report, "totals"), *accuracy = json_object_get(report, "accuracy");
    const json_t *stalls = json_object_get(totals, "stall_cycles");
    double images = number(totals, "images");
    *results = (igq_sweep_results){
        .value = {[IGQ_RESULT_CYCLES] = number(totals, "cycles") / images,
                  [IGQ_RESULT_TIME] = number(totals, "time_ms") / images,
                  [IGQ_RESULT_ENERGY] = number(totals, "energy_pj_per_image"),
                  [IGQ_RESULT_AREA] = number(totals, "area_um2"),
                  [IGQ_RESULT_UTILIZATION] = number(totals, "mac_utilization"),
                  [IGQ_RESULT_DRAM] = number(totals, "dram_bytes") / images,
                  [IGQ_RESULT_SQNR] = number(totals, "activation_sqnr_db"),
                  [IGQ_RESULT_TOP1_AGREEMENT] = number(accuracy, "top1_agreement"),
                  [IGQ_RESULT_TOP1] = number(accuracy, "top1"),
                  [IGQ_RESULT_KL] = number(accuracy, "kl_divergence")},
    };
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++)
        results->stall_cycles[cause] = number(stalls, igq_cause_names[cause]) / images;
}
