// SPDX-License-Identifier: Apache-2.0
// matmul_file.h - lists of matrix products: a table (CSV) with a head, or items of a YAML file; docs/formats.md.
// Columns are name, M, N, K, and where wanted count, bits, act_bits, weight_bits; the heads of SCALE-Sim's GEMM
// topologies
// ("Layer, M, N, K,") say the same.
#ifndef IGQ_MATMUL_FILE_H
#define IGQ_MATMUL_FILE_H
#include "error.h"
#include "matmuls.h"

#ifdef __cplusplus
extern "C" {
#endif

#define IGQ_MAX_MATMULS 16384 // with all their repetitions
#define IGQ_MAX_MATMUL_TOKENS (1 << 20)
#define IGQ_MAX_MATMUL_OUTPUTS (1 << 20)

// The caller frees matmuls->item, which is NULL where it fails.
igq_status igq_matmuls_load_csv(igq_matmuls *matmuls, const char *path, igq_error *error);
// Key `matmuls` of a YAML file, a list of sections with the columns as keys.
igq_status igq_matmuls_load_yaml(igq_matmuls *matmuls, const char *path, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
