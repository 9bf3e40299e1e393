// SPDX-License-Identifier: Apache-2.0
#include "technology.h"
#include <assert.h>

const char igq_leakage_name[] = "leakage";

// 1 if a memory's figures depend on a table.
static int takes(const igq_technology *technology, const igq_sram_table *table, const igq_memory_units *memory)
{
    double width = (double)memory->port_bits;
    if (table == &technology->wide_sram)
        return table->num_points > 0 && width > technology->sram.port_bits;
    return technology->wide_sram.num_points == 0 || width < technology->wide_sram.port_bits;
}

static int covers(const igq_sram_table *table, const igq_memory_units *memory, int smaller_as_smallest)
{
    double bytes = (double)memory->bank_bytes;
    return (bytes >= table->point[0].capacity_bytes || smaller_as_smallest) &&
           bytes <= table->point[table->num_points - 1].capacity_bytes;
}

igq_memory igq_technology_uncovered(const igq_technology *technology, const igq_units *units)
{
    const igq_sram_table *tables[] = {&technology->sram, &technology->wide_sram};
    for (int m = 0; m < IGQ_MEMORY_COUNT; m++)
        for (int t = 0; t < 2; t++) {
            const igq_memory_units *memory = &units->memory[m];
            if (memory->num_banks > 0 && takes(technology, tables[t], memory) &&
                !covers(tables[t], memory, technology->sram.smaller_as_smallest))
                return (igq_memory)m;
        }
    return IGQ_MEMORY_COUNT;
}

static double between(double a, double b, double share)
{
    return a + (b - a) * share;
}

// A word of the table's width.
static igq_sram_point word_of(const igq_sram_table *table, double bytes)
{
    int upper = 0;
    while (upper < table->num_points && table->point[upper].capacity_bytes < bytes)
        upper++;
    assert(upper < table->num_points);
    const igq_sram_point *b = &table->point[upper], *a = upper > 0 ? b - 1 : b;
    double share = upper > 0 ? (bytes - a->capacity_bytes) / (b->capacity_bytes - a->capacity_bytes) : 0;
    return (igq_sram_point){
        .capacity_bytes = bytes,
        .read_pj = between(a->read_pj, b->read_pj, share),
        .write_pj = between(a->write_pj, b->write_pj, share),
        .area_um2 = between(a->area_um2, b->area_um2, share),
        .leakage_nw = between(a->leakage_nw, b->leakage_nw, share),
    };
}

igq_sram_point igq_technology_sram(const igq_technology *technology, const igq_memory_units *memory)
{
    const igq_sram_table *narrow = &technology->sram, *wide = &technology->wide_sram;
    double bytes = (double)memory->bank_bytes, width = (double)memory->port_bits;
    int takes_wide = takes(technology, wide, memory), takes_narrow = takes(technology, narrow, memory);
    igq_sram_point bank = word_of(takes_narrow ? narrow : wide, bytes);
    if (takes_wide && takes_narrow) {
        double share = (width - narrow->port_bits) / (wide->port_bits - narrow->port_bits);
        igq_sram_point other = word_of(wide, bytes);
        bank.read_pj = between(bank.read_pj, other.read_pj, share);
        bank.write_pj = between(bank.write_pj, other.write_pj, share);
        bank.area_um2 = between(bank.area_um2, other.area_um2, share);
        bank.leakage_nw = between(bank.leakage_nw, other.leakage_nw, share);
    } else { // a wider port than the tables have is cells that are there already
        double times = width / (takes_narrow ? narrow : wide)->port_bits;
        bank.read_pj *= times;
        bank.write_pj *= times;
    }
    return bank;
}

static igq_rate sram_rate(const igq_technology *technology, igq_event event, const igq_units *units, igq_figure figure)
{
    igq_memory read = igq_memory_read_by(event), written = igq_memory_written_by(event);
    const igq_memory_units *memory = &units->memory[read != IGQ_MEMORY_COUNT ? read : written];
    if (memory->num_banks == 0)
        return (igq_rate){0};
    igq_sram_point bank = igq_technology_sram(technology, memory);
    double port_bits = (double)memory->port_bits, banks = (double)memory->num_banks;
    switch (figure) {
    case IGQ_FIGURE_ENERGY_PJ: // only the part of a word that is asked for is driven
        return (igq_rate){.per_bit = (read != IGQ_MEMORY_COUNT ? bank.read_pj : bank.write_pj) / port_bits};
    case IGQ_FIGURE_AREA_UM2: // of a memory once: with its reads
        return (igq_rate){.per_count = read != IGQ_MEMORY_COUNT ? bank.area_um2 * banks : 0};
    default:
        return (igq_rate){.per_count = read != IGQ_MEMORY_COUNT ? bank.leakage_nw * banks : 0};
    }
}

igq_rate igq_technology_rate(const igq_technology *technology, const igq_term *term, const igq_units *units,
                             igq_figure figure)
{
    if (term->action == IGQ_ACTION_SRAM)
        return sram_rate(technology, term->event, units, figure);
    return technology->action[term->action].rate[figure];
}

double igq_rate_times(const igq_rate *rate, const igq_measure *measure)
{
    // What there is nothing of costs nothing, even where the source does not say how much it would.
    double sum = measure->count > 0 ? rate->per_count * (double)measure->count : 0;
    sum += measure->bits > 0 ? rate->per_bit * (double)measure->bits : 0;
    sum += measure->bit_products > 0 ? rate->per_bit_product * (double)measure->bit_products : 0;
    return sum;
}

double igq_component_sum(const igq_technology *technology, const igq_component *component, const igq_units *units,
                         igq_figure figure)
{
    static const igq_measure one = {1, 0, 0};
    double sum = 0;
    for (int i = 0; i < component->num_terms; i++) {
        const igq_term *term = &component->term[i];
        igq_rate rate = igq_technology_rate(technology, term, units, figure);
        sum += igq_rate_times(&rate, term->action == IGQ_ACTION_SRAM ? &one : &units->of[term->event]);
    }
    return sum;
}
