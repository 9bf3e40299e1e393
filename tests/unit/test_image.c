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
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, &preprocess, &error), IGQ_OK);
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
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, &plain, &error), IGQ_OK);
    ck_assert_float_eq(image[0][3][4], 1.0f);
    ck_assert_float_eq(image[1][3][4], (float)(51 / 255.0));
    put_png(temp_path("g.png"), grey, SIZE, SIZE, PNG_FORMAT_GRAY);
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("g.png"), SIZE, &plain, &error), IGQ_OK);
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
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, &preprocess, &error), IGQ_OK);
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
    ck_assert_int_eq(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, &plain, &error), IGQ_OK);
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
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("a.png"), SIZE, &plain, &error), &error, "a.png",
                   "neither a PNG nor a JPEG");
    put_text(temp_path("e.png"), "");
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("e.png"), SIZE, &plain, &error), &error, "neither");
    put_text(temp_path("f.jpg"), "\xff\xd8\xff then nonsense");
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("f.jpg"), SIZE, &plain, &error), &error, "f.jpg",
                   "damaged JPEG");
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("none"), SIZE, &plain, &error), &error, "No such file");
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
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("cut.png"), SIZE, &plain, &error), &error, "cut.png",
                   "damaged PNG");
    put_jpeg(temp_path("cut.jpg"), 300);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("cut.jpg"), SIZE, &plain, &error), &error, "cut.jpg",
                   "damaged JPEG");
    free(data);
    free(rgb);
}
END_TEST

START_TEST(an_absurdly_large_image_is_refused_before_it_is_decoded)
{
    static unsigned char line[20000 * 3];
    put_png(temp_path("wide.png"), line, 20000, 1, PNG_FORMAT_RGB);
    ASSERT_REFUSED(igq_image_load(&image[0][0][0], temp_path("wide.png"), SIZE, &plain, &error), &error, "wide.png",
                   "20000 x 1", "allowed", "16384");
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("image", an_image_of_the_right_size_is_taken_as_it_is, transparency_and_grey_become_rgb,
                            a_larger_landscape_is_resized_and_cropped_as_timm_does,
                            a_larger_portrait_is_resized_and_cropped_as_timm_does, a_smaller_image_is_enlarged,
                            a_jpeg_is_read, a_file_that_is_no_image_is_refused, a_truncated_image_is_refused,
                            an_absurdly_large_image_is_refused_before_it_is_decoded);
}
