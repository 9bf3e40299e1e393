// SPDX-License-Identifier: Apache-2.0
#include "record.h"
#include "finite.h"
#include "image.h"
#include "model.h"
#include "progress.h"
#include <stdio.h>
#include <stdlib.h>
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

igq_status igq_record_images(const igq_workload *workload, const char *weights_path, const char *const *image_paths,
                             int num_images, const igq_observer *observer, const igq_image_listener *listener,
                             igq_error *error)
{
    igq_model model;
    igq_status status = igq_model_open(&model, workload, weights_path, error);
    if (status != IGQ_OK)
        return status;
    igq_fp32_engine *fp32 = igq_fp32_engine_new(model.products, observer);
    float *image = malloc(igq_model_inputs(&model) * sizeof *image);
    if (!fp32 || !image)
        status = igq_out_of_memory(error);
    for (int i = 0; status == IGQ_OK && i < num_images; i++) {
        igq_progress("image", i, num_images, image_paths[i]);
        status = igq_image_load(image, image_paths[i], workload->shape.image_size, &workload->preprocess, error);
        if (status == IGQ_OK)
            status = listener->begin(listener->context, image_paths[i], error);
        if (status == IGQ_OK) {
            igq_engine engine = igq_fp32_engine_get(fp32);
            const float *logits = igq_model_run(&model, &engine, image);
            status = igq_check_logits(logits, igq_model_outputs(&model), image_paths[i], error);
        }
    }
    igq_progress("image", num_images, num_images, "");
    free(image);
    igq_fp32_engine_free(fp32);
    igq_model_close(&model);
    return status;
}
