// SPDX-License-Identifier: Apache-2.0
// string_list.h - words of a command line.
#ifndef IGQ_STRING_LIST_H
#define IGQ_STRING_LIST_H

typedef struct igq_string_list {
    const char **items; // points into argv
    int num;
} igq_string_list;

#endif
