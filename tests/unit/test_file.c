// SPDX-License-Identifier: Apache-2.0
#include "file.h"
#include "safetensors.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include <check.h>
#include "temp_dir.h"

static igq_error error;

static int num_entries(const char *path)
{
    int num = 0;
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        num += entry->d_name[0] != '.';
    closedir(folder);
    return num;
}

START_TEST(what_is_written_is_read_back)
{
    char *data;
    size_t size;
    ck_assert_int_eq(igq_file_write(temp_path("a"), "one\0two", 7, &error), IGQ_OK);
    ck_assert_int_eq(igq_file_read(&data, &size, temp_path("a"), &error), IGQ_OK);
    ck_assert_uint_eq(size, 7);
    ck_assert_mem_eq(data, "one\0two", 8); // with the terminating zero
    free(data);
    ck_assert_int_eq(num_entries(temp_dir), 1);
}
END_TEST

START_TEST(a_second_write_replaces_the_first)
{
    char *data;
    size_t size;
    ck_assert_int_eq(igq_file_write(temp_path("a"), "long text", 9, &error), IGQ_OK);
    ck_assert_int_eq(igq_file_write(temp_path("a"), "", 0, &error), IGQ_OK);
    ck_assert_int_eq(igq_file_read(&data, &size, temp_path("a"), &error), IGQ_OK);
    ck_assert_uint_eq(size, 0);
    free(data);
}
END_TEST

START_TEST(a_discarded_file_leaves_the_old_one_and_no_temporary)
{
    igq_file_output *output;
    char *data;
    size_t size;
    put_text(temp_path("a"), "old");
    ck_assert_int_eq(igq_file_open(&output, temp_path("a"), &error), IGQ_OK);
    ck_assert_int_eq(igq_file_append(output, "new", 3, &error), IGQ_OK);
    igq_file_discard(output);
    ck_assert_int_eq(igq_file_read(&data, &size, temp_path("a"), &error), IGQ_OK);
    ck_assert_str_eq(data, "old");
    free(data);
    ck_assert_int_eq(num_entries(temp_dir), 1);
}
END_TEST

START_TEST(a_file_that_cannot_be_put_into_place_leaves_no_temporary)
{
    igq_file_output *output;
    ck_assert_int_eq(igq_file_open(&output, temp_path("a"), &error), IGQ_OK);
    ck_assert_int_eq(igq_make_dir(temp_path("a/in_the_way"), &error), IGQ_OK);
    ASSERT_REFUSED(igq_file_close(output, &error), &error, temp_path("a"), "cannot write");
    ck_assert_int_eq(num_entries(temp_dir), 1);
}
END_TEST

START_TEST(writing_below_a_regular_file_is_refused)
{
    put_text(temp_path("file"), "");
    ASSERT_REFUSED(igq_file_write(temp_path("file/out"), "x", 1, &error), &error, "file/out", "cannot write",
                   "Not a directory");
}
END_TEST

START_TEST(writing_onto_a_device_is_refused)
{
    ASSERT_REFUSED(igq_file_write("/dev/null", "x", 1, &error), &error, "/dev/null", "not a regular file");
    ck_assert_int_eq(access("/dev/null", F_OK), 0);
}
END_TEST

START_TEST(reading_a_missing_file_or_a_folder_is_refused)
{
    char *data;
    size_t size;
    ASSERT_REFUSED(igq_file_read(&data, &size, temp_path("none"), &error), &error, "none", "No such file");
    ASSERT_REFUSED(igq_file_read(&data, &size, temp_dir, &error), &error, temp_dir, "not a regular file");
}
END_TEST

START_TEST(a_folder_is_made_with_its_parents_and_may_exist)
{
    ck_assert_int_eq(igq_make_dir(temp_path("a/b/c"), &error), IGQ_OK);
    ck_assert_int_eq(igq_make_dir(temp_path("a/b/c/"), &error), IGQ_OK);
    ck_assert_int_eq(access(temp_path("a/b/c"), W_OK), 0);
}
END_TEST

START_TEST(a_folder_where_a_file_is_in_the_way_is_refused)
{
    put_text(temp_path("file"), "");
    ASSERT_REFUSED(igq_make_dir(temp_path("file"), &error), &error, temp_path("file"), "in the way");
    ASSERT_REFUSED(igq_make_dir(temp_path("file/out"), &error), &error, temp_path("file"), "in the way");
    ASSERT_REFUSED(igq_make_dir("", &error), &error, "empty");
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_refused)
{
    // /proc takes no files, from root neither.
    ASSERT_REFUSED(igq_make_dir("/proc/igqsim", &error), &error, "/proc/igqsim", "cannot");
}
END_TEST

START_TEST(sha256_of_abc_is_that_of_the_standard)
{
    char hex[65]; // FIPS 180-2, appendix B.1
    put_text(temp_path("abc"), "abc");
    ck_assert_int_eq(igq_sha256_file(hex, temp_path("abc"), &error), IGQ_OK);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ASSERT_REFUSED(igq_sha256_file(hex, temp_path("none"), &error), &error, "none");
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused_at_once)
{
    char *data;
    size_t size;
    char hex[65];
    igq_safetensors *tensors;
    const char *const paths[] = {temp_path("pipe"), temp_dir, "/dev/null", "/dev/zero"};
    ck_assert_int_eq(mkfifo(paths[0], 0600), 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        ASSERT_REFUSED(igq_file_read(&data, &size, paths[i], &error), &error, paths[i], "not a regular file");
        ASSERT_REFUSED(igq_sha256_file(hex, paths[i], &error), &error, paths[i], "not a regular file");
        ASSERT_REFUSED(igq_safetensors_open(&tensors, paths[i], &error), &error, paths[i], "not a regular file");
    }
    ck_assert_int_eq(symlink("nowhere", temp_path("link")), 0);
    ASSERT_REFUSED(igq_file_read(&data, &size, temp_path("link"), &error), &error, "link", "No such file");
}
END_TEST

START_TEST(a_file_too_large_to_read_whole_is_refused_before_memory_is_asked_for)
{
    char *data;
    size_t size;
    put_text(temp_path("sparse"), "");
    ck_assert_int_eq(truncate(temp_path("sparse"), (off_t)1 << 40), 0);
    ASSERT_REFUSED(igq_file_read(&data, &size, temp_path("sparse"), &error), &error, "sparse", "1099511627776 bytes",
                   "allowed: up to 1073741824");
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS(
        "file", what_is_written_is_read_back, a_second_write_replaces_the_first,
        a_discarded_file_leaves_the_old_one_and_no_temporary, a_file_that_cannot_be_put_into_place_leaves_no_temporary,
        writing_below_a_regular_file_is_refused, writing_onto_a_device_is_refused,
        reading_a_missing_file_or_a_folder_is_refused, a_folder_is_made_with_its_parents_and_may_exist,
        a_folder_where_a_file_is_in_the_way_is_refused, a_folder_that_cannot_be_written_is_refused,
        sha256_of_abc_is_that_of_the_standard, what_is_no_regular_file_is_refused_at_once,
        a_file_too_large_to_read_whole_is_refused_before_memory_is_asked_for);
}
