// SPDX-License-Identifier: Apache-2.0
// image_variants DIR IMAGE.png... - writes variants of each image into DIR: the image itself, the same with seeded
// Gaussian noise (standard deviation 12 of 255), and a crop (the upper left three quarters of each side), which igqsim
// enlarges again. More instances than there are photos, as unlike in their ranges as in their pixels.
#include "../unit/rng.h"
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOISE = 12 };

static void fail(const char *path, const char *message)
{
    fprintf(stderr, "image_variants: %s: %s\n", path, message);
    exit(1);
}

static void save(const char *dir, const char *name, const char *variant, const unsigned char *rgb, int width,
                 int height, int row_bytes)
{
    char path[4096];
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)width,
                     .height = (png_uint_32)height,
                     .format = PNG_FORMAT_RGB};
    snprintf(path, sizeof path, "%s/%s_%s.png", dir, name, variant);
    if (!png_image_write_to_file(&png, path, 0, rgb, row_bytes, NULL))
        fail(path, png.message);
}

static double normal(rng *random)
{
    double radius = sqrt(-2 * log(1 - rng_real(random, 0, 1)));
    return radius * cos(6.283185307179586 * rng_real(random, 0, 1));
}

static void add_noise(unsigned char *rgb, size_t num, rng *random)
{
    for (size_t i = 0; i < num; i++) {
        double value = floor(rgb[i] + NOISE * normal(random) + 0.5);
        rgb[i] = (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

static void vary(const char *dir, const char *path, uint64_t seed)
{
    char name[256];
    const char *slash = strrchr(path, '/');
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : path);
    name[strcspn(name, ".")] = '\0';
    png_image png = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&png, path))
        fail(path, png.message);
    png.format = PNG_FORMAT_RGB;
    int width = (int)png.width, height = (int)png.height, row_bytes = 3 * width;
    unsigned char *rgb = malloc(PNG_IMAGE_SIZE(png));
    if (!rgb || !png_image_finish_read(&png, NULL, rgb, row_bytes, NULL))
        fail(path, png.message);
    save(dir, name, "plain", rgb, width, height, row_bytes);
    save(dir, name, "crop", rgb, width * 3 / 4, height * 3 / 4, row_bytes);
    rng random = {seed};
    add_noise(rgb, PNG_IMAGE_SIZE(png), &random);
    save(dir, name, "noise", rgb, width, height, row_bytes);
    free(rgb);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        fail("usage", "image_variants DIR IMAGE.png...");
    for (int i = 2; i < argc; i++)
        vary(argv[1], argv[i], (uint64_t)i);
    return 0;
}
