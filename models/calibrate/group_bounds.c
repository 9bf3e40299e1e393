// SPDX-License-Identifier: Apache-2.0
// The alternation of Eqs. (5) and (6): a k-means whose points are ranges and whose metric is that of the assignment.
#include "assign.h"
#include "calibrate.h"
#include <assert.h>
#include <string.h>

enum { CHUNK = 512 }; // samples assigned at once where lists have no limit

typedef struct samples {
    const int16_t *lo, *hi;
    int num;
    igq_distance distance;
    igq_list_limit limit;
} samples;

typedef uint16_t chunk_groups[IGQ_MAX_CHANNELS];

typedef struct group_set {
    int num;
    int16_t lower[IGQ_MAX_GROUPS], upper[IGQ_MAX_GROUPS];
} group_set;

// Of the samples of each group.
typedef struct group_sums {
    int64_t lo[IGQ_MAX_GROUPS], hi[IGQ_MAX_GROUPS];
    int count[IGQ_MAX_GROUPS];
} group_sums;

static void add_sample(group_sums *sums, const samples *s, int sample, int group)
{
    sums->lo[group] += s->lo[sample];
    sums->hi[group] += s->hi[sample];
    sums->count[group]++;
}

// Groups of the samples first and up: of an instance, or CHUNK; returns how many.
static int assign_chunk(chunk_groups group, const samples *s, int first, const group_set *set)
{
    int most = s->limit.capacity ? s->limit.num_members : CHUNK;
    int num = s->num - first < most ? s->num - first : most;
    igq_assign_limited(group, s->lo + first, s->hi + first, set->lower, set->upper, num, set->num, s->distance,
                       s->limit.capacity, 1);
    return num;
}

static uint64_t distance_to(const samples *s, int sample, const group_set *set, int group)
{
    return igq_assign_distance(s->lo[sample], s->hi[sample], set->lower[group], set->upper[group], s->distance);
}

static void assign_all(group_sums *sums, const samples *s, const group_set *set)
{
    chunk_groups group;
    memset(sums, 0, sizeof *sums);
    for (int first = 0, num; first < s->num; first += num) {
        num = assign_chunk(group, s, first, set);
        for (int i = 0; i < num; i++)
            add_sample(sums, s, first + i, group[i]);
    }
}

static uint64_t total_distance(const samples *s, const group_set *set)
{
    chunk_groups group;
    uint64_t total = 0;
    for (int first = 0, num; first < s->num; first += num) {
        num = assign_chunk(group, s, first, set);
        for (int i = 0; i < num; i++)
            total += distance_to(s, first + i, set, group[i]);
    }
    return total;
}

// The first of the samples that are farthest from their own group; -1 if all lie exactly on bounds.
static int farthest_sample(const samples *s, const group_set *set)
{
    chunk_groups group;
    uint64_t largest = 0;
    int farthest = -1;
    for (int first = 0, num; first < s->num; first += num) {
        num = assign_chunk(group, s, first, set);
        for (int i = 0; i < num; i++) {
            uint64_t distance = distance_to(s, first + i, set, group[i]);
            if (distance > largest) {
                largest = distance;
                farthest = first + i;
            }
        }
    }
    return farthest;
}

// sum / count rounded half up.
static int16_t rounded_mean(int64_t sum, int count)
{
    int64_t numerator = 2 * sum + count, denominator = 2 * (int64_t)count;
    int64_t quotient = numerator / denominator;
    return (int16_t)(quotient - (numerator % denominator < 0));
}

static void set_group(group_set *set, int group, const samples *s, int sample)
{
    set->lower[group] = s->lo[sample];
    set->upper[group] = s->hi[sample];
}

// Eq. (6). A group without samples takes the one farthest from its own bounds.
static void update(group_set *set, const group_sums *sums, const samples *s)
{
    int occupied = 0;
    while (sums->count[occupied] == 0)
        occupied++;
    for (int g = 0; g < set->num; g++) {
        int source = sums->count[g] ? g : occupied; // until it takes a sample, an empty group attracts none
        set->lower[g] = rounded_mean(sums->lo[source], sums->count[source]);
        set->upper[g] = rounded_mean(sums->hi[source], sums->count[source]);
    }
    for (int g = 0; g < set->num; g++)
        if (sums->count[g] == 0) {
            int sample = farthest_sample(s, set);
            if (sample >= 0)
                set_group(set, g, s, sample);
        }
}

// Alternates until no bound moves (then no sample does). Returns the iterations.
static int alternate(group_set *set, const samples *s, int max_iterations)
{
    group_sums sums;
    int iterations = 0;
    while (iterations < max_iterations) {
        group_set before = *set;
        assign_all(&sums, s, set);
        update(set, &sums, s);
        iterations++;
        size_t bytes = (size_t)set->num * sizeof *set->lower;
        if (memcmp(before.lower, set->lower, bytes) == 0 && memcmp(before.upper, set->upper, bytes) == 0)
            break;
    }
    return iterations;
}

// First the sample farthest from the mean of all, then always the one farthest from those chosen. set->num gets less
// than num_groups if there are fewer distinct samples.
static void start_farthest_first(group_set *set, const samples *s, int num_groups)
{
    group_sums sums = {0};
    for (int i = 0; i < s->num; i++)
        add_sample(&sums, s, i, 0);
    set->num = 1;
    update(set, &sums, s);
    int sample = farthest_sample(s, set);
    set_group(set, 0, s, sample >= 0 ? sample : 0);
    while (set->num < num_groups && (sample = farthest_sample(s, set)) >= 0)
        set_group(set, set->num++, s, sample);
}

// The least width that at least `rank` samples do not exceed.
static int width_of_rank(const samples *s, int rank)
{
    int below = -1, width = UINT16_MAX;
    while (width - below > 1) {
        int middle = (below + width) / 2, count = 0;
        for (int i = 0; i < s->num; i++)
            count += s->hi[i] - s->lo[i] <= middle;
        if (count >= rank)
            width = middle;
        else
            below = middle;
    }
    return width;
}

// Equal-count quantiles of the range width.
static void start_width_quantiles(group_set *set, const samples *s, int num_groups)
{
    int widest[IGQ_MAX_GROUPS];
    group_sums sums = {0};
    for (int g = 0; g < num_groups; g++)
        widest[g] = width_of_rank(s, (int)((int64_t)s->num * (g + 1) / num_groups));
    for (int i = 0; i < s->num; i++) {
        int group = 0;
        while (s->hi[i] - s->lo[i] > widest[group])
            group++;
        add_sample(&sums, s, i, group);
    }
    set->num = num_groups;
    update(set, &sums, s);
}

static int comes_before(const group_set *set, int a, int b)
{
    int width_a = set->upper[a] - set->lower[a], width_b = set->upper[b] - set->lower[b];
    return width_a < width_b || (width_a == width_b && set->lower[a] < set->lower[b]);
}

static void swap(int16_t *values, int a, int b)
{
    int16_t value = values[a];
    values[a] = values[b];
    values[b] = value;
}

static void sort_groups(group_set *set)
{
    for (int g = 1; g < set->num; g++)
        for (int i = g; i > 0 && comes_before(set, i, i - 1); i--) {
            swap(set->lower, i, i - 1);
            swap(set->upper, i, i - 1);
        }
}

void igq_cover_groups(int16_t *lower, int16_t *upper, const int16_t *lo, const int16_t *hi, int num_samples,
                      int num_groups, igq_distance distance, igq_list_limit limit)
{
    const samples s = {.lo = lo, .hi = hi, .num = num_samples, .distance = distance, .limit = limit};
    group_set set = {.num = num_groups};
    int occupied[IGQ_MAX_GROUPS] = {0};
    chunk_groups group;
    memcpy(set.lower, lower, (size_t)num_groups * sizeof *lower);
    memcpy(set.upper, upper, (size_t)num_groups * sizeof *upper);
    for (int first = 0, num; first < num_samples; first += num) {
        num = assign_chunk(group, &s, first, &set);
        for (int i = 0; i < num; i++) {
            int g = group[i], sample = first + i;
            if (!occupied[g] || lo[sample] < lower[g])
                lower[g] = lo[sample];
            if (!occupied[g] || hi[sample] > upper[g])
                upper[g] = hi[sample];
            occupied[g] = 1;
        }
    }
}

int igq_calibrate_groups(int16_t *lower, int16_t *upper, const int16_t *lo, const int16_t *hi, int num_samples,
                         int num_groups, igq_distance distance, int max_iterations, igq_list_limit limit)
{
    assert(num_samples >= 1 && num_groups >= 1 && num_groups <= IGQ_MAX_GROUPS);
    const samples free = {.lo = lo, .hi = hi, .num = num_samples, .distance = distance};
    samples s = free;
    group_set set, other;
    int iterations = 0;
    s.limit = limit;
    start_farthest_first(&set, &free, num_groups); // with fewer groups than in the end not all fit
    if (set.num == num_groups) {                   // else each distinct sample is a group of its own already
        iterations = alternate(&set, &s, max_iterations);
        start_width_quantiles(&other, &free, num_groups);
        int other_iterations = alternate(&other, &s, max_iterations);
        if (total_distance(&s, &other) < total_distance(&s, &set)) {
            set = other;
            iterations = other_iterations;
        }
    }
    sort_groups(&set);
    for (int g = 0; g < num_groups; g++) {
        lower[g] = set.lower[g < set.num ? g : set.num - 1];
        upper[g] = set.upper[g < set.num ? g : set.num - 1];
    }
    return iterations;
}
