// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE // fopencookie
#include "console.h"
#include "progress.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 16, ESCAPED_BYTES = 4, LEAD_OF_C1 = 0xc2 };

static int is_quiet, lost_errno;
static int lead; // LEAD_OF_C1 while the byte after it has not come yet, which may make it a control character

static int put_all(const char *bytes, size_t num)
{
    while (num > 0) {
        ssize_t put = write(STDOUT_FILENO, bytes, num);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            lost_errno = errno;
            return 0;
        }
        bytes += put;
        num -= (size_t)put;
    }
    return 1;
}

// Writes a byte into text as it is shown; returns how many bytes that takes.
static size_t show(char *text, int byte)
{
    int is_control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    int is_c1 = lead && byte >= 0x80 && byte < 0xa0;
    size_t used = 0;
    if (is_c1)
        used = (size_t)sprintf(text, "\\x%02x\\x%02x", LEAD_OF_C1, byte);
    else if (lead)
        text[used++] = (char)LEAD_OF_C1;
    lead = byte == LEAD_OF_C1;
    if (is_c1 || lead)
        return used;
    if (is_control)
        return used + (size_t)sprintf(text + used, "\\x%02x", byte);
    text[used++] = (char)byte;
    return used;
}

static ssize_t write_shown(void *unused, const char *bytes, size_t num)
{
    char text[4096];
    size_t used = 0;
    (void)unused;
    for (size_t i = 0; !is_quiet && i < num; i++) {
        used += show(text + used, (unsigned char)bytes[i]);
        if (used + 2 * ESCAPED_BYTES >= sizeof text || i + 1 == num) {
            if (!put_all(text, used))
                return 0;
            used = 0;
        }
    }
    return (ssize_t)num;
}

void igq_console_open(void)
{
    for (int descriptor = 0; descriptor <= STDERR_FILENO; descriptor++) // one that cannot be used as it is meant
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
    signal(SIGXFSZ, SIG_IGN);
    FILE *shown = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_shown});
    if (shown == NULL)
        return;
    setvbuf(shown, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFFER_BYTES);
    stdout = shown;
}

void igq_console_quiet(void)
{
    is_quiet = 1;
    igq_progress_off();
}

igq_status igq_console_close(igq_error *error)
{
    if (fflush(stdout) != 0 && lost_errno == 0)
        lost_errno = errno;
    if (lead && !is_quiet)
        put_all((const char[]){(char)LEAD_OF_C1}, 1);
    if (close(STDOUT_FILENO) != 0 && lost_errno == 0)
        lost_errno = errno;
    return lost_errno == 0 ? IGQ_OK : igq_fail(error, "standard output: cannot write: %s", strerror(lost_errno));
}
