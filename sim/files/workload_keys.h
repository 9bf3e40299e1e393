// SPDX-License-Identifier: Apache-2.0
// workload_keys.h - rows of keys of an igq_workload (keys.h), for the files of families.
#ifndef IGQ_WORKLOAD_KEYS_H
#define IGQ_WORKLOAD_KEYS_H
#include "keys.h"
#include "workload_file.h"

#define NUM(list) (sizeof(list) / sizeof *(list))
#define AT(member) offsetof(igq_workload, member)
#define INT(section, name, member, min, max, unit, meaning)                                                            \
    {                                                                                                                  \
        section, name, IGQ_KEY_INT, AT(member), min, max, NULL, 0, unit, meaning, NULL, NULL                           \
    }
#define REAL(section, name, member, min, max, unit, meaning)                                                           \
    {                                                                                                                  \
        section, name, IGQ_KEY_REAL, AT(member), min, max, NULL, 0, unit, meaning, NULL, NULL                          \
    }
#define REAL3(section, name, member, min, max, unit, meaning)                                                          \
    {                                                                                                                  \
        section, name, IGQ_KEY_REAL3, AT(member), min, max, NULL, 0, unit, meaning, NULL, NULL                         \
    }
#define CHOICE(section, name, member, names, initial, meaning)                                                         \
    {                                                                                                                  \
        section, name, IGQ_KEY_CHOICE, AT(member), 0, 0, names, 2, "", meaning, initial, NULL                          \
    }
#define WITH_DEFAULT(kind, section, name, member, min, max, initial, unit, meaning)                                    \
    {                                                                                                                  \
        section, name, kind, AT(member), min, max, NULL, 0, unit, meaning, initial, NULL                               \
    }

// Photos as ImageNet's, where a file does not say otherwise.
#define PREPROCESS_KEYS(kept)                                                                                          \
    WITH_DEFAULT(IGQ_KEY_REAL, "preprocess", "crop_pct", preprocess.crop_pct, 0.1, 1, kept, "",                        \
                 "part of the resized image that the crop keeps"),                                                     \
        WITH_DEFAULT(IGQ_KEY_REAL3, "preprocess", "mean", preprocess.mean, -10, 10, "[0.485, 0.456, 0.406]", "",       \
                     "of R, G, B in [0, 1]"),                                                                          \
        WITH_DEFAULT(IGQ_KEY_REAL3, "preprocess", "std", preprocess.std, 1e-6, 10, "[0.229, 0.224, 0.225]", "",        \
                     "of R, G, B in [0, 1]")

#endif
