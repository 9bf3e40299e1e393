// SPDX-License-Identifier: Apache-2.0
// random_network WORKLOAD.yaml DIR - writes DIR/weights.safetensors (seeded random weights under timm's names) and
// DIR/image.png (noise), so that networks without a checkpoint at hand can be executed and timed.
#include "../unit/rng.h"
#include "safetensors.h"
#include "workload_file.h"
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TENSORS = 512 };
static igq_tensor tensors[MAX_TENSORS];
static char names[MAX_TENSORS][128];
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
    char name[128];
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
    char name[128];
    snprintf(name, sizeof name, "%s.weight", module);
    add(name, 1, 0.8, 1, (int64_t[]){dim});
    snprintf(name, sizeof name, "%s.bias", module);
    add(name, 0, 0.5, 1, (int64_t[]){dim});
}

static void add_network(const igq_vit_shape *shape)
{
    int dim = shape->dim;
    char module[64];
    add("cls_token", 0, 1, 3, (int64_t[]){1, 1, dim});
    add("pos_embed", 0, 1, 3, (int64_t[]){1, igq_vit_tokens(shape), dim});
    add("patch_embed.proj.weight", 0, 0.05, 4,
        (int64_t[]){dim, shape->image_channels, shape->patch_size, shape->patch_size});
    add("patch_embed.proj.bias", 0, 0.1, 1, (int64_t[]){dim});
    for (int b = 0; b < shape->depth; b++) {
        const struct {
            const char *name;
            int outputs, channels; // channels 0: a norm
        } parts[] = {{"norm1", dim, 0}, {"attn.qkv", 3 * dim, dim},       {"attn.proj", dim, dim},
                     {"norm2", dim, 0}, {"mlp.fc1", shape->mlp_dim, dim}, {"mlp.fc2", dim, shape->mlp_dim}};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            snprintf(module, sizeof module, "blocks.%d.%s", b, parts[i].name);
            if (parts[i].channels)
                add_linear(module, parts[i].outputs, parts[i].channels);
            else
                add_norm(module, parts[i].outputs);
        }
    }
    add_norm("norm", dim);
    add_linear("head", shape->classes, dim);
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
    if (argc != 3) {
        fprintf(stderr, "usage: random_network WORKLOAD.yaml DIR\n");
        return 1;
    }
    if (igq_workload_load(&workload, argv[1], &error) != IGQ_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    add_network(&workload.shape);
    snprintf(path, sizeof path, "%s/weights.safetensors", argv[2]);
    if (igq_safetensors_write(path, tensors, num_tensors, NULL, 0, &error) != IGQ_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    snprintf(path, sizeof path, "%s/image.png", argv[2]);
    return write_image(path, workload.shape.image_size) ? 0 : 1;
}
