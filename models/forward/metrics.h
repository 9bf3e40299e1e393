// SPDX-License-Identifier: Apache-2.0
// metrics.h - how far predictions moved: KL divergence (Eq. 9), top-k, signal-to-noise.
#ifndef IGQ_METRICS_H
#define IGQ_METRICS_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// KL(softmax(reference) || softmax(test)) in nats, computed in double in index order; at least 0.
double igq_kl_divergence(const float *reference_logits, const float *test_logits, int num);
// -ln softmax(logits)[index] in nats, computed in double in index order.
double igq_surprise(const float *logits, int num, int index);
// The mean over rows of `classes` logits each; 0 of none.
double igq_mean_kl_divergence(const float *reference_logits, const float *test_logits, size_t num, int classes);
// Indices of the k largest, descending, ties to the lowest index. k <= num.
void igq_top_k(int *top, const float *logits, int num, int k);
// 10 log10(signal / noise); INFINITY without noise, -INFINITY without signal.
double igq_power_ratio_db(double signal, double noise);
// Of sum ref^2 and sum (ref-test)^2.
double igq_sqnr_db(const float *reference, const float *test, int num);

// How far a tensor is off, over several calls. Starts from zeros.
typedef struct igq_tensor_error {
    double signal, noise;      // sums of ref^2 and (ref-test)^2
    double divergence;         // sum over rows
    float largest, difference; // of |ref|, of |ref-test|
    size_t num_rows;
} igq_tensor_error;
// `num` values, rows of `classes`.
void igq_tensor_error_add(igq_tensor_error *error, const float *reference, const float *test, size_t num, int classes);
double igq_tensor_sqnr_db(const igq_tensor_error *error);
double igq_tensor_relative_error(const igq_tensor_error *error); // largest difference over largest value; 0 of zeros
double igq_tensor_kl_divergence(const igq_tensor_error *error);  // mean over rows; 0 of none

#ifdef __cplusplus
}
#endif
#endif
