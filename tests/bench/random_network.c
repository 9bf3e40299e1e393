// SPDX-License-Identifier: Apache-2.0
// random_network WORKLOAD.yaml DIR [timm|huggingface [IMAGES]] - writes DIR/weights.safetensors (seeded random weights
// under those names) and DIR/image0.png ... (noise), so that networks without a checkpoint at hand can be executed and
// timed. prefix_tokens: 2 gives a distillation token and its head.
#include "../unit/rng.h"
#include "safetensors.h"
#include "workload_file.h"
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TENSORS = 512 };
static igq_tensor tensors[MAX_TENSORS];
static char names[MAX_TENSORS][160];
static int num_tensors;
static rng noise = {1};

// Values are uniform around `centre`; spread 1/sqrt(fan in) keeps activations of all layers alike.
static void add(const char *name, double centre, double spread, int rank, const int64_t *shape)
{
    size_t num = 1;
    for (int i = 0; i < rank; i++)
        num *= (size_t)shape[i];
    float *values = malloc(num * sizeof *values);
    if (!values || num_tensors == MAX_TENSORS)
        abort();
    for (size_t i = 0; i < num; i++)
        values[i] = (float)rng_real(&noise, centre - spread, centre + spread);
    snprintf(names[num_tensors], sizeof names[0], "%s", name);
    tensors[num_tensors] = igq_tensor_make(names[num_tensors], IGQ_DTYPE_F32, values, rank, shape);
    num_tensors++;
}

static void add_linear(const char *module, int outputs, int channels)
{
    char name[160];
    double spread = 1.7; // uniform of unit variance
    for (int c = channels; c > 1; c /= 4)
        spread /= 2;
    snprintf(name, sizeof name, "%s.weight", module);
    add(name, 0, spread, 2, (int64_t[]){outputs, channels});
    snprintf(name, sizeof name, "%s.bias", module);
    add(name, 0, 0.1, 1, (int64_t[]){outputs});
}

static void add_norm(const char *module, int dim)
{
    char name[160];
    snprintf(name, sizeof name, "%s.weight", module);
    add(name, 1, 0.8, 1, (int64_t[]){dim});
    snprintf(name, sizeof name, "%s.bias", module);
    add(name, 0, 0.5, 1, (int64_t[]){dim});
}

// A part of a block; channels 0: a norm.
typedef struct part {
    const char *name;
    int outputs, channels;
} part;

static void add_blocks(const char *prefix, int depth, const part *parts, int num_parts)
{
    char module[128];
    for (int b = 0; b < depth; b++)
        for (int i = 0; i < num_parts; i++) {
            snprintf(module, sizeof module, "%s%d.%s", prefix, b, parts[i].name);
            if (parts[i].channels)
                add_linear(module, parts[i].outputs, parts[i].channels);
            else
                add_norm(module, parts[i].outputs);
        }
}

static void add_patch_embed(const char *weight, const char *bias, const igq_vit_shape *shape)
{
    add(weight, 0, 0.05, 4, (int64_t[]){shape->dim, shape->image_channels, shape->patch_size, shape->patch_size});
    add(bias, 0, 0.1, 1, (int64_t[]){shape->dim});
}

static void add_timm(const igq_vit_shape *shape)
{
    int dim = shape->dim, mlp = shape->mlp_dim;
    const part parts[] = {{"norm1", dim, 0}, {"attn.qkv", 3 * dim, dim}, {"attn.proj", dim, dim},
                          {"norm2", dim, 0}, {"mlp.fc1", mlp, dim},      {"mlp.fc2", dim, mlp}};
    add("cls_token", 0, 1, 3, (int64_t[]){1, 1, dim});
    add("pos_embed", 0, 1, 3, (int64_t[]){1, igq_vit_tokens(shape), dim});
    add_patch_embed("patch_embed.proj.weight", "patch_embed.proj.bias", shape);
    add_blocks("blocks.", shape->depth, parts, (int)(sizeof parts / sizeof *parts));
    add_norm("norm", dim);
    add_linear("head", shape->classes, dim);
    if (shape->prefix_tokens == 2) {
        add("dist_token", 0, 1, 3, (int64_t[]){1, 1, dim});
        add_linear("head_dist", shape->classes, dim);
    }
}

static void add_hugging_face(const igq_vit_shape *shape)
{
    int dim = shape->dim, mlp = shape->mlp_dim, distilled = shape->prefix_tokens == 2;
    const part parts[] = {{"layernorm_before", dim, 0},          {"attention.attention.query", dim, dim},
                          {"attention.attention.key", dim, dim}, {"attention.attention.value", dim, dim},
                          {"attention.output.dense", dim, dim},  {"layernorm_after", dim, 0},
                          {"intermediate.dense", mlp, dim},      {"output.dense", dim, mlp}};
    add("deit.embeddings.cls_token", 0, 1, 3, (int64_t[]){1, 1, dim});
    add("deit.embeddings.position_embeddings", 0, 1, 3, (int64_t[]){1, igq_vit_tokens(shape), dim});
    add_patch_embed("deit.embeddings.patch_embeddings.projection.weight",
                    "deit.embeddings.patch_embeddings.projection.bias", shape);
    add_blocks("deit.encoder.layer.", shape->depth, parts, (int)(sizeof parts / sizeof *parts));
    add_norm("deit.layernorm", dim);
    add_linear(distilled ? "cls_classifier" : "classifier", shape->classes, dim);
    if (distilled) {
        add("deit.embeddings.distillation_token", 0, 1, 3, (int64_t[]){1, 1, dim});
        add_linear("distillation_classifier", shape->classes, dim);
    }
}

static int write_image(const char *path, int size)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)size,
                       .height = (png_uint_32)size,
                       .format = PNG_FORMAT_RGB};
    size_t bytes = (size_t)size * (size_t)size * 3;
    unsigned char *pixels = malloc(bytes);
    if (!pixels)
        abort();
    rng_fill_uint8(pixels, bytes, 0, 255, &noise);
    int written = png_image_write_to_file(&image, path, 0, pixels, 0, NULL);
    free(pixels);
    return written;
}

int main(int argc, char **argv)
{
    igq_error error;
    igq_workload workload;
    char path[4096];
    int is_timm = argc < 4 || strcmp(argv[3], "timm") == 0, num_images = argc > 4 ? atoi(argv[4]) : 1;
    if (argc < 3 || argc > 5 || num_images < 1 || (!is_timm && strcmp(argv[3], "huggingface") != 0)) {
        fprintf(stderr, "usage: random_network WORKLOAD.yaml DIR [timm|huggingface [IMAGES]]\n");
        return 1;
    }
    if (igq_workload_load(&workload, argv[1], &error) != IGQ_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    if (is_timm)
        add_timm(&workload.shape);
    else
        add_hugging_face(&workload.shape);
    snprintf(path, sizeof path, "%s/weights.safetensors", argv[2]);
    if (igq_safetensors_write(path, tensors, num_tensors, NULL, 0, &error) != IGQ_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    for (int i = 0; i < num_images; i++) {
        snprintf(path, sizeof path, "%s/image%d.png", argv[2], i);
        if (!write_image(path, workload.shape.image_size))
            return 1;
    }
    return 0;
}
