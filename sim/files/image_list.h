// SPDX-License-Identifier: Apache-2.0
// image_list.h - the images that a command works on: files as given, folders in name order.
#ifndef IGQ_IMAGE_LIST_H
#define IGQ_IMAGE_LIST_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_image_list {
    int num;
    char **path; // (num)
} igq_image_list;

// Each of `paths` is a file, which is taken whatever its name, or a folder, whose *.png, *.jpg and *.jpeg (in any case)
// are taken in the order of their names (bytes); folders inside are not entered. A folder without any is an error,
// and so is a name that is not printable (text.h).
// Free with igq_image_list_free, also after a failure.
igq_status igq_image_list_open(igq_image_list *list, const char *const *paths, int num_paths, igq_error *error);
void igq_image_list_free(igq_image_list *list);

// The file name behind the last '/'.
const char *igq_base_name(const char *path);

#ifdef __cplusplus
}
#endif
#endif
