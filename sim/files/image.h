// SPDX-License-Identifier: Apache-2.0
// image.h - a PNG or JPEG file as the input of the network, as timm's evaluation transform prepares it.
#ifndef IGQ_IMAGE_H
#define IGQ_IMAGE_H
#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct igq_preprocess {
    double crop_pct;        // (0, 1]: part of the resized image's shorter side that the crop keeps
    double mean[3], std[3]; // of R, G, B in [0, 1]
} igq_preprocess;

// image out [3][height][width]: RGB / 255, minus mean, over std.
// An image of exactly that size is taken as it is. Any other is resized in proportion (bicubic, a = -0.5, antialiased)
// so that it just covers floor(height / crop_pct) x floor(width / crop_pct) pixels, and its centre is cut out.
//
// What a sample means, as Pillow reads it for timm: the number that is stored. Gamma, ICC profiles and chromaticities
// (gAMA, sRGB, iCCP, cHRM), EXIF orientation, and alpha (tRNS too) are not applied. Of 16 bits the upper 8 count. Grey
// becomes three equal channels, a palette its colours. CMYK and YCCK JPEGs are taken as Adobe stores them (inverted)
// and become RGB by (255 - C)(255 - K) / 255. Damaged and truncated files, even those that libjpeg would repair with a
// warning, and files beyond the limits of pixels.h are refused.
igq_status igq_image_load(float *image, const char *path, int height, int width, const igq_preprocess *preprocess,
                          igq_error *error);

#ifdef __cplusplus
}
#endif
#endif
