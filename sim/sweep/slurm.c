// SPDX-License-Identifier: Apache-2.0
#define _DEFAULT_SOURCE // usleep, realpath
#include "slurm.h"
#include "file.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_BYTES 4096
#define FIRST_POLL_US 200000
#define LAST_POLL_US 5000000
#define MAX_FAILED_POLLS 20

// Runs a program and keeps what it prints, both channels. *exit_status is -1 if it could not be run.
static igq_status run_program(int *exit_status, char output[OUTPUT_BYTES], const char *const *argv, igq_error *error)
{
    int ends[2], status;
    if (pipe(ends) != 0)
        return igq_fail(error, "%s: cannot make a pipe: %s", argv[0], strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        dprintf(STDOUT_FILENO, "%s", strerror(errno));
        _exit(127);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return igq_fail(error, "%s: cannot start a process: %s", argv[0], strerror(errno));
    }
    size_t used = 0;
    char rest[256];
    for (ssize_t num = 1; num > 0 || (num < 0 && errno == EINTR);) {
        int full = used + 1 >= OUTPUT_BYTES; // what does not fit is read and dropped
        num = full ? read(ends[0], rest, sizeof rest) : read(ends[0], output + used, OUTPUT_BYTES - 1 - used);
        used += num > 0 && !full ? (size_t)num : 0;
    }
    output[used] = '\0';
    close(ends[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    *exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return IGQ_OK;
}

// A word of a shell script, whatever it holds.
static void put_word(FILE *out, const char *word)
{
    fputc('\'', out);
    for (; *word != '\0'; word++)
        fprintf(out, *word == '\'' ? "'\\''" : "%c", *word);
    fputc('\'', out);
}

static igq_status write_script(const char *path, const char *dir, int num_tasks, igq_error *error)
{
    char executable[PATH_MAX], *text = NULL;
    size_t size = 0;
    ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
    FILE *out = open_memstream(&text, &size);
    if (length < 0 || out == NULL)
        return igq_fail(error, "%s: cannot find the executable of igqsim: %s", path, strerror(errno));
    executable[length] = '\0';
    fprintf(out, "#!/bin/sh\n# One share of the points of a sweep; written by igqsim sweep --engine slurm.\nexec ");
    put_word(out, executable);
    fprintf(out, " sweep ");
    put_word(out, dir);
    fprintf(out, "/sweep.yaml -o ");
    put_word(out, dir);
    fprintf(out, " --shard \"$SLURM_ARRAY_TASK_ID/%d\" -j \"${SLURM_CPUS_PER_TASK:-1}\"\n", num_tasks);
    fclose(out);
    igq_status status = igq_file_write(path, text, size, error);
    free(text);
    return status;
}

static igq_status submit(char job[32], const igq_slurm_request *request, const char *dir, const char *script,
                         int num_tasks, igq_error *error)
{
    char array[64], output[PATH_MAX], text[OUTPUT_BYTES];
    const char *argv[24] = {"sbatch", "--parsable", "--job-name", "igqsim"};
    int num = 4, exit_status;
    snprintf(array, sizeof array, "0-%d", num_tasks - 1);
    snprintf(output, sizeof output, "%s/slurm/%%a.out", dir);
    argv[num++] = "--array";
    argv[num++] = array;
    argv[num++] = "--output";
    argv[num++] = output;
    const struct {
        const char *option, *value;
    } options[] = {{"--partition", request->partition}, {"--time", request->time_limit}, {"--mem", request->memory}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].value != NULL) {
            argv[num++] = options[i].option;
            argv[num++] = options[i].value;
        }
    argv[num++] = script;
    igq_status status = run_program(&exit_status, text, argv, error);
    if (status != IGQ_OK)
        return status;
    if (exit_status != 0 || !isdigit((unsigned char)text[0]))
        return igq_fail(error, "sbatch does not take the job: %.1000s", text);
    snprintf(job, 32, "%.*s", (int)strspn(text, "0123456789"), text);
    return IGQ_OK;
}

// Until the queue no longer knows the job. A controller that does not answer for a while is waited for.
static igq_status wait_for(const char *job, igq_error *error)
{
    const char *const argv[] = {"squeue", "--noheader", "--jobs", job, NULL};
    char text[OUTPUT_BYTES];
    useconds_t pause_us = FIRST_POLL_US;
    for (int failed = 0, exit_status; failed < MAX_FAILED_POLLS;) {
        igq_status status = run_program(&exit_status, text, argv, error);
        if (status != IGQ_OK)
            return status;
        if ((exit_status == 0 && text[0] == '\0') || strstr(text, "Invalid job id") != NULL)
            return IGQ_OK;
        failed = exit_status == 0 ? 0 : failed + 1;
        usleep(pause_us);
        pause_us = pause_us * 3 / 2 < LAST_POLL_US ? pause_us * 3 / 2 : LAST_POLL_US;
    }
    return igq_fail(error, "squeue does not answer: %.1000s (job %s may go on; --resume gathers what it did)", text,
                    job);
}

igq_status igq_slurm_run(const igq_slurm_request *request, const char *dir, int num_points, igq_error *error)
{
    char folder[PATH_MAX], script[PATH_MAX + 8], job[32];
    int num_tasks = request->array_width < num_points ? request->array_width : num_points;
    snprintf(folder, sizeof folder, "%s/slurm", dir);
    snprintf(script, sizeof script, "%s/job.sh", folder);
    igq_status status = igq_make_dir(folder, error);
    if (status == IGQ_OK)
        status = write_script(script, dir, num_tasks, error);
    if (status == IGQ_OK)
        status = submit(job, request, dir, script, num_tasks, error);
    if (status != IGQ_OK)
        return status;
    printf("Submitted: job %s, %d task%s for %d points\n", job, num_tasks, num_tasks == 1 ? "" : "s", num_points);
    if (request->no_wait)
        printf("  %s/slurm/ has its output; igqsim sweep ... -o %s --resume gathers the results\n", dir, dir);
    fflush(stdout);
    return request->no_wait ? IGQ_OK : wait_for(job, error);
}
