// SPDX-License-Identifier: Apache-2.0
// trace_file.h - recorded activations of a few images in one safetensors file; docs/formats.md describes it. A trace
// has the ranges of every layer's input ("compact"), and whole activations of any blocks besides.
#ifndef IGQ_TRACE_FILE_H
#define IGQ_TRACE_FILE_H
#include "calibrate.h"
#include "calibration.h"
#include "engine.h"
#include "error.h"
#include "instance.h"
#include "scheme.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

// Names of tensors: of an image and a layer ("b0.qkv"), or of an image and an attention, which is what stands before
// "context" in the name of that layer ("b0.", "b7.x."), or its whole name and a dot.
#define IGQ_TRACE_LINEAR "%s/%s.in"                   // [T][C]
#define IGQ_TRACE_SOFTMAX "%s/%ssoftmax"              // [products][T][keys]
#define IGQ_TRACE_QKV "%s/%sqkv.out"                  // [T][3 dim], of self-attention without windows
#define IGQ_TRACE_LINEAR_RANGE "%s/minmax/%s.in"      // [2][C]: minima, maxima
#define IGQ_TRACE_SOFTMAX_RANGE "%s/minmax/%ssoftmax" // [products][2][T]
#define IGQ_TRACE_QKV_RANGE "%s/minmax/%sqkv.out"     // [heads][3][2]: minimum, maximum of q, k, v
#define IGQ_TRACE_ATTENTION_BYTES (IGQ_LAYER_NAME_BYTES + 1)
void igq_trace_attention(char name[IGQ_TRACE_ATTENTION_BYTES], const igq_layer *context);
#define IGQ_TRACE_NAME_BYTES 384

typedef enum igq_trace_source {
    IGQ_TRACE_FP32,     // forward pass in full precision
    IGQ_TRACE_DATAPATH, // what the bit-true datapath saw: values on the grids of the calibration
    IGQ_TRACE_SOURCE_COUNT
} igq_trace_source;
extern const char *const igq_trace_source_names[IGQ_TRACE_SOURCE_COUNT]; // "fp32", "datapath"

// Reading

typedef struct igq_trace igq_trace;

// Name and dimensions of the vision transformer that a trace is of; the other members of *workload are zero.
igq_status igq_trace_workload(igq_workload *workload, const char *path, igq_error *error);

// Refuses a trace of a network of another shape. workload must outlive the trace.
igq_status igq_trace_open(igq_trace **trace, const char *path, const igq_workload *workload, igq_error *error);
void igq_trace_close(igq_trace *trace); // NULL is fine

// Images in the order in which they were recorded.
int igq_trace_num_images(const igq_trace *trace);
const char *igq_trace_image_name(const igq_trace *trace, int image);

// Ranges of one image as they were recorded, for calibration.
igq_status igq_trace_real_instance(igq_real_instance *out, igq_trace *trace, int image, igq_error *error);

// Ranges of one image on the calibrated grids, and the quantization noise of layers whose whole activations are there.
// Rounding to a grid is monotone, so these are the ranges of the rounded activations.
igq_status igq_trace_instance(igq_instance *out, igq_trace *trace, int image, const igq_calibration *calibration,
                              const igq_scheme_cfg *cfg, igq_error *error);

// Writing: new; for each image begin and a forward pass with the observer; save; free.

typedef struct igq_trace_writer igq_trace_writer;

// Blocks of a network: one more than the highest number of a layer's block.
int igq_trace_blocks(const igq_network *network);

// whole_blocks (igq_trace_blocks): 1 for blocks whose activations are recorded whole; NULL for none. whole_rest: so are
// those of layers outside of blocks. workload must outlive the writer. NULL when memory is short.
igq_trace_writer *igq_trace_writer_new(const igq_workload *workload, igq_trace_source source,
                                       const unsigned char *whole_blocks, int whole_rest);
void igq_trace_writer_free(igq_trace_writer *writer);
igq_observer igq_trace_writer_observer(igq_trace_writer *writer);

// Starts the image of this file name; folder and extension are cut off, and a second image of the same name gets "-2".
void igq_trace_writer_begin(igq_trace_writer *writer, const char *file_name);
igq_status igq_trace_writer_save(igq_trace_writer *writer, const char *path, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
