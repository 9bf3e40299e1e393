// SPDX-License-Identifier: Apache-2.0
#include "suggest.h"
#include <stdio.h>
#include <string.h>

#define MAX_WORD 96

static int least(int a, int b)
{
    return a < b ? a : b;
}

// Optimal string alignment distance of words of up to MAX_WORD characters.
static int edits(const char *a, const char *b)
{
    int row[3][MAX_WORD + 1];
    int num_a = (int)strlen(a), num_b = (int)strlen(b);
    for (int j = 0; j <= num_b; j++)
        row[0][j] = j;
    for (int i = 1; i <= num_a; i++) {
        int *now = row[i % 3];
        const int *before = row[(i + 2) % 3], *first = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= num_b; j++) {
            now[j] = least(before[j - 1] + (a[i - 1] != b[j - 1]), least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], first[j - 2] + 1);
        }
    }
    return row[num_a % 3][num_b];
}

static int ends_with(const char *name, const char *word)
{
    size_t name_bytes = strlen(name), word_bytes = strlen(word);
    return name_bytes > word_bytes && strcmp(name + name_bytes - word_bytes, word) == 0 &&
           name[name_bytes - word_bytes - 1] == '.';
}

void igq_suggest(char text[IGQ_SUGGEST_BYTES], const char *word, const char *const *names, int num_names)
{
    int length = (int)strlen(word), most = length / 3 < 1 ? 1 : least(length / 3, 4), best = most + 1;
    const char *nearest = NULL;
    for (int i = 0; i < num_names && length <= MAX_WORD; i++) {
        int distance = ends_with(names[i], word) ? 0 : strlen(names[i]) <= MAX_WORD ? edits(word, names[i]) : best;
        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    text[0] = '\0';
    if (nearest != NULL)
        snprintf(text, IGQ_SUGGEST_BYTES, "did you mean %.100s? ", nearest);
}
