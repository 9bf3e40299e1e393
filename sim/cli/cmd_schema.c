// SPDX-License-Identifier: Apache-2.0
#include "accelerator_file.h"
#include "commands.h"
#include "options.h"
#include "sweep_schema.h"
#include "technology_file.h"
#include "workload_file.h"
#include <string.h>

static json_t *accelerator_schema(void)
{
    int num_keys;
    const igq_key *keys = igq_accelerator_keys(&num_keys);
    return igq_keys_schema(keys, num_keys);
}

igq_status igq_cmd_schema(int argc, const char *const *argv, igq_error *error)
{
    static const struct {
        const char *name;
        json_t *(*make)(void);
    } kinds[] = {{"accelerator", accelerator_schema},
                 {"workload", igq_workload_schema},
                 {"technology", igq_technology_schema},
                 {"sweep", igq_sweep_schema}};
    igq_string_list words = {0};
    const igq_option options[] = {
        {"KIND", 0, IGQ_OPTION_POSITIONAL, &words, NULL, NULL, 0, 0},
        {0},
    };
    const igq_command_help help = {"schema accelerator|workload|technology|sweep",
                                   "Prints a JSON schema (draft 2020-12) of files of one kind, from the tables that "
                                   "check them; for editors.",
                                   "  igqsim schema accelerator >accelerator.schema.json\n"};
    int help_shown;
    igq_status status = igq_options_parse(&help_shown, options, &help, argc, argv, error);
    if (status != IGQ_OK || help_shown)
        return status;
    for (size_t i = 0; words.num == 1 && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(words.items[0], kinds[i].name) != 0)
            continue;
        json_t *schema = kinds[i].make();
        json_object_set_new(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
        json_object_set_new(schema, "title", json_string(kinds[i].name));
        json_dumpf(schema, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(schema);
        return IGQ_OK;
    }
    return igq_fail(error, "schema %s: no kind of file; allowed: accelerator, workload, technology, sweep",
                    words.num > 0 ? words.items[0] : "");
}
