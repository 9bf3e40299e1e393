// SPDX-License-Identifier: Apache-2.0
// Networks of other dimensions than DeiT-Tiny's, under every naming of checkpoints: calibrated, executed, compared.
#include "small_network.h"
#include <jansson.h>

static json_t *loaded(const char *name)
{
    json_error_t error;
    json_t *file = json_load_file(test_path(name), 0, &error);
    ck_assert_msg(file != NULL, "%s: %s", name, error.text);
    return file;
}

static double real(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "%s is no number", key);
    return json_number_value(value);
}

START_TEST(every_naming_and_token_is_calibrated_and_executed)
{
    char name[32];
    const char *dialect = _i % 2 ? "huggingface" : "timm";
    int prefix_tokens = 1 + _i / 2;
    snprintf(name, sizeof name, "net%d", _i);
    make_network(name, dialect, prefix_tokens, 3);
    calibrate_network(name);
    run_network(name, "igq_temporal", "", "out");
    accepted();
    json_t *report = loaded("out/report.json"), *accuracy = json_object_get(report, "accuracy");
    ck_assert(real(accuracy, "images") == 3 && real(accuracy, "kl_divergence") > 0);
    const json_t *qkv = json_array_get(json_object_get(report, "layers"), 1);
    ck_assert(real(qkv, "T") == 36 + prefix_tokens && real(qkv, "C") == 48);
    ck_assert(real(qkv, "groups") == SMALL_NETWORK_GROUPS);
    json_decref(report);
}
END_TEST

START_TEST(a_checkpoint_that_does_not_fit_says_so)
{
    make_network("plain", "timm", 1, 1);
    make_network("distilled", "huggingface", 2, 1);
    calibrate_network("plain");
    shell("cp %s %s", test_path("distilled/weights.safetensors"), test_path("plain/"));
    run_network("plain", "igq_temporal", "", "misfit");
    refused("distillation token", "prefix_tokens: 2");
    // A calibration of another network.
    shell("sed -i 's/mlp_dim: 96/mlp_dim: 64/' %s", test_path("plain/network.yaml"));
    run_network("plain", "igq_temporal", "", "misfit");
    refused("calibration of another network", "mlp_dim");
}
END_TEST

static void make_compared(void)
{
    make_network("net", "timm", 1, 3);
    calibrate_network("net");
}

START_TEST(schemes_side_by_side_are_the_runs_of_each)
{
    make_compared();
    run_network("net", "igq_shared",
                "--scheme all --set group_scale=pow2 -t configs/technologies/scaled_16nm.yaml -j 2",
                "all"); // which tender needs
    accepted();
    json_t *table = loaded("all/schemes.json"), *rows = json_object_get(table, "schemes"), *row;
    size_t i;
    ck_assert_uint_eq(json_array_size(rows), 11);
    json_array_foreach(rows, i, row)
    {
        const char *scheme = json_string_value(json_object_get(row, "scheme"));
        char options[128], one[64], file[64];
        snprintf(options, sizeof options, "--scheme %s --set group_scale=pow2 -t configs/technologies/scaled_16nm.yaml",
                 scheme);
        snprintf(one, sizeof one, "one_%s", scheme);
        run_network("net", "igq_shared", options, one);
        accepted();
        snprintf(file, sizeof file, "one_%s/report.json", scheme);
        json_t *report = loaded(file), *totals = json_object_get(report, "totals");
        const char *alone = test_path(file);
        snprintf(file, sizeof file, "all/%s/report.json", scheme);
        ck_assert_msg(cli_same_bytes(alone, test_path(file)), "%s", scheme);
        ck_assert(real(row, "cycles_per_image") == real(totals, "cycles") / 3);
        ck_assert(real(row, "energy_pj_per_image") == real(totals, "energy_pj") / 3);
        ck_assert(real(row, "kl_divergence") == real(json_object_get(report, "accuracy"), "kl_divergence"));
        ck_assert(json_is_null(json_object_get(row, "top1")) && json_is_null(json_object_get(row, "refused")));
        json_decref(report);
        snprintf(file, sizeof file, "all/%s/images.partial", scheme);
        ck_assert(!cli_exists(test_path(file)));
        snprintf(options, sizeof options, "\n%-12s ", scheme);
        ck_assert_msg(strstr(result.output, scheme) != NULL, "%s", result.output);
    }
    json_decref(table);
}
END_TEST

START_TEST(energy_is_told_by_image)
{
    make_compared();
    run_network("net", "igq_per_group", "-t configs/technologies/scaled_16nm.yaml", "energy");
    accepted();
    json_t *report = loaded("energy/report.json"), *totals = json_object_get(report, "totals"), *image;
    json_t *spread = json_object_get(totals, "energy_pj_of_images");
    double sum = 0, least = 1e300, worst = 0;
    const char *worst_image = "";
    size_t i;
    json_array_foreach(json_object_get(report, "images"), i, image)
    {
        double energy_pj = real(image, "energy_pj");
        sum += energy_pj;
        least = energy_pj < least ? energy_pj : least;
        if (energy_pj > worst) {
            worst = energy_pj;
            worst_image = json_string_value(json_object_get(image, "name"));
        }
    }
    ck_assert_uint_eq(i, 3);
    ck_assert_double_eq_tol(sum, real(totals, "energy_pj"), 1); // pJ: rounded once per image, once per layer
    ck_assert(real(spread, "mean") == sum / 3);
    ck_assert(real(spread, "least") == least && real(spread, "worst") == worst && least < worst);
    ck_assert(real(spread, "standard_deviation") > 0 && real(spread, "standard_deviation") < worst - least);
    ck_assert_str_eq(json_string_value(json_object_get(spread, "worst_image")), worst_image);
    json_decref(report);
}
END_TEST

START_TEST(what_a_machine_cannot_run_is_said_in_its_row)
{
    make_compared();
    run_network("net", "igq_elastic", "--scheme layerwise,vsquant,igq", "elastic");
    accepted();
    const char *row = strstr(result.output, "\nvsquant ");
    ck_assert_msg(row && strstr(row, "mac_organisation shared") && strstr(row, "\nigq "), "%s", result.output);
    json_t *table = loaded("elastic/schemes.json"), *rows = json_object_get(table, "schemes");
    ck_assert_uint_eq(json_array_size(rows), 3);
    ck_assert(json_is_string(json_object_get(json_array_get(rows, 1), "refused")));
    ck_assert(real(json_array_get(rows, 2), "most_groups") == SMALL_NETWORK_GROUPS);
    ck_assert(real(json_array_get(rows, 0), "most_groups") == 1);
    json_decref(table);
    run_network("net", "igq_elastic", "--scheme vsquant,channelwise", "none");
    refused("vsquant needs mac_organisation shared", "elastic");
    ck_assert(!cli_exists(test_path("none/schemes.json")));
}
END_TEST

START_TEST(lists_of_schemes_are_checked_before_anything_runs)
{
    make_compared();
    run_network("net", "igq_shared", "--scheme igq,magic", "bad");
    refused("'magic' is no scheme", "layerwise");
    run_network("net", "igq_shared", "--scheme igq,peg,igq", "bad");
    refused("'igq' is there twice", "allowed");
    run_network("net", "igq_shared", "--scheme igq,", "bad");
    refused("'' is no scheme", "all");
    run_network("net", "igq_shared", "--scheme igq,peg --record x", "bad");
    refused("--record with --scheme", "single");
}
END_TEST

START_TEST(heads_of_a_softmax_get_groups_of_their_own)
{
    make_network("net", "timm", 1, 3);
    igqsim("calibrate -w %s --weights %s --images %s --allocate bops=g2 --candidates 1,2,4 -j 2 -o %s",
           test_path("net/network.yaml"), test_path("net/weights.safetensors"), test_path("net/images"),
           test_path("net/calibration.yaml"));
    accepted();
    ck_assert_msg(strstr(result.output, "softmax 0 softmax 1 softmax 2"), "%s", result.output);
    // The lists of bounds of the nine heads, and how long they are.
    int num_heads = 0, has_length[5] = {0};
    char *text = cli_read(test_path("net/calibration.yaml"), NULL);
    for (const char *list = text; (list = strstr(list, "\n        lower: [")) != NULL; num_heads++) {
        int length = 1;
        for (list += 2; *list != ']'; list++)
            length += *list == ',';
        ck_assert_int_le(length, 4);
        has_length[length] = 1;
    }
    free(text);
    ck_assert_int_eq(num_heads, 9);
    ck_assert_int_gt(has_length[1] + has_length[2] + has_length[4], 1);
    run_network("net", "igq_per_group", "", "heads");
    accepted();
    json_t *report = loaded("heads/report.json"), *layer;
    size_t k, g;
    json_array_foreach(json_object_get(report, "layers"), k, layer)
    {
        double members = real(layer, "heads") * real(layer, "C"), sum = 0;
        json_t *size;
        json_array_foreach(json_object_get(layer, "group_sizes"), g, size) sum += json_number_value(size);
        if (strcmp(json_string_value(json_object_get(layer, "kind")), "context") == 0)
            ck_assert(sum == 3 * members); // rows of all heads and images
    }
    json_decref(report);
}
END_TEST

START_TEST(weights_may_have_a_quantizer_for_many_channels)
{
    static const struct {
        const char *groups;
        double quantizers; // patch_embed and head keep one per output channel: 48 + 10
    } cases[] = {
        {"0", 48 + 3 * (144 + 48 + 96 + 48) + 10}, {"1", 48 + 3 * 4 + 10}, {"60", 48 + 3 * (60 + 48 + 60 + 48) + 10}};
    double kl[3];
    make_network("net", "timm", 1, 3);
    for (int i = 0; i < 3; i++) {
        igqsim("calibrate -w %s --weights %s --images %s --groups 4 --weight-groups %s -o %s",
               test_path("net/network.yaml"), test_path("net/weights.safetensors"), test_path("net/images"),
               cases[i].groups, test_path("net/calibration.yaml"));
        accepted();
        run_network("net", "igq_temporal", "", "weights");
        accepted();
        json_t *report = loaded("weights/report.json");
        ck_assert(real(json_object_get(report, "totals"), "weight_quantizers") == cases[i].quantizers);
        kl[i] = real(json_object_get(report, "accuracy"), "kl_divergence");
        json_decref(report);
    }
    ck_assert(kl[0] != kl[1] && kl[0] != kl[2] && kl[1] != kl[2]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("golden.small_networks");
    TCase *tcase = tcase_create("small networks");
    cli_dir(); // before the forks, so that all tests share it
    tcase_add_loop_test(tcase, every_naming_and_token_is_calibrated_and_executed, 0, 4);
    tcase_add_test(tcase, a_checkpoint_that_does_not_fit_says_so);
    tcase_add_test(tcase, heads_of_a_softmax_get_groups_of_their_own);
    tcase_add_test(tcase, weights_may_have_a_quantizer_for_many_channels);
    tcase_add_test(tcase, schemes_side_by_side_are_the_runs_of_each);
    tcase_add_test(tcase, energy_is_told_by_image);
    tcase_add_test(tcase, what_a_machine_cannot_run_is_said_in_its_row);
    tcase_add_test(tcase, lists_of_schemes_are_checked_before_anything_runs);
    suite_add_tcase(suite, tcase);
    int failed = run_suite(suite);
    cli_remove_dir();
    return failed;
}
