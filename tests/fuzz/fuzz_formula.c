// SPDX-License-Identifier: Apache-2.0
// A formula of a sweep, as YAML lets it through: printable.
#include "expression.h"
#include "fuzz.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *names[] = {"mac_array.lanes", "mac_array.num_arrays", "cycles", "igq"};
    static double values[] = {64, 8, 0, 3};
    static const igq_names known = {4, names, values};
    static const igq_yaml_tree file = {.path = "sweep.yaml"};
    char *text = malloc(size + 1);
    igq_error error = {0};
    igq_expression *expression = NULL;
    memcpy(text, data, size);
    text[size] = '\0';
    if (strlen(text) == size && igq_is_printable(text)) {
        igq_status status = igq_expression_new(&expression, text, &known, &file, "where[0]", &error);
        fuzz_check(status, &error);
        if (status == IGQ_OK)
            igq_expression_value(expression);
        igq_expression_free(expression);
        for (int i = 0; i < 4; i++) // a formula sets nothing
            if (values[i] != (const double[]){64, 8, 0, 3}[i])
                abort();
    }
    free(text);
    return 0;
}
