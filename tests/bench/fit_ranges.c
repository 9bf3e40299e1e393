// SPDX-License-Identifier: Apache-2.0
// fit_ranges WORKLOAD.yaml TRACE - fits the distribution of shape-only runs (sim/run/synthetic.h) to a recorded trace,
// and prints its values as workloads have them, then how well drawn ranges and recorded ones agree.
//
// ln(width) of a channel's range is the layer's mean + the channel's own part + a part of the image. Of each layer: the
// image's part has the variance of a channel between images, mean over channels; the channel's own has that of the
// channels' means, less what the image's part leaves in a mean. Variances are means over the layers of a kind. Constant
// channels have no logarithm and are left out. Rows of softmax: the same with their largest value as width.
#include "calibrate.h"
#include "synthetic.h"
#include "trace_file.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_IMAGES = 64 };

typedef struct images {
    igq_real_instance *of[MOST_IMAGES];
    int num;
} images;

typedef struct fit {
    double own_variance, image_variance, ln_median, share_squares;
    int num_ranges, num_members;
} fit;

static void die(const char *message)
{
    fprintf(stderr, "fit_ranges: %s\n", message);
    exit(1);
}

// The range of one layer (or softmax product), of image i.
typedef const igq_real_range *range_of(const igq_real_instance *instance, int index);

static const igq_real_range *linear_range(const igq_real_instance *instance, int index)
{
    return &instance->linear[index];
}

static const igq_real_range *softmax_range(const igq_real_instance *instance, int index)
{
    return &instance->softmax[index];
}

static double width_of(const igq_real_range *range, int member)
{
    return (double)range->hi[member] - (double)range->lo[member];
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void add_range(fit *sum, const images *all, range_of *range, int index)
{
    int num = 0;
    double means = 0, squares = 0, within = 0, shares = 0;
    for (int m = 0; m < range(all->of[0], index)->num; m++) {
        double mean = 0, mean_square = 0, share = 0;
        int is_constant = 0;
        for (int i = 0; i < all->num; i++) {
            const igq_real_range *one = range(all->of[i], index);
            double width = width_of(one, m), x = width > 0 ? log(width) : 0;
            is_constant |= !(width > 0);
            mean += x / all->num;
            mean_square += x * x / all->num;
            share += width > 0 ? -(double)one->lo[m] / width / all->num : 0;
        }
        if (is_constant)
            continue;
        num++;
        means += mean;
        squares += mean * mean;
        within += (mean_square - mean * mean) * all->num / (all->num - 1);
        shares += (share - 0.5) * (share - 0.5);
    }
    double between = squares / num - means / num * (means / num) - within / num / all->num;
    sum->own_variance += between > 0 ? between : 0;
    sum->image_variance += within / num;
    sum->ln_median += means / num;
    sum->share_squares += shares / num;
    sum->num_ranges++;
    sum->num_members += num;
}

static fit fit_kind(const images *all, const igq_network *network, igq_layer_kind kind)
{
    fit sum = {0};
    for (int k = 0; k < network->num_layers; k++) {
        const igq_layer *layer = &network->layer[k];
        for (int p = 0; layer->kind == kind && p < layer->products; p++)
            if (layer->linear >= 0)
                add_range(&sum, all, linear_range, layer->linear);
            else
                add_range(&sum, all, softmax_range, layer->first_product + p);
    }
    return sum;
}

// Widths over the median of their layer and image, of all layers of a kind and all images; sorted. Returns their
// number.
static size_t relative_widths(double *out, const images *all, const igq_network *network, igq_layer_kind kind)
{
    size_t num = 0;
    for (int i = 0; i < all->num; i++)
        for (int k = 0; k < network->num_layers; k++) {
            const igq_layer *layer = &network->layer[k];
            for (int p = 0; layer->kind == kind && p < layer->products; p++) {
                const igq_real_range *range = layer->linear >= 0 ? &all->of[i]->linear[layer->linear]
                                                                 : &all->of[i]->softmax[layer->first_product + p];
                size_t first = num;
                for (int m = 0; m < range->num; m++)
                    if (width_of(range, m) > 0)
                        out[num++] = width_of(range, m);
                qsort(out + first, num - first, sizeof *out, compare);
                double median = out[first + (num - first) / 2];
                for (size_t n = first; n < num; n++)
                    out[n] /= median;
            }
        }
    qsort(out, num, sizeof *out, compare);
    return num;
}

static void print_quantiles(const char *what, const images *all, const igq_network *network, igq_layer_kind kind)
{
    static const double quantile[] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};
    static double width[1 << 22];
    size_t num = relative_widths(width, all, network, kind);
    printf("| %s |", what);
    for (size_t q = 0; q < sizeof quantile / sizeof *quantile; q++)
        printf(" %.2f |", width[(size_t)(quantile[q] * (double)(num - 1) + 0.5)]);
    printf(" %.2f |\n", width[num - 1]);
}

static void load(images *all, const igq_network *network, igq_workload *workload, const char *path)
{
    igq_error error;
    igq_trace *trace;
    if (igq_trace_open(&trace, path, workload, &error) != IGQ_OK)
        die(error.message);
    all->num = igq_trace_num_images(trace);
    if (all->num < 2 || all->num > MOST_IMAGES)
        die("needs a trace of 2 to 64 images");
    for (int i = 0; i < all->num; i++) {
        all->of[i] = igq_real_instance_new(network);
        if (igq_trace_real_instance(all->of[i], trace, i, &error) != IGQ_OK)
            die(error.message);
    }
    igq_trace_close(trace);
}

int main(int argc, char **argv)
{
    static const igq_layer_kind kinds[] = {IGQ_LAYER_QKV, IGQ_LAYER_PROJ, IGQ_LAYER_FC1, IGQ_LAYER_FC2,
                                           IGQ_LAYER_CONTEXT};
    static const char *const names[] = {"qkv", "proj", "fc1", "fc2", "softmax"};
    enum { KINDS = 5 };
    igq_workload workload;
    igq_error error;
    images recorded = {.num = 0}, drawn = {.num = 0};
    if (argc != 3)
        die("fit_ranges WORKLOAD.yaml TRACE");
    if (igq_workload_load(&workload, argv[1], &error) != IGQ_OK)
        die(error.message);
    igq_network *network = igq_workload_network(&workload);
    load(&recorded, network, &workload, argv[2]);
    igq_range_spread *spreads[KINDS] = {&workload.synthetic_ranges.qkv, &workload.synthetic_ranges.proj,
                                        &workload.synthetic_ranges.fc1, &workload.synthetic_ranges.fc2,
                                        &workload.synthetic_ranges.softmax};
    for (int k = 0; k < KINDS; k++) {
        fit sum = fit_kind(&recorded, network, kinds[k]);
        double num = sum.num_ranges;
        *spreads[k] = (igq_range_spread){sqrt(sum.own_variance / num), sqrt(sum.image_variance / num)};
        printf("  %s_channel_spread: %.3f\n  %s_instance_spread: %.3f\n", names[k], spreads[k]->channel_spread,
               names[k], spreads[k]->instance_spread);
        printf(
            "    # median width %.3f, spread of the share below zero %.3f; %d tensors, %d of their channels or rows\n",
            exp(sum.ln_median / num), sqrt(sum.share_squares / num), sum.num_ranges, sum.num_members);
        if (kinds[k] == IGQ_LAYER_CONTEXT)
            printf("  softmax_median: %.3f\n", workload.synthetic_ranges.softmax_median = exp(sum.ln_median / num));
    }
    for (drawn.num = 0; drawn.num < recorded.num; drawn.num++) {
        drawn.of[drawn.num] = igq_real_instance_new(network);
        igq_synthetic_instance(drawn.of[drawn.num], network, &workload.synthetic_ranges, drawn.num);
    }
    printf("\n| widths over their median | 1 %% | 5 %% | 25 %% | 50 %% | 75 %% | 95 %% | 99 %% | largest |\n"
           "|---|---|---|---|---|---|---|---|---|\n");
    for (int k = 0; k < KINDS; k++) {
        char what[32];
        snprintf(what, sizeof what, "%s, recorded", names[k]);
        print_quantiles(what, &recorded, network, kinds[k]);
        snprintf(what, sizeof what, "%s, drawn", names[k]);
        print_quantiles(what, &drawn, network, kinds[k]);
    }
    return 0;
}
