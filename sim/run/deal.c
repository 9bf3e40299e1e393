// SPDX-License-Identifier: Apache-2.0
// Worker w of n takes items w, w + n, ... and answers through a pipe of its own.
#include "deal.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct worker {
    pid_t pid;
    FILE *answers;
} worker;

int igq_deal_put(FILE *answer, const void *data, size_t bytes)
{
    return bytes == 0 || fwrite(data, bytes, 1, answer) == 1;
}

int igq_deal_get(FILE *answer, void *data, size_t bytes)
{
    return bytes == 0 || fread(data, bytes, 1, answer) == 1;
}

igq_status igq_deal_died(const char *item, igq_error *error)
{
    igq_fail(error, "%s: the process that worked on it died", item);
    return IGQ_INTERNAL_ERROR;
}

static int is_stored(const igq_deal *deal, int item)
{
    return deal->store && igq_answer_store_has(deal->store, item);
}

// An answer goes through the pipe behind its length.
static int send_answer(const igq_deal *deal, int item, FILE *answers)
{
    char *data = NULL;
    size_t bytes = 0;
    FILE *answer = open_memstream(&data, &bytes);
    int sent = answer && deal->work(deal->context, item, answer);
    if (answer)
        sent = fclose(answer) == 0 && sent;
    sent = sent && igq_deal_put(answers, &bytes, sizeof bytes) && igq_deal_put(answers, data, bytes) &&
           fflush(answers) == 0;
    free(data);
    return sent;
}

_Noreturn static void work(const igq_deal *deal, int first, FILE *answers)
{
    int sent = answers != NULL;
    for (int item = first; sent && item < deal->num_items; item += deal->num_jobs)
        sent = is_stored(deal, item) || send_answer(deal, item, answers);
    _exit(!sent); // not exit: what the parent has not yet flushed is the parent's to print
}

static igq_status start_worker(worker *out, const igq_deal *deal, int first, igq_error *error)
{
    int ends[2];
    if (pipe(ends) != 0)
        return igq_fail(error, "%d jobs: cannot make a pipe; allowed: fewer", deal->num_jobs);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        work(deal, first, fdopen(ends[1], "wb"));
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return igq_fail(error, "%d jobs: cannot start a process; allowed: fewer", deal->num_jobs);
    }
    *out = (worker){pid, fdopen(ends[0], "rb")};
    return out->answers ? IGQ_OK : igq_out_of_memory(error);
}

static void end_workers(worker *workers, int num)
{
    for (int w = 0; w < num; w++) {
        if (workers[w].pid <= 0)
            continue;
        kill(workers[w].pid, SIGKILL); // done already, unless the deal ended early; no handler of the caller runs
        if (workers[w].answers)
            fclose(workers[w].answers);
        waitpid(workers[w].pid, NULL, 0);
    }
}

// *data is new, or NULL if the worker died.
static void receive_answer(char **data, size_t *bytes, FILE *answers)
{
    *data = NULL;
    if (!igq_deal_get(answers, bytes, sizeof *bytes))
        return;
    *data = malloc(*bytes + 1);
    if (*data && !igq_deal_get(answers, *data, *bytes)) {
        free(*data);
        *data = NULL;
    }
}

static igq_status collect_answer(const igq_deal *deal, int item, FILE *answers, igq_error *error)
{
    char *data;
    size_t bytes = 0;
    FILE *answer;
    int stored = is_stored(deal, item);
    if (stored) {
        answer = igq_answer_store_read(&data, deal->store, item);
    } else {
        receive_answer(&data, &bytes, answers);
        answer =
            data ? fmemopen(data, bytes, "rb") : fopen("/dev/null", "rb"); // nothing to read: collect says who died
    }
    igq_status status = answer ? deal->collect(deal->context, item, answer, error) : igq_out_of_memory(error);
    if (status == IGQ_OK && deal->store && !stored)
        status = igq_answer_store_add(deal->store, item, data, bytes, error);
    if (answer)
        fclose(answer);
    free(data);
    return status;
}

igq_status igq_deal_run(const igq_deal *deal, igq_error *error)
{
    worker *workers = calloc((size_t)deal->num_jobs, sizeof *workers);
    igq_status status = workers ? IGQ_OK : igq_out_of_memory(error);
    for (int w = 0; status == IGQ_OK && w < deal->num_jobs && w < deal->num_items; w++)
        status = start_worker(&workers[w], deal, w, error);
    for (int item = 0; status == IGQ_OK && item < deal->num_items; item++)
        status = collect_answer(deal, item, workers[item % deal->num_jobs].answers, error);
    if (workers)
        end_workers(workers, deal->num_jobs);
    free(workers);
    return status;
}
