// SPDX-License-Identifier: Apache-2.0
// executor.h - one pass of a graph: products by an engine, everything else by operation_code.h. Where values lie is
// planned once, so that memory holds what is alive at a time: a value is given up after its last reader. Weights are
// read where they lie.
#ifndef IGQ_EXECUTOR_H
#define IGQ_EXECUTOR_H
#include "engine.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_executor igq_executor;

// All constants of the graph have data. The products must outlive it. NULL when memory is short.
igq_executor *igq_executor_new(const igq_products *products);
void igq_executor_free(igq_executor *executor); // NULL is fine

// Of all values together, besides constants and inputs.
size_t igq_executor_memory_bytes(const igq_executor *executor);

// A whole pass. inputs in (num_inputs of the graph), of their elements and shapes.
void igq_execute(igq_executor *executor, const igq_engine *engine, const void *const *inputs);
// Output i of the graph, after a pass.
const void *igq_executor_output(const igq_executor *executor, int i);

// A pass in pieces: nodes first ... before - 1, after all those before them.
void igq_executor_start(igq_executor *executor, const void *const *inputs);
void igq_executor_run(igq_executor *executor, const igq_engine *engine, int first, int before);
// What is alive before node `first` runs, to go on from there again: bytes, and copies out and back.
size_t igq_executor_state_bytes(const igq_executor *executor, int first);
void igq_executor_save(void *state, const igq_executor *executor, int first);
void igq_executor_restore(igq_executor *executor, int first, const void *state);

#ifdef __cplusplus
}
#endif
#endif
