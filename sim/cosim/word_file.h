// SPDX-License-Identifier: Apache-2.0
// word_file.h - a file for $readmemh: words of so many bits, a line each.
#ifndef IGQ_WORD_FILE_H
#define IGQ_WORD_FILE_H
#include "file.h"
#include <jansson.h>
#include <string>
#include <vector>

// What goes wrong is told by close(); a file that was not closed is none.
class word_file
{
  public:
    word_file(const char *dir, const char *name, igq_error *error);
    ~word_file();
    word_file(const word_file &) = delete;
    word_file &operator=(const word_file &) = delete;

    void add(const std::vector<uint16_t> &halves); // the lowest 16 bits are the last
    void add(uint32_t word) { add({static_cast<uint16_t>(word >> 16), static_cast<uint16_t>(word)}); }
    igq_status close();
    uint64_t words() const { return words_; }
    json_t *describe(int bits) const; // file, bits, words: for an index; new reference

  private:
    const char *name_;
    igq_error *error_;
    igq_file_output *file_ = nullptr;
    igq_status status_;
    uint64_t words_ = 0;
};

#endif
