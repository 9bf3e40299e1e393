// SPDX-License-Identifier: Apache-2.0
// The real DeiT-Tiny checkpoint and photos, where they are at hand.
#include "checkpoint.h"
#include "image.h"
#include "safetensors.h"
#include <unistd.h>
#include <check.h>
#include "temp_dir.h"

static const igq_vit_shape deit_tiny = {.image_size = 224,
                                        .patch_size = 16,
                                        .image_channels = 3,
                                        .dim = 192,
                                        .depth = 12,
                                        .heads = 3,
                                        .mlp_dim = 768,
                                        .classes = 1000,
                                        .prefix_tokens = 1,
                                        .layer_norm_epsilon = 1e-6};
static igq_error error;

static const char *data_dir(void)
{
    const char *dir = getenv("IGQSIM_DATA");
    return dir != NULL ? dir : "../shared/data";
}

static const char *data_path(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", data_dir(), name);
    return path;
}

START_TEST(every_tensor_of_deit_tiny_is_found)
{
    igq_checkpoint *checkpoint;
    ck_assert_msg(igq_checkpoint_open(&checkpoint, data_path("deit_tiny/model.safetensors"), &deit_tiny, &error) ==
                      IGQ_OK,
                  "%s", error.message);
    const igq_block_weights *block = &igq_checkpoint_weights(checkpoint)->block[0];
    int zeros = 0; // the data's README: exactly one gain of block 0 norm2 is 0
    for (int c = 0; c < deit_tiny.dim; c++)
        zeros += block->norm2.gain[c] == 0.0f;
    ck_assert_int_eq(zeros, 1);
    igq_checkpoint_close(checkpoint);
}
END_TEST

START_TEST(a_deit_tiny_checkpoint_is_refused_by_a_deit_small_workload)
{
    igq_checkpoint *checkpoint;
    igq_vit_shape small = deit_tiny;
    small.dim = 384;
    ASSERT_REFUSED(igq_checkpoint_open(&checkpoint, data_path("deit_tiny/model.safetensors"), &small, &error), &error,
                   "cls_token", "[1][1][192]", "[1][1][384]");
}
END_TEST

START_TEST(the_photos_are_read)
{
    static float image[3 * 224 * 224];
    const igq_preprocess preprocess = {.crop_pct = 0.9, .mean = {.485, .456, .406}, .std = {.229, .224, .225}};
    ck_assert_msg(igq_image_load(image, data_path("images/chelsea_224.png"), 224, 224, &preprocess, &error) == IGQ_OK,
                  "%s", error.message);
    float least = image[0], largest = image[0];
    for (int i = 0; i < 3 * 224 * 224; i++) {
        least = image[i] < least ? image[i] : least;
        largest = image[i] > largest ? image[i] : largest;
    }
    ck_assert_float_ge(least, -2.2f); // (0 - .485) / .229 = -2.118
    ck_assert_float_le(largest, 2.7f);
    ck_assert_float_gt(largest - least, 2.0f);
}
END_TEST

int main(void)
{
    if (access(data_path("deit_tiny/model.safetensors"), R_OK) != 0) {
        printf("skipped: no DeiT-Tiny in %s\n", data_dir());
        return 77;
    }
    return RUN_IN_TEMP_DIRS("checkpoint_data", every_tensor_of_deit_tiny_is_found,
                            a_deit_tiny_checkpoint_is_refused_by_a_deit_small_workload, the_photos_are_read);
}
