// SPDX-License-Identifier: Apache-2.0
// pixels.h - a PNG or JPEG file as bytes of red, green and blue, by the rules of image.h. Limits are checked against
// the header, before anything is decoded or allocated.
#ifndef IGQ_PIXELS_H
#define IGQ_PIXELS_H
#include "error.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_pixels {
    unsigned char *rgb; // [height][width][3], the caller frees it
    int width, height;
} igq_pixels;

#define IGQ_MAX_SIDE_PIXELS 16384
#define IGQ_MAX_PIXELS_MB 160 // of memory to decode one image: pixels, and coefficients of a progressive JPEG
#define IGQ_MAX_JPEG_SCANS 64 // files in use have about 10; a scan of a few bytes costs a pass over the whole image

// Decodes what starts like a PNG or a JPEG file; `path` is for messages. Nothing to free after a failure.
igq_status igq_pixels_decode(igq_pixels *out, const char *data, size_t size, const char *path, igq_error *error);

// Allocates rgb within the limits. extra_bytes: what decoding a pixel takes beside its rgb.
igq_status igq_pixels_allocate(igq_pixels *out, long width, long height, int extra_bytes, const char *path,
                               igq_error *error);

// The two formats; `data` is known to start with their signature.
igq_status igq_png_decode(igq_pixels *out, const char *data, size_t size, const char *path, igq_error *error);
igq_status igq_jpeg_decode(igq_pixels *out, const char *data, size_t size, const char *path, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
