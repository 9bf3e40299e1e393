// SPDX-License-Identifier: Apache-2.0
// photos.h - DeiT-Tiny and the four photos, for tests that need the shared data.
#ifndef PHOTOS_H
#define PHOTOS_H
#include "checkpoint.h"
#include "image.h"
#include "of_vit.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "../suite.h"

enum { NUM_PHOTOS = 4, PHOTO_VALUES = 3 * 224 * 224, PHOTO_CLASSES = 1000 };

static const char *const photo_names[NUM_PHOTOS] = {"chelsea", "coffee", "raccoon", "astronaut"};

static const igq_vit_shape deit_tiny = {.image_size = 224,
                                        .patch_size = 16,
                                        .image_channels = 3,
                                        .dim = 192,
                                        .depth = 12,
                                        .heads = 3,
                                        .mlp_dim = 768,
                                        .classes = PHOTO_CLASSES,
                                        .prefix_tokens = 1,
                                        .layer_norm_epsilon = 1e-6};

static inline void data_path(char path[512], const char *name)
{
    const char *dir = getenv("IGQSIM_DATA");
    snprintf(path, 512, "%s/%s", dir ? dir : "../shared/data", name);
}

// 77, with a line that says so, where the data are missing; else 0.
static inline int skip_without_data(void)
{
    char path[512];
    data_path(path, "deit_tiny/model.safetensors");
    if (access(path, R_OK) == 0)
        return 0;
    printf("skipped: no %s\n", path);
    return 77;
}

static inline igq_checkpoint *open_deit_tiny(void)
{
    char path[512];
    igq_error error;
    igq_checkpoint *checkpoint;
    data_path(path, "deit_tiny/model.safetensors");
    ck_assert_msg(igq_checkpoint_open(&checkpoint, path, &deit_tiny, &error) == IGQ_OK, "%s", error.message);
    return checkpoint;
}

// image out [3][224][224]
static inline void load_photo(float *image, int photo)
{
    static const igq_preprocess preprocess = {.crop_pct = 0.9, .mean = {.485, .456, .406}, .std = {.229, .224, .225}};
    char path[512], name[64];
    igq_error error;
    snprintf(name, sizeof name, "images/%s_224.png", photo_names[photo]);
    data_path(path, name);
    ck_assert_msg(igq_image_load(image, path, 224, 224, &preprocess, &error) == IGQ_OK, "%s", error.message);
}

// Logits of one photo in full precision, seen by `observer` (may be NULL).
static inline void fp32_photo(float *logits, const float *image, const igq_vit_weights *weights,
                              const igq_observer *observer)
{
    vit_pass pass = vit_pass_new(weights, &deit_tiny);
    vit_pass_fp32(logits, &pass, image, observer);
    vit_pass_free(&pass);
}

#endif
