// SPDX-License-Identifier: Apache-2.0
// Port maps of somebody's assignment unit: what they say, and what is refused.
#include "port_map.h"
#include "temp_dir.h"

static void put(const char *text)
{
    FILE *file = fopen(temp_path("map.yaml"), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    fclose(file);
}

static void refuse(const char *text, const char *message)
{
    igq_port_map map;
    igq_error error = {0};
    put(text);
    ck_assert_int_eq(igq_port_map_load(&map, &igq_assign_ports, temp_path("map.yaml"), &error), IGQ_USER_ERROR);
    ck_assert_msg(strstr(error.message, message) != NULL, "%s", error.message);
}

START_TEST(without_a_file_ports_have_their_own_names)
{
    igq_port_map map;
    igq_error error;
    ck_assert_int_eq(igq_port_map_load(&map, &igq_assign_ports, NULL, &error), IGQ_OK);
    for (int i = 0; i < IGQ_PORT_COUNT; i++) {
        ck_assert_str_eq(map.port[i].name, igq_assign_ports.port[i].name);
        ck_assert_int_eq(map.port[i].inverted, 0);
    }
    ck_assert_int_eq(map.num_parameters, -1);
    ck_assert_int_eq(map.range_lanes, 0);
}
END_TEST

START_TEST(a_file_says_what_differs)
{
    igq_port_map map;
    igq_error error;
    put("range_lanes: 1\nmax_groups: 8\nports:\n  rst_ni: ~reset\n  count_o: none\n  clk_i: clock\n"
        "parameters:\n  Depth: 64\n  Kind: 2'd1\n");
    ck_assert_msg(igq_port_map_load(&map, &igq_assign_ports, temp_path("map.yaml"), &error) == IGQ_OK, "%s",
                  error.message);
    ck_assert_int_eq(map.range_lanes, 1);
    ck_assert_int_eq(map.max_groups, 8);
    ck_assert_int_eq(map.max_channels, 0);
    ck_assert_str_eq(map.port[IGQ_PORT_RST].name, "reset");
    ck_assert_int_eq(map.port[IGQ_PORT_RST].inverted, 1);
    ck_assert_str_eq(map.port[IGQ_PORT_COUNT_OF_GROUPS].name, "");
    ck_assert_str_eq(map.port[IGQ_PORT_CLK].name, "clock");
    ck_assert_str_eq(map.port[IGQ_PORT_ACT_DATA].name, "act_data_i");
    ck_assert_int_eq(map.num_parameters, 2);
    ck_assert_str_eq(map.parameter[1][0], "Kind");
    ck_assert_str_eq(map.parameter[1][1], "2'd1");
}
END_TEST

START_TEST(faults_name_their_line_and_what_is_allowed)
{
    refuse("ports:\n  clk_x: clock\n", ":2: ports.clk_x: no port of the unit; did you mean clk_i? allowed: ");
    refuse("ports:\n  clk_i: none\n", ":2: ports.clk_i: 'none'; allowed: the name of a port");
    refuse("ports:\n  act_data_i: ~data\n", "'~data'; allowed: the name of a port");
    refuse("ports:\n  clk_i: \"a b\"\n", "'a b'; allowed: the name of a port");
    refuse("ports: 3\n", "ports");
    refuse("range_lanes: 0\n", "range_lanes");
    refuse("lanes: 1\n", "lanes");
    refuse("parameters:\n  \"1x\": 3\n", "no parameter; allowed: NAME: VALUE");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("port_map");
    TCase *test_case = tcase_create("core");
    tcase_add_unchecked_fixture(test_case, make_temp_dir, remove_temp_dir);
    tcase_add_test(test_case, without_a_file_ports_have_their_own_names);
    tcase_add_test(test_case, a_file_says_what_differs);
    tcase_add_test(test_case, faults_name_their_line_and_what_is_allowed);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
