// SPDX-License-Identifier: Apache-2.0
// safetensors.h - tensors in a file: 8 bytes header length (little endian), a JSON header, then the bytes of all
// tensors without gaps. Reading maps the file into memory: a tensor that is not looked at costs nothing.
#ifndef IGQ_SAFETENSORS_H
#define IGQ_SAFETENSORS_H
#include "error.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_TENSOR_MAX_RANK 8

typedef enum igq_dtype {
    IGQ_DTYPE_F32,
    IGQ_DTYPE_F16,
    IGQ_DTYPE_BF16,
    IGQ_DTYPE_I8,
    IGQ_DTYPE_I16,
    IGQ_DTYPE_I32,
    IGQ_DTYPE_U8, // codes and their scales, written only
    IGQ_DTYPE_U16,
    IGQ_DTYPE_I64,   // whole numbers, not for floats
    IGQ_DTYPE_OTHER, // one that igqsim cannot compute with (F64, BOOL, ...): fine in a file, not for floats
    IGQ_DTYPE_COUNT
} igq_dtype;
extern const char *const igq_dtype_names[IGQ_DTYPE_COUNT]; // "F32", ...

typedef struct igq_tensor {
    const char *name;
    igq_dtype dtype;
    int rank;
    int64_t shape[IGQ_TENSOR_MAX_RANK];
    const void *data; // aligned to nothing when it comes from a file
    size_t bytes;
} igq_tensor;

// A row-major tensor of the given shape; bytes follow from it.
igq_tensor igq_tensor_make(const char *name, igq_dtype dtype, const void *data, int rank, const int64_t *shape);
size_t igq_tensor_num_elems(const igq_tensor *tensor);
// "[2][192]", "[]" for a scalar, cut off where text_bytes end.
void igq_tensor_shape_text(char *text, size_t text_bytes, int rank, const int64_t *shape);

typedef struct igq_safetensors igq_safetensors;

// Opens and checks everything: header against file size, shapes against byte ranges, ranges against each other. The
// shape of a tensor of another dtype is not held against its bytes.
igq_status igq_safetensors_open(igq_safetensors **file, const char *path, igq_error *error);
void igq_safetensors_close(igq_safetensors *file); // NULL is fine

const char *igq_safetensors_path(const igq_safetensors *file);
// Tensors in the order of their names (strcmp). NULL from find: there is none of that name.
int igq_safetensors_num(const igq_safetensors *file);
const igq_tensor *igq_safetensors_at(const igq_safetensors *file, int i);
const igq_tensor *igq_safetensors_find(const igq_safetensors *file, const char *name);
// An entry of __metadata__, NULL if there is none.
const char *igq_safetensors_metadata(const igq_safetensors *file, const char *key);

// The values of one of the file's tensors as floats: in place where they are aligned F32, else converted once. They
// live until the file is closed. Refused: another dtype, and values that are not finite (file, tensor, index in
// row-major order).
igq_status igq_safetensors_floats(const float **values, igq_safetensors *file, const igq_tensor *tensor,
                                  igq_error *error);

typedef struct igq_metadata {
    const char *key, *value;
} igq_metadata;

// Writes tensors in the order given. Same arguments, same bytes. The header is padded with spaces so that data start at
// a multiple of 8.
igq_status igq_safetensors_write(const char *path, const igq_tensor *tensors, int num_tensors,
                                 const igq_metadata *metadata, int num_metadata, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
