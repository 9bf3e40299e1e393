// SPDX-License-Identifier: Apache-2.0
#include "timeline.h"
#include "file.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void igq_timeline_add(igq_timeline *timeline, const igq_timeline_event *event)
{
    if (timeline->num_events == timeline->capacity && timeline->capacity < IGQ_TIMELINE_MAX_EVENTS) {
        size_t capacity = timeline->capacity ? 2 * timeline->capacity : 4096;
        capacity = capacity < IGQ_TIMELINE_MAX_EVENTS ? capacity : IGQ_TIMELINE_MAX_EVENTS;
        igq_timeline_event *grown = realloc(timeline->event, capacity * sizeof *grown);
        if (grown) {
            timeline->event = grown;
            timeline->capacity = capacity;
        }
    }
    if (timeline->num_events < timeline->capacity)
        timeline->event[timeline->num_events++] = *event;
    else
        timeline->num_left_out++;
}

void igq_timeline_free(igq_timeline *timeline)
{
    free(timeline->event);
    *timeline = (igq_timeline){0};
}

/// File

enum { MAX_TRACKS = 32 };

// Blocks in the order of their first work, each a thread of the viewer; or buffers and queues, each a counter.
typedef struct track_list {
    const char *name[MAX_TRACKS];
    int capacity[MAX_TRACKS]; // of a counter
    int num;
} track_list;

// Number of a track, from 1. Names are compared by address: every block has one.
static int track_of(track_list *tracks, const char *name)
{
    int track = 0;
    while (track < tracks->num && tracks->name[track] != name)
        track++;
    if (track == tracks->num) {
        assert(track < MAX_TRACKS);
        tracks->name[tracks->num++] = name;
    }
    return track + 1;
}

static void write_slice(FILE *out, const igq_timeline_event *event, const igq_job *job, int shows_images, int track)
{
    fprintf(out, "{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%llu,\"dur\":%llu,\"name\":\"%s", track,
            (unsigned long long)event->begin_cycle, (unsigned long long)event->cycles, job->layer->name);
    if (job->layer->products > 1)
        fprintf(out, " head %d", job->head);
    if (shows_images)
        fprintf(out, " image %d", job->image);
    if (event->tile >= 0)
        fprintf(out, " tile %d", event->tile);
    fprintf(out, "\"},\n");
}

static void write_counter(FILE *out, const igq_timeline_event *event)
{
    fprintf(out, "{\"ph\":\"C\",\"pid\":1,\"ts\":%llu,\"name\":\"%s\",\"args\":{\"in_use\":%d}},\n",
            (unsigned long long)event->begin_cycle, event->track, event->in_use);
}

static void write_capacities(FILE *out, const track_list *counters)
{
    fprintf(out, "\"capacities\":{");
    for (int i = 0; i < counters->num; i++)
        fprintf(out, "%s\"%s\":%d", i > 0 ? "," : "", counters->name[i], counters->capacity[i]);
    fprintf(out, "}");
}

// A counter for each component that the run spends energy on; its last value, at the end of the run, is zero.
static void write_power(FILE *out, const igq_power_track *power)
{
    for (int i = 0; i < power->num_entries; i++) {
        double most_mw = 0;
        for (int j = 0; j < power->num_jobs; j++)
            most_mw = fmax(most_mw, power->mw[j * power->num_entries + i]);
        for (int j = 0; most_mw > 0 && j <= power->num_jobs; j++)
            fprintf(out, "{\"ph\":\"C\",\"pid\":1,\"ts\":%llu,\"name\":\"power %s\",\"args\":{\"mW\":%.9g}},\n",
                    (unsigned long long)power->begin_cycle[j], igq_entry_name(power->technology, i),
                    j < power->num_jobs ? power->mw[j * power->num_entries + i] : 0);
    }
}

igq_status igq_timeline_write(const char *path, const igq_timeline *timeline, const igq_power_track *power,
                              const char *title, const igq_job *jobs, int num_jobs, igq_error *error)
{
    char *text = NULL;
    size_t bytes = 0;
    track_list tracks = {0}, counters = {0};
    FILE *out = open_memstream(&text, &bytes);
    if (!out)
        return igq_out_of_memory(error);
    int shows_images = 0;
    for (int j = 0; j < num_jobs; j++)
        shows_images |= jobs[j].image > 0;
    fprintf(out, "{\"traceEvents\":[\n");
    for (size_t i = 0; i < timeline->num_events; i++) {
        const igq_timeline_event *event = &timeline->event[i];
        if (event->job < 0) {
            counters.capacity[track_of(&counters, event->track) - 1] = event->capacity;
            write_counter(out, event);
        } else {
            write_slice(out, event, &jobs[event->job], shows_images, track_of(&tracks, event->track));
        }
    }
    if (power)
        write_power(out, power);
    for (int i = 0; i < tracks.num; i++)
        fprintf(out, "{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}},\n",
                i + 1, tracks.name[i]);
    fprintf(out, "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"%s\"}}\n],\n", title);
    fprintf(out, "\"otherData\":{\"time\":\"1 us here is 1 cycle\",\"events_left_out\":%zu,", timeline->num_left_out);
    write_capacities(out, &counters);
    fprintf(out, "}}\n");
    if (fclose(out) != 0) {
        free(text);
        return igq_out_of_memory(error);
    }
    igq_status status = igq_file_write(path, text, bytes, error);
    free(text);
    return status;
}
