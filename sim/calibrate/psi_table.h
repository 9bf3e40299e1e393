// SPDX-License-Identifier: Apache-2.0
// psi_table.h - the perturbation of every grouped layer (Eq. 9), mean over images, measured by several processes.
#ifndef IGQ_PSI_TABLE_H
#define IGQ_PSI_TABLE_H
#include "calibrate.h"
#include "calibration.h"
#include "error.h"
#include "samples.h"
#include "scheme.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_psi_source {
    const igq_workload *workload;
    const char *weights_path;
    igq_sample_source samples;
    int num_jobs;
    igq_scheme_cfg scheme;
} igq_psi_source;

// igq with the distance and list capacity that a calibration is made with.
igq_scheme_cfg igq_calibrated_scheme(const igq_calibrate_cfg *cfg);

// psi out (igq_num_grouped), with the groups of this calibration; 0 where wanted (igq_num_grouped) is 0.
igq_status igq_psi_measure(double *psi, const igq_psi_source *source, const igq_calibration *calibration,
                           const unsigned char *wanted, igq_error *error);

// *kl: divergence of the predictions from full precision with the whole network quantized, mean over the images.
igq_status igq_kl_measure(double *kl, const igq_psi_source *source, const igq_calibration *calibration,
                          igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
