// SPDX-License-Identifier: Apache-2.0
// random_detections DIR - writes DIR/full_precision.safetensors and DIR/quantized.safetensors, a small example of what
// `igqsim compare --detections` reads (docs/formats.md): 16 objects of 5 classes with a box and a mask for each class,
// as Mask R-CNN predicts them, and the same with noise.
#include "../unit/rng.h"
#include "safetensors.h"
#include <stdio.h>

enum { OBJECTS = 16, CLASSES = 5, SIDE = 4, BOXES = OBJECTS * CLASSES * 4, MASKS = OBJECTS * CLASSES * SIDE * SIDE };

typedef struct predictions {
    float class_logits[OBJECTS * CLASSES], boxes[BOXES], masks[MASKS];
    int32_t truth[OBJECTS]; // -1: background
} predictions;

static int write_predictions(const char *dir, const char *name, const predictions *p)
{
    const igq_tensor tensors[] = {
        igq_tensor_make("class_logits", IGQ_DTYPE_F32, p->class_logits, 2, (int64_t[]){OBJECTS, CLASSES}),
        igq_tensor_make("boxes", IGQ_DTYPE_F32, p->boxes, 3, (int64_t[]){OBJECTS, CLASSES, 4}),
        igq_tensor_make("masks", IGQ_DTYPE_F32, p->masks, 4, (int64_t[]){OBJECTS, CLASSES, SIDE, SIDE}),
        igq_tensor_make("truth", IGQ_DTYPE_I32, p->truth, 1, (int64_t[]){OBJECTS})};
    char path[4096];
    igq_error error;
    snprintf(path, sizeof path, "%s/%s.safetensors", dir, name);
    if (igq_safetensors_write(path, tensors, (int)(sizeof tensors / sizeof *tensors), NULL, 0, &error) == IGQ_OK)
        return 1;
    fprintf(stderr, "%s\n", error.message);
    return 0;
}

static void add_noise(float *values, int num, double spread, rng *random)
{
    for (int i = 0; i < num; i++)
        values[i] += (float)rng_real(random, -spread, spread);
}

int main(int argc, char **argv)
{
    static predictions p;
    rng random = {1};
    if (argc != 2) {
        fprintf(stderr, "usage: random_detections DIR\n");
        return 1;
    }
    rng_fill_float(p.class_logits, OBJECTS * CLASSES, -3, 3, &random);
    rng_fill_float(p.boxes, BOXES, -1, 1, &random);
    rng_fill_float(p.masks, MASKS, 0, 1, &random);
    for (int i = 0; i < OBJECTS; i++)
        p.truth[i] = rng_int(&random, -1, CLASSES - 1);
    if (!write_predictions(argv[1], "full_precision", &p))
        return 1;
    add_noise(p.class_logits, OBJECTS * CLASSES, 0.3, &random);
    add_noise(p.boxes, BOXES, 0.05, &random);
    add_noise(p.masks, MASKS, 0.1, &random);
    return write_predictions(argv[1], "quantized", &p) ? 0 : 1;
}
