// SPDX-License-Identifier: Apache-2.0
#include "image.h"
#include "file.h"
#include "pixels.h"
#include <math.h>
#include <stdlib.h>

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#include <stb_image_resize.h>

static igq_status decode(igq_pixels *out, const char *path, igq_error *error)
{
    char *data;
    size_t size;
    igq_status status = igq_file_read(&data, &size, path, error);
    if (status != IGQ_OK)
        return status;
    status = igq_pixels_decode(out, data, size, path, error);
    free(data);
    return status;
}

// To the least size that covers the given one; the longer side in proportion, rounded down as torchvision does.
static igq_status resize_to_cover(igq_pixels *image, int least_height, int least_width, const char *path,
                                  igq_error *error)
{
    igq_pixels resized = {0};
    int by_width = (long)least_width * image->height >= (long)least_height * image->width;
    long width = by_width ? least_width : (long)least_height * image->width / image->height;
    long height = by_width ? (long)least_width * image->height / image->width : least_height;
    if (width > IGQ_MAX_SIDE_PIXELS || height > IGQ_MAX_SIDE_PIXELS || width * height > IGQ_MAX_PIXELS_MB * 333333L)
        return igq_fail(error, "%s: image of %d x %d pixels, which is resized to %ld x %ld; allowed: up to %d a side",
                        path, image->width, image->height, width, height, IGQ_MAX_SIDE_PIXELS);
    igq_status status = igq_pixels_allocate(&resized, width, height, 0, path, error);
    if (status != IGQ_OK)
        return status;
    if (!stbir_resize_uint8_generic(image->rgb, image->width, image->height, 0, resized.rgb, resized.width,
                                    resized.height, 0, 3, STBIR_ALPHA_CHANNEL_NONE, 0, STBIR_EDGE_CLAMP,
                                    STBIR_FILTER_CATMULLROM, STBIR_COLORSPACE_LINEAR, NULL))
        status = igq_fail(error, "%s: not enough memory to resize the image", path);
    free(image->rgb);
    *image = resized;
    return status;
}

// The centre of the image, normalized. The first row and column round half to even, as torchvision's crop does.
static void crop_and_normalize(float *out, const igq_pixels *image, int height, int width,
                               const igq_preprocess *preprocess)
{
    long top = lrint((image->height - height) / 2.0), left = lrint((image->width - width) / 2.0);
    for (int channel = 0; channel < 3; channel++)
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                size_t pixel = (size_t)(top + y) * (size_t)image->width + (size_t)(left + x);
                double value = image->rgb[3 * pixel + (size_t)channel] / 255.0;
                *out++ = (float)((value - preprocess->mean[channel]) / preprocess->std[channel]);
            }
}

igq_status igq_image_load(float *image, const char *path, int height, int width, const igq_preprocess *preprocess,
                          igq_error *error)
{
    igq_pixels decoded = {0};
    igq_status status = decode(&decoded, path, error);
    if (status == IGQ_OK && (decoded.width != width || decoded.height != height))
        status = resize_to_cover(&decoded, (int)(height / preprocess->crop_pct), (int)(width / preprocess->crop_pct),
                                 path, error);
    if (status == IGQ_OK)
        crop_and_normalize(image, &decoded, height, width, preprocess);
    free(decoded.rgb);
    return status;
}
