// SPDX-License-Identifier: Apache-2.0
// key_source.h - where the values of keys stand: settings of the command line (`--set KEY=VALUE`, the last of a key
// counts), then the file, then the file that its `base:` names, and so on. Collects all faults, each with the place of
// the value, as lines of one message.
#ifndef IGQ_KEY_SOURCE_H
#define IGQ_KEY_SOURCE_H
#include "string_list.h"
#include "yaml_tree.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_BASE_KEY "base"
#define IGQ_MAX_BASES 8

// A setting of the command line.
typedef struct igq_key_setting {
    const char *option; // "--set", or the file that it stands for
    char *key;
    const char *value;
} igq_key_setting;

typedef struct igq_key_source {
    igq_yaml_tree file[1 + IGQ_MAX_BASES]; // file[0] is the file itself
    char *path[1 + IGQ_MAX_BASES];
    int num_files;
    igq_key_setting *setting;
    int num_settings;
    igq_error *error;
    int num_faults;
} igq_key_source;

// Opens a file (NULL: none) and its bases. sets (NULL: none) are words KEY=VALUE. Paths of bases are relative to the
// file that names them. Refuses bases in a circle, naming the chain, and words without '='. Close it in any case.
igq_status igq_key_source_open(igq_key_source *source, const char *path, const igq_string_list *sets, igq_error *error);
void igq_key_source_close(igq_key_source *source);

// The files behind a file: what its `base:` names, what that one's names, and so on. Free in any case.
typedef struct igq_base_list {
    char *path[IGQ_MAX_BASES];
    int num;
} igq_base_list;
igq_status igq_base_list_open(igq_base_list *list, const char *path, igq_error *error);
void igq_base_list_free(igq_base_list *list);

// A source of values that no longer have a file; faults are named by their key alone. Needs no closing.
igq_key_source igq_key_source_none(igq_error *error);

// One more setting, before all others. Texts must outlive the source.
igq_status igq_key_source_set(igq_key_source *source, const char *option, const char *key, const char *value);

// Leaves out the settings of a key.
void igq_key_source_unset(igq_key_source *source, const char *key);

// Where the value of a key stands: a setting, or a value of a file; both NULL: nowhere.
typedef struct igq_key_place {
    const igq_key_setting *setting;
    int file;
    igq_yaml_node node; // node.node NULL: none
} igq_key_place;
igq_key_place igq_key_source_find(const igq_key_source *source, const char *section, const char *name);

// The single text of a key, NULL if there is none.
const char *igq_key_source_text(const igq_key_source *source, const char *section, const char *name);

// A fault of the value of a key such as "mac_array.lanes": "FILE:LINE: KEY: ..." or "--set KEY=VALUE: ...". Returns
// IGQ_USER_ERROR.
igq_status igq_key_source_refuse(igq_key_source *source, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// A fault of a file, at a key of it.
igq_status igq_key_source_refuse_in(igq_key_source *source, int file, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// IGQ_OK as long as there is no fault.
igq_status igq_key_source_status(const igq_key_source *source);

#ifdef __cplusplus
}
#endif
#endif
