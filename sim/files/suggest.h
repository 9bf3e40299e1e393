// SPDX-License-Identifier: Apache-2.0
// suggest.h - "did you mean" for a misspelt word.
#ifndef IGQ_SUGGEST_H
#define IGQ_SUGGEST_H

#ifdef __cplusplus
extern "C" {
#endif

// Writes "did you mean NAME? " for the name that is fewest edits away (a character put in, left out, replaced, or two
// neighbours swapped), if these are at most a third of the word (1 to 4); else "". A name that ends with ".WORD" is no
// edit away. Of equals the first.
#define IGQ_SUGGEST_BYTES 128
void igq_suggest(char text[IGQ_SUGGEST_BYTES], const char *word, const char *const *names, int num_names);

#ifdef __cplusplus
}
#endif
#endif
