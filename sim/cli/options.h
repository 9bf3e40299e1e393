// SPDX-License-Identifier: Apache-2.0
// options.h - command line options: one table per command drives parsing, checks and --help.
#ifndef IGQ_OPTIONS_H
#define IGQ_OPTIONS_H
#include "error.h"
#include "string_list.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_option_kind {
    IGQ_OPTION_FLAG,       // int *: set to 1
    IGQ_OPTION_STRING,     // const char **
    IGQ_OPTION_LIST,       // igq_string_list *: every following word up to the next option
    IGQ_OPTION_EACH,       // igq_string_list *: one word each time that the option is given
    IGQ_OPTION_INT,        // int64_t *, within [min, max]
    IGQ_OPTION_REAL,       // double *, within [min, max]
    IGQ_OPTION_JOBS,       // int64_t *, within [min, max]; without a number igq_num_cores()
    IGQ_OPTION_POSITIONAL, // igq_string_list *: words that belong to no option; at most one per table
} igq_option_kind;

typedef struct igq_option {
    const char *name; // "--accelerator", or the name of the positional words
    char letter;      // 'a' for -a, 0 for none
    igq_option_kind kind;
    void *value;
    const char *argument; // "FILE", shown in help; NULL for flags
    const char *help;
    double min, max; // numbers only
} igq_option;

typedef struct igq_command_help {
    const char *usage;    // after "igqsim "
    const char *purpose;  // one paragraph
    const char *examples; // command lines
} igq_command_help;

#define IGQ_MAX_JOBS 256

// Cores that this process may use, at most IGQ_MAX_JOBS: the number of jobs where the user says none.
int igq_num_cores(void);

// Refuses words that are not printable (text.h) or longer than a path may be: names end in reports, tables and
// messages.
igq_status igq_words_check(int argc, const char *const *argv, igq_error *error);

// Parses argv[0..argc) against the table, which ends with a NULL name, and the options that every command has:
// --help prints and sets *help_shown, --quiet silences standard output. Values follow as in GNU programs: "--name
// VALUE",
// "--name=VALUE", "-x VALUE", "-xVALUE"; after "--" come words only. Lists are allocated and live until the process
// ends. A fault names the word, and what is allowed.
igq_status igq_options_parse(int *help_shown, const igq_option *options, const igq_command_help *help, int argc,
                             const char *const *argv, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
