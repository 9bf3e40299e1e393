// SPDX-License-Identifier: Apache-2.0
#include "progress.h"
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

static int is_off;
static _Thread_local igq_progress_listener *heard_by;
static _Thread_local void *listener_context;

void igq_progress_to(igq_progress_listener *listener, void *context)
{
    heard_by = listener;
    listener_context = context;
}

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
    if (heard_by != NULL)
        heard_by(listener_context, what, done, total, name);
    if (heard_by != NULL || !igq_progress_is_on())
        return;
    if (done < total)
        fprintf(stderr, "\r\033[K%s %d/%d %s", what, done + 1, total, name);
    else
        fprintf(stderr, "\r\033[K");
    fflush(stderr);
}
