// SPDX-License-Identifier: Apache-2.0
#include "pixels.h"
#include <stdlib.h>
#include <string.h>

igq_status igq_pixels_allocate(igq_pixels *out, long width, long height, int extra_bytes, const char *path,
                               igq_error *error)
{
    const long side = IGQ_MAX_SIDE_PIXELS;
    if (width < 1 || height < 1 || width > side || height > side)
        return igq_fail(error, "%s: image of %ld x %ld pixels; allowed: 1 to %ld a side", path, width, height, side);
    long megabytes = (width * height * (3 + extra_bytes) + 999999) / 1000000;
    if (megabytes > IGQ_MAX_PIXELS_MB)
        return igq_fail(error, "%s: image of %ld x %ld pixels, which take %ld MB to decode; allowed: %d MB", path,
                        width, height, megabytes, IGQ_MAX_PIXELS_MB);
    *out = (igq_pixels){malloc((size_t)width * (size_t)height * 3), (int)width, (int)height};
    return out->rgb != NULL ? IGQ_OK : igq_out_of_memory(error);
}

igq_status igq_pixels_decode(igq_pixels *out, const char *data, size_t size, const char *path, igq_error *error)
{
    igq_status status;
    *out = (igq_pixels){0};
    if (size >= 8 && memcmp(data, "\x89PNG\r\n\x1a\n", 8) == 0)
        status = igq_png_decode(out, data, size, path, error);
    else if (size >= 3 && memcmp(data, "\xff\xd8\xff", 3) == 0)
        status = igq_jpeg_decode(out, data, size, path, error);
    else
        return igq_fail(error, "%s: neither a PNG nor a JPEG image", path);
    if (status != IGQ_OK) {
        free(out->rgb);
        *out = (igq_pixels){0};
    }
    return status;
}
