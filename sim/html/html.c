// SPDX-License-Identifier: Apache-2.0
#include "html.h"
#include "assets.h"
#include "file.h"
#include "page_data.h"
#include "stall.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

typedef struct page {
    const json_t *data, *columns;
    igq_asset body;
    const igq_asset *script; // beyond those of all pages, in order
    int num_scripts;
    const char *library; // NULL: in the page
} page;

// The page as it is written: what fails ends it, and the rest is not put anywhere.
typedef struct page_output {
    igq_file_output *file;
    igq_status status;
    igq_error *error;
} page_output;

static void put(page_output *out, const char *text, size_t size)
{
    if (out->status == IGQ_OK)
        out->status = igq_file_append(out->file, text, size, out->error);
}

static void put_text(page_output *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_asset(page_output *out, igq_asset asset)
{
    size_t size;
    const char *bytes = igq_asset_bytes(&size, asset);
    put(out, bytes, size);
}

// Inside of <script> the browser looks for "</script" and "<!--" before anybody reads JSON. A '<' stands in strings
// only, and there \u003c means the same.
static int put_json(const char *text, size_t size, void *context)
{
    page_output *out = context;
    const char *end = text + size, *less;
    while ((less = memchr(text, '<', (size_t)(end - text)))) {
        put(out, text, (size_t)(less - text));
        put_text(out, "\\u003c");
        text = less + 1;
    }
    put(out, text, (size_t)(end - text));
    return out->status == IGQ_OK ? 0 : -1;
}

static void put_data(page_output *out, const json_t *data)
{
    int failed = json_dump_callback(data, put_json, out, JSON_COMPACT | JSON_REAL_PRECISION(17));
    assert(!failed || out->status != IGQ_OK);
}

// Beside the figures, what causes mean (from the model that books them), and units and meanings of columns.
static void put_all_data(page_output *out, const page *one)
{
    json_t *all = json_copy((json_t *)one->data), *causes = json_object();
    for (int cause = 0; cause < IGQ_CAUSE_COUNT; cause++)
        json_object_set_new(causes, igq_cause_names[cause], json_string(igq_cause_meanings[cause]));
    json_object_set_new(all, "causes", causes);
    json_object_set(all, "columns", (json_t *)one->columns);
    put_data(out, all);
    json_decref(all);
}

static void put_library(page_output *out, const page *one)
{
    if (one->library) {
        put_text(out, "<script src=\"");
        put_text(out, one->library);
        put_text(out, "\"></script>");
        return;
    }
    put_text(out, "<script>");
    put_asset(out, IGQ_ASSET_LIBRARY);
    put_text(out, "</script>");
}

static void put_scripts(page_output *out, const page *one)
{
    put_asset(out, IGQ_ASSET_PAGE_JS);
    put_asset(out, IGQ_ASSET_NAMES_JS);
    put_asset(out, IGQ_ASSET_CHARTS_JS);
    for (int i = 0; i < one->num_scripts; i++)
        put_asset(out, one->script[i]);
}

static void put_place(page_output *out, const char *name, size_t length, const page *one)
{
    if (strncmp(name, "style", length) == 0)
        put_asset(out, IGQ_ASSET_PAGE_CSS);
    else if (strncmp(name, "body", length) == 0)
        put_asset(out, one->body);
    else if (strncmp(name, "data", length) == 0)
        put_all_data(out, one);
    else if (strncmp(name, "library", length) == 0)
        put_library(out, one);
    else if (strncmp(name, "version", length) == 0)
        put_text(out, IGQSIM_VERSION);
    else if (strncmp(name, "scripts", length) == 0)
        put_scripts(out, one);
    else
        assert(!"page.html has a place that nobody fills");
}

static void put_page(page_output *out, const page *one)
{
    size_t size;
    const char *at = igq_asset_bytes(&size, IGQ_ASSET_PAGE_HTML), *open, *close;
    while ((open = strstr(at, "{{")) && (close = strstr(open, "}}"))) {
        put(out, at, (size_t)(open - at));
        put_place(out, open + 2, (size_t)(close - open - 2), one);
        at = close + 2;
    }
    put_text(out, at);
}

static igq_status write_page(const char *dir, const page *one, igq_error *error)
{
    char path[4096];
    page_output out = {.error = error};
    snprintf(path, sizeof path, "%s/report.html", dir);
    out.status = igq_file_open(&out.file, path, error);
    if (out.status == IGQ_OK)
        put_page(&out, one);
    return out.status == IGQ_OK ? igq_file_close(out.file, error) : out.status;
}

igq_status igq_html_run(const char *dir, const json_t *report, const json_t *columns, const char *library,
                        igq_error *error)
{
    json_t *data = igq_page_data_run(report);
    const igq_asset scripts[] = {IGQ_ASSET_RUN_DIAGRAM_JS, IGQ_ASSET_RUN_COSTS_JS, IGQ_ASSET_RUN_CHARTS_JS,
                                 IGQ_ASSET_RUN_JS};
    page one = {data, columns, IGQ_ASSET_RUN_HTML, scripts, sizeof scripts / sizeof *scripts, library};
    igq_status status = write_page(dir, &one, error);
    json_decref(data);
    return status;
}

igq_status igq_html_compare(const char *dir, const json_t *comparison, const json_t *columns, igq_error *error)
{
    const igq_asset scripts[] = {IGQ_ASSET_COMPARE_JS};
    page one = {comparison, columns, IGQ_ASSET_COMPARE_HTML, scripts, 1, NULL};
    return write_page(dir, &one, error);
}

igq_status igq_html_library(const char *dir, igq_error *error)
{
    char path[4096];
    size_t size;
    const char *bytes = igq_asset_bytes(&size, IGQ_ASSET_LIBRARY);
    snprintf(path, sizeof path, "%s/plots.js", dir);
    return igq_file_write(path, bytes, size, error);
}

igq_status igq_html_sweep(const char *dir, const json_t *sweep, const json_t *columns, igq_error *error)
{
    const igq_asset scripts[] = {IGQ_ASSET_SWEEP_FRONT_JS, IGQ_ASSET_SWEEP_JS};
    page one = {sweep, columns, IGQ_ASSET_SWEEP_HTML, scripts, sizeof scripts / sizeof *scripts, NULL};
    igq_status status = igq_html_library(dir, error);
    return status == IGQ_OK ? write_page(dir, &one, error) : status;
}
