// SPDX-License-Identifier: Apache-2.0
// onnx_file.h - an ONNX file as a graph: operators of opsets 9 to 18 with fixed shapes; what is constant is computed
// while the file is read, what is written out in elementwise operations becomes one (fuse.h). The file's schema is
// Debian's onnx.proto. The bytes may be anything: what is wrong or too much is refused in one line.
#ifndef IGQ_ONNX_FILE_H
#define IGQ_ONNX_FILE_H
#include "error.h"
#include "graph.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_ONNX_LEAST_OPSET 9
#define IGQ_ONNX_MOST_OPSET 18
#define IGQ_ONNX_MAX_NODES (1 << 15)
#define IGQ_ONNX_MAX_PRODUCTS (1 << 20) // of all attentions, heads times windows

// A file beside that holds tensors, mapped.
typedef struct igq_onnx_data {
    char *path;
    uint8_t *bytes;
    size_t size;
} igq_onnx_data;

typedef struct igq_onnx {
    igq_graph *graph;    // its weights lie in the message, or in these files
    void *message;       // the file's content
    igq_onnx_data *data; // (num_data)
    int num_data;
} igq_onnx;

#define IGQ_ONNX_SIZED_DIMS 4
// dim (IGQ_ONNX_SIZED_DIMS): what dimension i of an input is where the file leaves it open; 0: that is refused. NULL:
// zeros. Empty where it fails.
igq_status igq_onnx_open(igq_onnx *onnx, const char *path, const int *dim, igq_error *error);
// The same of bytes in memory, which have all tensors; path is for messages.
igq_status igq_onnx_parse(igq_onnx *onnx, const void *bytes, size_t size, const char *path, const int *dim,
                          igq_error *error);
void igq_onnx_close(igq_onnx *onnx); // an empty one is fine

#ifdef __cplusplus
}
#endif
#endif
