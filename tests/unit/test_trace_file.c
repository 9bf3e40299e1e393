// SPDX-License-Identifier: Apache-2.0
#include "trace_file.h"
#include "datapath.h"
#include "file.h"
#include "safetensors.h"
#include "small_vit.h"
#include <math.h>
#include <check.h>
#include "temp_dir.h"

static igq_error error;
static small_vit *vit;
static igq_workload workload = {.name = "small"};
static const igq_scheme_cfg igq_cfg = {
    .scheme = IGQ_SCHEME_IGQ, .num_groups = 3, .acc_bits = 32, .group_scale_bits = 8};
static const unsigned char all_blocks[SMALL_VIT_DEPTH] = {1, 1}, second_block[SMALL_VIT_DEPTH] = {0, 1};

static void forward_fp32(const igq_observer *observer)
{
    float logits[SMALL_VIT_CLASSES];
    vit_pass pass = vit_pass_new(&vit->weights, &vit->shape);
    vit_pass_fp32(logits, &pass, vit->image, observer);
    vit_pass_free(&pass);
}

static void use_small_vit(void)
{
    free(vit);
    vit = small_vit_new(7, 1);
    workload.shape = vit->shape;
}

// A trace in full precision of one image, in the test's folder.
static const char *record(const char *file, const unsigned char *whole_blocks)
{
    use_small_vit();
    igq_trace_writer *writer = igq_trace_writer_new(&workload, IGQ_TRACE_FP32, whole_blocks, 0);
    igq_observer observer = igq_trace_writer_observer(writer);
    igq_trace_writer_begin(writer, "photos/cat.png");
    forward_fp32(&observer);
    ck_assert_msg(igq_trace_writer_save(writer, temp_path(file), &error) == IGQ_OK, "%s", error.message);
    igq_trace_writer_free(writer);
    return temp_path(file);
}

static igq_trace *open_trace(const char *path)
{
    igq_trace *trace;
    ck_assert_msg(igq_trace_open(&trace, path, &workload, &error) == IGQ_OK, "%s", error.message);
    return trace;
}

static void assert_same_real(const igq_real_range *a, const igq_real_range *b)
{
    size_t bytes = (size_t)a->num * sizeof(float);
    ck_assert_int_eq(a->num, b->num);
    ck_assert_mem_eq(a->lo, b->lo, bytes);
    ck_assert_mem_eq(a->hi, b->hi, bytes);
}

START_TEST(recorded_ranges_are_those_of_the_forward_pass)
{
    igq_trace *trace = open_trace(record("t", NULL));
    igq_real_instance *seen = real_instance_of_vit(&vit->shape), *read = real_instance_of_vit(&vit->shape);
    igq_range_collector collector = {seen};
    igq_observer observer = igq_range_collector_observer(&collector);
    forward_fp32(&observer);
    ck_assert_msg(igq_trace_real_instance(read, trace, 0, &error) == IGQ_OK, "%s", error.message);
    for (int linear = 0; linear < vit_num_linear(&vit->shape); linear++)
        assert_same_real(&read->linear[linear], &seen->linear[linear]);
    for (int h = 0; h < vit->shape.depth * vit->shape.heads; h++) {
        assert_same_real(&read->softmax[h], &seen->softmax[h]);
        assert_same_real(&read->qkv[h], &seen->qkv[h]);
    }
    igq_real_instance_free(seen);
    igq_real_instance_free(read);
    igq_trace_close(trace);
}
END_TEST

static igq_calibration *calibrate_on(igq_trace *trace)
{
    const igq_calibrate_cfg cfg = {.num_groups = 3,
                                   .act_bits = 4,
                                   .weight_bits = 4,
                                   .attn_bits = 8,
                                   .edge_bits = 8,
                                   .distance = IGQ_DISTANCE_L2,
                                   .max_iterations = 300};
    igq_real_instance *real = real_instance_of_vit(&vit->shape);
    ck_assert_msg(igq_trace_real_instance(real, trace, 0, &error) == IGQ_OK, "%s", error.message);
    igq_calibration *calibration = calibrate_vit(&vit->shape, &real, 1, &cfg);
    igq_real_instance_free(real);
    return calibration;
}

static void assert_same_range(const igq_range *a, const igq_range *b)
{
    size_t bytes = (size_t)a->num * sizeof(int16_t);
    ck_assert_int_eq(a->num, b->num);
    ck_assert_mem_eq(a->lo, b->lo, bytes);
    ck_assert_mem_eq(a->hi, b->hi, bytes);
}

static void assert_same_ranges(const igq_instance *a, const igq_instance *b)
{
    for (int linear = 0; linear < vit_num_linear(&vit->shape); linear++)
        assert_same_range(&a->linear[linear], &b->linear[linear]);
    for (int h = 0; h < vit->shape.depth * vit->shape.heads; h++)
        assert_same_range(&a->softmax[h], &b->softmax[h]);
}

static igq_instance *read_instance(igq_trace *trace, const igq_calibration *calibration)
{
    igq_instance *instance = instance_of_vit(&vit->shape);
    ck_assert_msg(igq_trace_instance(instance, trace, 0, calibration, &igq_cfg, &error) == IGQ_OK, "%s", error.message);
    return instance;
}

START_TEST(a_recording_of_the_datapath_gives_the_instance_that_the_datapath_saw)
{
    igq_trace *fp32_trace = open_trace(record("fp32", NULL));
    igq_calibration *calibration = calibrate_on(fp32_trace);
    igq_trace_writer *writer = igq_trace_writer_new(&workload, IGQ_TRACE_DATAPATH, second_block, 0);
    igq_observer observer = igq_trace_writer_observer(writer);
    float logits[SMALL_VIT_CLASSES];
    vit_pass pass = vit_pass_new(&vit->weights, &vit->shape);
    igq_datapath *datapath = igq_datapath_new(pass.products, calibration, &igq_cfg, &observer);
    igq_instance *seen = instance_of_vit(&vit->shape);
    igq_engine engine = igq_datapath_engine(datapath, seen);
    igq_trace_writer_begin(writer, "cat");
    vit_pass_run(logits, &pass, &engine, vit->image);
    ck_assert_int_eq(igq_trace_writer_save(writer, temp_path("t"), &error), IGQ_OK);
    igq_trace *trace = open_trace(temp_path("t"));
    igq_instance *read = read_instance(trace, calibration);
    assert_same_ranges(read, seen);
    int first_of_second = 5;
    for (int linear = 0; linear < vit_num_linear(&vit->shape); linear++) {
        int whole = linear >= first_of_second && linear < first_of_second + 4;
        ck_assert_int_eq(read->linear_noise[linear].known, whole);
        if (whole) {
            ck_assert_double_eq(read->linear_noise[linear].signal, seen->linear_noise[linear].signal);
            ck_assert_double_eq(read->linear_noise[linear].noise, seen->linear_noise[linear].noise);
        }
    }
    ck_assert_int_eq(read->softmax_noise[0].known, 0);
    ck_assert_double_eq(read->softmax_noise[1].noise, seen->softmax_noise[1].noise);
    igq_instance_free(read);
    igq_instance_free(seen);
    igq_datapath_free(datapath);
    vit_pass_free(&pass);
    igq_trace_writer_free(writer);
    igq_calibration_free(calibration);
    igq_trace_close(trace);
    igq_trace_close(fp32_trace);
}
END_TEST

START_TEST(whole_activations_and_ranges_alone_give_the_same_integers)
{
    igq_trace *compact = open_trace(record("compact", NULL));
    igq_calibration *calibration = calibrate_on(compact);
    igq_instance *from_ranges = read_instance(compact, calibration);
    igq_trace *whole = open_trace(record("whole", all_blocks));
    igq_instance *from_whole = read_instance(whole, calibration);
    assert_same_ranges(from_ranges, from_whole);
    ck_assert_int_eq(from_ranges->linear_noise[1].known, 0);
    ck_assert_int_eq(from_whole->linear_noise[1].known, 1);
    ck_assert_double_gt(from_whole->linear_noise[1].noise, 0);
    // Noise does not pile up when an instance is used again.
    double noise = from_whole->softmax_noise[0].noise;
    ck_assert_int_eq(igq_trace_instance(from_whole, whole, 0, calibration, &igq_cfg, &error), IGQ_OK);
    ck_assert_double_eq(from_whole->softmax_noise[0].noise, noise);
    igq_instance_free(from_ranges);
    igq_instance_free(from_whole);
    igq_calibration_free(calibration);
    igq_trace_close(compact);
    igq_trace_close(whole);
}
END_TEST

START_TEST(images_keep_their_order_and_get_names_of_their_own)
{
    use_small_vit();
    igq_trace_writer *writer = igq_trace_writer_new(&workload, IGQ_TRACE_FP32, NULL, 0);
    igq_observer observer = igq_trace_writer_observer(writer);
    const char *const files[] = {"b/zebra.jpeg", "cat.png", "a/zebra.png", "zebra", ".hidden"};
    const char *const names[] = {"zebra", "cat", "zebra-2", "zebra-3", ".hidden"};
    for (int i = 0; i < 5; i++) {
        igq_trace_writer_begin(writer, files[i]);
        forward_fp32(&observer);
    }
    ck_assert_int_eq(igq_trace_writer_save(writer, temp_path("t"), &error), IGQ_OK);
    igq_trace_writer_free(writer);
    igq_trace *trace = open_trace(temp_path("t"));
    ck_assert_int_eq(igq_trace_num_images(trace), 5);
    for (int i = 0; i < 5; i++)
        ck_assert_str_eq(igq_trace_image_name(trace, i), names[i]);
    igq_trace_close(trace);
}
END_TEST

START_TEST(the_same_recording_gives_the_same_bytes)
{
    char *first, *second;
    size_t first_size, second_size;
    ck_assert_int_eq(igq_file_read(&first, &first_size, record("a", second_block), &error), IGQ_OK);
    ck_assert_int_eq(igq_file_read(&second, &second_size, record("b", second_block), &error), IGQ_OK);
    ck_assert_uint_eq(first_size, second_size);
    ck_assert_mem_eq(first, second, first_size);
    free(first);
    free(second);
}
END_TEST

START_TEST(a_trace_of_another_network_is_refused)
{
    igq_trace *trace;
    const char *path = record("t", NULL);
    workload.shape.depth = 3;
    ASSERT_REFUSED(igq_trace_open(&trace, path, &workload, &error), &error, path, "another network (small)",
                   "depth is 2", "workload small: 3");
}
END_TEST

START_TEST(a_file_that_is_no_trace_is_refused)
{
    igq_trace *trace;
    use_small_vit();
    ck_assert_int_eq(igq_safetensors_write(temp_path("t"), NULL, 0, NULL, 0, &error), IGQ_OK);
    ASSERT_REFUSED(igq_trace_open(&trace, temp_path("t"), &workload, &error), &error, "not a trace", "metadata");
    put_text(temp_path("t"), "nothing like it");
    ASSERT_REFUSED(igq_trace_open(&trace, temp_path("t"), &workload, &error), &error, "longer than the file");
}
END_TEST

START_TEST(a_trace_without_images_is_refused)
{
    igq_trace *trace;
    use_small_vit();
    igq_trace_writer *writer = igq_trace_writer_new(&workload, IGQ_TRACE_FP32, NULL, 0);
    ck_assert_int_eq(igq_trace_writer_save(writer, temp_path("t"), &error), IGQ_OK);
    igq_trace_writer_free(writer);
    ASSERT_REFUSED(igq_trace_open(&trace, temp_path("t"), &workload, &error), &error, "without images");
}
END_TEST

// A recorded trace with one change: a tensor dropped (num_floats 0), cut to fewer floats, or with another value at
// `place`.
static igq_status read_changed(const char *tensor_name, int num_floats, int place, float value)
{
    static const char *const keys[] = {"network", "source", "image_size", "patch_size", "image_channels", "dim",
                                       "depth",   "heads",  "mlp_dim",    "classes",    "prefix_tokens"};
    igq_safetensors *file;
    igq_metadata metadata[11];
    igq_tensor tensors[128];
    float changed[4096];
    int num = 0;
    ck_assert_int_eq(igq_safetensors_open(&file, record("good", all_blocks), &error), IGQ_OK);
    for (int i = 0; i < 11; i++)
        metadata[i] = (igq_metadata){keys[i], igq_safetensors_metadata(file, keys[i])};
    int seen = 0;
    for (int i = 0; i < igq_safetensors_num(file); i++) {
        tensors[num] = *igq_safetensors_at(file, i);
        if (strcmp(tensors[num].name, tensor_name) == 0) {
            seen = 1;
            if (num_floats == 0)
                continue;
            memcpy(changed, tensors[num].data, tensors[num].bytes);
            changed[place] = value;
            if (num_floats > 0)
                tensors[num] = igq_tensor_make(tensor_name, IGQ_DTYPE_F32, changed, 1, (int64_t[]){num_floats});
            tensors[num].data = changed;
        }
        num++;
    }
    ck_assert_msg(seen, "no tensor %s", tensor_name);
    ck_assert_int_eq(igq_safetensors_write(temp_path("changed"), tensors, num, metadata, 11, &error), IGQ_OK);
    igq_safetensors_close(file);

    igq_trace *good = open_trace(temp_path("good")), *trace = open_trace(temp_path("changed"));
    igq_calibration *calibration = calibrate_on(good);
    igq_instance *instance = instance_of_vit(&vit->shape);
    igq_status status = igq_trace_instance(instance, trace, 0, calibration, &igq_cfg, &error);
    igq_instance_free(instance);
    igq_calibration_free(calibration);
    igq_trace_close(good);
    igq_trace_close(trace);
    return status;
}

START_TEST(a_missing_tensor_is_named)
{
    ASSERT_REFUSED(read_changed("cat/minmax/b1.fc2.in", 0, 0, 0), &error, "cat/minmax/b1.fc2.in is missing");
    ASSERT_REFUSED(read_changed("cat/minmax/b0.softmax", 0, 0, 0), &error, "cat/minmax/b0.softmax is missing");
    ck_assert_int_eq(read_changed("cat/b0.softmax", 0, 0, 0), IGQ_OK); // whole activations are optional
}
END_TEST

START_TEST(a_wrong_shape_is_refused_with_both_shapes)
{
    ASSERT_REFUSED(read_changed("cat/minmax/b1.qkv.in", 12, 0, 0), &error, "cat/minmax/b1.qkv.in", "[12]", "[2][12]");
    ASSERT_REFUSED(read_changed("cat/b1.proj.in", 12, 0, 0), &error, "cat/b1.proj.in", "[12]", "[17][12]");
    ASSERT_REFUSED(read_changed("cat/minmax/b1.qkv.out", 18, 0, 0), &error, "cat/minmax/b1.qkv.out", "[3][3][2]");
}
END_TEST

START_TEST(a_tensor_of_no_layer_is_refused_by_name)
{
    static const char *const names[][2] = {{"\"cat/b0.fc1.in\"", "\"cat/b0.fc1.ni\""},
                                           {"\"cat/b1.softmax\"", "\"dog/b1.softmax\""},
                                           {"\"cat/b1.softmax\"", "\"cat/b7.softmax\""}};
    use_small_vit();
    for (int i = 0; i < 3; i++) {
        char *data;
        size_t size;
        igq_trace *trace;
        ck_assert_int_eq(igq_file_read(&data, &size, record("good", all_blocks), &error), IGQ_OK);
        char *place = strstr(data + 8, names[i][0]);
        ck_assert_ptr_nonnull(place);
        memcpy(place, names[i][1], strlen(names[i][1]));
        put_bytes(temp_path("stray"), data, size);
        free(data);
        ASSERT_REFUSED(igq_trace_open(&trace, temp_path("stray"), &workload, &error), &error, "stray: tensor",
                       i == 0   ? "cat/b0.fc1.ni"
                       : i == 1 ? "dog/b1.softmax"
                                : "cat/b7.softmax",
                       "allowed");
    }
}
END_TEST

START_TEST(ranges_upside_down_or_not_a_number_are_refused)
{
    ASSERT_REFUSED(read_changed("cat/minmax/b0.qkv.in", -1, 5, 1000.0f), &error, "cat/minmax/b0.qkv.in", "range 5",
                   "1000", "minimum <= maximum");
    ASSERT_REFUSED(read_changed("cat/minmax/b0.softmax", -1, 17, NAN), &error, "cat/minmax/b0.softmax", "element 17",
                   "nan");
    ASSERT_REFUSED(read_changed("cat/minmax/b0.qkv.out", -1, 1, -1000.0f), &error, "cat/minmax/b0.qkv.out", "range 0");
}
END_TEST

START_TEST(whole_activations_that_disagree_with_their_ranges_are_refused)
{
    ASSERT_REFUSED(read_changed("cat/b0.fc1.in", -1, 12 * 3 + 7, 1000.0f), &error, "cat/b0.fc1.in", "of 7", "1000",
                   "minmax");
    ASSERT_REFUSED(read_changed("cat/b1.softmax", -1, 17 * 2 + 5, -1.0f), &error, "cat/b1.softmax", "of 2", "-1");
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_refused)
{
    use_small_vit();
    put_text(temp_path("file"), "");
    igq_trace_writer *writer = igq_trace_writer_new(&workload, IGQ_TRACE_FP32, NULL, 0);
    ASSERT_REFUSED(igq_trace_writer_save(writer, temp_path("file/t"), &error), &error, "file/t", "cannot write");
    igq_trace_writer_free(writer);
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS(
        "trace_file", recorded_ranges_are_those_of_the_forward_pass,
        a_recording_of_the_datapath_gives_the_instance_that_the_datapath_saw,
        whole_activations_and_ranges_alone_give_the_same_integers, images_keep_their_order_and_get_names_of_their_own,
        the_same_recording_gives_the_same_bytes, a_trace_of_another_network_is_refused,
        a_file_that_is_no_trace_is_refused, a_trace_without_images_is_refused, a_missing_tensor_is_named,
        a_wrong_shape_is_refused_with_both_shapes, a_tensor_of_no_layer_is_refused_by_name,
        ranges_upside_down_or_not_a_number_are_refused, whole_activations_that_disagree_with_their_ranges_are_refused,
        a_folder_that_cannot_be_written_is_refused);
}
