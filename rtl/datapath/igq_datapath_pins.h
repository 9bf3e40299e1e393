// SPDX-License-Identifier: Apache-2.0
// igq_datapath_pins.h - the ports of igq_datapath, and the functions of a library that was Verilated from it.
#ifndef IGQ_DATAPATH_PINS_H
#define IGQ_DATAPATH_PINS_H
#include <stdint.h>

// Inputs are as the ports of their names; no output depends on an input of the same cycle.
struct igq_datapath_pins {
    uint32_t reset;
    uint32_t fill_valid, fill_kind, fill_index, fill_addr;
    const uint32_t *fill_data; // words, lowest bits first; fill_words of them, the rest of the port is 0
    uint32_t fill_words;
    uint32_t list_valid, list_group, list_channel, list_group_last;
    uint32_t tile_valid, tile_tokens, tile_outputs, tile_block_tokens, tile_token_blocks, tile_output_blocks;
    uint32_t tile_act_digits, tile_weight_digits, tile_weight_words, tile_act_words, tile_num_rows, tile_rows,
        tile_codes;
    uint32_t tile_layer_scale;
    uint32_t out_ready;
    // Outputs
    uint32_t fill_ready, list_ready, tile_ready, out_valid, out_token, out_output, out_last;
};

enum igq_datapath_fill {
    IGQ_FILL_WEIGHTS,
    IGQ_FILL_ACTS,
    IGQ_FILL_QUANTIZER,
    IGQ_FILL_SCALE,
    IGQ_FILL_OUTPUT,
    IGQ_FILL_ZERO,
    IGQ_FILL_TOKEN_GROUP,
    IGQ_FILL_ARRAYS
};

struct igq_datapath_library {
    void *(*create)();
    void (*destroy)(void *unit);
    void (*outputs)(void *unit, igq_datapath_pins *pins);      // of the present cycle
    void (*lanes)(void *unit, uint32_t *data, uint32_t *mask); // out_data_o, out_mask_o, a word for each lane
    void (*cycle)(void *unit, const igq_datapath_pins *pins);  // applies the inputs, passes to the next cycle
    int (*failed)(void *unit);                                 // an assertion has failed and printed its name
    void (*open_waveform)(void *unit, const char *path);       // nothing in a library without trace
};
extern "C" const igq_datapath_library *igq_datapath_functions();

#endif
