// SPDX-License-Identifier: Apache-2.0
#include "storage.h"
#include "format.h"

int igq_scheme_knows_codes(const igq_scheme_cfg *cfg, igq_layer_kind kind)
{
    return kind == IGQ_LAYER_CONTEXT || !igq_scheme_needs_ranges(cfg->scheme);
}

igq_storage igq_scheme_codes(const igq_scheme_cfg *cfg, igq_layer_kind kind, int bits)
{
    enum { QUANTIZER_BITS = 32 };
    igq_storage storage = igq_act_format(cfg)->act_storage(cfg, bits);
    if (storage.block > 0)
        return storage;
    if (igq_schemes[cfg->scheme].groups == IGQ_GROUPS_MEMBERS && kind == IGQ_LAYER_CONTEXT)
        return (igq_storage){bits, QUANTIZER_BITS, IGQ_MAX_CHANNELS};
    return storage;
}

static int greatest_common_divisor(int a, int b)
{
    return b == 0 ? a : greatest_common_divisor(b, a % b);
}

int igq_scheme_channel_unit(const igq_scheme_cfg *cfg, int V)
{
    int block = igq_act_format(cfg)->act_storage(cfg, 0).block;
    return block > 0 ? V / greatest_common_divisor(V, block) * block : V;
}
