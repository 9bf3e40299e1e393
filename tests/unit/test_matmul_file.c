// SPDX-License-Identifier: Apache-2.0
// Lists of products: as tables, as YAML, as a network.
#include "workload_file.h"
#include "../suite.h"
#include <stdlib.h>
#include "temp_dir.h"

static igq_error error;
static igq_workload workload;

static igq_status load(const char *name, const char *text)
{
    igq_workload_free(&workload);
    put_text(temp_path(name), text);
    return igq_workload_load(&workload, temp_path(name), &error);
}

static void assert_item(int i, const char *name, int M, int N, int K, int count)
{
    const igq_matmul *item = &workload.matmuls.item[i];
    ck_assert_str_eq(item->name, name);
    ck_assert_int_eq(item->M, M);
    ck_assert_int_eq(item->N, N);
    ck_assert_int_eq(item->K, K);
    ck_assert_int_eq(item->count, count);
}

START_TEST(columns_may_come_in_any_order)
{
    ck_assert_int_eq(
        load("my list.csv", "# comment\nK, count,name ,N,M,bits\n192,2, qkv,576,197,6\n\n64,1,b c,7,1,8\r\n"), IGQ_OK);
    ck_assert_str_eq(workload.name, "my_list");
    ck_assert_int_eq(workload.family, IGQ_FAMILY_MATMULS);
    ck_assert_int_eq(workload.matmuls.num, 2);
    assert_item(0, "qkv", 197, 576, 192, 2);
    assert_item(1, "b c", 1, 7, 64, 1);
    ck_assert_int_eq(workload.matmuls.item[0].act_bits, 6);
    ck_assert_int_eq(workload.matmuls.item[1].weight_bits, 8);
}
END_TEST

START_TEST(gemm_topologies_of_scale_sim_are_understood)
{
    ck_assert_int_eq(load("t.csv", "Layer, M, N, K,\nGEMM1,128,512,64,\nGEMM2,1,2,3,\n"), IGQ_OK);
    assert_item(0, "GEMM1", 128, 512, 64, 1);
    assert_item(1, "GEMM2", 1, 2, 3, 1);
}
END_TEST

START_TEST(tables_are_read_as_spreadsheets_write_them)
{
    ck_assert_msg(load("s.csv", "\xef\xbb\xbfname;M;N;K\r\n\"a; b\";\"1\";2;3\r\n") == IGQ_OK, "%s", error.message);
    assert_item(0, "a; b", 1, 2, 3, 1);
    ck_assert_msg(load("t.csv", "name\tM\tN\tK\na,b\t1\t2\t3\n") == IGQ_OK, "%s", error.message);
    assert_item(0, "a,b", 1, 2, 3, 1);
    ck_assert_msg(load("q.csv", "\"name\",\"M\",N,K\n\"a, b\",1,2,3\n") == IGQ_OK, "%s", error.message);
    assert_item(0, "a, b", 1, 2, 3, 1);
}
END_TEST

START_TEST(yaml_lists_say_the_same)
{
    ck_assert_msg(load("l.yaml",
                       "matmuls:\n  - {name: a, M: 197, N: 576, K: 192}\n  - name: b\n    M: 1\n    N: 2\n    "
                       "K: 3\n    count: 4\n    act_bits: 5\n") == IGQ_OK,
                  "%s", error.message);
    assert_item(0, "a", 197, 576, 192, 1);
    assert_item(1, "b", 1, 2, 3, 4);
    ck_assert_int_eq(workload.matmuls.item[1].act_bits, 5);
    ck_assert_int_eq(workload.matmuls.item[1].weight_bits, 0);
}
END_TEST

START_TEST(every_product_is_a_layer_of_its_own)
{
    ck_assert_int_eq(load("l.csv", "name,M,N,K,count\na,197,576,192,1\nb,5,4096,3072,3\n"), IGQ_OK);
    igq_network *network = igq_workload_network(&workload);
    ck_assert_int_eq(network->num_layers, 4);
    ck_assert_int_eq(network->num_linear, 4);
    ck_assert_int_eq(network->num_attention, 0);
    ck_assert_str_eq(network->layer[0].name, "a");
    ck_assert_str_eq(network->layer[3].name, "b.2");
    for (int k = 0; k < 4; k++) {
        ck_assert_int_eq(network->layer[k].input, -1);
        ck_assert_int_eq(network->layer[k].read_again, 1);
        ck_assert_int_eq(network->layer[k].post_op, IGQ_VECTOR_OP_NONE);
    }
    ck_assert_uint_eq(igq_layer_macs(&network->layer[3]), 5ull * 4096 * 3072);
    igq_network_free(network);
}
END_TEST

START_TEST(wide_products_are_sums_of_slices)
{
    ck_assert_int_eq(load("l.csv", "name,M,N,K,count\na,2,4096,11008,1\nb,2,5,9217,2\n"), IGQ_OK);
    igq_network *network = igq_workload_network(&workload);
    uint64_t macs = 0;
    ck_assert_int_eq(network->num_layers, 1 + 2); // whole, as long as no machine has lists that are shorter
    igq_network_free(network);
    workload.matmuls.most_channels = 3072;
    network = igq_workload_network(&workload);
    ck_assert_int_eq(network->num_layers, 4 + 2 * 4);
    for (int k = 0; k < network->num_layers; k++) {
        ck_assert_int_le(network->layer[k].C, 3072);
        ck_assert_int_eq(network->layer[k].residual, k % 4 > 0);
        macs += igq_layer_macs(&network->layer[k]);
    }
    ck_assert_str_eq(network->layer[2].name, "a.2");
    ck_assert_uint_eq(macs, 2ull * 4096 * 11008 + 2ull * 2 * 5 * 9217);
    igq_network_free(network);
}
END_TEST

START_TEST(bad_rows_are_refused_by_file_and_line)
{
    ASSERT_REFUSED(load("a.csv", "name,M,N,K\na,1,2,3\nb,0,2,3\n"), &error, "a.csv:3:", "M is \"0\"", "1 to");
    ASSERT_REFUSED(load("b.csv", "name,M,N,K\na,1,2,x\n"), &error, "b.csv:2:", "K is \"x\"", "1 to 16384");
    ASSERT_REFUSED(load("c.csv", "name,M,N,K\na,1,2\n"), &error, "c.csv:2:", "3 cells", "4");
    ASSERT_REFUSED(load("d.csv", "name,M,N\na,1,2\n"), &error, "d.csv:1:", "\"k\"", "M, N, K");
    ASSERT_REFUSED(load("e.csv", "name,M,N,K,stride\na,1,2,3,4\n"), &error, "e.csv:1:", "\"stride\"", "count");
    ASSERT_REFUSED(load("f.csv", "name,M,N,K\na,1,2,3\na,1,2,3\n"), &error, "f.csv:3:", "given twice");
    ASSERT_REFUSED(load("g.csv", "\n# nothing\n"), &error, "g.csv:", "no products");
    ASSERT_REFUSED(load("h.csv", "name,M,N,K,M\na,1,2,3,4\n"), &error, "h.csv:1:", "given twice");
    ASSERT_REFUSED(load("i.csv", "name,M,N,K,count\na,1,2,3,16384\nb,1,2,3,1\n"), &error,
                   "i.csv:3:", "more than 16384");
    ASSERT_REFUSED(load("j.csv", "name,M,N,K\n,1,2,3\n"), &error, "j.csv:2:", "name");
    ASSERT_REFUSED(load("k.csv", "name,M,N,K,bits\na,1,2,3,1e1\n"), &error, "k.csv:2:", "bits", "2 to 8");
    ASSERT_REFUSED(load("l.csv", "name,M,N,K\na,99999999999999999999,2,3\n"), &error, "l.csv:2:", "M is");
    ASSERT_REFUSED(load("a.yaml", "matmuls:\n  - {name: a, M: 1, N: 2}\n"), &error, "a.yaml:2", "matmuls[0].K",
                   "missing");
    ASSERT_REFUSED(load("b.yaml", "matmuls:\n  - {name: a, M: 1, N: 2, K: -3}\n"), &error, "b.yaml:2", "K is \"-3\"");
    ASSERT_REFUSED(load("c.yaml", "matmuls: 3\n"), &error, "c.yaml:1", "matmuls");
    ASSERT_REFUSED(load("d.yaml", "matmuls:\n  - {name: a, M: 1, N: 2, K: 3, Q: 4}\n"), &error, "d.yaml:2", "Q");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("matmul_file");
    TCase *tests = tcase_create("matmul_file");
    tcase_add_unchecked_fixture(tests, make_temp_dir, remove_temp_dir);
    tcase_add_test(tests, columns_may_come_in_any_order);
    tcase_add_test(tests, gemm_topologies_of_scale_sim_are_understood);
    tcase_add_test(tests, tables_are_read_as_spreadsheets_write_them);
    tcase_add_test(tests, yaml_lists_say_the_same);
    tcase_add_test(tests, every_product_is_a_layer_of_its_own);
    tcase_add_test(tests, wide_products_are_sums_of_slices);
    tcase_add_test(tests, bad_rows_are_refused_by_file_and_line);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
