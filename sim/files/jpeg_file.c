// SPDX-License-Identifier: Apache-2.0
#include "pixels.h"
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

// What the markers of a file say before it is decoded.
typedef struct layout {
    int frame_marker; // 0: none found
    int bits;         // of a sample
    int num_scans;
} layout;

enum { FIRST_RESTART = 0xd0, LAST_RESTART = 0xd7, START = 0xd8, END = 0xd9, SCAN = 0xda, TEMPORARY = 0x01 };

static int is_frame(int marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static layout read_layout(const unsigned char *data, size_t size)
{
    layout found = {0};
    for (size_t at = 2; at + 4 < size;) {
        int marker = data[at] == 0xff ? data[at + 1] : 0;
        if (marker == END)
            break;
        if (data[at] != 0xff || marker == 0xff) {
            at++; // data of a scan, or padding
        } else if (marker == 0 || (marker >= FIRST_RESTART && marker <= START) || marker == TEMPORARY) {
            at += 2;
        } else {
            found.num_scans += marker == SCAN;
            if (is_frame(marker) && found.frame_marker == 0) {
                found.frame_marker = marker;
                found.bits = data[at + 4];
            }
            at += 2 + (size_t)(data[at + 2] << 8 | data[at + 3]);
        }
    }
    return found;
}

static igq_status refuse(const tjhandle decoder, const char *path, igq_error *error)
{
    const char *fault = tjGetErrorStr2(decoder);
    int other_kind = strncmp(fault, "Unsupported", 11) == 0 && strncmp(fault, "Unsupported marker", 18) != 0;
    return igq_fail(error, "%s: %s: %s", path,
                    other_kind ? "a kind of JPEG file that cannot be read" : "damaged JPEG file", fault);
}

// As Pillow converts it: samples are stored inverted (Adobe's habit), and ink over black is black.
static void rgb_of_cmyk(igq_pixels *out, const unsigned char *cmyk)
{
    size_t num = (size_t)out->width * (size_t)out->height;
    for (size_t i = 0; i < num; i++)
        for (int colour = 0; colour < 3; colour++) {
            int white = cmyk[4 * i + 3], product = (255 - cmyk[4 * i + (size_t)colour]) * white + 128;
            int ink = (product + (product >> 8)) >> 8; // of 255, rounded
            out->rgb[3 * i + (size_t)colour] = (unsigned char)(white > ink ? white - ink : 0);
        }
}

static igq_status decode_cmyk(igq_pixels *out, tjhandle decoder, const unsigned char *data, size_t size,
                              const char *path, igq_error *error)
{
    unsigned char *cmyk = malloc((size_t)out->width * (size_t)out->height * 4);
    if (cmyk == NULL)
        return igq_out_of_memory(error);
    igq_status status = IGQ_OK;
    if (tjDecompress2(decoder, data, size, cmyk, 0, 0, 0, TJPF_CMYK, 0) != 0)
        status = refuse(decoder, path, error);
    else
        rgb_of_cmyk(out, cmyk);
    free(cmyk);
    return status;
}

static igq_status decode(igq_pixels *out, tjhandle decoder, const unsigned char *data, size_t size, int num_scans,
                         const char *path, igq_error *error)
{
    int width, height, subsampling, colours;
    if (tjDecompressHeader3(decoder, data, size, &width, &height, &subsampling, &colours) != 0)
        return refuse(decoder, path, error);
    int is_cmyk = colours == TJCS_CMYK || colours == TJCS_YCCK, num_components = is_cmyk ? 4 : 3;
    // Several scans: all coefficients are kept, two bytes each.
    int extra_bytes = (is_cmyk ? 4 : 0) + (num_scans > 1 ? 2 * num_components : 0);
    igq_status status = igq_pixels_allocate(out, width, height, extra_bytes, path, error);
    if (status != IGQ_OK)
        return status;
    if (is_cmyk)
        return decode_cmyk(out, decoder, data, size, path, error);
    // A warning counts too: a truncated file is one to libjpeg, and the rest of its image would be grey.
    if (tjDecompress2(decoder, data, size, out->rgb, 0, 0, 0, TJPF_RGB, 0) != 0)
        return refuse(decoder, path, error);
    return IGQ_OK;
}

igq_status igq_jpeg_decode(igq_pixels *out, const char *data, size_t size, const char *path, igq_error *error)
{
    const unsigned char *bytes = (const unsigned char *)data;
    const layout found = read_layout(bytes, size);
    if (found.num_scans > IGQ_MAX_JPEG_SCANS)
        return igq_fail(error, "%s: JPEG file of %d scans; allowed: up to %d", path, found.num_scans,
                        IGQ_MAX_JPEG_SCANS);
    if (found.frame_marker != 0 && found.bits != 8)
        return igq_fail(error, "%s: JPEG file with %d bits a sample; allowed: 8", path, found.bits);
    tjhandle decoder = tjInitDecompress();
    if (decoder == NULL)
        return igq_out_of_memory(error);
    igq_status status = decode(out, decoder, bytes, size, found.num_scans, path, error);
    tjDestroy(decoder);
    return status;
}
