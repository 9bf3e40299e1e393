// SPDX-License-Identifier: Apache-2.0
// config_file.h - config.json of a Hugging Face folder, as values of a workload's keys: family and shape. What a
// workload needs and such a file does not say (tokens of a prompt, size of an image that is not square) has a default.
#ifndef IGQ_CONFIG_FILE_H
#define IGQ_CONFIG_FILE_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IGQ_CONFIG_MAX_SETTINGS = 32 };

typedef struct igq_config_setting {
    const char *key; // "network.dim"
    char value[96];
} igq_config_setting;

typedef struct igq_config {
    const char *family; // "llama", as igq_family_names has it
    igq_config_setting setting[IGQ_CONFIG_MAX_SETTINGS];
    int num;
} igq_config;

// Understood: model_type bert, deit, detr, gpt2, llama, mistral, swin, vit. Refused: others, numbers that are missing
// or none, and what the family does not compute (another activation, biases, scaled angles, windows of attention).
// Values are not held against the ranges of their keys. Means and deviations of a vit, deit or swin come from
// preprocessor_config.json beside it, if it is there.
igq_status igq_config_load(igq_config *config, const char *path, igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
