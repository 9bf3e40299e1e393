// SPDX-License-Identifier: Apache-2.0
#include "standard_input.h"
#include "file.h"
#include <stdio.h>
#include <string.h>

enum { MAX_BYTES = 1 << 20 };

igq_status igq_standard_input_lend(igq_error *error)
{
    static char text[MAX_BYTES + 2]; // one more to see that there is more, and a zero
    static const igq_lent_text lent = {"-", text};
    size_t size = fread(text, 1, MAX_BYTES + 1, stdin);
    if (ferror(stdin))
        return igq_fail(error, "-: cannot read standard input");
    if (size > MAX_BYTES)
        return igq_fail(error, "-: standard input is too long; allowed: up to %d bytes", MAX_BYTES);
    text[size] = '\0';
    if (strlen(text) != size)
        return igq_fail(error, "-: standard input is no text: byte %zu is zero", strlen(text) + 1);
    igq_file_lend(&lent, 1);
    return IGQ_OK;
}
