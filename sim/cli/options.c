// SPDX-License-Identifier: Apache-2.0
#include "options.h"
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_help(const igq_option *options, const igq_command_help *help)
{
    printf("Usage: igqsim %s\n\n%s\n\nOptions:\n", help->usage, help->purpose);
    for (const igq_option *option = options; option->name; option++) {
        if (option->kind == IGQ_OPTION_POSITIONAL)
            continue;
        char left[64];
        snprintf(left, sizeof left, "%c%c%s %s %s", option->letter ? '-' : ' ', option->letter ? option->letter : ' ',
                 option->letter ? "," : " ", option->name, option->argument ? option->argument : "");
        printf("  %-32s %s\n", left, option->help);
    }
    printf("  %-32s %s\n", "    --help", "this text");
    printf("\nExamples:\n%s", help->examples);
}

static const igq_option *find_option(const igq_option *options, const char *word)
{
    for (const igq_option *option = options; option->name; option++) {
        if (option->kind == IGQ_OPTION_POSITIONAL)
            continue;
        if (strcmp(word, option->name) == 0)
            return option;
        if (option->letter && word[0] == '-' && word[1] == option->letter && word[2] == '\0')
            return option;
    }
    return NULL;
}

static int looks_like_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

// Length of the command's name at the start of its usage.
static int command_length(const igq_command_help *help)
{
    return (int)strcspn(help->usage, " ");
}

static void append(igq_string_list *list, const char *word, int room)
{
    if (!list->items) {
        list->items = calloc((size_t)room, sizeof *list->items);
        assert(list->items);
    }
    list->items[list->num++] = word;
}

static igq_status parse_number(const igq_option *option, const char *word, igq_error *error)
{
    char *end;
    errno = 0;
    int is_int = option->kind == IGQ_OPTION_INT;
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

igq_status igq_options_parse(int *help_shown, const igq_option *options, const igq_command_help *help, int argc,
                             const char *const *argv, igq_error *error)
{
    *help_shown = 0;
    igq_string_list *positional = NULL;
    for (const igq_option *option = options; option->name; option++)
        if (option->kind == IGQ_OPTION_POSITIONAL)
            positional = option->value;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            print_help(options, help);
            *help_shown = 1;
            return IGQ_OK;
        }
        if (!looks_like_option(word)) {
            if (!positional)
                return igq_fail(error, "'%s': unexpected word; see igqsim %.*s --help", word, command_length(help),
                                help->usage);
            append(positional, word, argc);
            continue;
        }
        const igq_option *option = find_option(options, word);
        if (!option)
            return igq_fail(error, "%s: unknown option; see igqsim %.*s --help", word, command_length(help),
                            help->usage);
        if (option->kind == IGQ_OPTION_FLAG) {
            *(int *)option->value = 1;
            continue;
        }
        // A negative number is a value, not an option.
        int has_value = i + 1 < argc && !(looks_like_option(argv[i + 1]) && find_option(options, argv[i + 1]));
        if (!has_value || strcmp(argv[i + 1], "--help") == 0)
            return igq_fail(error, "%s: needs %s", option->name, option->argument);
        if (option->kind == IGQ_OPTION_LIST) {
            while (i + 1 < argc && !looks_like_option(argv[i + 1]))
                append(option->value, argv[++i], argc);
        } else if (option->kind == IGQ_OPTION_STRING) {
            *(const char **)option->value = argv[++i];
        } else if (parse_number(option, argv[++i], error) != IGQ_OK) {
            return IGQ_USER_ERROR;
        }
    }
    return IGQ_OK;
}
