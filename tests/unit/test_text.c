// SPDX-License-Identifier: Apache-2.0
#include "text.h"
#include "json_file.h"
#include <string.h>
#include <check.h>
#include "temp_dir.h"

START_TEST(printable_is_utf8_without_controls)
{
    static const char *const good[] = {"", "photo 1.png", "caf\xc3\xa9", "\xe5\x9b\xbe", "\xf0\x9f\x93\xb7"};
    static const char *const bad[] = {"a\nb",
                                      "\x1b[31m",
                                      "\x7f",
                                      "caf\xe9",          // Latin 1
                                      "\xc2\x9b",         // a control of 8 bits
                                      "\xc0\xaf",         // longer than it needs to be
                                      "\xed\xa0\x80",     // a surrogate
                                      "\xf4\x90\x80\x80", // beyond the last character
                                      "\xe2\x80\xae",     // turns what follows
                                      "\xe2\x80\xa8",     // a line separator
                                      "\xe5\x9b"};        // cut off
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(igq_is_printable(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!igq_is_printable(bad[i]), "number %zu", i);
}
END_TEST

START_TEST(messages_show_what_is_not_printable)
{
    igq_error error;
    igq_fail(&error, "%s: no", "caf\xe9\x1b[2J\xc3\xa9");
    ck_assert_str_eq(error.message, "caf\\xe9\\x1b[2J\xc3\xa9: no");
    char text[12];
    memcpy(text, "abcdefgh\x01\xc3", 11);
    igq_escape_controls(text, sizeof text);
    ck_assert_str_eq(text, "abcdefgh"); // \x01 would need 12 with the end
    memcpy(text, "abcd\x01\xc3", 7);
    igq_escape_controls(text, sizeof text);
    ck_assert_str_eq(text, "abcd\\x01");
}
END_TEST

START_TEST(a_long_name_leaves_room_for_what_is_wrong_with_it)
{
    igq_error error;
    char name[5000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    igq_fail(&error, "%s: cannot open", name);
    ck_assert_uint_lt(strlen(error.message), sizeof error.message);
    ck_assert_msg(strstr(error.message, "xxx: cannot open") && strstr(error.message, "xxx ... xxx"), "%s",
                  error.message);
}
END_TEST

START_TEST(json_with_what_cannot_be_shown_is_refused)
{
    static const char *const bad[] = {"{\"name\": \"a\\u001b[2J\"}", "{\"a\\nb\": 1}", "[[{\"x\": [1, \"\\u202e\"]}]]"};
    igq_error error;
    json_t *value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_text(temp_path("bad.json"), bad[i]);
        ASSERT_REFUSED(igq_json_read(&value, temp_path("bad.json"), "a report", &error), &error, "bad.json",
                       "not printable", "allowed: a report");
        ck_assert_ptr_null(strchr(error.message, '\n'));
    }
    put_text(temp_path("cut.json"), "{\"a\": 1,\n \"b\n\": ");
    ASSERT_REFUSED(igq_json_read(&value, temp_path("cut.json"), "a report", &error), &error, "cut.json:2: ");
    ck_assert_ptr_null(strchr(error.message, '\n'));
    put_text(temp_path("good.json"), "{\"caf\303\251\": [\"x\"]}");
    ck_assert_int_eq(igq_json_read(&value, temp_path("good.json"), "a report", &error), IGQ_OK);
    json_decref(value);
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("text", printable_is_utf8_without_controls, messages_show_what_is_not_printable,
                            a_long_name_leaves_room_for_what_is_wrong_with_it,
                            json_with_what_cannot_be_shown_is_refused);
}
