// SPDX-License-Identifier: Apache-2.0
// assets.c - the assembler reads each file; CMake names the folder and the library, and rebuilds when one changes.
#include "assets.h"
#include <assert.h>

#define ASSET(name, path)                                                                                              \
    __asm__(".pushsection .rodata\n"                                                                                   \
            ".global igq_" #name "\n.global igq_" #name "_end\n"                                                       \
            "igq_" #name ":\n.incbin \"" path "\"\n"                                                                   \
            "igq_" #name "_end:\n.byte 0\n"                                                                            \
            ".popsection\n");                                                                                          \
    extern const char igq_##name[], igq_##name##_end[]

ASSET(page_html, IGQ_HTML_DIR "/page.html");
ASSET(page_css, IGQ_HTML_DIR "/page.css");
ASSET(page_js, IGQ_HTML_DIR "/page.js");
ASSET(names_js, IGQ_HTML_DIR "/names.js");
ASSET(charts_js, IGQ_HTML_DIR "/charts.js");
ASSET(run_html, IGQ_HTML_DIR "/run.html");
ASSET(run_diagram_js, IGQ_HTML_DIR "/run_diagram.js");
ASSET(run_costs_js, IGQ_HTML_DIR "/run_costs.js");
ASSET(run_charts_js, IGQ_HTML_DIR "/run_charts.js");
ASSET(run_js, IGQ_HTML_DIR "/run.js");
ASSET(compare_html, IGQ_HTML_DIR "/compare.html");
ASSET(compare_js, IGQ_HTML_DIR "/compare.js");
ASSET(sweep_html, IGQ_HTML_DIR "/sweep.html");
ASSET(sweep_front_js, IGQ_HTML_DIR "/sweep_front.js");
ASSET(sweep_js, IGQ_HTML_DIR "/sweep.js");
ASSET(library, IGQ_PLOT_LIBRARY);

const char *igq_asset_bytes(size_t *size, igq_asset asset)
{
    static const struct {
        const char *begin, *end;
    } assets[] = {
        [IGQ_ASSET_PAGE_HTML] = {igq_page_html, igq_page_html_end},
        [IGQ_ASSET_PAGE_CSS] = {igq_page_css, igq_page_css_end},
        [IGQ_ASSET_PAGE_JS] = {igq_page_js, igq_page_js_end},
        [IGQ_ASSET_NAMES_JS] = {igq_names_js, igq_names_js_end},
        [IGQ_ASSET_CHARTS_JS] = {igq_charts_js, igq_charts_js_end},
        [IGQ_ASSET_RUN_HTML] = {igq_run_html, igq_run_html_end},
        [IGQ_ASSET_RUN_DIAGRAM_JS] = {igq_run_diagram_js, igq_run_diagram_js_end},
        [IGQ_ASSET_RUN_COSTS_JS] = {igq_run_costs_js, igq_run_costs_js_end},
        [IGQ_ASSET_RUN_CHARTS_JS] = {igq_run_charts_js, igq_run_charts_js_end},
        [IGQ_ASSET_RUN_JS] = {igq_run_js, igq_run_js_end},
        [IGQ_ASSET_COMPARE_HTML] = {igq_compare_html, igq_compare_html_end},
        [IGQ_ASSET_COMPARE_JS] = {igq_compare_js, igq_compare_js_end},
        [IGQ_ASSET_SWEEP_HTML] = {igq_sweep_html, igq_sweep_html_end},
        [IGQ_ASSET_SWEEP_FRONT_JS] = {igq_sweep_front_js, igq_sweep_front_js_end},
        [IGQ_ASSET_SWEEP_JS] = {igq_sweep_js, igq_sweep_js_end},
        [IGQ_ASSET_LIBRARY] = {igq_library, igq_library_end},
    };
    static_assert(sizeof assets / sizeof *assets == IGQ_ASSET_COUNT, "one for each igq_asset");
    *size = (size_t)(assets[asset].end - assets[asset].begin);
    return assets[asset].begin;
}
