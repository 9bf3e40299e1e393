// SPDX-License-Identifier: Apache-2.0
#include "cosim_systemc.h"
#include "group_assign.h"
#include "latency.h"
#include "range.h"
#include <cstdlib>

namespace
{
// What the blocks of a machine need to know of a layer, and the memory for it.
struct systemc_layer {
    std::vector<int16_t> lo, hi;
    std::vector<uint16_t> assigned;
    std::vector<uint64_t> grouping_memory;
    igq_grouping grouping;
    uint64_t ranged_cycle;    // given: after the last beat
    uint64_t bank_cycle;      // out: bank free for its ranges
    uint64_t published_cycle; // out: after the last list entry
};

// Stands for the range unit: the ranges of a layer are complete when the RTL's were.
class range_source : public igq::block
{
  public:
    explicit range_source(const sc_core::sc_module_name &name) : block(name) {}
    sc_core::sc_port<igq::tile_buffer> banks{"banks"};
    std::vector<systemc_layer> *layers = nullptr;
    uint64_t first_cycle = 0;

  private:
    void work_through_jobs() override
    {
        for (int j = 0; j < num_jobs(); j++) {
            systemc_layer &layer = (*layers)[static_cast<size_t>(j)];
            wait_during([&] { banks->acquire(); });
            layer.bank_cycle = igq::now_cycle() - first_cycle;
            if (layer.ranged_cycle > layer.bank_cycle)
                work(layer.ranged_cycle - layer.bank_cycle);
            banks->fill(j, igq::now_cycle());
        }
    }
};

// Stands for the MAC arrays: is done with lists as soon as they are there.
class list_reader : public igq::block
{
  public:
    explicit list_reader(const sc_core::sc_module_name &name) : block(name) {}
    sc_core::sc_port<igq::index_buffer> lists{"lists"};
    std::vector<systemc_layer> *layers = nullptr;
    uint64_t first_cycle = 0;

  private:
    void work_through_jobs() override
    {
        for (int j = 0; j < num_jobs(); j++) {
            wait_during([&] { lists->wait_published(j); });
            (*layers)[static_cast<size_t>(j)].published_cycle = igq::now_cycle() - first_cycle;
            lists->release_set();
        }
    }
};

class bench : public sc_core::sc_module
{
  public:
    explicit bench(const sc_core::sc_module_name &name) : sc_module(name)
    {
        source_.banks(banks_);
        module_.banks(banks_);
        module_.lists(lists_);
        reader_.lists(lists_);
    }

    void run(const igq::machine_run &run, std::vector<systemc_layer> &layers)
    {
        source_.layers = reader_.layers = &layers;
        source_.first_cycle = reader_.first_cycle = igq::now_cycle();
        banks_.reset(2);
        lists_.reset(2, run.num_jobs, run.timeline);
        module_.use(igq::make_assign_unit(IGQ_ASSIGN_MODEL_C, *run.accelerator));
        for (igq::block *one : {static_cast<igq::block *>(&source_), static_cast<igq::block *>(&module_),
                                static_cast<igq::block *>(&reader_)})
            one->begin(run);
        sc_core::sc_start();
        banks_.check_empty();
        lists_.check_empty();
    }

  private:
    igq::tile_buffer banks_{"banks"};
    igq::index_buffer lists_{"lists"};
    range_source source_{"range_source"};
    igq::group_assign module_{"group_assign"};
    list_reader reader_{"list_reader"};
};

// As sim/blocks/machine.cpp has it: SystemC elaborates a design once per process.
bench &only_bench()
{
    static bench *one = nullptr;
    if (one == nullptr) {
        setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
        sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
        one = new bench("cosim_bench");
    }
    return *one;
}

systemc_layer make_layer(const rtl_layer &layer, const rtl_layer_result &rtl)
{
    systemc_layer made = {};
    auto members = static_cast<size_t>(layer.C);
    made.lo.resize(members);
    made.hi.resize(members);
    made.assigned.resize(members);
    igq_range_channels(made.lo.data(), made.hi.data(), layer.acts.data(), layer.T, layer.C);
    made.grouping_memory.resize((igq_grouping_size(layer.C, layer.G) + 7) / 8);
    igq_grouping_init(&made.grouping, made.grouping_memory.data(), layer.C, layer.G);
    made.ranged_cycle = rtl.last_beat_cycle + 1;
    return made;
}

std::string list_difference(const igq_grouping &grouping, const rtl_layer_result &rtl)
{
    for (size_t i = 0; i < rtl.entries.size(); i++) {
        int channel = grouping.channel[i], group = grouping.group[channel];
        if (channel != rtl.entries[i].channel || group != rtl.entries[i].group)
            return "list entry " + std::to_string(i) + ": the SystemC module has channel " + std::to_string(channel) +
                   " in group " + std::to_string(group) + ", the RTL channel " +
                   std::to_string(rtl.entries[i].channel) + " in group " + std::to_string(rtl.entries[i].group);
    }
    return "";
}

std::string cycle_difference(const systemc_layer &layer, const rtl_layer_result &rtl, bool lists_stalled)
{
    if (!lists_stalled && layer.published_cycle != rtl.last_entry_cycle + 1)
        return "the lists of the SystemC module are complete in cycle " + std::to_string(layer.published_cycle) +
               ", those of the RTL in cycle " + std::to_string(rtl.last_entry_cycle + 1);
    if (!lists_stalled && rtl.first_beat_cycle < layer.bank_cycle)
        return "the RTL takes activations from cycle " + std::to_string(rtl.first_beat_cycle) +
               " on, the SystemC module has a free bank from cycle " + std::to_string(layer.bank_cycle) + " on";
    return "";
}
} // namespace

cosim_systemc_difference cosim_compare_systemc(const rtl_point &point, const std::vector<rtl_layer> &layers,
                                               const std::vector<rtl_layer_result> &rtl, bool lists_stalled)
{
    igq_accelerator accelerator = {};
    accelerator.group_assignment.range_lanes = point.range_lanes;
    accelerator.group_assignment.distance_lanes = point.distance_lanes;
    accelerator.scheme.distance = point.distance;
    igq_layer linear = {};
    linear.kind = IGQ_LAYER_QKV; // its channels are assigned
    std::vector<systemc_layer> made;
    for (size_t i = 0; i < layers.size(); i++)
        made.push_back(make_layer(layers[i], rtl[i]));
    std::vector<igq_job> jobs(layers.size());
    std::vector<igq_job_plan> plans(layers.size());
    std::vector<igq_job_result> results(layers.size());
    for (size_t i = 0; i < layers.size(); i++) {
        igq_job &job = jobs[i];
        job.layer = &linear;
        job.assign = IGQ_ASSIGN_NEAREST;
        job.assign_members = layers[i].C;
        job.assign_observations = layers[i].T;
        job.num_groups = layers[i].G;
        job.list_capacity = layers[i].capacity;
        job.lo = made[i].lo.data();
        job.hi = made[i].hi.data();
        job.lower = layers[i].lower.data();
        job.upper = layers[i].upper.data();
        job.assigned = made[i].assigned.data();
        job.grouping = &made[i].grouping;
        plans[i].range_cycles = igq_range_cycles(layers[i].T, layers[i].C, point.range_lanes);
    }
    only_bench().run({&accelerator, jobs.data(), plans.data(), results.data(), static_cast<int>(jobs.size())}, made);
    for (size_t i = 0; i < layers.size(); i++) {
        std::string text = list_difference(made[i].grouping, rtl[i]);
        if (text.empty())
            text = cycle_difference(made[i], rtl[i], lists_stalled);
        if (!text.empty())
            return {i, text};
    }
    return {0, ""};
}
