// SPDX-License-Identifier: Apache-2.0
// calibrate.h - Eqs. (4)-(6): from the ranges of a few images to grids and group bounds. Streaming: per image only
// ranges are kept (igq_instance-sized), never activations.
#ifndef IGQ_CALIBRATE_H
#define IGQ_CALIBRATE_H
#include "calibration.h"
#include "engine.h"
#include "instance.h"
#include "params.h"

#ifdef __cplusplus
extern "C" {
#endif

// What the members of a group are quantized by; they are assigned by the means in any case.
typedef enum igq_bounds {
    IGQ_BOUNDS_MEAN,    // their mean range, l_g and u_g (Eq. 6): members wider than the mean are clipped
    IGQ_BOUNDS_EXTREME, // a range around them all: a coarser step, no clipping on the calibration images
    IGQ_BOUNDS_COUNT
} igq_bounds;
extern const char *const igq_bounds_names[IGQ_BOUNDS_COUNT]; // "mean", "extreme"

typedef struct igq_calibrate_cfg {
    int num_groups;                                  // of linear layers in blocks and of softmax rows
    int act_bits, weight_bits, attn_bits, edge_bits; // edge: patch_embed and head, activations and weights
    int weight_groups; // of the layers in blocks, as in calibration.h; edges have a quantizer per output channel
    double weight_epsilon_pct;
    igq_distance distance;
    igq_bounds bounds;
    double bounds_alpha; // with bounds mean: members are quantized by (1 - alpha) mean + alpha extreme, [0, 1]
    int max_iterations;  // N_iter
    // Lists of the machine it is for, as igq_list_capacity has them; 0: no limit.
    int group_capacity_pct, capacity_multiple;
} igq_calibrate_cfg;

// Samples come instance after instance of num_members; of each, a group takes `capacity` at most (0: no limit).
typedef struct igq_list_limit {
    int num_members, capacity;
} igq_list_limit;

// Real-valued ranges of one tensor over one image.
typedef struct igq_real_range {
    int num;
    float *lo, *hi;
} igq_real_range;

// Ranges of one image, as an observer of the FP32 forward (or a trace) collects them.
typedef struct igq_real_instance {
    igq_real_range *linear;  // (num_linear of the network), per channel
    igq_real_range *softmax; // (num_softmax), per row
    igq_real_range *qkv;     // (num_heads), num = 3: q, k, v of the head
} igq_real_instance;
igq_real_instance *igq_real_instance_new(const igq_network *network);
void igq_real_instance_free(igq_real_instance *instance);

// The ranges on the calibrated grids. Rounding is monotone, so these are the ranges of the rounded activations.
void igq_real_instance_to_grid(igq_instance *out, const igq_real_instance *real, const igq_calibration *calibration);

// An observer of one forward pass that fills `instance`. The collector must outlive it.
typedef struct igq_range_collector {
    igq_real_instance *instance;
} igq_range_collector;
igq_observer igq_range_collector_observer(igq_range_collector *collector);

// Group bounds of num_samples = images*members ranges on the grid: alternate Eq. (5) and Eq. (6) until no sample moves
// or max_iterations. Start: farthest-first and equal-count quantiles of the range width are both tried, the smaller
// total distance wins (first on a tie). A group that runs empty takes the sample farthest from its own bounds. Means
// are rounded half up. If there are fewer distinct samples than groups, the last groups repeat the last distinct
// bounds. Groups leave ordered by (upper - lower, lower). Returns the iterations of the winner (0 with fewer samples
// than groups). With a limit the starts are the same and Eq. (5) is igq_assign_limited; it may then go round in circles
// and end by max_iterations.
int igq_calibrate_groups(int16_t *lower, int16_t *upper, const int16_t *lo, const int16_t *hi, int num_samples,
                         int num_groups, igq_distance distance, int max_iterations, igq_list_limit limit);

// Bounds that cover the samples nearest to each group's bounds, which are in and out; a group without samples keeps its
// own.
void igq_cover_groups(int16_t *lower, int16_t *upper, const int16_t *lo, const int16_t *hi, int num_samples,
                      int num_groups, igq_distance distance, igq_list_limit limit);

// All layers. instances in (num_images). Grid exponents: least that holds the largest magnitude with one bit to spare.
// A layer with fewer members than num_groups gets as many groups as members. Fails (NULL) only when memory is short.
igq_calibration *igq_calibrate(const igq_network *network, igq_real_instance *const *instances, int num_images,
                               const igq_calibrate_cfg *cfg);

#ifdef __cplusplus
}
#endif
#endif
