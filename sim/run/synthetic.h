// SPDX-License-Identifier: Apache-2.0
// synthetic.h - ranges of images that nobody took: for runs on shapes alone, drawn from the workload's seeded
// distribution.
#ifndef IGQ_SYNTHETIC_H
#define IGQ_SYNTHETIC_H
#include "calibrate.h"
#include "workload_file.h"

#ifdef __cplusplus
extern "C" {
#endif

// Ranges of image number `image` (from 0). Width of a channel's range: ln is normal, the sum of a part that is the
// channel's own and a part drawn for this image. Where the range lies around zero is the channel's own as well. A
// softmax row goes from 0 to its largest value, at most 1. Same workload and image, same ranges.
//   out  instance of the network
void igq_synthetic_instance(igq_real_instance *out, const igq_network *network, const igq_synthetic_ranges *ranges,
                            int image);

#ifdef __cplusplus
}
#endif
#endif
