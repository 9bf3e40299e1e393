// SPDX-License-Identifier: Apache-2.0
// progress.h - one line on a terminal while work goes on; nothing in a pipe or a file. A thread may have it told
// instead.
#ifndef IGQ_PROGRESS_H
#define IGQ_PROGRESS_H

#ifdef __cplusplus
extern "C" {
#endif

// "\rWHAT done/total NAME" on standard error. done == total wipes the line.
void igq_progress(const char *what, int done, int total, const char *name);

// 1 if there is a terminal to show it on, and nobody has the line.
int igq_progress_is_on(void);

// What this thread's progress is told to from now on instead of the terminal; NULL: nobody else.
typedef void igq_progress_listener(void *context, const char *what, int done, int total, const char *name);
void igq_progress_to(igq_progress_listener *listener, void *context);

// In a process whose work is part of something larger: that has the line.
void igq_progress_off(void);

#ifdef __cplusplus
}
#endif
#endif
