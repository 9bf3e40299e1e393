// SPDX-License-Identifier: Apache-2.0
#include "record.h"
#include "finite.h"
#include "model.h"
#include "progress.h"
#include <stdio.h>
#include <string.h>

void igq_image_name(char *name, size_t name_bytes, const char *path)
{
    const char *base = strrchr(path, '/');
    base = base ? base + 1 : path;
    const char *dot = strrchr(base, '.');
    int length = dot && dot != base ? (int)(dot - base) : (int)strlen(base);
    snprintf(name, name_bytes, "%.*s", length, base);
}

igq_status igq_check_logits(const float *logits, int num, const char *image_path, igq_error *error)
{
    size_t bad = igq_first_not_finite(logits, (size_t)num);
    return bad == (size_t)num ? IGQ_OK
                              : igq_fail(error,
                                         "%s: logit %zu of this image is %s in full precision; allowed: weights with "
                                         "which all activations are finite",
                                         image_path, bad, igq_not_finite_text(logits[bad]));
}

static igq_status record(igq_model *model, igq_samples *samples, const igq_observer *observer,
                         const igq_sample_listener *listener, igq_error *error)
{
    igq_fp32_engine *fp32 = igq_fp32_engine_new(model->products, observer);
    igq_status status = fp32 ? IGQ_OK : igq_out_of_memory(error);
    int num = igq_samples_num(samples);
    for (int i = 0; status == IGQ_OK && i < num; i++) {
        const char *name = igq_samples_name(samples, i);
        const void *const *inputs;
        igq_progress("image", i, num, name);
        status = igq_samples_load(&inputs, samples, i, error);
        if (status == IGQ_OK)
            status = listener->begin(listener->context, name, error);
        if (status == IGQ_OK) {
            igq_engine engine = igq_fp32_engine_get(fp32);
            const float *logits = igq_model_run(model, &engine, inputs);
            status = igq_check_logits(logits, igq_model_outputs(model), name, error);
        }
    }
    igq_progress("image", num, num, "");
    igq_fp32_engine_free(fp32);
    return status;
}

igq_status igq_record_samples(int *num, const igq_workload *workload, const char *weights_path,
                              const igq_sample_source *source, const igq_observer *observer,
                              const igq_sample_listener *listener, igq_error *error)
{
    igq_model model;
    igq_samples *samples = NULL;
    igq_status status = igq_model_open(&model, workload, weights_path, error);
    if (status == IGQ_OK)
        status = igq_samples_open(&samples, model.graph, source, error);
    if (status == IGQ_OK) {
        *num = igq_samples_num(samples);
        status = record(&model, samples, observer, listener, error);
    }
    igq_samples_close(samples);
    igq_model_close(&model);
    return status;
}
