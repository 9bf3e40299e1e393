// SPDX-License-Identifier: Apache-2.0
#include "detections_file.h"
#include "safetensors.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ELEMENTS = 1 << 30 };

typedef struct detections_file {
    igq_safetensors *file;
    igq_detections detections;
    int32_t *truth;
} detections_file;

static igq_status refuse(const detections_file *in, const igq_tensor *tensor, const char *allowed, igq_error *error)
{
    char shape[128];
    igq_tensor_shape_text(shape, sizeof shape, tensor->rank, tensor->shape);
    return igq_fail(error, "%s: %s: shape %s; allowed: %s", igq_safetensors_path(in->file), tensor->name, shape,
                    allowed);
}

// The values of a tensor, NULL if there is none of that name; required ones must be there.
static igq_status find(const igq_tensor **tensor, const float **values, const detections_file *in, const char *name,
                       int required, igq_error *error)
{
    *tensor = igq_safetensors_find(in->file, name);
    *values = NULL;
    if (!*tensor)
        return required ? igq_fail(error,
                                   "%s: no tensor %s; allowed: class_logits, boxes, truth, and masks if there are any",
                                   igq_safetensors_path(in->file), name)
                        : IGQ_OK;
    if (igq_tensor_num_elems(*tensor) > MOST_ELEMENTS || igq_tensor_num_elems(*tensor) == 0)
        return refuse(in, *tensor, "1 to 2^30 elements", error);
    return igq_safetensors_floats(values, in->file, *tensor, error);
}

// 1 if the tensor is [objects][1 or classes][...] of that rank.
static int is_per_class(const igq_tensor *tensor, int rank, const igq_detections *d)
{
    return tensor->rank == rank && tensor->shape[0] == d->num_objects &&
           (tensor->shape[1] == 1 || tensor->shape[1] == d->num_classes);
}

static igq_status read_truth(detections_file *in, igq_error *error)
{
    const igq_tensor *tensor;
    const float *values;
    igq_detections *d = &in->detections;
    igq_status status = find(&tensor, &values, in, "truth", 1, error);
    if (status != IGQ_OK)
        return status;
    if (tensor->rank != 1 || tensor->shape[0] != d->num_objects)
        return refuse(in, tensor, "a class for each object of class_logits", error);
    in->truth = malloc((size_t)d->num_objects * sizeof *in->truth);
    if (!in->truth)
        return igq_out_of_memory(error);
    for (int i = 0; i < d->num_objects; i++) {
        if (!(values[i] >= -1 && values[i] < (float)d->num_classes) || values[i] != (float)(int32_t)values[i])
            return igq_fail(error, "%s: truth[%d]: %g; allowed: a class from 0 to %d, or -1 for background",
                            igq_safetensors_path(in->file), i, (double)values[i], d->num_classes - 1);
        in->truth[i] = (int32_t)values[i];
    }
    d->truth = in->truth;
    return IGQ_OK;
}

// A misspelt "masks" would be left out without a word.
static igq_status check_strangers(const detections_file *in, igq_error *error)
{
    static const char *const known[] = {"class_logits", "boxes", "truth", "masks"};
    for (int i = 0; i < igq_safetensors_num(in->file); i++) {
        const char *name = igq_safetensors_at(in->file, i)->name;
        size_t k = 0;
        while (k < sizeof known / sizeof *known && strcmp(name, known[k]) != 0)
            k++;
        if (k == sizeof known / sizeof *known)
            return igq_fail(error, "%s: tensor %s; allowed: class_logits, boxes, truth, and masks if there are any",
                            igq_safetensors_path(in->file), name);
    }
    return IGQ_OK;
}

static igq_status open_file(detections_file *in, const char *path, igq_error *error)
{
    const igq_tensor *tensor;
    igq_detections *d = &in->detections;
    igq_status status = igq_safetensors_open(&in->file, path, error);
    if (status == IGQ_OK)
        status = check_strangers(in, error);
    if (status == IGQ_OK)
        status = find(&tensor, &d->class_logits, in, "class_logits", 1, error);
    if (status != IGQ_OK)
        return status;
    if (tensor->rank != 2)
        return refuse(in, tensor, "[objects][classes]", error);
    d->num_objects = (int)tensor->shape[0];
    d->num_classes = (int)tensor->shape[1];
    if ((status = find(&tensor, &d->boxes, in, "boxes", 1, error)) != IGQ_OK)
        return status;
    if (!is_per_class(tensor, 3, d) || tensor->shape[2] != 4)
        return refuse(in, tensor, "[objects][1 or classes][4]", error);
    d->box_classes = (int)tensor->shape[1];
    if ((status = find(&tensor, &d->masks, in, "masks", 0, error)) != IGQ_OK)
        return status;
    if (tensor && !is_per_class(tensor, 4, d))
        return refuse(in, tensor, "[objects][1 or classes][height][width]", error);
    if (tensor) {
        d->mask_classes = (int)tensor->shape[1];
        d->mask_values = (int)(tensor->shape[2] * tensor->shape[3]);
    }
    return read_truth(in, error);
}

static igq_status check_same(const detections_file *a, const detections_file *b, igq_error *error)
{
    const igq_detections *x = &a->detections, *y = &b->detections;
    const char *differs = x->num_objects != y->num_objects     ? "objects"
                          : x->num_classes != y->num_classes   ? "classes"
                          : x->box_classes != y->box_classes   ? "boxes"
                          : x->mask_classes != y->mask_classes ? "masks"
                          : x->mask_values != y->mask_values   ? "masks"
                                                               : NULL;
    for (int i = 0; !differs && i < x->num_objects; i++)
        if (x->truth[i] != y->truth[i])
            differs = "truth";
    return differs ? igq_fail(error, "%s: %s differ from those of %s; allowed: predictions of the same objects",
                              igq_safetensors_path(b->file), differs, igq_safetensors_path(a->file))
                   : IGQ_OK;
}

igq_status igq_detections_shift(igq_detection_shift *shift, const char *reference_path, const char *quantized_path,
                                igq_error *error)
{
    detections_file reference = {0}, quantized = {0};
    igq_status status = open_file(&reference, reference_path, error);
    if (status == IGQ_OK)
        status = open_file(&quantized, quantized_path, error);
    if (status == IGQ_OK)
        status = check_same(&reference, &quantized, error);
    if (status == IGQ_OK)
        igq_detection_shift_of(shift, &reference.detections, &quantized.detections);
    free(reference.truth);
    free(quantized.truth);
    igq_safetensors_close(reference.file);
    igq_safetensors_close(quantized.file);
    return status;
}

igq_status igq_detections_compare(const char *reference_path, const char *quantized_path, igq_error *error)
{
    igq_detection_shift shift;
    igq_status status = igq_detections_shift(&shift, reference_path, quantized_path, error);
    if (status == IGQ_OK)
        printf("class KL divergence, nats   %.9g\nbox offsets, mean |error|   %.9g\nmask, mean |error|          %.9g\n"
               "psi (sum)                   %.9g\n",
               shift.class_kl, shift.box, shift.mask, shift.psi);
    return status;
}
