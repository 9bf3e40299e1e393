// SPDX-License-Identifier: Apache-2.0
#include "image.h"
#include "file.h"
#include <math.h>
#include <png.h>
#include <turbojpeg.h>
#include <check.h>
#include "temp_dir.h"

enum { SIZE = 32 };
static const igq_preprocess plain = {.crop_pct = 1.0, .mean = {0, 0, 0}, .std = {1, 1, 1}};
static igq_error error;
static float image[3][SIZE][SIZE];

static void put_png(const char *path, const void *pixels, int width, int height, unsigned format)
{
    png_image png = {.version = PNG_IMAGE_VERSION, .width = (unsigned)width, .height = (unsigned)height};
    png.format = format;
    ck_assert(png_image_write_to_file(&png, path, 0, pixels, 0, NULL));
}

// A pattern with detail in both directions; width * height * 3 bytes.
static unsigned char *pattern(int width, int height)
{
    unsigned char *rgb = malloc((size_t)(width * height * 3)), *next = rgb;
    ck_assert_ptr_nonnull(rgb);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            *next++ = (unsigned char)(128 + 100 * sin(x * 0.35) * cos(y * 0.2));
            *next++ = (unsigned char)(255 * x / width);
            *next++ = (unsigned char)((x * 7 + y * 13) % 200);
        }
    return rgb;
}

START_TEST(an_image_of_the_right_size_is_taken_as_it_is)
{
    const igq_preprocess preprocess = {.crop_pct = 0.5, .mean = {0.1, 0.2, 0.3}, .std = {2, 4, 8}};
    unsigned char *rgb = pattern(SIZE, SIZE);
    put_png(temp_path("a.png"), rgb, SIZE, SIZE, PNG_FORMAT_RGB);
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, SIZE, &preprocess, &error), IGQ_OK);
    for (int channel = 0; channel < 3; channel++)
        for (int y = 0; y < SIZE; y++)
            for (int x = 0; x < SIZE; x++) {
                double value = rgb[(y * SIZE + x) * 3 + channel] / 255.0;
                double expected = (value - preprocess.mean[channel]) / preprocess.std[channel];
                ck_assert_float_eq(image[channel][y][x], (float)expected);
            }
    free(rgb);
}
END_TEST

START_TEST(transparency_and_grey_become_rgb)
{
    static unsigned char rgba[SIZE * SIZE * 4], grey[SIZE * SIZE];
    for (int i = 0; i < SIZE * SIZE; i++) {
        memcpy(rgba + 4 * i, (unsigned char[]){255, 51, 0, 0}, 4);
        grey[i] = 102;
    }
    put_png(temp_path("a.png"), rgba, SIZE, SIZE, PNG_FORMAT_RGBA);
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, SIZE, &plain, &error), IGQ_OK);
    ck_assert_float_eq(image[0][3][4], 1.0f);
    ck_assert_float_eq(image[1][3][4], (float)(51 / 255.0));
    put_png(temp_path("g.png"), grey, SIZE, SIZE, PNG_FORMAT_GRAY);
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("g.png"), SIZE, SIZE, &plain, &error), IGQ_OK);
    for (int channel = 0; channel < 3; channel++)
        ck_assert_float_eq(image[channel][3][4], (float)(102 / 255.0));
}
END_TEST

// Keys' cubic with a = -0.5.
static double cubic(double x)
{
    x = fabs(x);
    if (x < 1)
        return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

// One sample of the image resized to new_width x new_height, as Pillow computes it (antialiased), in double.
static double resized(const unsigned char *rgb, int width, int height, int new_width, int new_height, int channel,
                      int x, int y)
{
    double x_scale = fmax(1, (double)width / new_width), y_scale = fmax(1, (double)height / new_height);
    double x_centre = (x + 0.5) * width / new_width, y_centre = (y + 0.5) * height / new_height;
    double sum = 0, weights = 0;
    for (int v = 0; v < height; v++)
        for (int u = 0; u < width; u++) {
            double weight = cubic((u + 0.5 - x_centre) / x_scale) * cubic((v + 0.5 - y_centre) / y_scale);
            sum += weight * rgb[(v * width + u) * 3 + channel];
            weights += weight;
        }
    return fmin(255, fmax(0, sum / weights));
}

// Shorter side to floor(32 / 0.8) = 40, longer in proportion, centre cut out.
static void check_resize(int width, int height, int new_width, int new_height, int left, int top)
{
    const igq_preprocess preprocess = {.crop_pct = 0.8, .mean = {0, 0, 0}, .std = {1, 1, 1}};
    unsigned char *rgb = pattern(width, height);
    put_png(temp_path("a.png"), rgb, width, height, PNG_FORMAT_RGB);
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, SIZE, &preprocess, &error), IGQ_OK);
    for (int channel = 0; channel < 3; channel++)
        for (int y = 2; y < SIZE; y += 5)
            for (int x = 0; x < SIZE; x += 3) {
                double expected = resized(rgb, width, height, new_width, new_height, channel, left + x, top + y);
                ck_assert_double_eq_tol(image[channel][y][x] * 255, expected, 0.75); // rounding to 8 bits
            }
    free(rgb);
}

START_TEST(a_larger_landscape_is_resized_and_cropped_as_timm_does)
{
    check_resize(100, 73, 54, 40, 11, 4);
}
END_TEST

START_TEST(a_larger_portrait_is_resized_and_cropped_as_timm_does)
{
    check_resize(61, 93, 40, 60, 4, 14);
}
END_TEST

START_TEST(a_smaller_image_is_enlarged)
{
    check_resize(20, 25, 40, 50, 4, 9);
}
END_TEST

static size_t put_jpeg(const char *path, size_t cut_bytes)
{
    unsigned char *jpeg = NULL, *rgb = pattern(SIZE, SIZE);
    unsigned long size = 0;
    tjhandle encoder = tjInitCompress();
    ck_assert_int_eq(tjCompress2(encoder, rgb, SIZE, 0, SIZE, TJPF_RGB, &jpeg, &size, TJSAMP_444, 98, 0), 0);
    put_bytes(path, jpeg, size - cut_bytes);
    tjDestroy(encoder);
    tjFree(jpeg);
    free(rgb);
    return size;
}

START_TEST(a_jpeg_is_read)
{
    unsigned char *rgb = pattern(SIZE, SIZE);
    put_jpeg(temp_path("a.png"), 0); // told by its first bytes, not by its name
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, SIZE, &plain, &error), IGQ_OK);
    double difference = 0;
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            difference += fabs(image[0][y][x] * 255 - rgb[(y * SIZE + x) * 3]);
    ck_assert_double_lt(difference / (SIZE * SIZE), 3.0);
    free(rgb);
}
END_TEST

START_TEST(a_file_that_is_no_image_is_refused)
{
    put_text(temp_path("a.png"), "hello");
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, SIZE, &plain, &error), &error, "a.png",
                   "neither a PNG nor a JPEG");
    put_text(temp_path("e.png"), "");
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("e.png"), SIZE, SIZE, &plain, &error), &error, "neither");
    put_text(temp_path("f.jpg"), "\xff\xd8\xff then nonsense");
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("f.jpg"), SIZE, SIZE, &plain, &error), &error, "f.jpg",
                   "damaged JPEG");
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("none"), SIZE, SIZE, &plain, &error), &error,
                   "No such file");
}
END_TEST

START_TEST(a_truncated_image_is_refused)
{
    unsigned char *rgb = pattern(SIZE, SIZE);
    char *data;
    size_t size;
    put_png(temp_path("a.png"), rgb, SIZE, SIZE, PNG_FORMAT_RGB);
    ck_assert_int_eq(igq_file_read(&data, &size, temp_path("a.png"), &error), IGQ_OK);
    put_bytes(temp_path("cut.png"), data, size / 2);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("cut.png"), SIZE, SIZE, &plain, &error), &error, "cut.png",
                   "damaged PNG");
    put_jpeg(temp_path("cut.jpg"), 300);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("cut.jpg"), SIZE, SIZE, &plain, &error), &error, "cut.jpg",
                   "damaged JPEG");
    free(data);
    free(rgb);
}
END_TEST

START_TEST(an_absurdly_large_image_is_refused_before_it_is_decoded)
{
    static unsigned char line[20000 * 3];
    put_png(temp_path("wide.png"), line, 20000, 1, PNG_FORMAT_RGB);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("wide.png"), SIZE, SIZE, &plain, &error), &error,
                   "wide.png", "20000 x 1", "allowed", "16384");
}
END_TEST

/// Colour spaces, depths, alpha: samples as they are stored ///

typedef struct png_kind {
    int colours, bits;
    double gamma; // 0: no gAMA chunk
    int interlaced, transparent;
    int num_colours; // of the palette
} png_kind;

// Rows of one packed byte pattern: every pixel of the image has the same bytes.
static void put_kind(const char *path, const png_kind *kind, const unsigned char *row, unsigned long width, int height)
{
    FILE *out = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color palette[256] = {{10, 20, 30}, {40, 50, 60}, {70, 80, 90}};
    png_color_16 transparent = {.red = 0x8080, .green = 0x8080, .blue = 0x8080, .gray = 0x8080};
    ck_assert(out != NULL && info != NULL);
    ck_assert_int_eq(setjmp(png_jmpbuf(png)), 0);
    png_init_io(png, out);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, kind->bits, kind->colours,
                 kind->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind->gamma > 0) {
        png_set_gAMA(png, info, kind->gamma);
        png_set_cHRM(png, info, 0.3127, 0.329, 0.7, 0.3, 0.2, 0.7, 0.14, 0.06);
    }
    if (kind->num_colours)
        png_set_PLTE(png, info, palette, kind->num_colours);
    if (kind->transparent)
        png_set_tRNS(png, info, (const unsigned char[]){0, 128}, kind->num_colours ? 2 : 1, &transparent);
    png_write_info(png, info);
    if (kind->num_colours)
        png_set_check_for_invalid_index(png, -1);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
        for (int y = 0; y < height; y++)
            png_write_row(png, row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(out);
}

// The file's first pixel must be this.
static void assert_colour(const char *path, int red, int green, int blue)
{
    const int expected[3] = {red, green, blue};
    ck_assert_msg(igq_image_load(&image[0][0][0], path, SIZE, SIZE, &plain, &error) == IGQ_OK, "%s", error.message);
    for (int channel = 0; channel < 3; channel++) {
        ck_assert_float_eq(image[channel][0][0], (float)(expected[channel] / 255.0));
        ck_assert_float_eq(image[channel][SIZE - 1][SIZE - 1], (float)(expected[channel] / 255.0));
    }
}

START_TEST(samples_are_taken_as_stored_whatever_the_colour_space)
{
    static unsigned char rgb[SIZE * 6], grey[SIZE * 4];
    for (int gamma = 0; gamma < 3; gamma++)
        for (int interlaced = 0; interlaced < 2; interlaced++)
            for (int transparent = 0; transparent < 2; transparent++) {
                const double gammas[3] = {0, 1.0, 0.45455};
                png_kind kind = {PNG_COLOR_TYPE_RGB, 8, gammas[gamma], interlaced, transparent, 0};
                memset(rgb, 128, sizeof rgb);
                put_kind(temp_path("8.png"), &kind, rgb, SIZE, SIZE);
                assert_colour(temp_path("8.png"), 128, 128, 128);
                kind.bits = 16; // 0x8080 is 128 * 257
                put_kind(temp_path("16.png"), &kind, rgb, SIZE, SIZE);
                assert_colour(temp_path("16.png"), 128, 128, 128);
                kind.colours = PNG_COLOR_TYPE_GRAY;
                put_kind(temp_path("g16.png"), &kind, rgb, SIZE, SIZE);
                assert_colour(temp_path("g16.png"), 128, 128, 128);
                kind.transparent = 0;
                kind.bits = 8;
                kind.colours = PNG_COLOR_TYPE_GRAY_ALPHA;
                for (int i = 0; i < SIZE; i++)
                    memcpy(grey + 2 * i, (unsigned char[]){200, 0}, 2);
                put_kind(temp_path("ga.png"), &kind, grey, SIZE, SIZE);
                assert_colour(temp_path("ga.png"), 200, 200, 200);
            }
}
END_TEST

START_TEST(sixteen_bits_keep_their_upper_eight)
{
    static unsigned char row[SIZE * 6];
    const png_kind kind = {.colours = PNG_COLOR_TYPE_RGB, .bits = 16};
    for (int i = 0; i < SIZE; i++)
        memcpy(row + 6 * i, (unsigned char[]){0x12, 0xff, 0x00, 0xfe, 0xff, 0x01}, 6);
    put_kind(temp_path("a.png"), &kind, row, SIZE, SIZE);
    assert_colour(temp_path("a.png"), 0x12, 0x00, 0xff);
}
END_TEST

START_TEST(palettes_and_few_bits_become_colours)
{
    unsigned char row[SIZE];
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        png_kind kind = {PNG_COLOR_TYPE_PALETTE, 2, 1.0, interlaced, 1, 3};
        memset(row, 0xaa, sizeof row); // index 2, four a byte
        put_kind(temp_path("p.png"), &kind, row, SIZE, SIZE);
        assert_colour(temp_path("p.png"), 70, 80, 90);
        memset(row, 0xff, sizeof row); // index 3 of 3 colours
        put_kind(temp_path("bad.png"), &kind, row, SIZE, SIZE);
        ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("bad.png"), SIZE, SIZE, &plain, &error), &error,
                       "bad.png", "damaged PNG", "beyond the palette");
        kind = (png_kind){.colours = PNG_COLOR_TYPE_GRAY, .bits = 1, .interlaced = interlaced};
        put_kind(temp_path("bw.png"), &kind, row, SIZE, SIZE);
        assert_colour(temp_path("bw.png"), 255, 255, 255);
        kind.bits = 4;
        memset(row, 0x33, sizeof row);
        put_kind(temp_path("g4.png"), &kind, row, SIZE, SIZE);
        assert_colour(temp_path("g4.png"), 51, 51, 51);
    }
}
END_TEST

// A flat JPEG of tjCompress2; EXIF says that it lies on its side.
static void put_flat_jpeg(const char *path, int format, const unsigned char *pixel, int subsampling, int sideways)
{
    static const unsigned char exif[] = {0xff, 0xe1, 0,    34,   'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                                         0,    1,    0x01, 0x12, 0,   3,   0,   0,   0, 1, 0,   6,   0, 0,  0, 0, 0, 0};
    unsigned char *jpeg = NULL, pixels[SIZE * SIZE * 4], file[20000];
    int bytes = tjPixelSize[format];
    unsigned long size = 0;
    for (int i = 0; i < SIZE * SIZE; i++)
        memcpy(pixels + i * bytes, pixel, (size_t)bytes);
    tjhandle encoder = tjInitCompress();
    ck_assert_int_eq(tjCompress2(encoder, pixels, SIZE, 0, SIZE, format, &jpeg, &size, subsampling, 100, 0), 0);
    size_t extra = sideways ? sizeof exif : 0;
    memcpy(file, jpeg, 2);
    memcpy(file + 2, exif, extra);
    memcpy(file + 2 + extra, jpeg + 2, size - 2);
    put_bytes(path, file, size + extra);
    tjDestroy(encoder);
    tjFree(jpeg);
}

static void assert_about(const char *path, int red, int green, int blue)
{
    const int expected[3] = {red, green, blue};
    ck_assert_msg(igq_image_load(&image[0][0][0], path, SIZE, SIZE, &plain, &error) == IGQ_OK, "%s", error.message);
    for (int channel = 0; channel < 3; channel++)
        ck_assert_float_eq_tol(image[channel][9][20] * 255, (float)expected[channel], 1.5f);
}

START_TEST(cmyk_and_grey_jpegs_become_rgb)
{
    const unsigned char inverted[4] = {255 - 51, 255 - 102, 255, 255 - 64}; // C 20 %, M 40 %, Y 0, K 25 %
    put_flat_jpeg(temp_path("cmyk.jpg"), TJPF_CMYK, inverted, TJSAMP_444, 0);
    assert_about(temp_path("cmyk.jpg"), 204 * 191 / 255, 153 * 191 / 255, 191);
    put_flat_jpeg(temp_path("grey.jpg"), TJPF_GRAY, inverted, TJSAMP_GRAY, 1);
    assert_about(temp_path("grey.jpg"), 204, 204, 204);
    put_flat_jpeg(temp_path("rgb.jpg"), TJPF_RGB, inverted, TJSAMP_420, 1);
    assert_about(temp_path("rgb.jpg"), 204, 153, 255);
}
END_TEST

// A progressive grey JPEG whose scans after the first say "nothing more" in a few bytes.
static size_t put_scans(const char *path, int side, int num_scans, int bits)
{
    static unsigned char file[200000];
    unsigned char *at = file;
#define PUT(...)                                                                                                       \
    (memcpy(at, (unsigned char[]){__VA_ARGS__}, sizeof((unsigned char[]){__VA_ARGS__})),                               \
     at += sizeof((unsigned char[]){__VA_ARGS__}))
    PUT(0xff, 0xd8, 0xff, 0xdb, 0, 67, 0);
    memset(at, 1, 64);
    at += 64;
    PUT(0xff, 0xc2, 0, 11, (unsigned char)bits, (unsigned char)(side >> 8), (unsigned char)side,
        (unsigned char)(side >> 8), (unsigned char)side, 1, 1, 0x11, 0);
    PUT(0xff, 0xc4, 0, 20, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00); // DC: a zero is one bit
    PUT(0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0xe0); // AC: 16384 empty blocks + 14 bits
    PUT(0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0);
    size_t blocks = (size_t)(side / 8) * (size_t)(side / 8);
    memset(at, 0, (blocks + 7) / 8);
    at += (blocks + 7) / 8;
    for (int scan = 0; scan < num_scans; scan++)
        PUT(0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0, 0x00, 0x01); // at most 16384 blocks
    PUT(0xff, 0xd9);
#undef PUT
    put_bytes(path, file, (size_t)(at - file));
    return (size_t)(at - file);
}

START_TEST(jpegs_of_many_scans_and_of_12_bits_are_refused_before_they_are_decoded)
{
    put_scans(temp_path("10.jpg"), SIZE, 10, 8);
    assert_about(temp_path("10.jpg"), 128, 128, 128);
    put_scans(temp_path("1000.jpg"), 1024, 1000, 8);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("1000.jpg"), SIZE, SIZE, &plain, &error), &error,
                   "1000.jpg", "1001 scans", "allowed: up to 64");
    put_scans(temp_path("12.jpg"), SIZE, 1, 12);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("12.jpg"), SIZE, SIZE, &plain, &error), &error, "12.jpg",
                   "12 bits", "allowed: 8");
}
END_TEST

START_TEST(images_are_refused_by_what_decoding_takes_and_by_their_own_size)
{
    static unsigned char row[16384 * 3];
    const png_kind bits = {.colours = PNG_COLOR_TYPE_GRAY, .bits = 1};
    put_kind(temp_path("bomb.png"), &bits, row, 16384, 4096); // 8 KB of file
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("bomb.png"), SIZE, SIZE, &plain, &error), &error,
                   "bomb.png", "16384 x 4096", "202 MB", "allowed: 160 MB");
    const png_kind rgb = {.colours = PNG_COLOR_TYPE_RGB, .bits = 8};
    put_kind(temp_path("thin.png"), &rgb, row, 16384, 1);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("thin.png"), SIZE, SIZE, &plain, &error), &error,
                   "thin.png", "16384 x 1 pixels", "allowed");
    put_scans(temp_path("coefficients.jpg"), 8192, 1, 8);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("coefficients.jpg"), SIZE, SIZE, &plain, &error), &error,
                   "8192 x 8192", "604 MB");
}
END_TEST

START_TEST(a_png_without_its_end_or_with_a_damaged_byte_is_refused)
{
    unsigned char *rgb = pattern(SIZE, SIZE);
    char *data;
    size_t size;
    put_png(temp_path("a.png"), rgb, SIZE, SIZE, PNG_FORMAT_RGB);
    ck_assert_int_eq(igq_file_read(&data, &size, temp_path("a.png"), &error), IGQ_OK);
    put_bytes(temp_path("cut.png"), data, size - 12); // IEND
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("cut.png"), SIZE, SIZE, &plain, &error), &error,
                   "damaged PNG");
    data[size / 2] = (char)(data[size / 2] ^ 1);
    put_bytes(temp_path("flipped.png"), data, size);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("flipped.png"), SIZE, SIZE, &plain, &error), &error,
                   "damaged PNG");
    free(data);
    free(rgb);
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS(
        "image", an_image_of_the_right_size_is_taken_as_it_is, transparency_and_grey_become_rgb,
        a_larger_landscape_is_resized_and_cropped_as_timm_does, a_larger_portrait_is_resized_and_cropped_as_timm_does,
        a_smaller_image_is_enlarged, a_jpeg_is_read, a_file_that_is_no_image_is_refused, a_truncated_image_is_refused,
        an_absurdly_large_image_is_refused_before_it_is_decoded, samples_are_taken_as_stored_whatever_the_colour_space,
        sixteen_bits_keep_their_upper_eight, palettes_and_few_bits_become_colours, cmyk_and_grey_jpegs_become_rgb,
        jpegs_of_many_scans_and_of_12_bits_are_refused_before_they_are_decoded,
        images_are_refused_by_what_decoding_takes_and_by_their_own_size,
        a_png_without_its_end_or_with_a_damaged_byte_is_refused);
}
