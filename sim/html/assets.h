// SPDX-License-Identifier: Apache-2.0
// assets.h - the files that pages are made of, as bytes in the program: styles, scripts, the plotting library.
#ifndef IGQ_ASSETS_H
#define IGQ_ASSETS_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum igq_asset {
    IGQ_ASSET_PAGE_HTML, // what all pages share, with {{places}} to fill
    IGQ_ASSET_PAGE_CSS,
    IGQ_ASSET_PAGE_JS,
    IGQ_ASSET_NAMES_JS,
    IGQ_ASSET_CHARTS_JS,
    IGQ_ASSET_RUN_HTML,
    IGQ_ASSET_RUN_DIAGRAM_JS,
    IGQ_ASSET_RUN_COSTS_JS,
    IGQ_ASSET_RUN_CHARTS_JS,
    IGQ_ASSET_RUN_JS,
    IGQ_ASSET_COMPARE_HTML,
    IGQ_ASSET_COMPARE_JS,
    IGQ_ASSET_SWEEP_HTML,
    IGQ_ASSET_SWEEP_FRONT_JS,
    IGQ_ASSET_SWEEP_JS,
    IGQ_ASSET_LIBRARY, // ECharts, from npm
    IGQ_ASSET_COUNT
} igq_asset;

// A zero follows, which size does not count.
const char *igq_asset_bytes(size_t *size, igq_asset asset);

#ifdef __cplusplus
}
#endif
#endif
