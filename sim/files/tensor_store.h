// SPDX-License-Identifier: Apache-2.0
// tensor_store.h - the tensors of a checkpoint as it comes: one safetensors file, the files that a
// model.safetensors.index.json lists (its weight_map: name of a tensor -> file beside it), or a folder with either.
#ifndef IGQ_TENSOR_STORE_H
#define IGQ_TENSOR_STORE_H
#include "safetensors.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_tensor_store igq_tensor_store;

// path: a safetensors file, an index (".json"), or a folder. Refused: what igq_safetensors_open refuses; an index that
// names files outside of its folder, tensors that are not in the file they should be in, or two files with one tensor.
igq_status igq_tensor_store_open(igq_tensor_store **store, const char *path, igq_error *error);
void igq_tensor_store_close(igq_tensor_store *store); // NULL is fine

const char *igq_tensor_store_path(const igq_tensor_store *store); // as it was asked for
// Tensors of all files in the order of their names. NULL from find: there is none of that name.
int igq_tensor_store_num(const igq_tensor_store *store);
const igq_tensor *igq_tensor_store_at(const igq_tensor_store *store, int i);
// Number of the tensor, -1 if there is none.
int igq_tensor_store_find(const igq_tensor_store *store, const char *name);
// The file that tensor i is in.
const char *igq_tensor_store_file(const igq_tensor_store *store, int i);

// As igq_safetensors_floats, of tensor i.
igq_status igq_tensor_store_floats(const float **values, igq_tensor_store *store, int i, igq_error *error);

// The files that a checkpoint is made of, each with its whole path: of one file itself, which is not opened; else the
// index and what it lists. Free in any case.
typedef struct igq_store_files {
    char **path;
    int num;
} igq_store_files;
igq_status igq_store_files_open(igq_store_files *files, const char *path, igq_error *error);
void igq_store_files_free(igq_store_files *files);

int igq_path_is_folder(const char *path);

#ifdef __cplusplus
}
#endif
#endif
