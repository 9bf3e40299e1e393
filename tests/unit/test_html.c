// SPDX-License-Identifier: Apache-2.0
#include "assets.h"
#include "file.h"
#include "html.h"
#include "stall.h"
#include <check.h>
#include "temp_dir.h"

// A page of a report with this name of a file; the caller frees it.
static char *page_with(const char *file_name, const char *library)
{
    igq_error error;
    size_t size;
    char *page;
    json_t *report =
        json_pack("{s:{s:i}, s:[], s:[], s:s}", "totals", "cycles", 1, "layers", "images", "file", file_name);
    ck_assert_int_eq(igq_html_run(temp_dir, report, NULL, library, &error), IGQ_OK);
    ck_assert_int_eq(igq_file_read(&page, &size, temp_path("report.html"), &error), IGQ_OK);
    ck_assert_uint_eq(size, strlen(page));
    json_decref(report);
    return page;
}

static int count(const char *text, const char *word)
{
    int found = 0;
    for (; (text = strstr(text, word)); text += strlen(word))
        found++;
    return found;
}

START_TEST(text_of_a_report_cannot_end_its_script)
{
    char *tame = page_with("a", NULL), *wild = page_with("</script><script>alert(1)</script><!--", NULL);
    ck_assert_int_eq(count(wild, "</script"), count(tame, "</script"));
    ck_assert_int_eq(count(wild, "<!--"), count(tame, "<!--"));
    ck_assert_ptr_nonnull(strstr(wild, "\\u003c/script>\\u003cscript>alert(1)"));
    free(tame);
    free(wild);
}
END_TEST

START_TEST(every_place_of_the_page_is_filled)
{
    char *page = page_with("{{style}}", NULL);
    ck_assert_int_eq(count(page, "{{style}}"), 1); // of the report: left as it is
    ck_assert_int_eq(count(page, "{{data}}") + count(page, "{{scripts}}") + count(page, "{{body}}"), 0);
    ck_assert_int_eq(count(page, "</html>"), 1);
    free(page);
}
END_TEST

START_TEST(pages_and_documents_say_of_causes_what_the_model_says)
{
    igq_error error;
    size_t size;
    char *document, *page = page_with("a", NULL);
    ck_assert_int_eq(igq_file_read(&document, &size, "docs/formats.md", &error), IGQ_OK);
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++) {
        char json[512], row[512];
        snprintf(json, sizeof json, "\"%s\":\"%s\"", igq_cause_names[cause], igq_cause_meanings[cause]);
        snprintf(row, sizeof row, "\n| `%s` | %s |\n", igq_cause_names[cause], igq_cause_meanings[cause]);
        ck_assert_msg(strstr(page, json) != NULL, "the page lacks %s", json);
        ck_assert_msg(strstr(document, row) != NULL, "docs/formats.md lacks %s", row);
    }
    free(page);
    free(document);
}
END_TEST

START_TEST(the_library_is_in_the_page_or_beside_it)
{
    size_t size;
    const char *bytes = igq_asset_bytes(&size, IGQ_ASSET_LIBRARY);
    char *with = page_with("a", NULL), *without = page_with("a", "../../plots.js");
    ck_assert_ptr_nonnull(strstr(with, bytes));
    ck_assert_ptr_nonnull(strstr(without, "<script src=\"../../plots.js\"></script>"));
    ck_assert_uint_lt(strlen(without) + size, strlen(with) + 100);
    free(with);
    free(without);
}
END_TEST

START_TEST(no_file_of_a_page_ends_a_script_early)
{
    for (igq_asset asset = 0; asset < IGQ_ASSET_COUNT; asset++) {
        size_t size;
        const char *bytes = igq_asset_bytes(&size, asset);
        ck_assert_uint_eq(size, strlen(bytes));
        if (asset != IGQ_ASSET_PAGE_HTML)
            ck_assert_int_eq(count(bytes, "</script") + count(bytes, "</style"), 0);
    }
}
END_TEST

START_TEST(the_same_report_gives_the_same_bytes)
{
    char *first = page_with("a", NULL), *second = page_with("a", NULL);
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_refused)
{
    igq_error error;
    json_t *report = json_object();
    ASSERT_REFUSED(igq_html_run(temp_path("none"), report, NULL, NULL, &error), &error, temp_path("none"));
    ASSERT_REFUSED(igq_html_library(temp_path("none"), &error), &error, temp_path("none"));
    json_decref(report);
}
END_TEST

int main(void)
{
    return RUN_IN_TEMP_DIRS("html", text_of_a_report_cannot_end_its_script, every_place_of_the_page_is_filled,
                            pages_and_documents_say_of_causes_what_the_model_says,
                            the_library_is_in_the_page_or_beside_it, no_file_of_a_page_ends_a_script_early,
                            the_same_report_gives_the_same_bytes, a_folder_that_is_not_there_is_refused);
}
