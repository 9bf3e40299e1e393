// SPDX-License-Identifier: Apache-2.0
#include "psi_table.h"
#include "datapath.h"
#include "deal.h"
#include "metrics.h"
#include "model.h"
#include "perturbation.h"
#include "progress.h"
#include <stdlib.h>
#include <string.h>

typedef struct measurement {
    const igq_psi_source *source;
    const igq_calibration *calibration;
    const igq_model *model;
    const unsigned char *wanted; // (igq_num_grouped); NULL: the whole network
    int num_values;              // per image
    double *image_values, *sum;  // (num_values)
    igq_samples *samples;
    igq_perturbation *perturbation; // or, for the whole network:
    igq_fp32_engine *fp32;
    igq_datapath *datapath;
    igq_instance *instance;
    float *logits; // in full precision
} measurement;

static int put_values(const measurement *m, FILE *answer, igq_status status, const igq_error *error)
{
    return igq_deal_put(answer, &status, sizeof status) && igq_deal_put(answer, error, sizeof *error) &&
           igq_deal_put(answer, m->image_values, (size_t)m->num_values * sizeof(double));
}

static double whole_network_kl(const measurement *m, const void *const *inputs)
{
    size_t num = (size_t)igq_model_outputs(m->model);
    igq_engine exact = igq_fp32_engine_get(m->fp32), datapath = igq_datapath_engine(m->datapath, m->instance);
    memcpy(m->logits, igq_model_run(m->model, &exact, inputs), num * sizeof *m->logits);
    return igq_mean_kl_divergence(m->logits, igq_model_run(m->model, &datapath, inputs), num,
                                  igq_model_classes(m->model));
}

static int measure_image(void *context, int i, FILE *answer)
{
    measurement *m = context;
    igq_error error = {""};
    const void *const *inputs;
    igq_status status = igq_samples_load(&inputs, m->samples, i, &error);
    if (status == IGQ_OK && m->perturbation)
        igq_perturbation_of(m->image_values, m->perturbation, inputs, m->wanted);
    else if (status == IGQ_OK)
        m->image_values[0] = whole_network_kl(m, inputs);
    return put_values(m, answer, status, &error);
}

static igq_status add_image(void *context, int i, FILE *answer, igq_error *error)
{
    measurement *m = context;
    igq_status status;
    const char *name = igq_samples_name(m->samples, i);
    igq_progress("perturbation, image", i, igq_samples_num(m->samples), name);
    if (!igq_deal_get(answer, &status, sizeof status) || !igq_deal_get(answer, error, sizeof *error) ||
        !igq_deal_get(answer, m->image_values, (size_t)m->num_values * sizeof(double)))
        return igq_deal_died(name, error);
    for (int v = 0; status == IGQ_OK && v < m->num_values; v++)
        m->sum[v] += m->image_values[v];
    return status;
}

static int start_engines(measurement *m)
{
    const igq_products *products = m->model->products;
    m->image_values = calloc((size_t)m->num_values, sizeof(double));
    if (m->wanted) {
        m->perturbation = igq_perturbation_new(products, m->calibration, &m->source->scheme);
        return m->image_values && m->perturbation;
    }
    m->fp32 = igq_fp32_engine_new(products, NULL);
    m->datapath = igq_datapath_new(products, m->calibration, &m->source->scheme, NULL);
    m->instance = igq_instance_new(products->network);
    m->logits = malloc((size_t)igq_model_outputs(m->model) * sizeof *m->logits);
    return m->image_values && m->fp32 && m->datapath && m->instance && m->logits;
}

static void end_engines(measurement *m)
{
    igq_perturbation_free(m->perturbation);
    igq_fp32_engine_free(m->fp32);
    igq_datapath_free(m->datapath);
    igq_instance_free(m->instance);
    free(m->logits);
    free(m->image_values);
}

static igq_status measure(double *mean, int num_values, const unsigned char *wanted, const igq_psi_source *source,
                          const igq_calibration *calibration, igq_error *error)
{
    igq_model model;
    igq_status status = igq_model_open(&model, source->workload, source->weights_path, error);
    if (status != IGQ_OK)
        return status;
    measurement m = {source, calibration, &model, wanted, num_values, .sum = mean};
    status = igq_samples_open(&m.samples, model.graph, &source->samples, error);
    if (status == IGQ_OK) {
        int num = igq_samples_num(m.samples);
        const igq_deal deal = {num, source->num_jobs, &m, measure_image, add_image, NULL};
        for (int v = 0; v < num_values; v++)
            mean[v] = 0;
        status = start_engines(&m) ? igq_deal_run(&deal, error) : igq_out_of_memory(error);
        igq_progress("perturbation, image", num, num, "");
        for (int v = 0; v < num_values; v++)
            mean[v] /= num;
        end_engines(&m);
    }
    igq_samples_close(m.samples);
    igq_model_close(&model);
    return status;
}

igq_scheme_cfg igq_calibrated_scheme(const igq_calibrate_cfg *cfg)
{
    return (igq_scheme_cfg){.scheme = IGQ_SCHEME_IGQ,
                            .distance = cfg->distance,
                            .acc_bits = 32,
                            .group_capacity_pct = cfg->group_capacity_pct,
                            .capacity_rounds_to = IGQ_CAPACITY_VECTOR,
                            .vector_length = cfg->capacity_multiple};
}

igq_status igq_psi_measure(double *psi, const igq_psi_source *source, const igq_calibration *calibration,
                           const unsigned char *wanted, igq_error *error)
{
    igq_network *network = igq_workload_network(source->workload);
    if (!network)
        return igq_out_of_memory(error);
    int num_grouped = igq_num_grouped(network);
    igq_network_free(network);
    return measure(psi, num_grouped, wanted, source, calibration, error);
}

igq_status igq_kl_measure(double *kl, const igq_psi_source *source, const igq_calibration *calibration,
                          igq_error *error)
{
    return measure(kl, 1, NULL, source, calibration, error);
}
