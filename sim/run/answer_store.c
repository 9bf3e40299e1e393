// SPDX-License-Identifier: Apache-2.0
#include "answer_store.h"
#include "file.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Before each answer in the file.
typedef struct record {
    uint64_t item, bytes;
    igq_answer_key key;
    char answer_sha256[65];
} record;

typedef struct place {
    long offset; // of the answer itself; 0: there is none
    size_t bytes;
} place;

struct igq_answer_store {
    char *path;
    FILE *file;
    const igq_answer_key *key;
    place *place; // (num_items)
    int num_items, num_answers;
};

static int is_whole(const record *head, const char *data)
{
    char hex[65];
    igq_sha256_bytes(hex, data, (size_t)head->bytes);
    return memcmp(hex, head->answer_sha256, sizeof hex) == 0;
}

// The answer behind a record: 1 if it is all there, as it was written.
static int read_answer(const igq_answer_store *store, const record *head, size_t bytes_left)
{
    char *data = head->bytes <= bytes_left ? malloc((size_t)head->bytes + 1) : NULL;
    int whole = data && fread(data, 1, (size_t)head->bytes, store->file) == head->bytes && is_whole(head, data);
    free(data);
    return whole;
}

static void note(igq_answer_store *store, const record *head, long offset)
{
    if (head->item >= (uint64_t)store->num_items || memcmp(&store->key[head->item], &head->key, sizeof head->key) != 0)
        return;
    place *found = &store->place[head->item];
    store->num_answers += found->offset == 0;
    *found = (place){offset, (size_t)head->bytes};
}

// Finds the answers of the file; returns where the last whole one ends.
static long find_answers(igq_answer_store *store)
{
    record head;
    fseek(store->file, 0, SEEK_END);
    long size = ftell(store->file), end = 0;
    rewind(store->file);
    while (fread(&head, sizeof head, 1, store->file) == 1) {
        long offset = end + (long)sizeof head;
        if (!read_answer(store, &head, (size_t)(size - offset)))
            break;
        note(store, &head, offset);
        end = offset + (long)head.bytes;
    }
    return end;
}

igq_status igq_answer_store_open(igq_answer_store **out, const char *path, const igq_answer_key *key, int num_items,
                                 int resume, igq_error *error)
{
    igq_answer_store *store = calloc(1, sizeof *store);
    if (!store)
        return igq_out_of_memory(error);
    *out = store;
    store->key = key;
    store->num_items = num_items;
    store->path = strdup(path);
    store->place = calloc((size_t)num_items, sizeof *store->place);
    if (!store->path || !store->place)
        return igq_out_of_memory(error);
    if (resume)
        store->file = fopen(path, "r+b");
    long end = store->file ? find_answers(store) : 0;
    if (!store->file)
        store->file = fopen(path, "w+b");
    if (!store->file || ftruncate(fileno(store->file), end) != 0 || fseek(store->file, end, SEEK_SET) != 0)
        return igq_fail(error, "%s: cannot write: %s", path, strerror(errno));
    return IGQ_OK;
}

void igq_answer_store_close(igq_answer_store *store)
{
    if (!store)
        return;
    if (store->file)
        fclose(store->file);
    free(store->path);
    free(store->place);
    free(store);
}

int igq_answer_store_num(const igq_answer_store *store)
{
    return store->num_answers;
}

int igq_answer_store_has(const igq_answer_store *store, int item)
{
    return store->place[item].offset != 0;
}

FILE *igq_answer_store_read(char **data, const igq_answer_store *store, int item)
{
    const place *from = &store->place[item];
    *data = malloc(from->bytes + 1);
    int read = *data && fseek(store->file, from->offset, SEEK_SET) == 0 &&
               fread(*data, 1, from->bytes, store->file) == from->bytes;
    return read ? fmemopen(*data, from->bytes, "rb") : NULL;
}

igq_status igq_answer_store_add(igq_answer_store *store, int item, const void *data, size_t bytes, igq_error *error)
{
    record head;
    memset(&head, 0, sizeof head); // its padding too: the file holds nothing of the process's memory
    head.item = (uint64_t)item;
    head.bytes = bytes;
    head.key = store->key[item];
    if (head.key.hex[0] == '\0')
        return IGQ_OK;
    igq_sha256_bytes(head.answer_sha256, data, bytes);
    if (fseek(store->file, 0, SEEK_END) != 0 || fwrite(&head, sizeof head, 1, store->file) != 1 ||
        fwrite(data, 1, bytes, store->file) != bytes || fflush(store->file) != 0)
        return igq_fail(error, "%s: cannot write: %s", store->path, strerror(errno));
    return IGQ_OK;
}
