// SPDX-License-Identifier: Apache-2.0
#include "allocate.h"
#include "rng.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../suite.h"

enum { MOST_LAYERS = 60, MOST_CANDIDATES = 7 };

typedef struct instance {
    double perturbation[MOST_LAYERS * MOST_CANDIDATES], cost[MOST_LAYERS * MOST_CANDIDATES];
    igq_choices choices;
} instance;

// Perturbation falls and cost grows with the candidate, with noise that breaks the order now and then.
static void draw(instance *drawn, int num_layers, int num_candidates, rng *random)
{
    drawn->choices = (igq_choices){num_layers, num_candidates, drawn->perturbation, drawn->cost};
    for (int layer = 0; layer < num_layers; layer++) {
        double sensitivity = pow(10, rng_real(random, -4, 0)), size = rng_real(random, 1000, 100000);
        for (int k = 0; k < num_candidates; k++) {
            int i = layer * num_candidates + k;
            drawn->perturbation[i] = sensitivity / (k + 1) * rng_real(random, 0.7, 1.3);
            drawn->cost[i] = floor(size * (10 + k * rng_real(random, 0.5, 1.5)));
        }
    }
}

static double most_cost(const igq_choices *choices)
{
    double sum = 0;
    for (int layer = 0; layer < choices->num_layers; layer++) {
        double most = 0;
        for (int k = 0; k < choices->num_candidates; k++)
            most = fmax(most, choices->cost[layer * choices->num_candidates + k]);
        sum += most;
    }
    return sum;
}

// Least perturbation of all choices within the budget, by trying every one; INFINITY if there is none.
static double exhaustive(const igq_choices *choices, double budget)
{
    int choice[MOST_LAYERS] = {0};
    double best = INFINITY;
    for (int layer = 0; layer < choices->num_layers;) {
        if (igq_allocate_cost(choices, choice) <= budget)
            best = fmin(best, igq_allocate_perturbation(choices, choice));
        for (layer = 0; layer < choices->num_layers && ++choice[layer] == choices->num_candidates; layer++)
            choice[layer] = 0;
    }
    return best;
}

START_TEST(the_answer_is_that_of_exhaustive_search)
{
    rng random = {(uint64_t)_i + 1};
    instance drawn;
    draw(&drawn, 1 + _i % 6, 1 + _i % 5, &random);
    const igq_choices *choices = &drawn.choices;
    double least = igq_allocate_least_cost(choices), most = most_cost(choices);
    for (int step = 0; step <= 8; step++) {
        double budget = floor(least + (most - least) * step / 8);
        int choice[MOST_LAYERS];
        ck_assert_int_eq(igq_allocate(choice, choices, budget), IGQ_ALLOCATE_OK);
        ck_assert(igq_allocate_cost(choices, choice) <= budget);
        double best = exhaustive(choices, budget);
        ck_assert_double_eq_tol(igq_allocate_perturbation(choices, choice), best, 1e-7 * best);
    }
}
END_TEST

START_TEST(a_tighter_budget_never_gives_a_better_objective)
{
    rng random = {(uint64_t)_i + 77};
    instance drawn;
    draw(&drawn, MOST_LAYERS, MOST_CANDIDATES, &random);
    const igq_choices *choices = &drawn.choices;
    double least = igq_allocate_least_cost(choices), most = most_cost(choices), before = 0;
    for (int step = 16; step >= 0; step--) {
        double budget = least + (most - least) * step / 16;
        int choice[MOST_LAYERS];
        ck_assert_int_eq(igq_allocate(choice, choices, budget), IGQ_ALLOCATE_OK);
        ck_assert(igq_allocate_cost(choices, choice) <= budget);
        double objective = igq_allocate_perturbation(choices, choice);
        ck_assert_msg(objective >= before * (1 - 1e-7), "%.12g, and %.12g with a wider budget", objective, before);
        before = objective;
    }
}
END_TEST

START_TEST(a_wide_budget_takes_the_best_of_every_layer)
{
    rng random = {5};
    instance drawn;
    int choice[MOST_LAYERS];
    draw(&drawn, MOST_LAYERS, MOST_CANDIDATES, &random);
    ck_assert_int_eq(igq_allocate(choice, &drawn.choices, 1e12), IGQ_ALLOCATE_OK);
    for (int layer = 0; layer < MOST_LAYERS; layer++)
        for (int k = 0; k < MOST_CANDIDATES; k++)
            ck_assert(drawn.perturbation[layer * MOST_CANDIDATES + k] >=
                      drawn.perturbation[layer * MOST_CANDIDATES + choice[layer]]);
}
END_TEST

START_TEST(the_least_cost_is_the_smallest_feasible_budget)
{
    rng random = {9};
    instance drawn;
    int choice[MOST_LAYERS];
    draw(&drawn, 12, MOST_CANDIDATES, &random);
    double least = igq_allocate_least_cost(&drawn.choices);
    ck_assert_int_eq(igq_allocate(choice, &drawn.choices, least), IGQ_ALLOCATE_OK);
    ck_assert(igq_allocate_cost(&drawn.choices, choice) == least);
    ck_assert_int_eq(igq_allocate(choice, &drawn.choices, least - 1), IGQ_ALLOCATE_INFEASIBLE);
    ck_assert_int_eq(igq_allocate(choice, &drawn.choices, NAN), IGQ_ALLOCATE_INFEASIBLE);
}
END_TEST

START_TEST(costs_of_any_magnitude_are_solved_alike)
{
    rng random = {21};
    instance drawn;
    int choice[MOST_LAYERS], scaled_choice[MOST_LAYERS];
    draw(&drawn, 20, MOST_CANDIDATES, &random);
    double budget = floor((igq_allocate_least_cost(&drawn.choices) + most_cost(&drawn.choices)) / 2);
    ck_assert_int_eq(igq_allocate(choice, &drawn.choices, budget), IGQ_ALLOCATE_OK);
    for (int i = 0; i < 20 * MOST_CANDIDATES; i++) {
        drawn.cost[i] *= 65536;
        drawn.perturbation[i] /= 1024;
    }
    ck_assert_int_eq(igq_allocate(scaled_choice, &drawn.choices, budget * 65536), IGQ_ALLOCATE_OK);
    ck_assert(memcmp(choice, scaled_choice, 20 * sizeof *choice) == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unit.allocate");
    TCase *tcase = tcase_create("allocation");
    tcase_add_loop_test(tcase, the_answer_is_that_of_exhaustive_search, 0, 30);
    tcase_add_loop_test(tcase, a_tighter_budget_never_gives_a_better_objective, 0, 3);
    tcase_add_test(tcase, a_wide_budget_takes_the_best_of_every_layer);
    tcase_add_test(tcase, the_least_cost_is_the_smallest_feasible_budget);
    tcase_add_test(tcase, costs_of_any_magnitude_are_solved_alike);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
