// SPDX-License-Identifier: Apache-2.0
// The samples of a PNG file as they are stored: libpng is told nothing about gamma or colour spaces, so it converts
// nothing. Its simplified interface would: it takes 16 bits without a colour chunk for linear light.
#include "pixels.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const char *data; // what is left of the file
    size_t size;
    igq_pixels *out;
    const char *path;
    igq_error *error;
    png_structp png;
    png_infop info;
} reader;

static void read_bytes(png_structp png, png_bytep bytes, size_t num)
{
    reader *from = png_get_io_ptr(png);
    if (num > from->size)
        png_error(png, "file ends too early");
    memcpy(bytes, from->data, num);
    from->data += num;
    from->size -= num;
}

static void on_error(png_structp png, const char *message)
{
    reader *from = png_get_error_ptr(png);
    igq_fail(from->error, "%s: damaged PNG file: %s", from->path, message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, const char *message) // about chunks that nobody asks for
{
    (void)png;
    (void)message;
}

static void read_rows(const reader *from)
{
    const igq_pixels *out = from->out;
    int passes = png_set_interlace_handling(from->png);
    png_read_update_info(from->png, from->info);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < out->height; y++)
            png_read_row(from->png, out->rgb + (size_t)y * (size_t)out->width * 3, NULL);
    png_read_end(from->png, NULL);
}

// Every row has an index in each of its first bytes. libpng itself would take an index behind the palette for black.
static void look_up_colours(const reader *from)
{
    const igq_pixels *out = from->out;
    png_colorp palette;
    int num_colours;
    if (!png_get_PLTE(from->png, from->info, &palette, &num_colours))
        png_error(from->png, "no palette");
    for (int y = 0; y < out->height; y++) {
        unsigned char *row = out->rgb + (size_t)y * (size_t)out->width * 3;
        for (int x = out->width - 1; x >= 0; x--) { // from the right: indices are overwritten when they are used up
            if (row[x] >= num_colours)
                png_error(from->png, "an index beyond the palette");
            const png_color colour = palette[row[x]];
            row[3 * x] = colour.red;
            row[3 * x + 1] = colour.green;
            row[3 * x + 2] = colour.blue;
        }
    }
}

static igq_status decode(reader *from)
{
    png_read_info(from->png, from->info);
    png_uint_32 width, height;
    int bits, colours;
    png_get_IHDR(from->png, from->info, &width, &height, &bits, &colours, NULL, NULL, NULL);
    igq_status status = igq_pixels_allocate(from->out, width, height, 0, from->path, from->error);
    if (status != IGQ_OK)
        return status;
    if (colours == PNG_COLOR_TYPE_PALETTE) {
        png_set_packing(from->png);
        read_rows(from);
        look_up_colours(from);
        return IGQ_OK;
    }
    png_set_expand_gray_1_2_4_to_8(from->png);
    png_set_strip_16(from->png);
    png_set_gray_to_rgb(from->png);
    png_set_strip_alpha(from->png);
    read_rows(from);
    return IGQ_OK;
}

// libpng reports faults by a jump to here; what it leaves behind is freed by the caller.
static igq_status decode_or_jump(reader *from)
{
    if (setjmp(png_jmpbuf(from->png)))
        return IGQ_USER_ERROR;
    return decode(from);
}

igq_status igq_png_decode(igq_pixels *out, const char *data, size_t size, const char *path, igq_error *error)
{
    reader from = {data, size, out, path, error, NULL, NULL};
    from.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &from, on_error, on_warning);
    from.info = from.png != NULL ? png_create_info_struct(from.png) : NULL;
    igq_status status = from.info != NULL ? IGQ_OK : igq_out_of_memory(error);
    if (status == IGQ_OK) {
        png_set_read_fn(from.png, &from, read_bytes);
        png_set_user_limits(from.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); // igq_pixels_allocate's are said to the user
        png_set_keep_unknown_chunks(from.png, PNG_HANDLE_CHUNK_NEVER, NULL, -1); // profiles, texts: not looked at
        status = decode_or_jump(&from);
    }
    png_destroy_read_struct(&from.png, &from.info, NULL);
    return status;
}
