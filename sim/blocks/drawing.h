// SPDX-License-Identifier: Apache-2.0
// drawing.h - machine.txt, the block diagram as a text drawing, and what the blocks of a machine are made of. `igqsim
// describe`, the page of a run and docs/architecture.md show the one drawing. In it
//   a box         is drawn with + - |; its first line is the name of a block, a file of this folder
//   a connector   is made of - and |, joined by +, with an arrow < > ^ v at an end; - and | cross where they meet bare
//   a label       is words of two letters or more, outside of boxes.
#ifndef IGQ_DRAWING_H
#define IGQ_DRAWING_H
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// The text of machine.txt: lines of at most 80 ASCII characters.
const char *igq_drawing(void);

// For each block of the drawing a short text with its figures, {"dram": "25 B/cycle, ...", ...}, in the order of
// data; from "accelerator" and "hardware" of a report. What these lack reads as 0 or nothing. New reference.
json_t *igq_block_details(const json_t *accelerator, const json_t *hardware);

#ifdef __cplusplus
}
#endif
#endif
