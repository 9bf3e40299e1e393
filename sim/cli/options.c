// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE // sched_getaffinity
#include "options.h"
#include "console.h"
#include "share.h"
#include "standard_input.h"
#include "suggest.h"
#include "text.h"
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS 64
#define MAX_WORD_BYTES 4095 // as long as a path may be

// Every command has these too.
static const igq_option common[] = {
    {"--quiet", 'q', IGQ_OPTION_FLAG, NULL, NULL, "print nothing but errors", 0, 0},
    {"--help", 'h', IGQ_OPTION_FLAG, NULL, NULL, "this text", 0, 0},
    {0},
};

static void print_option(const igq_option *option)
{
    char left[64];
    snprintf(left, sizeof left, "%c%c%s %s %s", option->letter ? '-' : ' ', option->letter ? option->letter : ' ',
             option->letter ? "," : " ", option->name, option->argument ? option->argument : "");
    printf("  %-32s %s\n", left, option->help);
}

static void print_help(const igq_option *options, const igq_command_help *help)
{
    printf("Usage: igqsim %s\n\n%s\n\nOptions:\n", help->usage, help->purpose);
    for (const igq_option *option = options; option->name; option++)
        if (option->kind != IGQ_OPTION_POSITIONAL)
            print_option(option);
    for (const igq_option *option = common; option->name; option++)
        print_option(option);
    printf("\nExamples:\n%s", help->examples);
}

// "--name", "--name=VALUE", "-x" or "-xVALUE"; *value is NULL where there is none.
static const igq_option *find_option(const char **value, const igq_option *options, const char *word)
{
    size_t length = strcspn(word, "=");
    for (const igq_option *option = options; option->name; option++) {
        if (option->kind == IGQ_OPTION_POSITIONAL)
            continue;
        if (strlen(option->name) == length && strncmp(word, option->name, length) == 0) {
            *value = word[length] == '=' ? word + length + 1 : NULL;
            return option;
        }
        if (option->letter && word[1] == option->letter) {
            *value = word[2] != '\0' ? word + 2 : NULL;
            return option;
        }
    }
    return options == common ? NULL : find_option(value, common, word);
}

// A negative number is a value, "-" the name of a file.
static int looks_like_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !isdigit((unsigned char)word[1]) && word[1] != '.';
}

// Length of the command's name at the start of its usage.
static int command_length(const igq_command_help *help)
{
    return (int)strcspn(help->usage, " ");
}

static igq_status refuse_unknown(const igq_option *options, const igq_command_help *help, const char *word,
                                 igq_error *error)
{
    const char *names[MAX_OPTIONS];
    int num = 0;
    char suggestion[IGQ_SUGGEST_BYTES], name[128];
    for (const igq_option *option = options; option->name && num < MAX_OPTIONS; option++)
        if (option->kind != IGQ_OPTION_POSITIONAL)
            names[num++] = option->name;
    for (const igq_option *option = common; option->name && num < MAX_OPTIONS; option++)
        names[num++] = option->name;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    igq_suggest(suggestion, name, names, num);
    return igq_fail(error, "%.200s: unknown option; %ssee igqsim %.*s --help", name, suggestion, command_length(help),
                    help->usage);
}

static void append(igq_string_list *list, const char *word, int room)
{
    static const void **kept; // the lists of this process, each behind a pointer to the one before: none is ever lost
    if (!list->items) {
        const void **block = calloc((size_t)room + 1, sizeof *block);
        assert(block);
        block[0] = kept;
        kept = block;
        list->items = (const char **)block + 1;
    }
    list->items[list->num++] = word;
}

// A value that names an input may be the plain name of one that comes with igqsim.
static igq_status take_text(const igq_option *option, const char *value, igq_error *error)
{
    static const char *const names[IGQ_INPUT_COUNT] = {"--accelerator", "--workload", "--calibration", "--technology",
                                                       "--trace"};
    static char *kept[IGQ_INPUT_COUNT]; // for as long as the process lives
    *(const char **)option->value = value;
    for (int kind = 0; kind < IGQ_INPUT_COUNT; kind++) {
        if (strcmp(option->name, names[kind]) != 0)
            continue;
        free(kept[kind]); // given twice
        igq_status status = igq_find_input(&kept[kind], (igq_input_kind)kind, value, error);
        *(const char **)option->value = kept[kind];
        return status;
    }
    return IGQ_OK;
}

int igq_num_cores(void)
{
    cpu_set_t cores;
    int num = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return num < IGQ_MAX_JOBS ? num : IGQ_MAX_JOBS;
}

static igq_status parse_number(const igq_option *option, const char *word, igq_error *error)
{
    char *end;
    errno = 0;
    int is_int = option->kind != IGQ_OPTION_REAL;
    int64_t whole = is_int ? strtoll(word, &end, 10) : 0;
    double real = is_int ? (double)whole : strtod(word, &end);
    if (end == word || *end != '\0' || errno == ERANGE)
        return igq_fail(error, "%s %s: not %s; allowed: %.10g to %.10g", option->name, word,
                        is_int ? "a whole number" : "a number", option->min, option->max);
    if (!(real >= option->min && real <= option->max))
        return igq_fail(error, "%s %s: out of range; allowed: %.10g to %.10g", option->name, word, option->min,
                        option->max);
    if (is_int)
        *(int64_t *)option->value = whole;
    else
        *(double *)option->value = real;
    return IGQ_OK;
}

// The words of a command line that are still to be read.
typedef struct words {
    int num, next;
    const char *const *word;
} words;

static int more_values(const words *left)
{
    return left->next < left->num && !looks_like_option(left->word[left->next]);
}

static igq_status take_value(const igq_option *option, const char *value, words *left, igq_error *error)
{
    if (option->kind == IGQ_OPTION_FLAG) {
        if (value)
            return igq_fail(error, "%s=%s: takes no value; allowed: %s", option->name, value, option->name);
        *(int *)option->value = 1;
        return IGQ_OK;
    }
    int is_jobs = option->kind == IGQ_OPTION_JOBS;
    if (!value && more_values(left) && (!is_jobs || isdigit((unsigned char)left->word[left->next][0])))
        value = left->word[left->next++];
    if (!value && is_jobs) {
        *(int64_t *)option->value = igq_num_cores();
        return IGQ_OK;
    }
    if (!value)
        return igq_fail(error, "%s: needs %s", option->name, option->argument);
    switch (option->kind) {
    case IGQ_OPTION_LIST:
        append(option->value, value, left->num);
        while (more_values(left))
            append(option->value, left->word[left->next++], left->num);
        return IGQ_OK;
    case IGQ_OPTION_EACH:
        append(option->value, value, left->num);
        return IGQ_OK;
    case IGQ_OPTION_STRING:
        if (strcmp(value, "-") == 0 && strcmp(option->name, "--accelerator") == 0) {
            igq_status status = igq_standard_input_lend(error);
            if (status != IGQ_OK)
                return status;
        }
        return take_text(option, value, error);
    default:
        return parse_number(option, value, error);
    }
}

igq_status igq_words_check(int argc, const char *const *argv, igq_error *error)
{
    for (int i = 0; i < argc; i++) {
        char shown[256];
        if (strlen(argv[i]) > MAX_WORD_BYTES)
            return igq_fail(error, "%.80s...: a word of %zu bytes; allowed: up to %d", argv[i], strlen(argv[i]),
                            MAX_WORD_BYTES);
        if (igq_is_printable(argv[i]))
            continue;
        snprintf(shown, sizeof shown, "%s", argv[i]);
        for (char *c = shown; *c != '\0'; c++)
            *c = *c == '\n' ? ' ' : *c;
        return igq_fail(error, "'%s' is not printable; allowed: UTF-8 without control characters", shown);
    }
    return IGQ_OK;
}

igq_status igq_options_parse(int *help_shown, const igq_option *options, const igq_command_help *help, int argc,
                             const char *const *argv, igq_error *error)
{
    *help_shown = 0;
    igq_string_list *positional = NULL;
    words left = {argc, 0, argv};
    int only_words = 0; // after "--"
    igq_status status = IGQ_OK;
    for (const igq_option *option = options; option->name; option++)
        if (option->kind == IGQ_OPTION_POSITIONAL)
            positional = option->value;
    while (status == IGQ_OK && left.next < argc) {
        const char *word = argv[left.next++], *value = NULL;
        if (!only_words && strcmp(word, "--") == 0) {
            only_words = 1;
            continue;
        }
        if (only_words || !looks_like_option(word)) {
            if (!positional)
                return igq_fail(error, "'%s': unexpected word; see igqsim %.*s --help", word, command_length(help),
                                help->usage);
            append(positional, word, argc);
            continue;
        }
        const igq_option *option = find_option(&value, options, word);
        if (!option)
            return refuse_unknown(options, help, word, error);
        if (option->value) {
            status = take_value(option, value, &left, error);
        } else if (value) {
            return igq_fail(error, "%s: takes no value", word);
        } else if (option->letter == 'h') {
            print_help(options, help);
            *help_shown = 1;
            return IGQ_OK;
        } else {
            igq_console_quiet();
        }
    }
    return status;
}
