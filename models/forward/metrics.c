// SPDX-License-Identifier: Apache-2.0
#include "metrics.h"
#include "elementary.h"
#include <assert.h>
#include <math.h>

// log of the sum of exponentials: softmax(x)[i] = exp(x[i] - log_sum_exp(x)).
static double log_sum_exp(const float *x, int num)
{
    double largest = x[0], sum = 0;
    for (int i = 1; i < num; i++)
        largest = x[i] > largest ? x[i] : largest;
    for (int i = 0; i < num; i++)
        sum += igq_exp(x[i] - largest);
    return largest + igq_log(sum);
}

double igq_kl_divergence(const float *reference_logits, const float *test_logits, int num)
{
    double reference_sum = log_sum_exp(reference_logits, num), test_sum = log_sum_exp(test_logits, num), kl = 0;
    for (int i = 0; i < num; i++) {
        double log_p = reference_logits[i] - reference_sum, log_q = test_logits[i] - test_sum;
        kl += igq_exp(log_p) * (log_p - log_q);
    }
    return kl < 0 ? 0 : kl; // rounding; no divergence is negative
}

double igq_surprise(const float *logits, int num, int index)
{
    return log_sum_exp(logits, num) - (double)logits[index];
}

double igq_mean_kl_divergence(const float *reference_logits, const float *test_logits, size_t num, int classes)
{
    double sum = 0;
    for (size_t first = 0; first < num; first += (size_t)classes)
        sum += igq_kl_divergence(reference_logits + first, test_logits + first, classes);
    return num ? sum / ((double)num / classes) : 0;
}

static int is_chosen(const int *top, int num_chosen, int index)
{
    for (int i = 0; i < num_chosen; i++)
        if (top[i] == index)
            return 1;
    return 0;
}

void igq_top_k(int *top, const float *logits, int num, int k)
{
    assert(k >= 0 && k <= num);
    for (int rank = 0; rank < k; rank++) {
        int best = -1;
        for (int i = 0; i < num; i++)
            if (!is_chosen(top, rank, i) && (best < 0 || logits[i] > logits[best]))
                best = i;
        top[rank] = best;
    }
}

double igq_power_ratio_db(double signal, double noise)
{
    const double db_per_neper = 4.3429448190325183; // 10 / ln 10
    if (noise == 0)
        return INFINITY;
    return signal > 0 ? db_per_neper * igq_log(signal / noise) : -INFINITY;
}

double igq_sqnr_db(const float *reference, const float *test, int num)
{
    double signal = 0, noise = 0;
    for (int i = 0; i < num; i++) {
        double error = (double)reference[i] - test[i];
        signal += (double)reference[i] * reference[i];
        noise += error * error;
    }
    return igq_power_ratio_db(signal, noise);
}

void igq_tensor_error_add(igq_tensor_error *error, const float *reference, const float *test, size_t num, int classes)
{
    for (size_t i = 0; i < num; i++) {
        double off = (double)reference[i] - test[i];
        error->signal += (double)reference[i] * reference[i];
        error->noise += off * off;
        error->largest = fmaxf(error->largest, fabsf(reference[i]));
        error->difference = fmaxf(error->difference, fabsf(test[i] - reference[i]));
    }
    for (size_t first = 0; first < num; first += (size_t)classes) {
        error->divergence += igq_kl_divergence(reference + first, test + first, classes);
        error->num_rows++;
    }
}

double igq_tensor_sqnr_db(const igq_tensor_error *error)
{
    return igq_power_ratio_db(error->signal, error->noise);
}

double igq_tensor_relative_error(const igq_tensor_error *error)
{
    return error->largest > 0 ? (double)error->difference / (double)error->largest : 0;
}

double igq_tensor_kl_divergence(const igq_tensor_error *error)
{
    return error->num_rows ? error->divergence / (double)error->num_rows : 0;
}
