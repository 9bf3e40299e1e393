// SPDX-License-Identifier: Apache-2.0
#include "weight_dialects.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const igq_rename as_they_are[] = {{NULL, NULL, NULL}};

const igq_dialect igq_plain_dialects[] = {{"the builder", as_they_are}, {NULL, NULL}};

// Merging belonged to the stage before it.
#define EARLY_MERGE                                                                                                    \
    {"layers.1.downsample", "layers.0.downsample", NULL}, {"layers.2.downsample", "layers.1.downsample", NULL},        \
    {                                                                                                                  \
        "layers.3.downsample", "layers.2.downsample", NULL                                                             \
    }

static const igq_rename swin_authors[] = {EARLY_MERGE, {"head.fc.", "head.", NULL}, {NULL, NULL, NULL}};

static const igq_rename swin_hugging_face[] = {EARLY_MERGE,
                                               {"^layers.", "encoder.layers.", NULL},
                                               {"attn.qkv.", "attention.self.{query,key,value}.", NULL},
                                               {"attn.relative", "attention.self.relative", NULL},
                                               {"attn.proj.", "attention.output.dense.", NULL},
                                               {".norm1.", ".layernorm_before.", NULL},
                                               {".norm2.", ".layernorm_after.", NULL},
                                               {"mlp.fc1.", "intermediate.dense.", NULL},
                                               {"mlp.fc2.", "output.dense.", NULL},
                                               {"patch_embed.proj.", "embeddings.patch_embeddings.projection.", NULL},
                                               {"patch_embed.norm.", "embeddings.norm.", NULL},
                                               {"^norm.", "layernorm.", NULL},
                                               {"head.fc.", "classifier.", NULL},
                                               {NULL, NULL, NULL}};

static const igq_rename swin_torchvision[] = {{"^patch_embed.proj.", "features.0.0.", NULL},
                                              {"^patch_embed.norm.", "features.0.2.", NULL},
                                              {"^layers.0.blocks.", "features.1.", NULL},
                                              {"^layers.1.blocks.", "features.3.", NULL},
                                              {"^layers.2.blocks.", "features.5.", NULL},
                                              {"^layers.3.blocks.", "features.7.", NULL},
                                              {"^layers.1.downsample.", "features.2.", NULL},
                                              {"^layers.2.downsample.", "features.4.", NULL},
                                              {"^layers.3.downsample.", "features.6.", NULL},
                                              {"mlp.fc1.", "mlp.0.", NULL},
                                              {"mlp.fc2.", "mlp.3.", NULL},
                                              {"head.fc.", "head.", NULL},
                                              {NULL, NULL, NULL}};

const igq_dialect igq_swin_dialects[] = {{"timm", as_they_are},
                                         {"the authors and older timm", swin_authors},
                                         {"Hugging Face", swin_hugging_face},
                                         {"torchvision", swin_torchvision},
                                         {NULL, NULL}};

// The names of the first release, TensorFlow's.
static const igq_rename bert_tensorflow[] = {
    {"LayerNorm.weight", "LayerNorm.gamma", NULL}, {"LayerNorm.bias", "LayerNorm.beta", NULL}, {NULL, NULL, NULL}};

const igq_dialect igq_bert_dialects[] = {
    {"Hugging Face", as_they_are}, {"Hugging Face, with gamma and beta", bert_tensorflow}, {NULL, NULL}};

static const igq_rename detr_hugging_face[] = {{"^backbone.", "backbone.conv_encoder.model.", NULL},
                                               {NULL, NULL, NULL}};

// nn.MultiheadAttention keeps queries, keys and values in one tensor.
static const igq_rename detr_authors[] = {{"^backbone.", "backbone.0.body.", NULL},
                                          {"^encoder.", "transformer.encoder.", NULL},
                                          {"^decoder.", "transformer.decoder.", NULL},
                                          {"encoder_attn.", "multihead_attn.", NULL},
                                          {"attn.{q_proj,k_proj}.weight", "attn.in_proj_weight[0]", NULL},
                                          {"attn.{q_proj,k_proj}.bias", "attn.in_proj_bias[0]", NULL},
                                          {"attn.q_proj.weight", "attn.in_proj_weight[0]", NULL},
                                          {"attn.q_proj.bias", "attn.in_proj_bias[0]", NULL},
                                          {"attn.k_proj.weight", "attn.in_proj_weight[1]", NULL},
                                          {"attn.k_proj.bias", "attn.in_proj_bias[1]", NULL},
                                          {"attn.v_proj.weight", "attn.in_proj_weight[2]", NULL},
                                          {"attn.v_proj.bias", "attn.in_proj_bias[2]", NULL},
                                          {".self_attn_layer_norm.", ".norm1.", NULL},
                                          {".fc1.", ".linear1.", NULL},
                                          {".fc2.", ".linear2.", NULL},
                                          {"decoder.layernorm.", "decoder.norm.", NULL},
                                          {"^input_projection.", "input_proj.", NULL},
                                          {"^query_position_embeddings.", "query_embed.", NULL},
                                          {"^class_labels_classifier.", "class_embed.", NULL},
                                          {"^bbox_predictor.", "bbox_embed.", NULL},
                                          {".encoder_attn_layer_norm.", ".norm2.", NULL},
                                          {".final_layer_norm.", ".norm2.", "encoder.layers."},
                                          {".final_layer_norm.", ".norm3.", "decoder.layers."},
                                          {NULL, NULL, NULL}};

const igq_dialect igq_detr_dialects[] = {
    {"Hugging Face", detr_hugging_face}, {"the authors", detr_authors}, {"igqsim", as_they_are}, {NULL, NULL}};

static const igq_rename mask_rcnn_swin[] = {EARLY_MERGE, {NULL, NULL, NULL}};

const igq_dialect igq_mask_rcnn_dialects[] = {
    {"mmdetection", mask_rcnn_swin}, {"mmdetection, with timm's backbone", as_they_are}, {NULL, NULL}};

static void replace(char name[IGQ_TENSOR_NAME_BYTES], const igq_rename *rule)
{
    int at_start = *rule->from == '^';
    const char *from = rule->from + at_start;
    char *found = strstr(name, from), rest[IGQ_TENSOR_NAME_BYTES];
    if (!found || (at_start && found != name) || (rule->within && !strstr(name, rule->within)))
        return;
    snprintf(rest, sizeof rest, "%s", found + strlen(from));
    snprintf(found, (size_t)(name + IGQ_TENSOR_NAME_BYTES - found), "%s%s", rule->to, rest);
}

void igq_weight_name(char name[IGQ_TENSOR_NAME_BYTES], const char *own, const igq_dialect *dialect)
{
    snprintf(name, IGQ_TENSOR_NAME_BYTES, "%s", own);
    for (const igq_rename *rule = dialect->rename; rule->from; rule++)
        replace(name, rule);
}
