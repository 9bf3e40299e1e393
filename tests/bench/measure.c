// SPDX-License-Identifier: Apache-2.0
// measure RUNS COMMAND... - runs a command RUNS times after one warm-up and prints the median and least processor time
// (user and system), the median wall time, and the largest resident memory. Its output is thrown away.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_RUNS = 1000 };

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

// Processor seconds of one run.
static double run(char **command, double *wall_seconds, long *peak_kib)
{
    struct timeval begin, end;
    gettimeofday(&begin, NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(126);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) < 0)
        abort();
    gettimeofday(&end, NULL);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "%s did not succeed\n", command[0]);
        exit(1);
    }
    *wall_seconds = seconds_of(end) - seconds_of(begin);
    *peak_kib = usage.ru_maxrss > *peak_kib ? usage.ru_maxrss : *peak_kib;
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

int main(int argc, char **argv)
{
    int runs = argc > 2 ? atoi(argv[1]) : 0;
    if (runs < 1 || runs > MAX_RUNS) {
        fprintf(stderr, "usage: measure RUNS COMMAND [ARGUMENT...]\n");
        return 1;
    }
    double cpu[MAX_RUNS], wall[MAX_RUNS];
    long peak_kib = 0;
    for (int i = -1; i < runs; i++)
        cpu[i < 0 ? 0 : i] = run(argv + 2, &wall[i < 0 ? 0 : i], &peak_kib);
    qsort(cpu, (size_t)runs, sizeof *cpu, compare);
    qsort(wall, (size_t)runs, sizeof *wall, compare);
    printf("%8.3f s CPU (least %.3f), %8.3f s wall, %7.1f MB\n", cpu[runs / 2], cpu[0], wall[runs / 2],
           (double)peak_kib * 1024e-6);
    return 0;
}
