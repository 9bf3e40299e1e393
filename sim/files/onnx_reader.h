// SPDX-License-Identifier: Apache-2.0
// onnx_reader.h - inside of onnx_*.c: a graph that is being made from a message.
#ifndef IGQ_ONNX_READER_H
#define IGQ_ONNX_READER_H
#include "error.h"
#include "fold.h"
#include "graph.h"
#include "onnx.pb-c.h"
#include "onnx_file.h"

// The values by their names, in a table with open addressing.
typedef struct igq_onnx_names {
    size_t size; // a power of two
    const char **name;
    int *value;
} igq_onnx_names;

typedef struct igq_onnx_reader {
    const char *path;
    int may_open; // files beside that one
    igq_onnx *onnx;
    igq_graph *graph; // of onnx
    igq_onnx_names names;
    int opset;
    const int *dim; // (IGQ_ONNX_SIZED_DIMS) of inputs that the file leaves open; NULL: none
    igq_fold_work folded;
    igq_error *error;
} igq_onnx_reader;

// An operator that is being read. Inputs that are left out are -1.
typedef struct igq_onnx_operator {
    igq_onnx_reader *in;
    const Onnx__NodeProto *proto;
    int num_inputs;
    const int *input;
    igq_status status;
} igq_onnx_operator;

// "FILE: node NAME (OPERATOR): ..."
igq_status igq_onnx_refuse(igq_onnx_operator *op, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Types of data of the message that become float32.
static inline int igq_onnx_is_float(int32_t type)
{
    return type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT || type == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE ||
           type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 || type == ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
}

// A tensor of the message as a constant, -1 where it fails (with the error).
int igq_onnx_tensor(igq_onnx_reader *in, const Onnx__TensorProto *tensor, igq_status *status);
// Where a tensor lies that is not in the message: keeps its file in in->onnx. len is what is said, or the rest.
igq_status igq_onnx_external(ProtobufCBinaryData *raw, igq_onnx_reader *in, const Onnx__TensorProto *tensor);
void igq_onnx_close_data(igq_onnx *onnx);
// Gives an output of the operator its value.
void igq_onnx_set_output(igq_onnx_operator *op, size_t output, int value);
// Adds what the operator does to the graph. Operators that are not known are refused.
igq_status igq_onnx_read_operator(igq_onnx_operator *op);

#endif
