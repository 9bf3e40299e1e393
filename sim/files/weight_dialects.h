// SPDX-License-Identifier: Apache-2.0
// weight_dialects.h - under which names checkpoints keep the weights of a family. The builders' own names are one
// dialect (graph_build.h); another is a list of words that take the place of words in those.
#ifndef IGQ_WEIGHT_DIALECTS_H
#define IGQ_WEIGHT_DIALECTS_H

#ifdef __cplusplus
extern "C" {
#endif

// The first `from` of a name becomes `to`; one rule after another. "^" begins words that stand at the start of a name.
typedef struct igq_rename {
    const char *from, *to;
    const char *within; // only in names with these words; NULL: in all
} igq_rename;

typedef struct igq_dialect {
    const char *name;         // of whoever uses it, for messages; NULL ends the list
    const igq_rename *rename; // from NULL ends them
} igq_dialect;

// What a dialect calls the weight `own`.
#define IGQ_TENSOR_NAME_BYTES 256
void igq_weight_name(char name[IGQ_TENSOR_NAME_BYTES], const char *own, const igq_dialect *dialect);

extern const igq_dialect igq_plain_dialects[]; // the builders' names alone
extern const igq_dialect igq_swin_dialects[], igq_bert_dialects[], igq_detr_dialects[], igq_mask_rcnn_dialects[];

#ifdef __cplusplus
}
#endif
#endif
