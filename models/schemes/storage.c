// SPDX-License-Identifier: Apache-2.0
#include "storage.h"

int igq_scheme_knows_codes(const igq_scheme_cfg *cfg, igq_layer_kind kind)
{
    return kind == IGQ_LAYER_CONTEXT || !igq_scheme_needs_ranges(cfg->scheme);
}

igq_storage igq_scheme_codes(const igq_scheme_cfg *cfg, igq_layer_kind kind, int bits)
{
    enum { QUANTIZER_BITS = 32 };
    if (cfg->scheme == IGQ_SCHEME_VSQUANT)
        return (igq_storage){bits, cfg->vsquant_act_scale_bits, cfg->vector_length};
    if (cfg->scheme == IGQ_SCHEME_CHANNELWISE && kind == IGQ_LAYER_CONTEXT)
        return (igq_storage){bits, QUANTIZER_BITS, IGQ_MAX_CHANNELS};
    return (igq_storage){.bits = bits};
}
