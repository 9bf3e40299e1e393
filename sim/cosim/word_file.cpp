// SPDX-License-Identifier: Apache-2.0
#include "word_file.h"
#include <cstdio>

word_file::word_file(const char *dir, const char *name, igq_error *error) : name_(name), error_(error)
{
    status_ = igq_file_open(&file_, (std::string(dir) + "/" + name).c_str(), error);
}

word_file::~word_file()
{
    if (status_ == IGQ_OK && file_ != nullptr)
        igq_file_discard(file_);
}

void word_file::add(const std::vector<uint16_t> &halves)
{
    char digits[8];
    std::string line;
    for (uint16_t half : halves) {
        std::snprintf(digits, sizeof digits, "%04x", half);
        line += digits;
    }
    line += "\n";
    if (status_ == IGQ_OK)
        status_ = igq_file_append(file_, line.data(), line.size(), error_);
    words_++;
}

igq_status word_file::close()
{
    igq_status status = status_ == IGQ_OK ? igq_file_close(file_, error_) : status_;
    file_ = nullptr;
    return status;
}

json_t *word_file::describe(int bits) const
{
    return json_pack("{s:s, s:i, s:I}", "file", name_, "bits", bits, "words", static_cast<json_int_t>(words_));
}
