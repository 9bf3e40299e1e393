// SPDX-License-Identifier: Apache-2.0
// Modules that are Verilated while the program runs.
#include "file.h"
#include "verilate.h"
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include "../suite.h" // last: check.h defines fail()
#undef fail

namespace
{
const char counter[] =
    "module counter #(parameter int unsigned Step = 1) (input logic clk_i, output logic [7:0] count_o);\n"
    "  always_ff @(posedge clk_i) count_o <= count_o + 8'(Step);\n"
    "endmodule\n";
std::string folder; // with the cache and the sources

verilate_request request_of(const char *text, const char *step)
{
    std::string path = folder + "/counter.sv";
    igq_error error;
    ck_assert_int_eq(igq_file_write(path.c_str(), text, std::strlen(text), &error), IGQ_OK);
    return {"a counter", {path}, {}, "counter", {{"Step", step}}, {"-Wall"}, "tests/rtl/harness_counter.cpp", false};
}

int counted(const std::string &library, int cycles)
{
    verilated_library open;
    igq_error error;
    ck_assert_msg(open.open(library, &error) == IGQ_OK, "%s", error.message);
    return reinterpret_cast<int (*)(int)>(open.symbol("igq_counted"))(cycles);
}
} // namespace

START_TEST(a_module_is_built_once_for_its_parameters)
{
    std::string threes, again, fives;
    igq_error error;
    ck_assert_msg(igq_verilate(&threes, request_of(counter, "3"), &error) == IGQ_OK, "%s", error.message);
    ck_assert_int_eq(counted(threes, 4), 12);
    // What is in the cache is not made again: an empty file in its place stays one.
    ck_assert_int_eq(igq_file_write(threes.c_str(), "", 0, &error), IGQ_OK);
    ck_assert_int_eq(igq_verilate(&again, request_of(counter, "3"), &error), IGQ_OK);
    ck_assert_str_eq(again.c_str(), threes.c_str());
    verilated_library broken;
    ck_assert_int_eq(broken.open(again, &error), IGQ_USER_ERROR);
    ck_assert_int_eq(igq_verilate(&fives, request_of(counter, "5"), &error), IGQ_OK);
    ck_assert_int_eq(counted(fives, 4), 20);
}
END_TEST

START_TEST(what_is_included_counts_and_what_lies_beside_does_not)
{
    std::string first, same, other;
    igq_error error;
    auto write = [&](const char *name, const std::string &text) {
        ck_assert_int_eq(igq_file_write((folder + "/" + name).c_str(), text.data(), text.size(), &error), IGQ_OK);
    };
    std::string text = counter;
    text.insert(0, "`include \"outer.svh\"\n");
    verilate_request request = request_of(text.c_str(), "3");
    request.include_dirs = {folder};
    write("outer.svh", "`include \"inner.svh\"\n");
    write("inner.svh", "// one\n");
    ck_assert_msg(igq_verilate(&first, request, &error) == IGQ_OK, "%s", error.message);
    write("notes.txt", "one\n");
    ck_assert_int_eq(igq_verilate(&same, request, &error), IGQ_OK);
    ck_assert_str_eq(first.c_str(), same.c_str());
    write("inner.svh", "// two\n");
    ck_assert_int_eq(igq_verilate(&other, request, &error), IGQ_OK);
    ck_assert_str_ne(first.c_str(), other.c_str());
}
END_TEST

START_TEST(what_does_not_build_is_said_with_its_line)
{
    std::string library;
    igq_error error;
    ck_assert_int_eq(
        igq_verilate(&library, request_of("module counter (input logic clk_i);\n  oops\nendmodule\n", "1"), &error),
        IGQ_USER_ERROR);
    ck_assert_ptr_nonnull(std::strstr(error.message, "a counter does not build: %Error: "));
    ck_assert_ptr_nonnull(std::strstr(error.message, "counter.sv:3"));
}
END_TEST

int main()
{
    char pattern[] = "/tmp/igq_verilate_XXXXXX";
    folder = mkdtemp(pattern);
    setenv("IGQSIM_CACHE", folder.c_str(), 1);
    Suite *suite = suite_create("verilate");
    TCase *cases = tcase_create("modules");
    tcase_add_test(cases, a_module_is_built_once_for_its_parameters);
    tcase_add_test(cases, what_is_included_counts_and_what_lies_beside_does_not);
    tcase_add_test(cases, what_does_not_build_is_said_with_its_line);
    suite_add_tcase(suite, cases);
    int failed = run_suite(suite);
    igq_remove_dir(folder.c_str());
    return failed;
}
