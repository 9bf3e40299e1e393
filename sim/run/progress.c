// SPDX-License-Identifier: Apache-2.0
#include "progress.h"
#include <stdio.h>
#include <unistd.h>

static int is_off;

void igq_progress_off(void)
{
    is_off = 1;
}

int igq_progress_is_on(void)
{
    return !is_off && isatty(STDERR_FILENO);
}

void igq_progress(const char *what, int done, int total, const char *name)
{
    if (!igq_progress_is_on())
        return;
    if (done < total)
        fprintf(stderr, "\r\033[K%s %d/%d %s", what, done + 1, total, name);
    else
        fprintf(stderr, "\r\033[K");
    fflush(stderr);
}
