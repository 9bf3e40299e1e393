// SPDX-License-Identifier: Apache-2.0
// DRAM with rows and bank groups: hand-worked cases, and streams against the clock-by-clock twin.
#include "dram_banks.h"
#include "rng.h"
#include "../suite.h"
#include <stdlib.h>

static igq_dram_clocks clocks_of(int part, igq_dram_mapping mapping)
{
    int num;
    igq_dram_clocks clocks;
    const igq_dram_part *parts = igq_dram_parts(&num);
    igq_dram_clocks_of(&clocks, &parts[part], parts[part].channels, mapping);
    return clocks;
}

enum {
    DDR4_2400 = 0,
    ROW = 128,
    GROUP = ROW,
    BANK = 4 * ROW,
    SAME_BANK = 16 * ROW
}; // bursts to the next, usual mapping

// Both the closed form and its twin.
static int64_t both(const igq_dram_clocks *clocks, const igq_dram_transfer *transfer, int num)
{
    igq_dram_banks banks;
    int64_t end = 0;
    igq_dram_banks_reset(&banks, clocks);
    for (int i = 0; i < num; i++)
        end = igq_dram_banks_transfer(&banks, transfer[i].known, transfer[i].first, transfer[i].num_bursts,
                                      transfer[i].write);
    int64_t ref = igq_dram_banks_ref(clocks, transfer, num);
    ck_assert_msg(end == ref, "closed form %lld, twin %lld", (long long)end, (long long)ref);
    return end;
}

// DDR4-2400: RCD = RP = CL = 16, CWL 12, CCD_L 6, burst 4, WTR_L 9, WR 18, RTP 9, RAS 39.
START_TEST(few_bursts_take_what_the_data_sheet_says)
{
    igq_dram_clocks c = clocks_of(DDR4_2400, IGQ_DRAM_MAPPING_USUAL);
    // Activate, read, data.
    ck_assert_int_eq(both(&c, (igq_dram_transfer[]){{0, 0, 1, 0}}, 1), 16 + 16 + 4);
    // Bursts of a bank group follow one another at tCCD_L.
    ck_assert_int_eq(both(&c, (igq_dram_transfer[]){{0, 0, 5, 0}}, 1), 16 + 16 + 4 * 6 + 4);
    // The row is open: nothing but the read.
    ck_assert_int_eq(both(&c, (igq_dram_transfer[]){{0, 0, 1, 0}, {1000, 1, 1, 0}}, 2), 1000 + 16 + 4);
    // Another row of the bank: precharge and activate before.
    ck_assert_int_eq(both(&c, (igq_dram_transfer[]){{0, 0, 1, 0}, {1000, SAME_BANK, 1, 0}}, 2),
                     1000 + 16 + 16 + 16 + 4);
    // At once after the first: it has to stay open for tRAS, 39.
    ck_assert_int_eq(both(&c, (igq_dram_transfer[]){{0, 0, 1, 0}, {0, SAME_BANK, 1, 0}}, 2), 39 + 16 + 16 + 16 + 4);
    // Written data comes after CWL; a read in its row waits for the data's end and tWTR_L.
    ck_assert_int_eq(both(&c, (igq_dram_transfer[]){{0, 0, 1, 1}}, 1), 16 + 12 + 4);
    ck_assert_int_eq(both(&c, (igq_dram_transfer[]){{0, 0, 1, 1}, {20, 1, 1, 0}}, 2), 32 + 9 + 16 + 4);
    // A write after a read: two clocks between their data.
    ck_assert_int_eq(both(&c, (igq_dram_transfer[]){{0, 0, 1, 0}, {20, 1, 1, 1}}, 2), 36 + 2 + 4);
}
END_TEST

START_TEST(interleaved_bank_groups_keep_the_bus_busy)
{
    igq_dram_clocks c = clocks_of(DDR4_2400, IGQ_DRAM_MAPPING_INTERLEAVED);
    // Activates of other groups four clocks apart, as the bursts are.
    ck_assert_int_eq(both(&c, (igq_dram_transfer[]){{0, 0, 64, 0}}, 1), 16 + 16 + 64 * 4);
}
END_TEST

START_TEST(a_refresh_closes_the_rows)
{
    igq_dram_clocks c = clocks_of(DDR4_2400, IGQ_DRAM_MAPPING_USUAL);
    // The first is due at 9360: precharge, 420 clocks, then the row is opened again.
    int64_t end = both(&c, (igq_dram_transfer[]){{0, 0, 1, 0}, {9400, 1, 1, 0}}, 2);
    ck_assert_int_eq(end, 9360 + 16 + 420 + 16 + 16 + 4);
}
END_TEST

START_TEST(channels_share_a_transfer)
{
    igq_dram_clocks one = clocks_of(DDR4_2400, IGQ_DRAM_MAPPING_USUAL), four = one;
    four.channels = 4;
    igq_dram_transfer quarter = {0, 0, 25, 0}, whole = {0, 0, 97, 0};
    ck_assert_int_eq(both(&four, &whole, 1), both(&one, &quarter, 1));
}
END_TEST

// Streams of tiles that are all waiting: weights, activations, residual, stores each go through regions of their own.
static int draw(igq_dram_transfer *transfer, int max, const igq_dram_clocks *clocks, int scattered, rng *random)
{
    uint64_t at[4], channels = (uint64_t)clocks->channels;
    int num = 0;
    for (int s = 0; s < 4; s++)
        at[s] = channels * (uint64_t)rng_int(random, 0, 1 << 22);
    for (; num < max; num++) {
        int stream = rng_int(random, 0, 3);
        uint64_t bursts = channels * (uint64_t)rng_int(random, 16, 200);
        if (scattered)
            at[stream] = channels * (uint64_t)rng_int(random, 0, 1 << 22);
        transfer[num] = (igq_dram_transfer){0, at[stream], bursts, stream == 3};
        at[stream] += bursts;
    }
    return num;
}

#define TOLERANCE 0.04 // of the twin's clocks

START_TEST(streams_of_tiles_take_as_long_as_in_the_twin)
{
    enum { NUM = 60 };
    igq_dram_transfer transfer[NUM];
    rng random = {.state = 2400};
    int num_parts;
    igq_dram_parts(&num_parts);
    for (int part = 0; part < num_parts; part++)
        for (int kind = 0; kind < 4; kind++) {
            igq_dram_clocks c = clocks_of(part, kind & 1 ? IGQ_DRAM_MAPPING_INTERLEAVED : IGQ_DRAM_MAPPING_USUAL);
            draw(transfer, NUM, &c, kind & 2, &random);
            igq_dram_banks banks;
            igq_dram_banks_reset(&banks, &c);
            int64_t end = 0;
            for (int i = 0; i < NUM; i++)
                end = igq_dram_banks_transfer(&banks, 0, transfer[i].first, transfer[i].num_bursts, transfer[i].write);
            double twin = (double)igq_dram_banks_ref(&c, transfer, NUM);
            ck_assert_msg(end > (1 - TOLERANCE) * twin && end < (1 + TOLERANCE) * twin,
                          "part %d, kind %d: %lld clocks, twin %.0f", part, kind, (long long)end, twin);
        }
}
END_TEST

START_TEST(transfers_end_in_order_and_never_above_the_peak)
{
    rng random = {.state = 7};
    for (int part = 0; part < 5; part++)
        for (int mapping = 0; mapping < 2; mapping++) {
            igq_dram_clocks c = clocks_of(part, (igq_dram_mapping)mapping);
            igq_dram_banks banks;
            igq_dram_banks_reset(&banks, &c);
            int64_t known = 0, last = 0, bursts = 0;
            for (int i = 0; i < 3000; i++) {
                uint64_t num = (uint64_t)rng_int(&random, 1, 40) * (uint64_t)c.channels;
                known += rng_int(&random, 0, 200);
                int64_t end =
                    igq_dram_banks_transfer(&banks, known, rng_next(&random) % (1 << 24), num, rng_int(&random, 0, 1));
                bursts += (int64_t)num / c.channels;
                ck_assert_int_gt(end, last);
                ck_assert_int_ge(end, known);
                last = end;
            }
            ck_assert_int_ge(last, bursts * c.burst);
            ck_assert_int_eq(banks.row_hits + banks.activates, bursts);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dram_banks");
    TCase *core = tcase_create("core");
    tcase_add_test(core, few_bursts_take_what_the_data_sheet_says);
    tcase_add_test(core, interleaved_bank_groups_keep_the_bus_busy);
    tcase_add_test(core, a_refresh_closes_the_rows);
    tcase_add_test(core, channels_share_a_transfer);
    tcase_add_test(core, streams_of_tiles_take_as_long_as_in_the_twin);
    tcase_add_test(core, transfers_end_in_order_and_never_above_the_peak);
    suite_add_tcase(suite, core);
    return run_suite(suite);
}
