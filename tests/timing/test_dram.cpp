// SPDX-License-Identifier: Apache-2.0
// The bus: priority, latency, and that the order of events inside a cycle does not matter.
#define SC_INCLUDE_DYNAMIC_PROCESSES // sc_spawn
#include "dram.h"
#include <vector>
#include "../suite.h"
#undef fail

int sc_main(int, char **) // libsystemc looks for it
{
    return 0;
}

namespace
{
struct request {
    igq::dram_port port;
    uint64_t cycle;   // in which it is made
    int delta_cycles; // how late inside that cycle
    uint64_t bytes;
};

struct answer {
    uint64_t bus_cycle; // in which the bus was done with it
    uint64_t data_cycle;
};

// One bus and a thread for each request.
class bench : public sc_core::sc_module
{
  public:
    bench(const sc_core::sc_module_name &name, std::vector<request> requests)
        : sc_module(name), requests_(std::move(requests)), answers_(requests_.size())
    {
        for (size_t i = 0; i < requests_.size(); i++)
            sc_core::sc_spawn([this, i] { ask(i); });
        machine_.dram.bandwidth_bytes_per_cycle = 4;
        machine_.dram.latency_cycles = 10;
        machine_.dram.burst_bytes = 8;
    }

    std::vector<answer> run()
    {
        const igq::machine_run run = {&machine_, nullptr, nullptr, &result_, 1};
        dram_.reset(run);
        dram_.begin(run);
        sc_core::sc_start();
        return answers_;
    }
    const igq_job_result &result() const { return result_; }

  private:
    void ask(size_t i)
    {
        const request &mine = requests_[i];
        igq::wait_cycles(mine.cycle);
        for (int delta = 0; delta < mine.delta_cycles; delta++)
            sc_core::wait(sc_core::SC_ZERO_TIME);
        answers_[i].data_cycle = dram_.transfer(mine.port, IGQ_TRAFFIC_WEIGHTS_READ, 0, mine.bytes);
        answers_[i].bus_cycle = igq::now_cycle();
    }

    igq::dram dram_{"dram"};
    igq_accelerator machine_ = {};
    igq_job_result result_ = {};
    std::vector<request> requests_;
    std::vector<answer> answers_;
};
} // namespace

START_TEST(a_transfer_takes_whole_bursts_and_then_the_latency)
{
    bench one("bench", {{igq::dram_port::weights, 3, 0, 17}}); // three bursts of 8 bytes, 4 a cycle
    std::vector<answer> answers = one.run();
    ck_assert_uint_eq(answers[0].bus_cycle, 3 + 6);
    ck_assert_uint_eq(answers[0].data_cycle, 3 + 6 + 10);
    ck_assert_uint_eq(one.result().dram_read_bytes, 24);
    ck_assert_uint_eq(one.result().dram_write_bytes, 0);
}
END_TEST

START_TEST(the_more_urgent_port_wins_however_late_in_the_cycle_it_asks)
{
    bench one("bench", {{igq::dram_port::stores, 5, 9, 8},
                        {igq::dram_port::weights, 5, 0, 8},
                        {igq::dram_port::activations, 5, 3, 8}});
    std::vector<answer> answers = one.run();
    ck_assert_uint_eq(answers[0].bus_cycle, 7);
    ck_assert_uint_eq(answers[2].bus_cycle, 9);
    ck_assert_uint_eq(answers[1].bus_cycle, 11);
    ck_assert_uint_eq(one.result().dram_write_bytes, 8);
}
END_TEST

START_TEST(a_less_urgent_request_waits_for_the_end)
{
    bench one("bench", {{igq::dram_port::stores, 0, 0, 80}, {igq::dram_port::activations, 1, 0, 8}});
    std::vector<answer> answers = one.run();
    ck_assert_uint_eq(answers[0].bus_cycle, 20);
    ck_assert_uint_eq(answers[1].bus_cycle, 22);
}
END_TEST

// Bursts of 2 cycles. Asked for in the middle of the second burst, or at its end, a store takes cycles 4-6, and the
// weights their other eight bursts 6-22.
static void check_interruption(uint64_t store_cycle)
{
    bench one("bench", {{igq::dram_port::weights, 0, 0, 80}, {igq::dram_port::stores, store_cycle, 7, 8}});
    std::vector<answer> answers = one.run();
    ck_assert_uint_eq(answers[1].bus_cycle, 6);
    ck_assert_uint_eq(answers[0].bus_cycle, 22);
    ck_assert_uint_eq(answers[0].data_cycle, 32);
    ck_assert_uint_eq(one.result().dram_read_bytes, 80);
}

START_TEST(a_transfer_gives_way_after_the_burst_that_has_begun)
{
    check_interruption(3);
}
END_TEST

START_TEST(a_transfer_gives_way_at_once_between_bursts)
{
    check_interruption(4);
}
END_TEST

START_TEST(a_request_at_the_end_of_a_transfer_takes_part_in_the_next_decision)
{
    // The weights wait since cycle 1; the activations ask in the cycle in which the bus becomes free.
    bench one("bench", {{igq::dram_port::stores, 0, 0, 16},
                        {igq::dram_port::weights, 1, 0, 8},
                        {igq::dram_port::activations, 4, 5, 8}});
    std::vector<answer> answers = one.run();
    ck_assert_uint_eq(answers[0].bus_cycle, 4);
    ck_assert_uint_eq(answers[2].bus_cycle, 6);
    ck_assert_uint_eq(answers[1].bus_cycle, 8);
}
END_TEST

int main()
{
    Suite *suite = suite_create("dram");
    TCase *bus = tcase_create("bus");
    tcase_add_test(bus, a_transfer_takes_whole_bursts_and_then_the_latency);
    tcase_add_test(bus, the_more_urgent_port_wins_however_late_in_the_cycle_it_asks);
    tcase_add_test(bus, a_less_urgent_request_waits_for_the_end);
    tcase_add_test(bus, a_transfer_gives_way_after_the_burst_that_has_begun);
    tcase_add_test(bus, a_transfer_gives_way_at_once_between_bursts);
    tcase_add_test(bus, a_request_at_the_end_of_a_transfer_takes_part_in_the_next_decision);
    suite_add_tcase(suite, bus);
    return run_suite(suite);
}
