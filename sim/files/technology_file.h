// SPDX-License-Identifier: Apache-2.0
// technology_file.h - a technology from a YAML file (configs/technologies/), and the components that it is read for.
#ifndef IGQ_TECHNOLOGY_FILE_H
#define IGQ_TECHNOLOGY_FILE_H
#include "error.h"
#include <jansson.h>
#include "technology.h"

#ifdef __cplusplus
extern "C" {
#endif

// Reads the technology and the components file that it names, and refuses a technology that lacks an action of a
// component.
igq_status igq_technology_load(igq_technology *technology, const char *path, igq_error *error);

// Path of the components file that a technology file names: beside it, unless absolute.
#define IGQ_TECHNOLOGY_PATH_BYTES 4096
igq_status igq_technology_components_path(char path[IGQ_TECHNOLOGY_PATH_BYTES], const char *technology_path,
                                          igq_error *error);

// Refuses a machine whose memories the table does not cover. `path` is named in the message.
igq_status igq_technology_covers(const igq_technology *technology, const char *path, const igq_units *machine,
                                 igq_error *error);

// What the file's schema (technology_schema.c) and its reader both know.
#define IGQ_NOT_GIVEN "not_given" // in place of an area
#define IGQ_MAX_TECHNOLOGY_FIGURE 1e9
#define IGQ_MOST_PORT_BITS 65536
extern const char *const igq_smaller_memories[2]; // choices of sram.smaller_memories
const char *igq_technology_unit_name(int i);      // of figures, NULL behind the last

// A JSON schema of a technology file. New reference.
json_t *igq_technology_schema(void);

#ifdef __cplusplus
}
#endif
#endif
