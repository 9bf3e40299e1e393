// SPDX-License-Identifier: Apache-2.0
// The networks of configs/workloads/ against the parameters and multiply-accumulates that are published of them.
// Published "FLOPs" of vision networks are multiply-accumulates, of BERT twice as many.
#include "workload_file.h"
#include <check.h>
#include "temp_dir.h"

static igq_workload workload;
static igq_network *network;

static void use(const char *name)
{
    igq_error error;
    char path[256];
    snprintf(path, sizeof path, "configs/workloads/%s.yaml", name);
    ck_assert_msg(igq_workload_load(&workload, path, &error) == IGQ_OK, "%s", error.message);
    ck_assert_str_eq(workload.name, name);
    igq_network_free(network);
    network = igq_workload_network(&workload);
    ck_assert_ptr_nonnull(network);
}

// All weights of the graph but those with this word in their name.
static int64_t parameters_without(const char *word)
{
    igq_graph *graph = igq_workload_graph(&workload);
    int64_t sum = 0;
    ck_assert_ptr_nonnull(graph);
    for (int v = 0; v < graph->num_values; v++) {
        const igq_value *value = &graph->value[v];
        if (value->is_constant && !value->data && !strstr(value->name, word))
            sum += igq_shape_elements(&value->shape);
    }
    igq_graph_free(graph);
    return sum;
}

static int64_t macs(void)
{
    uint64_t sum = 0;
    for (int k = 0; k < network->num_layers; k++)
        sum += igq_layer_macs(&network->layer[k]);
    return (int64_t)sum;
}

static int64_t macs_of(igq_layer_kind kind)
{
    uint64_t sum = 0;
    for (int k = 0; k < network->num_layers; k++)
        if (network->layer[k].kind == kind)
            sum += igq_layer_macs(&network->layer[k]);
    return (int64_t)sum;
}

static void assert_giga(double value, double published, double tolerance_pct)
{
    ck_assert_double_eq_tol(value / 1e9, published, published * tolerance_pct / 100);
}

// timm's models; it gives multiply-accumulates, with the products of attention, to one decimal.
START_TEST(vit_and_deit_have_their_published_size)
{
    static const struct {
        const char *name;
        int64_t parameters;
        double gmacs;
    } published[] = {{"vit_tiny", 5717416, 1.3},    {"deit_tiny", 5717416, 1.3},  {"vit_small", 22050664, 4.6},
                     {"deit_small", 22050664, 4.6}, {"vit_base", 86567656, 17.6}, {"deit_base", 86567656, 17.6}};
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        use(published[i].name);
        ck_assert_int_eq(parameters_without("none"), published[i].parameters);
        ck_assert_double_eq_tol((double)macs() / 1e9, published[i].gmacs, 0.05);
    }
}
END_TEST

// torchvision's num_params and GFLOPS.
START_TEST(swin_has_its_published_size)
{
    static const struct {
        const char *name;
        int64_t parameters;
        double gmacs;
    } published[] = {{"swin_tiny", 28288354, 4.49}, {"swin_small", 49606258, 8.74}, {"swin_base", 87768224, 15.43}};
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        use(published[i].name);
        ck_assert_int_eq(parameters_without("none"), published[i].parameters);
        assert_giga((double)macs(), published[i].gmacs, 0.2);
    }
}
END_TEST

// Published of the detection repository of Swin, in whole millions and GMACs at 1280x800 with 1000 proposals and 100
// masks. Counted there are 1.4 M and 0.3 G of pyramid, norms and activations more or less than the products: 0.5 %.
START_TEST(mask_rcnn_has_its_published_size)
{
    static const struct {
        const char *name;
        double mparameters, gmacs;
    } published[] = {{"mask_rcnn_swin_tiny", 48, 267},
                     {"mask_rcnn_swin_small", 69, 359},
                     {"cascade_mask_rcnn_swin_tiny", 86, 745},
                     {"cascade_mask_rcnn_swin_small", 107, 838}};
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        use(published[i].name);
        ck_assert_double_eq_tol((double)parameters_without("none") / 1e6, published[i].mparameters, 0.5);
        assert_giga((double)macs(), published[i].gmacs, 0.5);
    }
}
END_TEST

// The authors' model: BatchNorm is frozen and has no parameters; its 86 G are a mean over images of many sizes.
START_TEST(detr_has_its_published_size)
{
    use("detr_resnet50");
    int64_t sum = parameters_without("running_");
    igq_graph *graph = igq_workload_graph(&workload);
    for (int n = 0; n < graph->num_nodes; n++)
        if (graph->node[n].op == IGQ_OP_BATCH_NORM)
            sum -= 2 * graph->value[graph->node[n].output[0]].shape.dim[1];
    igq_graph_free(graph);
    ck_assert_int_eq(sum, 41524768);
    assert_giga((double)macs(), 86, 6);
}
END_TEST

// torchvision's ResNet-50 has 25,557,032 parameters, 2,049,000 of them in its classifier, 53,120 in BatchNorm, and
// takes 4.09 GMACs at 224x224 with 2 M in the classifier.
START_TEST(the_resnet_of_detr_is_resnet50)
{
    use("detr_resnet50");
    workload.detr.image_height = workload.detr.image_width = 224;
    igq_network_free(network);
    network = igq_workload_network(&workload);
    int64_t sum = 0;
    const igq_layer *layer = network->layer;
    while (layer->kind == IGQ_LAYER_STEM || strcmp(layer->name, "project") != 0) {
        sum += (int64_t)layer->C * layer->O;
        layer++;
    }
    ck_assert_int_eq(sum, 25557032 - 2049000 - 53120);
    double projection = (double)igq_layer_macs(layer);
    assert_giga((double)(macs_of(IGQ_LAYER_STEM) + macs_of(IGQ_LAYER_CONV)) - projection, 4.09, 0.2);
}
END_TEST

// Hugging Face's bert-base-uncased: 30522 words, 512 positions, 2 segments. 22.5 G operations at 128 tokens (Sun et
// al.).
START_TEST(bert_base_has_its_published_size)
{
    use("bert_base");
    const igq_bert_shape *bert = &workload.bert;
    ck_assert_int_eq(parameters_without("none") + (512 - bert->tokens) * bert->dim, 109482240);
    assert_giga(2 * (double)macs(), 22.5, 1);
}
END_TEST

START_TEST(windows_are_padded_and_share_the_heads_of_a_layer)
{
    use("mask_rcnn_swin_tiny"); // 200 x 320 tokens in the first stage: 29 x 46 windows of 7 x 7
    const igq_layer *scores = &network->layer[2], *context = &network->layer[3];
    ck_assert_str_eq(scores->name, "b0.scores");
    ck_assert_int_eq(scores->products, 3 * 29 * 46);
    ck_assert_int_eq(scores->heads, 3);
    ck_assert_int_eq(scores->T, 49);
    ck_assert_int_eq(scores->C, 32);
    ck_assert_int_eq(scores->O, 49);
    ck_assert_int_eq(context->C, 49);
    ck_assert_int_eq(network->layer[1].T, 29 * 46 * 49); // qkv works on the padded tokens
    ck_assert_int_eq(network->layer[5].T, 200 * 320);    // fc1 does not
    const igq_layer *second = &network->layer[8];
    ck_assert_str_eq(second->name, "b1.scores");
    ck_assert_int_eq(second->attention, 1);
    ck_assert_int_eq(second->first_head, 3);
    ck_assert_int_eq(second->first_product, 3 * 29 * 46);
    ck_assert_int_eq(network->num_attention, 12);
    ck_assert_int_eq(network->num_heads, 2 * 3 + 2 * 6 + 6 * 12 + 2 * 24);
}
END_TEST

static int find(const char *name)
{
    for (int k = 0; k < network->num_layers; k++)
        if (strcmp(network->layer[k].name, name) == 0)
            return k;
    ck_abort_msg("no layer %s", name);
    return -1;
}

START_TEST(layers_read_what_the_architecture_says)
{
    use("detr_resnet50");
    int memory = find("b5.fc2"), keys = find("b7.x.k");
    ck_assert_int_eq(network->layer[find("b6.qk")].input, -1); // the queries
    ck_assert_int_eq(network->layer[keys].input, memory);
    ck_assert_int_eq(network->layer[memory].read_again, 1);
    ck_assert_int_eq(network->layer[find("b7.x.q")].input, find("b7.proj"));
    ck_assert_int_eq(network->layer[find("b7.x.scores")].keys_from, keys);
    ck_assert_int_eq(network->layer[find("b7.x.scores")].input, find("b7.x.q"));
    ck_assert_int_eq(network->layer[find("b7.x.context")].keys_from, find("b7.x.v"));
    ck_assert_int_eq(network->layer[find("b7.scores")].keys_from, find("b7.qk"));
    ck_assert_int_eq(network->layer[find("b7.scores")].input, find("b7.qk"));
    ck_assert_int_eq(network->layer[find("b7.qk")].read_again, 0);
    ck_assert_int_eq(network->layer[find("r2.0.conv1")].input, find("r1.2.conv3"));
    ck_assert_int_eq(network->layer[find("r2.0.shortcut")].input, find("r1.2.conv3"));
    use("mask_rcnn_swin_tiny");
    ck_assert_int_eq(network->layer[find("p3.lateral")].input, find("b3.fc2"));
    ck_assert_int_eq(network->layer[find("s1.merge")].input, find("b1.fc2"));
    ck_assert_int_eq(network->layer[find("b1.fc2")].read_again, 1); // by merge and by the pyramid
    ck_assert_int_eq(network->layer[find("b2.fc2")].read_again, 0);
    ck_assert_int_eq(network->layer[find("mask.conv1")].input, find("p5.output"));
}
END_TEST

// Windows are cut and joined by moving values; relative positions and, in shifted windows, a mask are added to scores.
START_TEST(other_operations_of_the_vector_unit_are_counted)
{
    use("swin_tiny");
    ck_assert_int_eq(network->layer[find("b0.scores")].elementwise, 1);
    ck_assert_int_eq(network->layer[find("b1.scores")].elementwise, 2);
    ck_assert_int_eq(network->layer[find("b0.fc1")].elementwise, 0);
    ck_assert_int_ge(network->layer[find("b0.context")].moves, 1);
    ck_assert_int_eq(network->layer[find("b0.fc1")].moves, 0);
    use("deit_tiny");
    for (int k = 0; k < network->num_layers; k++) // scales of scores are a constant
        ck_assert_int_eq(network->layer[k].elementwise, 0);
    use("detr_resnet50");
    ck_assert_int_eq(network->layer[find("boxes.fc3")].elementwise, 1); // a sigmoid
    ck_assert_int_eq(network->layer[find("stem")].elementwise, 1);      // pooling
}
END_TEST

START_TEST(names_are_unique)
{
    static const char *const names[] = {"cascade_mask_rcnn_swin_tiny", "detr_resnet50", "bert_base"};
    for (int n = 0; n < 3; n++) {
        use(names[n]);
        for (int k = 0; k < network->num_layers; k++)
            ck_assert_int_eq(find(network->layer[k].name), k);
    }
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("networks", vit_and_deit_have_their_published_size, swin_has_its_published_size,
                            mask_rcnn_has_its_published_size, detr_has_its_published_size,
                            the_resnet_of_detr_is_resnet50, bert_base_has_its_published_size,
                            windows_are_padded_and_share_the_heads_of_a_layer, layers_read_what_the_architecture_says,
                            names_are_unique, other_operations_of_the_vector_unit_are_counted);
}
