// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE // MAP_ANONYMOUS
#include "pool.h"
#include "progress.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAITING, STARTED, DONE };

// Shared by all processes. The states and the answers of the items follow it.
typedef struct board {
    atomic_int next_item, stop;
    igq_status status; // why it stopped
    igq_error error;
} board;

static size_t align(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static size_t board_bytes(const igq_pool *pool)
{
    return align(sizeof(board)) + align((size_t)pool->num_items) + (size_t)pool->num_items * pool->answer_bytes;
}

static volatile unsigned char *states_of(board *shared)
{
    return (unsigned char *)shared + align(sizeof *shared);
}

static char *answers_of(board *shared, const igq_pool *pool)
{
    return (char *)shared + align(sizeof *shared) + align((size_t)pool->num_items);
}

static board *board_of(void *answers, const igq_pool *pool)
{
    return (board *)((char *)answers - align(sizeof(board)) - align((size_t)pool->num_items));
}

static void stop(board *shared, igq_status status, const igq_error *error)
{
    if (atomic_exchange(&shared->stop, 1) == 0) {
        shared->error = *error;
        shared->status = status;
    }
}

_Noreturn static void work(board *shared, const igq_pool *pool, int finished)
{
    for (;;) {
        int item = atomic_fetch_add(&shared->next_item, 1);
        if (item >= pool->num_items || atomic_load(&shared->stop))
            _exit(0); // not exit: what the parent has not yet flushed is the parent's to print
        if (states_of(shared)[item] != WAITING)
            continue;
        igq_error error = {0};
        states_of(shared)[item] = STARTED;
        igq_status status =
            pool->work(pool->context, item, answers_of(shared, pool) + (size_t)item * pool->answer_bytes, &error);
        if (status != IGQ_OK)
            stop(shared, status, &error);
        states_of(shared)[item] = DONE;
        if (write(finished, &item, sizeof item) != sizeof item)
            _exit(1);
    }
}

// A worker does not outlive this process, so that a killed run leaves nobody behind who writes.
static pid_t start_worker(board *shared, const igq_pool *pool, const int finished[2])
{
    pid_t parent = getpid(), pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    igq_progress_off();
    close(finished[0]);
    work(shared, pool, finished[1]);
}

static void take_item(board *shared, const igq_pool *pool, int item)
{
    igq_error error;
    const void *answer = answers_of(shared, pool) + (size_t)item * pool->answer_bytes;
    igq_status status = pool->answered(pool->context, item, answer, &error);
    if (status != IGQ_OK)
        stop(shared, status, &error);
}

// Until all workers have ended: they hold the other end of the pipe. Its bytes come in whole numbers of items.
static int count_finished(int finished, board *shared, const igq_pool *pool, int num_done)
{
    int items[64];
    for (;;) {
        ssize_t num_bytes = read(finished, items, sizeof items);
        if (num_bytes == 0 || (num_bytes < 0 && errno != EINTR))
            return num_done;
        int num = num_bytes > 0 ? (int)((size_t)num_bytes / sizeof *items) : 0;
        for (int i = 0; i < num && pool->answered != NULL && !atomic_load(&shared->stop); i++)
            take_item(shared, pool, items[i]);
        num_done += num;
        if (pool->progress != NULL)
            pool->progress(pool->context, num_done, pool->num_items);
    }
}

// Exit status of a worker that has ended, -1 if it was killed.
static int wait_for(pid_t worker)
{
    int status;
    while (waitpid(worker, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// One crew of workers, until the items are done or all of them are dead.
static igq_status run_crew(board *shared, const igq_pool *pool, int num_left, int *num_done, igq_error *error)
{
    int finished[2], num_workers = pool->num_jobs < num_left ? pool->num_jobs : num_left;
    pid_t *workers = calloc((size_t)num_workers, sizeof *workers);
    if (workers == NULL || pipe(finished) != 0) {
        free(workers);
        return igq_fail(error, "%d jobs: cannot make a pipe; allowed: fewer", pool->num_jobs);
    }
    int started = 0;
    atomic_store(&shared->next_item, 0);
    while (started < num_workers && (workers[started] = start_worker(shared, pool, finished)) > 0)
        started++;
    close(finished[1]);
    *num_done = count_finished(finished[0], shared, pool, *num_done);
    close(finished[0]);
    int broken = 0;
    for (int w = 0; w < started; w++)
        broken += wait_for(workers[w]) == IGQ_INTERNAL_ERROR;
    free(workers);
    if (broken) { // it has said why, and the others would meet the same
        igq_fail(error, "%d of %d processes broke down", broken, started);
        return IGQ_INTERNAL_ERROR;
    }
    return started > 0 ? IGQ_OK : igq_fail(error, "%d jobs: cannot start a process; allowed: fewer", pool->num_jobs);
}

// Items whose worker died are done too; returns how many are left.
static int settle(board *shared, const igq_pool *pool, unsigned char *died, int *num_done)
{
    int num_left = 0;
    for (int item = 0; item < pool->num_items; item++) {
        if (states_of(shared)[item] == STARTED) {
            states_of(shared)[item] = DONE;
            died[item] = 1;
            ++*num_done;
        }
        num_left += states_of(shared)[item] == WAITING;
    }
    return num_left;
}

igq_status igq_pool_run(void **answers, unsigned char **died, const igq_pool *pool, igq_error *error)
{
    void *memory = mmap(NULL, board_bytes(pool), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    board *shared = memory;
    *answers = NULL;
    *died = calloc((size_t)pool->num_items + 1, 1);
    if (memory == MAP_FAILED || *died == NULL) {
        if (memory != MAP_FAILED)
            munmap(memory, board_bytes(pool));
        free(*died);
        return igq_out_of_memory(error);
    }
    int num_done = 0, num_left = pool->num_items;
    igq_status status = IGQ_OK;
    while (status == IGQ_OK && num_left > 0 && !atomic_load(&shared->stop)) {
        status = run_crew(shared, pool, num_left, &num_done, error);
        num_left = settle(shared, pool, *died, &num_done);
    }
    if (status == IGQ_OK && atomic_load(&shared->stop)) {
        *error = shared->error;
        status = shared->status;
    }
    *answers = answers_of(shared, pool);
    if (status != IGQ_OK) {
        igq_pool_free(*answers, *died, pool);
        *answers = NULL;
    }
    return status;
}

void igq_pool_free(void *answers, unsigned char *died, const igq_pool *pool)
{
    munmap(board_of(answers, pool), board_bytes(pool));
    free(died);
}
