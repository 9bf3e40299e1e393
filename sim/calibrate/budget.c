// SPDX-License-Identifier: Apache-2.0
#include "budget.h"
#include "params.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const igq_budget_names[IGQ_BUDGET_COUNT] = {
    [IGQ_BUDGET_BOPS] = "bops", [IGQ_BUDGET_CYCLES] = "cycles", [IGQ_BUDGET_ENERGY] = "energy_pj"};

igq_status igq_budget_parse(igq_budget *budget, const char *text, igq_error *error)
{
    const char *allowed =
        "bops=LIMIT, cycles=LIMIT, energy_pj=LIMIT; LIMIT is a number above 0, or gN: the cost of N groups "
        "in every layer";
    size_t length = strcspn(text, "=");
    int kind = 0;
    while (kind < IGQ_BUDGET_COUNT &&
           (strlen(igq_budget_names[kind]) != length || strncmp(text, igq_budget_names[kind], length) != 0))
        kind++;
    if (kind == IGQ_BUDGET_COUNT || text[length] == '\0')
        return igq_fail(error, "--allocate %s; allowed: %s", text, allowed);
    const char *value = text + length + 1;
    int is_uniform = *value == 'g';
    char *end;
    double limit = strtod(value + is_uniform, &end);
    if (end == value + is_uniform || *end != '\0' || !isfinite(limit) || limit <= 0 ||
        (is_uniform && (limit != floor(limit) || limit > IGQ_MAX_GROUPS)))
        return igq_fail(error, "--allocate %s: '%s' is no budget; allowed: %s", text, value, allowed);
    *budget = (igq_budget){(igq_budget_kind)kind, is_uniform ? 0 : limit, is_uniform ? (int)limit : 0};
    return IGQ_OK;
}

igq_status igq_candidates_parse(igq_candidates *candidates, const char *text, igq_error *error)
{
    *candidates = (igq_candidates){0};
    for (const char *next = text; next; next = *next == ',' ? next + 1 : NULL) {
        char *end;
        long groups = strtol(next, &end, 10);
        int last = candidates->num ? candidates->groups[candidates->num - 1] : 0;
        if (end == next || (*end != ',' && *end != '\0') || groups <= last || groups > IGQ_MAX_GROUPS ||
            candidates->num == IGQ_MAX_CANDIDATES)
            return igq_fail(error,
                            "--candidates %s; allowed: up to %d ascending numbers from 1 to %d, separated by commas",
                            text, IGQ_MAX_CANDIDATES, IGQ_MAX_GROUPS);
        candidates->groups[candidates->num++] = (int)groups;
        next = end;
    }
    return IGQ_OK;
}
