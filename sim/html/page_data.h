// SPDX-License-Identifier: Apache-2.0
// page_data.h - what of a report a page holds: everything that it shows, without what would make it grow with every
// image or event.
#ifndef IGQ_PAGE_DATA_H
#define IGQ_PAGE_DATA_H
#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

// The report with two things summed up. Events of the layers: `totals.events`, the sum of each event's count and bits.
// Group sizes of the images: each layer's `group_spread`, for every group the least and the most members of an image.
// Beside them `drawing`, the block diagram, and `blocks`, what its blocks are made of (drawing.h).
json_t *igq_page_data_run(const json_t *report); // new reference

#ifdef __cplusplus
}
#endif
#endif
