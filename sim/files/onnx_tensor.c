// SPDX-License-Identifier: Apache-2.0
// Tensors of ONNX files, of any type of numbers, as float32 or int64.
#include "onnx_reader.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

static igq_status tensor_shape(igq_shape *shape, const igq_onnx_reader *in, const Onnx__TensorProto *tensor)
{
    const char *name = tensor->name ? tensor->name : "(no name)";
    int64_t num = 1;
    if (tensor->n_dims > IGQ_MAX_RANK)
        return igq_fail(in->error, "%s: tensor %.100s has %zu dimensions; allowed: up to %d", in->path, name,
                        tensor->n_dims, IGQ_MAX_RANK);
    shape->rank = (int)tensor->n_dims;
    for (int i = 0; i < shape->rank; i++) {
        shape->dim[i] = tensor->dims[i];
        if (shape->dim[i] < 0 || __builtin_mul_overflow(num, shape->dim[i], &num) || num > IGQ_MAX_VALUE_ELEMENTS)
            return igq_fail(in->error, "%s: tensor %.100s has dimensions that are negative or too large", in->path,
                            name);
    }
    return IGQ_OK;
}

static float half_to_float(uint16_t half)
{
    uint32_t exponent = half >> 10 & 31, mantissa = half & 1023;
    float value = exponent == 0    ? (float)mantissa * 0x1p-24f
                  : exponent == 31 ? (mantissa ? __builtin_nanf("") : __builtin_inff())
                                   : (float)(mantissa + 1024) * __builtin_ldexpf(1, (int)exponent - 25);
    return half >> 15 ? -value : value;
}

static float bfloat_to_float(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// Element i of raw data (or of the list for its type) as a number. Lists that are too short are the caller's check.
static double raw_number(int32_t type, const uint8_t *raw, size_t i)
{
#define RAW(element)                                                                                                   \
    do {                                                                                                               \
        element value;                                                                                                 \
        memcpy(&value, raw + i * sizeof value, sizeof value);                                                          \
        return (double)value;                                                                                          \
    } while (0)
    switch (type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
        RAW(float);
    case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
        RAW(double);
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT32:
        RAW(int32_t);
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT16:
        RAW(int16_t);
    case ONNX__TENSOR_PROTO__DATA_TYPE__UINT16:
        RAW(uint16_t);
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT8:
        RAW(int8_t);
    case ONNX__TENSOR_PROTO__DATA_TYPE__UINT8:
    case ONNX__TENSOR_PROTO__DATA_TYPE__BOOL:
        RAW(uint8_t);
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
    case ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16: {
        uint16_t half;
        memcpy(&half, raw + 2 * i, sizeof half);
        return (double)(type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 ? half_to_float(half) : bfloat_to_float(half));
    }
    default:
        return 0;
    }
#undef RAW
}

static double list_number(const Onnx__TensorProto *t, size_t i)
{
    switch (t->data_type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
        return (double)t->float_data[i];
    case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
        return t->double_data[i];
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
        return (double)half_to_float((uint16_t)t->int32_data[i]);
    case ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16:
        return (double)bfloat_to_float((uint16_t)t->int32_data[i]);
    default:
        return t->int32_data[i];
    }
}

// Bytes of an element in raw data, and how many a list holds. 0: a type that is not known.
static size_t element_bytes(const Onnx__TensorProto *t, size_t *num_listed)
{
    *num_listed = t->n_int32_data;
    switch (t->data_type) {
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
        *num_listed = t->n_float_data;
        return 4;
    case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
        *num_listed = t->n_double_data;
        return 8;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
        *num_listed = t->n_int64_data;
        return 8;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT32:
        return 4;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT16:
    case ONNX__TENSOR_PROTO__DATA_TYPE__UINT16:
    case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
    case ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16:
        return 2;
    case ONNX__TENSOR_PROTO__DATA_TYPE__INT8:
    case ONNX__TENSOR_PROTO__DATA_TYPE__UINT8:
    case ONNX__TENSOR_PROTO__DATA_TYPE__BOOL:
        return 1;
    default:
        return 0;
    }
}

// Elements of that many bytes may be used where they lie.
static int is_aligned(const void *data, size_t bytes)
{
    return (uintptr_t)data % bytes == 0;
}

// The elements, in place where they are float32 or int64 already. raw: what raw data there is, else the tensor's list.
// NULL: memory is short.
static const void *tensor_data(igq_onnx_reader *in, const Onnx__TensorProto *t, const ProtobufCBinaryData *raw,
                               size_t num)
{
    int is_float = igq_onnx_is_float(t->data_type), is_raw = raw->len > 0;
    if (t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT && num > 0 && is_aligned(raw->data, sizeof(float)))
        return is_raw ? (const void *)raw->data : t->float_data;
    if (t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64 && num > 0 && is_aligned(raw->data, sizeof(int64_t)))
        return is_raw ? (const void *)raw->data : t->int64_data;
    void *data = igq_graph_take(in->graph, num * (is_float ? sizeof(float) : sizeof(int64_t)));
    for (size_t i = 0; data && i < num; i++) {
        double number = is_raw ? raw_number(t->data_type, raw->data, i) : list_number(t, i);
        if (is_float)
            ((float *)data)[i] = (float)number;
        else
            ((int64_t *)data)[i] = (int64_t)number;
    }
    return data;
}

// Infinities stand in masks; a NaN is nobody's wish.
static igq_status check_numbers(const igq_onnx_reader *in, const char *name, const float *values, size_t num)
{
    for (size_t i = 0; i < num; i++)
        if (isnan(values[i]))
            return igq_fail(in->error, "%s: tensor %.100s: element %zu is nan; allowed: numbers", in->path, name, i);
    return IGQ_OK;
}

int igq_onnx_tensor(igq_onnx_reader *in, const Onnx__TensorProto *tensor, igq_status *status)
{
    const char *name = tensor->name ? tensor->name : "";
    igq_shape shape = {0};
    ProtobufCBinaryData raw = tensor->raw_data;
    size_t num_listed;
    *status = tensor_shape(&shape, in, tensor);
    int is_external = tensor->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    if (*status == IGQ_OK && is_external)
        *status = igq_onnx_external(&raw, in, tensor);
    if (*status != IGQ_OK)
        return -1;
    size_t num = (size_t)igq_shape_elements(&shape), bytes = element_bytes(tensor, &num_listed);
    if (bytes == 0)
        *status = igq_fail(in->error, "%s: tensor %.100s is of type %d; allowed: float, double, half and whole numbers",
                           in->path, name, tensor->data_type);
    else if (raw.len > 0 || is_external ? raw.len != num * bytes : num_listed != num)
        *status = igq_fail(in->error, "%s: tensor %.100s has %zu values; allowed: %zu, as its shape says", in->path,
                           name, raw.len > 0 || is_external ? raw.len / bytes : num_listed, num);
    if (*status != IGQ_OK)
        return -1;
    const void *data = tensor_data(in, tensor, &raw, num);
    if (data && igq_onnx_is_float(tensor->data_type) && (*status = check_numbers(in, name, data, num)) != IGQ_OK)
        return -1;
    int value =
        data ? igq_graph_add_weight(in->graph, name, data,
                                    igq_onnx_is_float(tensor->data_type) ? IGQ_ELEMENT_FLOAT : IGQ_ELEMENT_INT, &shape)
             : -1;
    if (value < 0)
        *status = igq_out_of_memory(in->error);
    return value;
}
