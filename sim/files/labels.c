// SPDX-License-Identifier: Apache-2.0
#include "labels.h"
#include "file.h"
#include <stdlib.h>
#include <string.h>

// Images in the order of their file names, to look names up in.
typedef struct named_image {
    const char *name;
    int index;
} named_image;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const named_image *)a)->name, ((const named_image *)b)->name);
}

typedef struct label_reader {
    const char *path;
    int line;
    int *label;   // (num_images) -1: no line yet
    int *line_of; // (num_images) where the label was given
    int num_classes;
    const named_image *sorted;
    int num_images;
} label_reader;

static igq_status read_class(int *class_index, const label_reader *in, const char *text, igq_error *error)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 0 || value >= in->num_classes)
        return igq_fail(error, "%s:%d: class '%s'; allowed: a whole number from 0 to %d", in->path, in->line, text,
                        in->num_classes - 1);
    *class_index = (int)value;
    return IGQ_OK;
}

static igq_status read_line(const label_reader *in, char *line, igq_error *error)
{
    char *comma = strrchr(line, ',');
    if (!comma)
        return igq_fail(error, "%s:%d: '%s'; allowed: NAME,CLASS", in->path, in->line, line);
    *comma = '\0';
    named_image wanted = {.name = line};
    const named_image *image = bsearch(&wanted, in->sorted, (size_t)in->num_images, sizeof wanted, by_name);
    if (!image)
        return igq_fail(error, "%s:%d: '%s' is none of the %d images; allowed: their file names", in->path, in->line,
                        line, in->num_images);
    if (in->label[image->index] >= 0)
        return igq_fail(error, "%s:%d: '%s' has a class in line %d already; allowed: one line for each image", in->path,
                        in->line, line, in->line_of[image->index]);
    in->line_of[image->index] = in->line;
    return read_class(&in->label[image->index], in, comma + 1, error);
}

static igq_status read_lines(label_reader *in, char *text, igq_error *error)
{
    igq_status status = IGQ_OK;
    for (char *line = text, *next; status == IGQ_OK && line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        in->line++;
        line[strcspn(line, "\r")] = '\0';
        int is_head = in->line == 1 && strcmp(line, "name,class") == 0;
        if (*line != '\0' && !is_head)
            status = read_line(in, line, error);
    }
    return status;
}

static igq_status check_names(const label_reader *in, igq_error *error)
{
    for (int i = 1; i < in->num_images; i++)
        if (strcmp(in->sorted[i - 1].name, in->sorted[i].name) == 0)
            return igq_fail(error, "%s: two images are called %s; allowed with --labels: images of different names",
                            in->path, in->sorted[i].name);
    return IGQ_OK;
}

static igq_status check_complete(const label_reader *in, const igq_image_list *images, igq_error *error)
{
    for (int i = 0; i < in->num_images; i++)
        if (in->label[i] < 0)
            return igq_fail(error, "%s:%d: ends without a line for image %s; allowed: a line for each image", in->path,
                            in->line, images->path[i]);
    return IGQ_OK;
}

igq_status igq_labels_load(int *label, const char *path, const igq_image_list *images, int num_classes,
                           igq_error *error)
{
    char *text;
    size_t size;
    igq_status status = igq_file_read(&text, &size, path, error);
    if (status != IGQ_OK)
        return status;
    if (strlen(text) != size) {
        free(text);
        return igq_fail(error, "%s: has a zero byte; allowed: a text of NAME,CLASS lines", path);
    }
    named_image *sorted = malloc((size_t)images->num * sizeof *sorted);
    int *line_of = calloc((size_t)images->num, sizeof *line_of);
    label_reader in = {path, 0, label, line_of, num_classes, sorted, images->num};
    if (sorted && line_of) {
        for (int i = 0; i < images->num; i++) {
            sorted[i] = (named_image){igq_base_name(images->path[i]), i};
            label[i] = -1;
        }
        qsort(sorted, (size_t)images->num, sizeof *sorted, by_name);
        status = check_names(&in, error);
        if (status == IGQ_OK)
            status = read_lines(&in, text, error);
        if (status == IGQ_OK)
            status = check_complete(&in, images, error);
    } else {
        status = igq_out_of_memory(error);
    }
    free(sorted);
    free(line_of);
    free(text);
    return status;
}
