// SPDX-License-Identifier: Apache-2.0
// run_result.h - everything that one `igqsim run` found out, as plain numbers; report.c and summary.c turn it into
// files and text.
#ifndef IGQ_RUN_RESULT_H
#define IGQ_RUN_RESULT_H
#include "accelerator.h"
#include "accuracy.h"
#include "error.h"
#include "events.h"
#include "instance.h"
#include "machine.h"
#include "network.h"
#include "string_list.h"
#include "technology.h"
#include "tiling.h"
#include "user_unit.h"
#include "workload_file.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_run_mode { IGQ_RUN_EXECUTION, IGQ_RUN_TRACE, IGQ_RUN_SHAPE } igq_run_mode;
extern const char *const igq_run_mode_names[]; // "execution", "trace", "shape"

typedef struct igq_input_file {
    const char *role; // "accelerator", "workload" (each also of the files that it is based on, which follow it),
                      // "calibration", "trace", "weights", "labels", "image"
    char *path;
    char sha256[65];
} igq_input_file;

// One layer of one image, or of all images; scores and context hold the sum over their heads. Plain but for
// group_sizes: image_workers.c sends it from process to process.
typedef struct igq_layer_result {
    igq_job_result timing;
    int num_groups;
    uint64_t *group_sizes;     // (num_groups) channels, or softmax rows of all heads
    igq_tiling tiling;         // of its first product
    igq_stores stores;         // how its activations lay: codes or values
    uint64_t kept_bytes;       // keys and values among its results that later tokens read, as they are stored
    uint64_t skipped_channels; // kept off the lists (zero_skip)
    igq_layer_noise noise;     // of the layer's input activations
    double sqnr_sum_db;        // of all images whose noise is known; of one image not in use
    int num_sqnr;
    uint64_t bops, assign_bops;
    igq_events events;
} igq_layer_result;

// Sums that reports and summary print: of a run, of a layer over all images, of an image.
typedef struct igq_run_totals {
    uint64_t num_images, num_skipped;
    uint64_t peak_macs_per_cycle;
    igq_job_result timing;     // sum over layers and images
    uint64_t macs;             // multiply-accumulates of the network, all images
    uint64_t mac_slots;        // those not skipped, times passes: multiplier cycles that did useful work
    uint64_t skipped_channels; // of all layers
    uint64_t bops, assign_bops, overflow_count, saturated_count;
    uint64_t weight_quantizers; // of the network, however many images
    double mac_utilization;     // mac_slots / (cycles * peak)
    double macs_per_peak;       // macs / (cycles * peak)
    double time_ms;
    // Mean over layers and images whose whole activations were at hand; of a layer that of its summed powers. NAN:
    // none.
    double activation_sqnr_db;
    int num_sqnr_layers;
} igq_run_totals;

// Of so many images a report has causes, events and the group sizes of every layer; what is kept of the others is
// small, whatever the network.
#define IGQ_LISTED_IMAGES 32

typedef struct igq_image_result {
    char name[256];
    igq_layer_result *layer; // (num_layers) from its timing until it is added to the run's sums, and of images listed
                             // in full; NULL: of the others
    igq_run_totals sums;     // over its layers; igq_image_totals_of adds what is known of a finished run
    igq_events *events;      // of images listed in full, and of all where energy is asked for; else NULL
    igq_accuracy accuracy;   // execution-driven only
} igq_image_result;

// How far an output of a graph moved, over all its samples; kl_divergence: mean over rows of its last dimension.
typedef struct igq_output_error {
    char name[128];
    double sqnr_db, relative_error, kl_divergence; // relative_error: the largest difference over the largest value
} igq_output_error;

// How likely a decoder found tokens that it was given, each after those before it: sum of -ln p.
typedef struct igq_prediction {
    uint64_t num; // 0: it was given none
    double nats;
} igq_prediction;

// An image that could not be read and was left out (--skip-bad).
typedef struct igq_skipped_image {
    int image; // index among all that were asked for
    char *path, *reason;
} igq_skipped_image;

// The same images on a machine without groups (references.h).
typedef struct igq_reference {
    igq_accelerator machine;
    uint64_t cycles; // of all images, as are the events
    igq_events events;
} igq_reference;
#define IGQ_MAX_REFERENCES 2

typedef struct igq_run_result {
    igq_run_mode mode;
    const char *timeline_path;        // written for the first image; NULL: none. Lives as long as the request
    const char *dram_trace_path;      // the same
    const igq_machine_runner *runner; // of the request
    igq_user_unit *unit;              // the same
    int bounds_only;                  // of the request
    int datapath_rtl;                 // the same
    const igq_technology *technology; // energy is asked for; NULL: it is not. Lives as long as the request
    uint64_t seed;                    // shape-only
    igq_input_file *input;
    int num_inputs;
    igq_string_list settings; // words KEY=VALUE of the command line. Live as long as the request
    igq_accelerator accelerator;
    igq_workload workload;
    igq_network *network;
    uint64_t left_macs;          // of an image, that no layer has: left to full precision
    int num_layers;              // of the network
    const igq_layer *layer;      // (num_layers)
    int *act_bits, *weight_bits; // (num_layers)
    int *weight_quantizers;      // (num_layers) 0: a layer without weights
    igq_layer_result *sum;       // (num_layers) of all images so far
    double sqnr_sum_db;          // in the order of images and layers
    int num_sqnr_layers;
    int num_images;
    igq_image_result *image;
    int num_outputs; // of an executed graph
    igq_output_error *output;
    igq_prediction full_precision, datapath; // of all samples
    int num_skipped;
    igq_skipped_image *skipped;
    int num_references; // 0 unless energy was asked for
    igq_reference reference[IGQ_MAX_REFERENCES];
} igq_run_result;

igq_run_result *igq_run_result_new(const igq_workload *workload, const igq_accelerator *accelerator, int num_images);
void igq_run_result_free(igq_run_result *result);

// Makes the layers of an image, all zero. Timing fills them.
igq_status igq_run_result_open_image(igq_run_result *result, int image, igq_error *error);
// Forgets them.
void igq_run_result_close_image(igq_run_result *result, int image);
// Adds an image to the run's sums and closes it, unless it is listed in full. In the order of images.
igq_status igq_run_result_add_image(igq_run_result *result, int image, igq_error *error);

// Notes that image `image` is left out; once all are seen, drop takes those noted out of the result.
igq_status igq_run_result_skip(igq_run_result *result, int image, const char *path, const char *reason,
                               igq_error *error);
void igq_run_result_drop_skipped(igq_run_result *result);

// sum += one, field by field.
void igq_job_result_add(igq_job_result *sum, const igq_job_result *one);

// The figures of a run, of a layer over all images, of an image.
void igq_run_totals_of(igq_run_totals *totals, const igq_run_result *result);
void igq_layer_totals_of(igq_run_totals *totals, const igq_run_result *result, int layer);
void igq_image_totals_of(igq_run_totals *totals, const igq_run_result *result, int image);

// Cycles of single images: what a run costs depends on the instance.
typedef struct igq_image_spread {
    double mean_cycles, deviation_cycles; // deviation: standard, of all images
    uint64_t least_cycles, worst_cycles;
    int worst_image; // the first with worst_cycles
} igq_image_spread;
uint64_t igq_image_cycles(const igq_run_result *result, int image);
void igq_image_spread_of(igq_image_spread *spread, const igq_run_result *result);

// Means over the images of a run that executed them.
void igq_run_accuracy_of(igq_accuracy_totals *totals, const igq_run_result *result);

// 1 if the scheme groups the layer: its channels, or the rows of its softmax.
int igq_run_layer_is_grouped(const igq_run_result *result, int layer);

// Multiplier cycles of useful work of a layer over num_images images in which so many channels were skipped.
uint64_t igq_run_mac_slots(const igq_run_result *result, int layer, int num_images, uint64_t skipped_channels);

// Passes of the multipliers for codes of these widths (accelerator.h).
int igq_run_passes(const igq_run_result *result, int layer);

// 10 log10(signal / noise); NAN when unknown, INFINITY when there is no noise.
double igq_noise_sqnr_db(const igq_layer_noise *noise);

#ifdef __cplusplus
}
#endif
#endif
