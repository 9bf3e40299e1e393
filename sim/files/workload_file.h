// SPDX-License-Identifier: Apache-2.0
// workload_file.h - a network and what it is fed with, from a YAML file (configs/workloads/).
#ifndef IGQ_WORKLOAD_FILE_H
#define IGQ_WORKLOAD_FILE_H
#include "accelerator.h"
#include "error.h"
#include "image.h"
#include "key_source.h"
#include "matmuls.h"
#include "onnx_file.h"
#include "string_list.h"
#include "bert.h"
#include "detr.h"
#include "llama.h"
#include "mask_rcnn.h"
#include "swin.h"
#include "vit.h"
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// Code widths, for calibration and for shape-only runs (a run on a calibration file takes them from there).
typedef struct igq_precision {
    int act_bits, weight_bits; // inputs and weights of the linear layers of blocks; act_bits: softmax rows too
    int attn_bits;             // q, k, v
    int edge_bits;             // patch_embed and head, activations and weights
    int weight_groups;         // quantizers of a layer's weights; 0: one per output channel
    double weight_epsilon_pct; // weights are clipped at this percentile and 100 minus it
} igq_precision;

// Channel ranges of shape-only runs: log-normal with these standard deviations of ln(range).
typedef struct igq_range_spread {
    double channel_spread;  // between the channels of a layer (rows of a softmax), the same in every image
    double instance_spread; // between the images, for each channel anew
} igq_range_spread;
typedef struct igq_synthetic_ranges {
    int seed;
    igq_range_spread qkv, proj, fc1, fc2, softmax;
    double softmax_median; // of the largest value of a softmax row
} igq_synthetic_ranges;

// Families and their names. Each has a row (family.h); decoders share a shape, the last two bring their networks.
#define IGQ_FAMILIES(FAMILY)                                                                                           \
    FAMILY(VIT, vit)                                                                                                   \
    FAMILY(SWIN, swin)                                                                                                 \
    FAMILY(MASK_RCNN, mask_rcnn)                                                                                       \
    FAMILY(DETR, detr)                                                                                                 \
    FAMILY(BERT, bert)                                                                                                 \
    FAMILY(LLAMA, llama)                                                                                               \
    FAMILY(GPT2, gpt2)                                                                                                 \
    FAMILY(MATMULS, matmuls)                                                                                           \
    FAMILY(ONNX, onnx)

#define IGQ_FAMILY_ID(ID, name) IGQ_FAMILY_##ID,
typedef enum igq_family { IGQ_FAMILIES(IGQ_FAMILY_ID) IGQ_FAMILY_COUNT } igq_family;
extern const char *const igq_family_names[IGQ_FAMILY_COUNT]; // "vit", "swin", "mask_rcnn", ...

typedef struct igq_workload {
    char name[IGQ_NAME_BYTES];
    igq_family family;
    igq_vit_shape shape; // of family vit; of the others:
    igq_swin_shape swin;
    igq_mask_rcnn_shape mask_rcnn;
    igq_detr_shape detr;
    igq_bert_shape bert;
    igq_llama_shape llama;
    igq_matmuls matmuls;
    igq_onnx onnx;
    int input_dim[IGQ_ONNX_SIZED_DIMS]; // of an ONNX file, where it leaves them open
    igq_preprocess preprocess;          // of photos
    igq_precision precision;
    igq_synthetic_ranges synthetic_ranges;
} igq_workload;

// 1 if the network has a prompt, decoded tokens, and a cache for them.
static inline int igq_workload_decodes(const igq_workload *workload)
{
    return workload->family == IGQ_FAMILY_LLAMA || workload->family == IGQ_FAMILY_GPT2;
}

// A YAML file with a network of a family, or a list of products (YAML with `matmuls`, or a table in a file of the
// ending ".csv"), or an ONNX file (".onnx"); these have the precision and the ranges of workload_file.c. Free in any
// case.
igq_status igq_workload_load(igq_workload *workload, const char *path, igq_error *error);
void igq_workload_free(igq_workload *workload); // zeroed ones are fine

// The same under settings of the command line: sets (NULL: none) are words KEY=VALUE, of which those that are no keys
// of a workload are left alone, and so is `name`, which is the machine's.
igq_status igq_workload_load_with(igq_workload *workload, const char *path, const igq_string_list *sets,
                                  igq_error *error);

// The files that a workload file is based on, directly or not; none of a list of products. Free in any case.
igq_status igq_workload_bases(igq_base_list *list, const char *path, igq_error *error);

// Refuses settings that are no keys of the machine (with_machine 1) nor of this workload (NULL: there is none).
igq_status igq_sets_check(const igq_string_list *sets, int with_machine, const igq_workload *workload,
                          igq_error *error);

// A JSON schema of a workload file of any family. New reference.
json_t *igq_workload_schema(void);

// The graph of a family, whose weights have names and no data; NULL when memory is short. Not for lists of products and
// ONNX files.
igq_graph *igq_workload_graph(const igq_workload *workload);

// Of its predictions: how far labels may go. 1 where there are none.
int igq_workload_classes(const igq_workload *workload);

// The list of its matrix products; NULL when memory is short.
igq_network *igq_workload_network(const igq_workload *workload);

// The values in the order of the file's keys, for reports. New reference.
json_t *igq_workload_to_json(const igq_workload *workload);

#ifdef __cplusplus
}
#endif
#endif
