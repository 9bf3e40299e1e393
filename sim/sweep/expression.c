// SPDX-License-Identifier: Apache-2.0
#include "expression.h"
#include <math.h>
#include <muParserDLL.h>
#include <stdlib.h>
#include <string.h>

struct igq_expression {
    muParserHandle_t parser;
    int num_names;
    unsigned char *uses; // (num_names)
};

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

void igq_expression_free(igq_expression *expression)
{
    if (expression == NULL)
        return;
    mupRelease(expression->parser);
    free(expression->uses);
    free(expression);
}

// Without a handler muParser keeps the fault until it is asked.
static igq_status refuse_fault(muParserHandle_t parser, const char *text, const igq_yaml_tree *file, const char *key,
                               igq_error *error)
{
    return igq_yaml_refuse(file, key, error, "\"%.200s\" is no formula: %.200s", text, mupGetErrorMsg(parser));
}

// What muParser would take, and means something else than it says: a lone "=" assigns to a key of the machine, "a, b"
// is b, and "a < b < c" compares a with the answer, 0 or 1.
static const char *find_trap(const char *text)
{
    enum { MAX_DEPTH = 64 };
    unsigned char compared[MAX_DEPTH] = {0}; // in the parenthesis of that depth, since the last && || ? : or comma
    int depth = 0;
    for (const char *at = text; *at != '\0'; at++) {
        int pair = at[1] == '=' && strchr("=<>!", *at) != NULL; // == <= >= !=
        if (*at == '=' && !pair)
            return "a lone =, which would assign; use ==";
        if (*at == ',' && depth == 0)
            return "a comma between two formulas; allowed: one formula";
        if (*at == '(' && ++depth == MAX_DEPTH)
            return "too many parentheses";
        if (*at == ')' && depth > 0)
            depth--;
        if (*at == '(' || strchr("&|?:,", *at) != NULL)
            compared[depth] = 0;
        if ((pair || *at == '<' || *at == '>') && compared[depth]++)
            return "a comparison of a comparison; allowed: a < b && b < c";
        at += pair;
    }
    return NULL;
}

static igq_status note_names(igq_expression *expression, const char *text, const igq_names *names,
                             const igq_yaml_tree *file, const char *key, igq_error *error)
{
    int num = mupGetExprVarNum(expression->parser);
    if (mupError(expression->parser))
        return refuse_fault(expression->parser, text, file, key, error);
    for (int i = 0; i < num; i++) {
        const char *name;
        double *value;
        mupGetExprVar(expression->parser, (unsigned)i, &name, &value);
        if (value == NULL)
            return igq_yaml_refuse(file, key, error,
                                   "\"%.200s\" uses the unknown name %.80s; allowed: keys of the machine such as "
                                   "mac_array.lanes, their choices, peak_macs_per_cycle, in limits also results",
                                   text, name);
        expression->uses[value - names->value] = 1;
    }
    return IGQ_OK;
}

igq_status igq_expression_new(igq_expression **out, const char *text, const igq_names *names, const igq_yaml_tree *file,
                              const char *key, igq_error *error)
{
    const char *trap = find_trap(text);
    *out = NULL;
    if (trap != NULL)
        return igq_yaml_refuse(file, key, error, "\"%.200s\" has %s", text, trap);
    igq_expression *expression = calloc(1, sizeof *expression);
    if (expression == NULL)
        return igq_out_of_memory(error);
    expression->parser = mupCreate(muBASETYPE_FLOAT);
    expression->num_names = names->num;
    expression->uses = calloc((size_t)names->num + 1, 1);
    igq_status status = expression->uses != NULL ? IGQ_OK : igq_out_of_memory(error);
    if (status == IGQ_OK) {
        mupDefineNameChars(expression->parser, name_characters);
        mupDefineFun1(expression->parser, "floor", floor, 1);
        mupDefineFun1(expression->parser, "ceil", ceil, 1);
        for (int i = 0; i < names->num; i++)
            mupDefineVar(expression->parser, names->name[i], &names->value[i]);
        mupSetExpr(expression->parser, text);
        status = note_names(expression, text, names, file, key, error);
    }
    if (status == IGQ_OK) {
        mupEval(expression->parser); // parses
        if (mupError(expression->parser))
            status = refuse_fault(expression->parser, text, file, key, error);
    }
    if (status != IGQ_OK) {
        igq_expression_free(expression);
        return status;
    }
    *out = expression;
    return IGQ_OK;
}

double igq_expression_value(const igq_expression *expression)
{
    double value = mupEval(expression->parser);
    return mupError(expression->parser) ? NAN : value;
}

int igq_expression_uses(const igq_expression *expression, int name)
{
    return name < expression->num_names && expression->uses[name];
}
