// SPDX-License-Identifier: Apache-2.0
// Values from files based on one another and from the command line; faults with the place where the value stands.
#include "accelerator_file.h"
#include "workload_file.h"
#include <check.h>
#include <unistd.h>
#include "temp_dir.h"

static igq_error error;
static igq_accelerator machine;

// Path of a machine of configs/ that files in the test's folder can be based on.
static const char *config(const char *name)
{
    static char path[1024];
    char folder[512];
    ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
    snprintf(path, sizeof path, "%s/configs/accelerators/%s.yaml", folder, name);
    return path;
}

// Writes NAME in the test's folder: `base: BASE`, then `rest`.
static const char *derived(const char *name, const char *base, const char *rest)
{
    char text[4096];
    snprintf(text, sizeof text, "base: %s\n%s", base, rest);
    put_text(temp_path(name), text);
    return temp_path(name);
}

static igq_status load_with(const char *path, const char *const *words, int num_words)
{
    const igq_string_list sets = {(const char **)(uintptr_t)words, num_words};
    return igq_accelerator_load_with(&machine, path, &sets, NULL, &error);
}
#define LOAD_WITH(path, ...)                                                                                           \
    load_with(path, (const char *const[]){__VA_ARGS__},                                                                \
              (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

static int num_lines(void)
{
    int num = 1;
    for (const char *c = error.message; *c != '\0'; c++)
        num += *c == '\n';
    return num;
}

START_TEST(a_file_gives_only_what_differs_from_its_base)
{
    derived("a.yaml", config("igq_shared"), "name: a\nmac_array:\n  lanes: 32\n");
    const char *path = derived("b.yaml", "a.yaml", "name: b\nmac_array:\n  acc_bits: 20\n"); // relative to b.yaml
    ck_assert_msg(igq_accelerator_load(&machine, path, &error) == IGQ_OK, "%s", error.message);
    ck_assert_str_eq(machine.name, "b");
    ck_assert_int_eq(machine.mac_array.lanes, 32);
    ck_assert_int_eq(machine.mac_array.acc_bits, 20);
    ck_assert_int_eq(machine.mac_array.vector_length, 16);
    ck_assert_int_eq(machine.scheme.acc_bits, 20);
}
END_TEST

START_TEST(the_bases_of_a_file_are_listed_in_order)
{
    igq_base_list bases;
    derived("a.yaml", config("igq_shared"), "name: a\n"); // is based on igq_per_group
    derived("b.yaml", "a.yaml", "name: b\n");
    ck_assert_int_eq(igq_base_list_open(&bases, temp_path("b.yaml"), &error), IGQ_OK);
    ck_assert_int_eq(bases.num, 3);
    ck_assert_str_eq(bases.path[0], temp_path("a.yaml"));
    ck_assert_str_eq(bases.path[1], config("igq_shared"));
    ck_assert_str_eq(bases.path[2], config("igq_per_group"));
    igq_base_list_free(&bases);
    put_text(temp_path("b.yaml"), "base: none.yaml\n");
    ASSERT_REFUSED(igq_base_list_open(&bases, temp_path("b.yaml"), &error), &error, "none.yaml");
    ck_assert_int_eq(bases.num, 0);
    put_text(temp_path("list.csv"), "name,tokens\n");
    ck_assert_int_eq(igq_workload_bases(&bases, temp_path("list.csv"), &error), IGQ_OK);
    ck_assert_int_eq(bases.num, 0);
}
END_TEST

START_TEST(a_fault_is_named_in_the_file_of_its_value)
{
    derived("a.yaml", config("igq_shared"), "name: a\nmac_array:\n  lanes: 5000\n");
    const char *path = derived("b.yaml", "a.yaml", "name: b\nmac_array:\n  acc_bits: 50\n");
    ASSERT_REFUSED(igq_accelerator_load(&machine, path, &error), &error, "/a.yaml:4: mac_array.lanes: 5000",
                   "/b.yaml:4: mac_array.acc_bits: 50");
    path = derived("c.yaml", "b.yaml", "name: c\nmac_array: {lanes: 16, acc_bits: 33}\n"); // and rules between keys
    ASSERT_REFUSED(igq_accelerator_load(&machine, path, &error), &error, "/c.yaml:3: mac_array.acc_bits: is 33");
    ck_assert_int_eq(num_lines(), 1);
}
END_TEST

START_TEST(bases_come_to_an_end)
{
    derived("a.yaml", "b.yaml", "name: a\n");
    derived("b.yaml", "./a.yaml", "name: b\n");
    ASSERT_REFUSED(igq_accelerator_load(&machine, temp_path("a.yaml"), &error), &error,
                   "/b.yaml:1: base: ", "/a.yaml -> ", "/b.yaml -> ", "./a.yaml goes in a circle");
    derived("self.yaml", "self.yaml", "");
    ASSERT_REFUSED(igq_accelerator_load(&machine, temp_path("self.yaml"), &error), &error, "self.yaml:1: base: ");
    for (int i = 0; i <= IGQ_MAX_BASES; i++) {
        char name[16], base[16];
        snprintf(name, sizeof name, "n%d.yaml", i);
        snprintf(base, sizeof base, "n%d.yaml", i + 1);
        derived(name, i == IGQ_MAX_BASES ? config("igq_per_group") : base, "name: n\n");
    }
    ck_assert_msg(igq_accelerator_load(&machine, temp_path("n1.yaml"), &error) == IGQ_OK, "%s", error.message);
    ASSERT_REFUSED(igq_accelerator_load(&machine, temp_path("n0.yaml"), &error), &error, "one too many", "allowed: 8");
}
END_TEST

START_TEST(a_base_is_the_first_key_and_a_file)
{
    put_text(temp_path("late.yaml"), "name: a\nbase: b.yaml\n");
    ASSERT_REFUSED(igq_accelerator_load(&machine, temp_path("late.yaml"), &error), &error,
                   "late.yaml:2: base: ", "first key");
    ASSERT_REFUSED(igq_accelerator_load(&machine, derived("list.yaml", "[a, b]", ""), &error), &error,
                   "list.yaml:1: base: ", "path of a file");
    ASSERT_REFUSED(igq_accelerator_load(&machine, derived("none.yaml", "absent.yaml", ""), &error), &error,
                   "/absent.yaml", "No such file");
}
END_TEST

START_TEST(the_command_line_goes_before_the_file_and_its_last_word_counts)
{
    const char *path = config("igq_shared");
    ck_assert_msg(LOAD_WITH(path, "mac_array.lanes=8", "name=x", "scheme=peg", "mac_array.lanes=32") == IGQ_OK, "%s",
                  error.message);
    ck_assert_int_eq(machine.mac_array.lanes, 32);
    ck_assert_str_eq(machine.name, "x");
    ck_assert_int_eq(machine.scheme.scheme, IGQ_SCHEME_PEG);
    ASSERT_REFUSED(LOAD_WITH(path, "mac_array.lanes=0"), &error, "--set mac_array.lanes=0: ", "1 to 4096");
    ASSERT_REFUSED(LOAD_WITH(path, "mac_array.acc_bits=33"), &error, "--set mac_array.acc_bits=33: is 33", "8 to 32");
    ASSERT_REFUSED(LOAD_WITH(path, "row_selector.zero_skip=rwo"), &error, "did you mean row?", "allowed: none, row");
    ASSERT_REFUSED(LOAD_WITH(path, "mac_array.lanes"), &error, "--set mac_array.lanes: ", "KEY=VALUE");
    ck_assert_ptr_null(strstr(error.message, ".yaml"));
}
END_TEST

START_TEST(a_workload_is_set_in_the_same_way)
{
    igq_workload workload;
    const char *words[] = {"precision.act_bits=6", "preprocess.mean=[0.1, 0.2,0.3]", "preprocess.std=1,2,4",
                           "mac_array.lanes=3", "name=x"};
    const igq_string_list sets = {words, 5};
    ck_assert_msg(igq_workload_load_with(&workload, "configs/workloads/deit_tiny.yaml", &sets, &error) == IGQ_OK, "%s",
                  error.message);
    ck_assert_int_eq(workload.precision.act_bits, 6);
    ck_assert_double_eq(workload.preprocess.mean[2], 0.3);
    ck_assert_double_eq(workload.preprocess.std[1], 2);
    ck_assert_str_eq(workload.name, "deit_tiny"); // `name` is the machine's
    ck_assert_int_eq(igq_sets_check(&sets, 1, &workload, &error), IGQ_OK);
    ASSERT_REFUSED(igq_sets_check(&sets, 0, &workload, &error), &error, "--set mac_array.lanes=3: unknown key");
    words[1] = "preprocess.mean=0.1,0.2";
    ASSERT_REFUSED(igq_workload_load_with(&workload, "configs/workloads/deit_tiny.yaml", &sets, &error), &error,
                   "--set preprocess.mean=0.1,0.2: ", "three numbers");
}
END_TEST

START_TEST(an_unknown_setting_is_refused_with_what_may_be_meant)
{
    const char *word;
    const igq_string_list sets = {&word, 1};
    word = "mac_array.lanse=3";
    ASSERT_REFUSED(igq_sets_check(&sets, 1, NULL, &error), &error, "did you mean mac_array.lanes?");
    word = "zero_skip=row";
    ASSERT_REFUSED(igq_sets_check(&sets, 1, NULL, &error), &error, "did you mean row_selector.zero_skip?");
    word = "mac_array=3";
    ASSERT_REFUSED(igq_sets_check(&sets, 1, NULL, &error), &error, "--set mac_array=3: unknown key");
    word = "colour=3";
    ASSERT_REFUSED(igq_sets_check(&sets, 1, NULL, &error), &error, "unknown key; allowed: the keys");
}
END_TEST

START_TEST(all_faults_of_a_file_are_said_at_once)
{
    const char *path = derived("a.yaml", config("igq_shared"),
                               "name: a b\nclok_mhz: 3\nmac_array:\n  lanes: 0\n  acc_bits: x\n  lanse: 3\ndram: 4\n");
    ASSERT_REFUSED(igq_accelerator_load(&machine, path, &error), &error, "/a.yaml:2: name: \"a b\"",
                   "/a.yaml:3: clok_mhz: unknown key; did you mean clock_mhz?", "/a.yaml:5: mac_array.lanes: 0",
                   "/a.yaml:6: mac_array.acc_bits: \"x\"",
                   "/a.yaml:7: mac_array.lanse: unknown key; did you mean lanes?",
                   "/a.yaml:8: dram: must be a section");
    ck_assert_int_eq(num_lines(), 6);
    put_text(temp_path("b.yaml"), "name: b\n"); // too many for one message
    ASSERT_REFUSED(igq_accelerator_load(&machine, temp_path("b.yaml"), &error), &error, "clock_mhz is missing",
                   "\nand more faults");
    ck_assert_uint_lt(strlen(error.message), sizeof error.message);
}
END_TEST

START_TEST(auto_follows_from_other_keys)
{
    const char *path = derived("a.yaml", config("igq_shared"), "name: a\nrow_selector:\n  bank_width_bits: auto\n");
    ck_assert_msg(LOAD_WITH(path, "mac_array.lanes=128") == IGQ_OK, "%s", error.message);
    ck_assert_int_eq(machine.row_selector.bank_width_bits, 512); // 128 x 4 bits
    ck_assert_msg(LOAD_WITH(path, "mac_array.lanes=1", "mac_array.token_rows=2") == IGQ_OK, "%s", error.message);
    ck_assert_int_eq(machine.row_selector.bank_width_bits, 32); // 2 x 16 bits
    ASSERT_REFUSED(LOAD_WITH(path, "mac_array.token_rows=4096", "mac_array.tokens_in_flight=4096",
                             "mac_array.lanes=4096", "mac_array.mac_bits=8", "row_selector.bank_width_bits=atuo"),
                   &error, "\"atuo\" is not an integer", "auto or 8 to 65536");
    const igq_string_list none = {NULL, 0};
    ck_assert_int_eq(igq_accelerator_read(&machine, path, &none, &error), IGQ_OK);
    machine.mac_array.lanes = 32;
    ck_assert_int_eq(igq_accelerator_finish(&machine, &error), IGQ_OK);
    ck_assert_int_eq(machine.row_selector.bank_width_bits, 128);
}
END_TEST

START_TEST(yaml_that_is_not_plain_is_refused_with_its_line)
{
    const struct {
        const char *text, *words[2];
    } cases[] = {
        {"name: a\nclock_mhz: &c 3\n", {".yaml:2: clock_mhz: ", "anchors"}},
        {"name: !!str a\n", {".yaml:1: name: ", "tags"}},
        {"name: a\nmac_array:\n  <<: {lanes: 3}\n", {".yaml:3: mac_array: ", "merge keys"}},
        {"%TAG ! tag:x,2000:\n---\nname: a\n", {".yaml:1: ", "tags"}},
        {"name: a\nclock_mhz: \"8\\0\"\n", {".yaml:2: clock_mhz: \"8\"", "control character"}},
        {"name: a\nclock_mhz: \"8\\e[31m\"\n", {".yaml:2: clock_mhz: \"8\\x1b[31m\"", "control character"}},
        {"name: a\nclock_mhz: |\n  8\n  9\n", {".yaml:2: clock_mhz: \"8 9 \"", "line break"}},
        {"name: a\n? [b]\n: c\n", {".yaml:2: ", "a key is a list"}},
        {"name: a\nmac_array:\n  lanes: 3\n  lanes: 4\n", {".yaml:4: mac_array.lanes: ", "twice"}},
        {"name: a\nb: [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]\n", {".yaml:2: b", "16 levels"}},
        {"name: a\nb: \x1b[31m\n", {".yaml:2: ", "cannot be read as YAML"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_text(temp_path("a.yaml"), cases[i].text);
        ASSERT_REFUSED(igq_accelerator_load(&machine, temp_path("a.yaml"), &error), &error, cases[i].words[0],
                       cases[i].words[1]);
        ck_assert_int_eq(num_lines(), 1);
    }
    put_bytes(temp_path("a.yaml"), "name: a\nb: 8\0 9\n", 16);
    ASSERT_REFUSED(igq_accelerator_load(&machine, temp_path("a.yaml"), &error), &error, ".yaml:2: ", "cannot be read");
}
END_TEST

START_TEST(large_files_are_refused_before_they_are_read)
{
    char *text = malloc(IGQ_YAML_MAX_BYTES + 2);
    memset(text, '[', IGQ_YAML_MAX_BYTES);
    text[IGQ_YAML_MAX_BYTES] = '\0';
    put_text(temp_path("deep.yaml"), text);
    ASSERT_REFUSED(igq_accelerator_load(&machine, temp_path("deep.yaml"), &error), &error,
                   "deep.yaml:1: ", "16 levels");
    strcpy(text + IGQ_YAML_MAX_BYTES, "[");
    put_text(temp_path("large.yaml"), text);
    ASSERT_REFUSED(igq_accelerator_load(&machine, temp_path("large.yaml"), &error), &error, "large.yaml: 4194305 bytes",
                   "allowed: up to 4194304");
    free(text);
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS(
        "key_source", a_file_gives_only_what_differs_from_its_base, the_bases_of_a_file_are_listed_in_order,
        a_fault_is_named_in_the_file_of_its_value, bases_come_to_an_end, a_base_is_the_first_key_and_a_file,
        the_command_line_goes_before_the_file_and_its_last_word_counts, a_workload_is_set_in_the_same_way,
        an_unknown_setting_is_refused_with_what_may_be_meant, all_faults_of_a_file_are_said_at_once,
        auto_follows_from_other_keys, yaml_that_is_not_plain_is_refused_with_its_line,
        large_files_are_refused_before_they_are_read);
}
