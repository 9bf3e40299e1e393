// SPDX-License-Identifier: Apache-2.0
#include "image.h"
#include "file.h"
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#include <stb_image_resize.h>

#define MAX_SIDE_PIXELS 16384 // keeps every size below in an int and refuses decompression bombs
#define MAX_PIXELS (64L << 20)

typedef struct pixels {
    unsigned char *rgb; // [height][width][3]
    int width, height;
} pixels;

static igq_status allocate(pixels *out, long width, long height, const char *path, igq_error *error)
{
    if (width < 1 || height < 1 || width > MAX_SIDE_PIXELS || height > MAX_SIDE_PIXELS || width * height > MAX_PIXELS)
        return igq_fail(error, "%s: image of %ld x %ld pixels; allowed: 1 to %d a side and %ld in all", path, width,
                        height, MAX_SIDE_PIXELS, MAX_PIXELS);
    *out = (pixels){malloc((size_t)width * (size_t)height * 3), (int)width, (int)height};
    return out->rgb != NULL ? IGQ_OK : igq_fail(error, "%s: not enough memory for the image", path);
}

static igq_status decode_png(pixels *out, const char *data, size_t size, const char *path, igq_error *error)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&png, data, size))
        return igq_fail(error, "%s: damaged PNG file: %s", path, png.message);
    igq_status status = allocate(out, (long)png.width, (long)png.height, path, error);
    if (status != IGQ_OK) {
        png_image_free(&png);
        return status;
    }
    // Read with alpha and drop it: asked for RGB, libpng would blend with a background.
    size_t num = (size_t)out->width * (size_t)out->height;
    unsigned char *rgba = malloc(num * 4);
    png.format = PNG_FORMAT_RGBA;
    if (rgba == NULL) {
        png_image_free(&png);
        return igq_fail(error, "%s: not enough memory for the image", path);
    }
    if (!png_image_finish_read(&png, NULL, rgba, 0, NULL))
        status = igq_fail(error, "%s: damaged PNG file: %s", path, png.message);
    for (size_t i = 0; status == IGQ_OK && i < num; i++)
        memcpy(out->rgb + 3 * i, rgba + 4 * i, 3);
    free(rgba);
    return status;
}

static igq_status decode_jpeg(pixels *out, const char *data, size_t size, const char *path, igq_error *error)
{
    int width, height, subsampling, colorspace;
    const unsigned char *bytes = (const unsigned char *)data;
    tjhandle decoder = tjInitDecompress();
    if (decoder == NULL)
        return igq_fail(error, "%s: not enough memory for the image", path);
    igq_status status = IGQ_OK;
    if (tjDecompressHeader3(decoder, bytes, size, &width, &height, &subsampling, &colorspace) != 0)
        status = igq_fail(error, "%s: damaged JPEG file: %s", path, tjGetErrorStr2(decoder));
    if (status == IGQ_OK)
        status = allocate(out, width, height, path, error);
    // A warning counts too: a truncated file is one to libjpeg, and the rest of its image would be grey.
    if (status == IGQ_OK && tjDecompress2(decoder, bytes, size, out->rgb, width, 0, height, TJPF_RGB, 0) != 0)
        status = igq_fail(error, "%s: damaged JPEG file: %s", path, tjGetErrorStr2(decoder));
    tjDestroy(decoder);
    return status;
}

static igq_status decode(pixels *out, const char *path, igq_error *error)
{
    char *data;
    size_t size;
    igq_status status = igq_file_read(&data, &size, path, error);
    if (status != IGQ_OK)
        return status;
    if (size >= 8 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0)
        status = decode_png(out, data, size, path, error);
    else if (size >= 3 && memcmp(data, "\xff\xd8\xff", 3) == 0)
        status = decode_jpeg(out, data, size, path, error);
    else
        status = igq_fail(error, "%s: neither a PNG nor a JPEG image", path);
    free(data);
    return status;
}

// Shorter side to `side`; the other in proportion, rounded down as torchvision does.
static igq_status resize_shorter(pixels *image, int side, const char *path, igq_error *error)
{
    pixels resized = {0};
    long width = image->width <= image->height ? side : (long)side * image->width / image->height;
    long height = image->width <= image->height ? (long)side * image->height / image->width : side;
    igq_status status = allocate(&resized, width, height, path, error);
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
static void crop_and_normalize(float *out, const pixels *image, int size, const igq_preprocess *preprocess)
{
    long top = lrint((image->height - size) / 2.0), left = lrint((image->width - size) / 2.0);
    for (int channel = 0; channel < 3; channel++)
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++) {
                size_t pixel = (size_t)(top + y) * (size_t)image->width + (size_t)(left + x);
                double value = image->rgb[3 * pixel + (size_t)channel] / 255.0;
                *out++ = (float)((value - preprocess->mean[channel]) / preprocess->std[channel]);
            }
}

igq_status igq_image_load(float *image, const char *path, int image_size, const igq_preprocess *preprocess,
                          igq_error *error)
{
    pixels decoded = {0};
    igq_status status = decode(&decoded, path, error);
    if (status == IGQ_OK && (decoded.width != image_size || decoded.height != image_size))
        status = resize_shorter(&decoded, (int)(image_size / preprocess->crop_pct), path, error);
    if (status == IGQ_OK)
        crop_and_normalize(image, &decoded, image_size, preprocess);
    free(decoded.rgb);
    return status;
}
