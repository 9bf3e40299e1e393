// SPDX-License-Identifier: Apache-2.0
#include "safetensors.h"
#include "file.h"
#include <math.h>
#include <stdint.h>
#include <check.h>
#include "temp_dir.h"

static igq_error error;
static igq_safetensors *file;

// A file of this header and so many bytes of data 0, 1, 2, ...
static igq_status open_raw(const char *header, uint64_t header_bytes, size_t data_bytes)
{
    unsigned char bytes[4096];
    size_t length = strlen(header);
    memcpy(bytes, &header_bytes, 8);
    memcpy(bytes + 8, header, length);
    for (size_t i = 0; i < data_bytes; i++)
        bytes[8 + length + i] = (unsigned char)i;
    put_bytes(temp_path("t.safetensors"), bytes, 8 + length + data_bytes);
    return igq_safetensors_open(&file, temp_path("t.safetensors"), &error);
}

static igq_status open_header(const char *header, size_t data_bytes)
{
    return open_raw(header, strlen(header), data_bytes);
}

// The values of one of the file's tensors, which are fine.
static const float *floats(const char *name)
{
    const float *values = NULL;
    const igq_tensor *tensor = igq_safetensors_find(file, name);
    ck_assert_msg(igq_safetensors_floats(&values, file, tensor, &error) == IGQ_OK, "%s", error.message);
    return values;
}

#define ENTRY(name, dtype, shape, begin, end)                                                                          \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" #begin "," #end "]}"

START_TEST(tensors_are_found_with_shape_and_bytes)
{
    ck_assert_int_eq(open_header("{\"__metadata__\":{\"a\":\"b\"}," ENTRY("y", "I8", "[2,3]", 0, 6) "," ENTRY(
                                     "x", "I16", "[]", 6, 8) "," ENTRY("empty", "F32", "[0,7]", 8, 8) "}  ",
                                 8),
                     IGQ_OK);
    ck_assert_int_eq(igq_safetensors_num(file), 3);
    ck_assert_str_eq(igq_safetensors_at(file, 0)->name, "empty"); // by name
    const igq_tensor *y = igq_safetensors_find(file, "y");
    ck_assert_ptr_nonnull(y);
    ck_assert_int_eq(y->rank, 2);
    ck_assert_int_eq(y->shape[0], 2);
    ck_assert_int_eq(y->shape[1], 3);
    ck_assert_uint_eq(y->bytes, 6);
    ck_assert_float_eq(floats("y")[5], 5.0f);
    ck_assert_float_eq(floats("x")[0], 0x0706);
    ck_assert_ptr_null(igq_safetensors_find(file, "z"));
    ck_assert_str_eq(igq_safetensors_metadata(file, "a"), "b");
    ck_assert_ptr_null(igq_safetensors_metadata(file, "c"));
    igq_safetensors_close(file);
}
END_TEST

START_TEST(every_dtype_becomes_float)
{
    const uint16_t f16[] = {0x3c00, 0xc000, 0x0001, 0x8001, 0x7bff, 0x8000, 0x0400};
    const uint16_t bf16[] = {0x3f80, 0xc2f7};
    const int8_t i8[] = {-128, 127};
    const int16_t i16[] = {-32768, 32767};
    const int32_t i32[] = {-2147483647 - 1, 16777217};
    const float f32[] = {1.5f, -3e38f};
    const int64_t two[] = {2}, seven[] = {7};
    const igq_tensor tensors[] = {
        igq_tensor_make("i8", IGQ_DTYPE_I8, i8, 1, two),       igq_tensor_make("f16", IGQ_DTYPE_F16, f16, 1, seven),
        igq_tensor_make("bf16", IGQ_DTYPE_BF16, bf16, 1, two), igq_tensor_make("i16", IGQ_DTYPE_I16, i16, 1, two),
        igq_tensor_make("i32", IGQ_DTYPE_I32, i32, 1, two),    igq_tensor_make("f32", IGQ_DTYPE_F32, f32, 1, two),
    };
    ck_assert_int_eq(igq_safetensors_write(temp_path("t"), tensors, 6, NULL, 0, &error), IGQ_OK);
    ck_assert_int_eq(igq_safetensors_open(&file, temp_path("t"), &error), IGQ_OK);
    const float *half = floats("f16");
    const float expected[] = {1.0f, -2.0f, 0x1p-24f, -0x1p-24f, 65504.0f, -0.0f, 0x1p-14f};
    ck_assert_mem_eq(half, expected, sizeof expected);
    ck_assert_float_eq(floats("bf16")[0], 1.0f);
    ck_assert_float_eq(floats("bf16")[1], -123.5f);
    ck_assert_float_eq(floats("i8")[0], -128.0f);
    ck_assert_float_eq(floats("i16")[0], -32768.0f);
    ck_assert_float_eq(floats("i32")[0], -2147483648.0f);
    ck_assert_float_eq(floats("i32")[1], 16777216.0f);
    ck_assert_mem_eq(floats("f32"), f32, sizeof f32);
    ck_assert_ptr_eq(floats("f16"), half); // converted once
    igq_safetensors_close(file);
}
END_TEST

START_TEST(aligned_floats_are_used_in_place_and_others_copied)
{
    ck_assert_int_eq(open_header("{" ENTRY("a", "F32", "[1]", 0, 4) "," ENTRY("b", "I8", "[1]", 4,
                                                                              5) "," ENTRY("c", "F32", "[1]", 5, 9) "}",
                                 9),
                     IGQ_OK);
    for (int i = 0; i < 3; i += 2) {
        const igq_tensor *tensor = igq_safetensors_at(file, i);
        const float *values;
        ck_assert_int_eq(igq_safetensors_floats(&values, file, tensor, &error), IGQ_OK);
        int aligned = (uintptr_t)tensor->data % sizeof(float) == 0;
        ck_assert_int_eq((const void *)values == tensor->data, aligned);
        ck_assert_mem_eq(values, tensor->data, 4);
    }
    igq_safetensors_close(file);
}
END_TEST

START_TEST(a_written_file_has_these_bytes)
{
    const float values[] = {1.0f, 2.0f};
    const int64_t shape[] = {1, 2};
    const igq_tensor tensor = igq_tensor_make("x\"y", IGQ_DTYPE_F32, values, 2, shape);
    const igq_metadata metadata = {"who", "me"};
    ck_assert_int_eq(igq_safetensors_write(temp_path("t"), &tensor, 1, &metadata, 1, &error), IGQ_OK);
    char *data;
    size_t size;
    ck_assert_int_eq(igq_file_read(&data, &size, temp_path("t"), &error), IGQ_OK);
    const char *header = "{\"__metadata__\":{\"who\":\"me\"},\"x\\\"y\":{\"dtype\":\"F32\",\"shape\":[1,2],"
                         "\"data_offsets\":[0,8]}}";
    size_t padded = (strlen(header) + 7) / 8 * 8;
    ck_assert_uint_eq(size, 8 + padded + 8);
    ck_assert_uint_eq((unsigned char)data[0], padded);
    ck_assert_mem_eq(data + 8, header, strlen(header));
    for (size_t i = strlen(header); i < padded; i++)
        ck_assert_int_eq(data[8 + i], ' ');
    ck_assert_mem_eq(data + 8 + padded, values, 8);
    free(data);
}
END_TEST

START_TEST(a_truncated_file_is_refused)
{
    const char *header = "{" ENTRY("x", "F32", "[2]", 0, 8) "}";
    ASSERT_REFUSED(open_header(header, 7), &error, "t.safetensors", "tensor x", "leave the file", "7 bytes");
    put_bytes(temp_path("short"), "1234567", 7);
    ASSERT_REFUSED(igq_safetensors_open(&file, temp_path("short"), &error), &error, "short", "7 bytes");
    put_bytes(temp_path("empty"), "", 0);
    ASSERT_REFUSED(igq_safetensors_open(&file, temp_path("empty"), &error), &error, "empty", "0 bytes");
}
END_TEST

START_TEST(a_header_longer_than_the_file_is_refused)
{
    ASSERT_REFUSED(open_raw("{}", 3, 0), &error, "header of 3 bytes", "longer than the file of 10");
    ASSERT_REFUSED(open_raw("{}", UINT64_MAX, 0), &error, "longer than the file");
    ASSERT_REFUSED(open_raw("{}", UINT64_MAX - 7, 0), &error, "longer than the file");
}
END_TEST

START_TEST(a_header_that_is_no_json_object_is_refused)
{
    ASSERT_REFUSED(open_header("{\"x\":", 0), &error, "not the JSON");
    ASSERT_REFUSED(open_header("[]", 0), &error, "not an object");
    ASSERT_REFUSED(open_header("{} {}", 0), &error, "not the JSON");
}
END_TEST

START_TEST(a_tensor_named_twice_is_refused)
{
    ASSERT_REFUSED(open_header("{" ENTRY("x", "I8", "[1]", 0, 1) "," ENTRY("x", "I8", "[1]", 1, 2) "}", 2), &error,
                   "duplicate");
}
END_TEST

START_TEST(another_dtype_is_refused_where_its_values_are_wanted)
{
    const float *values;
    ck_assert_int_eq(open_header("{" ENTRY("x", "I64", "[]", 0, 8) "," ENTRY("y", "F32", "[1]", 8, 12) "}", 12),
                     IGQ_OK);
    ck_assert_ptr_nonnull(floats("y"));
    ASSERT_REFUSED(igq_safetensors_floats(&values, file, igq_safetensors_find(file, "x"), &error), &error, "tensor x",
                   "I64", "allowed", "BF16");
    igq_safetensors_close(file);
    ASSERT_REFUSED(open_header("{\"x\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1), &error, "tensor x", "no dtype");
    ASSERT_REFUSED(open_header("{\"x\":7}", 1), &error, "tensor x");
}
END_TEST

START_TEST(values_that_are_not_finite_are_refused_with_their_index)
{
    static float many[9000];
    const uint16_t halves[3] = {0x3c00, 0x7c00, 0xfc00}, brains[2] = {0x3f80, 0xffc0};
    const float *values;
    many[8191] = NAN;
    const igq_tensor tensors[] = {igq_tensor_make("many", IGQ_DTYPE_F32, many, 2, (int64_t[]){3, 3000}),
                                  igq_tensor_make("halves", IGQ_DTYPE_F16, halves, 1, (int64_t[]){3}),
                                  igq_tensor_make("brains", IGQ_DTYPE_BF16, brains, 1, (int64_t[]){2})};
    ck_assert_int_eq(igq_safetensors_write(temp_path("x"), tensors, 3, NULL, 0, &error), IGQ_OK);
    ck_assert_int_eq(igq_safetensors_open(&file, temp_path("x"), &error), IGQ_OK);
    ASSERT_REFUSED(igq_safetensors_floats(&values, file, igq_safetensors_find(file, "many"), &error), &error,
                   "x: tensor many: element 8191 is nan; allowed: finite");
    ASSERT_REFUSED(igq_safetensors_floats(&values, file, igq_safetensors_find(file, "halves"), &error), &error,
                   "element 1 is inf");
    ASSERT_REFUSED(igq_safetensors_floats(&values, file, igq_safetensors_find(file, "brains"), &error), &error,
                   "element 1 is nan");
    igq_safetensors_close(file);
}
END_TEST

START_TEST(offsets_that_leave_the_file_are_refused)
{
    ASSERT_REFUSED(open_header("{" ENTRY("x", "I8", "[4]", 2, 6) "}", 4), &error, "tensor x", "[2, 6]", "leave");
    ASSERT_REFUSED(open_header("{" ENTRY("x", "I8", "[4]", -1, 3) "}", 4), &error, "tensor x", "[-1, 3]");
    ASSERT_REFUSED(open_header("{" ENTRY("x", "I8", "[4]", 4, 0) "}", 4), &error, "tensor x", "[4, 0]");
    ASSERT_REFUSED(open_header("{\"x\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0]}}", 1), &error,
                   "two integers");
}
END_TEST

START_TEST(offsets_that_overlap_are_refused)
{
    ASSERT_REFUSED(open_header("{" ENTRY("x", "I8", "[4]", 0, 4) "," ENTRY("y", "I8", "[4]", 2, 6) "}", 6), &error,
                   "x and y", "overlap");
    ASSERT_REFUSED(open_header("{" ENTRY("x", "I8", "[4]", 0, 4) "," ENTRY("y", "I8", "[4]", 0, 4) "}", 4), &error,
                   "overlap");
}
END_TEST

START_TEST(bytes_of_no_tensor_are_refused)
{
    ASSERT_REFUSED(open_header("{" ENTRY("x", "I8", "[1]", 0, 1) "," ENTRY("y", "I8", "[1]", 2, 3) "}", 3), &error,
                   "1 bytes before tensor y");
    ASSERT_REFUSED(open_header("{" ENTRY("x", "I8", "[1]", 0, 1) "}", 3), &error, "last 2 bytes");
}
END_TEST

START_TEST(a_shape_that_does_not_fit_its_bytes_is_refused)
{
    ASSERT_REFUSED(open_header("{" ENTRY("x", "F32", "[3]", 0, 8) "}", 8), &error, "tensor x", "[3]", "8 bytes", "12");
    ASSERT_REFUSED(open_header("{" ENTRY("x", "F32", "[-1]", 0, 8) "}", 8), &error, "tensor x", "shape");
    ASSERT_REFUSED(open_header("{" ENTRY("x", "F32", "[1.5]", 0, 8) "}", 8), &error, "tensor x", "shape");
    ASSERT_REFUSED(open_header("{" ENTRY("x", "F32", "7", 0, 8) "}", 8), &error, "tensor x", "shape");
    ASSERT_REFUSED(open_header("{" ENTRY("x", "F32", "[1,1,1,1,1,1,1,1,1]", 0, 4) "}", 4), &error, "at most 8");
    // 2^62 floats take 2^64 bytes, which would wrap to 0.
    ASSERT_REFUSED(open_header("{" ENTRY("x", "F32", "[4611686018427387904]", 0, 0) "}", 0), &error, "tensor x");
}
END_TEST

START_TEST(a_missing_file_is_refused)
{
    ASSERT_REFUSED(igq_safetensors_open(&file, temp_path("none"), &error), &error, "none", "No such file");
    ASSERT_REFUSED(igq_safetensors_open(&file, temp_dir, &error), &error, "not a regular file");
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_refused)
{
    put_text(temp_path("file"), "");
    ASSERT_REFUSED(igq_safetensors_write(temp_path("file/t"), NULL, 0, NULL, 0, &error), &error, "file/t",
                   "cannot write");
    const igq_tensor latin1 = igq_tensor_make("caf\xe9", IGQ_DTYPE_I8, "", 1, (int64_t[]){0});
    ASSERT_REFUSED(igq_safetensors_write(temp_path("t"), &latin1, 1, NULL, 0, &error), &error, "UTF-8");
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("safetensors", tensors_are_found_with_shape_and_bytes, every_dtype_becomes_float,
                            aligned_floats_are_used_in_place_and_others_copied, a_written_file_has_these_bytes,
                            a_truncated_file_is_refused, a_header_longer_than_the_file_is_refused,
                            a_header_that_is_no_json_object_is_refused, a_tensor_named_twice_is_refused,
                            another_dtype_is_refused_where_its_values_are_wanted,
                            values_that_are_not_finite_are_refused_with_their_index,
                            offsets_that_leave_the_file_are_refused, offsets_that_overlap_are_refused,
                            bytes_of_no_tensor_are_refused, a_shape_that_does_not_fit_its_bytes_is_refused,
                            a_missing_file_is_refused, a_file_that_cannot_be_written_is_refused);
}
