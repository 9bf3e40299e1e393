// SPDX-License-Identifier: Apache-2.0
// machine.cpp - the block diagram (drawn in machine.txt): modules and who is connected to whom; and runs of it.
#include "machine.h"
#include "estimate.h"
#include "latency.h"
#include "machine_module.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace igq
{
machine::machine(const sc_core::sc_module_name &name) : sc_module(name)
{
    for (dma_engine *engine : {static_cast<dma_engine *>(&weight_dma_), static_cast<dma_engine *>(&activation_dma_),
                               static_cast<dma_engine *>(&residual_dma_), static_cast<dma_engine *>(&store_dma_)}) {
        engine->memory(dram_);
        engine->control(controller_);
    }
    controller_.memory(dram_);
    weight_dma_.buffer(weight_buffer_);
    activation_dma_.buffer(activation_buffer_);
    residual_dma_.order_bytes(residual_orders_);
    residual_dma_.buffer(residual_tiles_);
    store_dma_.stores(stores_);
    store_dma_.output_buffer(output_buffer_);
    store_dma_.watch(watch_);

    range_unit_.memory(dram_);
    range_unit_.control(controller_);
    range_unit_.banks(range_banks_);
    group_assign_.banks(range_banks_);
    group_assign_.lists(index_buffer_);

    mac_array_.control(controller_);
    mac_array_.lists(index_buffer_);
    mac_array_.watch(watch_);
    mac_array_.activations(activation_buffer_);
    mac_array_.weights(weight_buffer_);
    mac_array_.outputs(output_buffer_);
    mac_array_.residual_bytes(residual_orders_);
    mac_array_.orders(orders_);
    row_selector_.orders(orders_);
    row_selector_.timed(timed_);
    mac_array_.timed(timed_);
    mac_array_.sums(sums_);
    post_processing_.sums(sums_);
    post_processing_.drained(drained_);
    mac_array_.drained(drained_);
    post_processing_.finished(finished_);

    vector_unit_.finished(finished_);
    vector_unit_.control(controller_);
    vector_unit_.ranges(range_unit_);
    vector_unit_.residual_tiles(residual_tiles_);
    vector_unit_.output_buffer(output_buffer_);
    vector_unit_.stores(stores_);
    vector_unit_.activation_buffer(activation_buffer_);
    vector_unit_.watch(watch_);
}

// A buffer that tiles are loaded into.
static void reset_loaded(tile_buffer &buffer, const igq_buffer_cfg &cfg, igq_timeline *timeline)
{
    if (cfg.double_buffered == IGQ_BUFFERING_WORDS)
        buffer.reset_words(cfg.capacity_bytes, timeline);
    else
        buffer.reset(igq_buffer_slots(&cfg), timeline);
}

void machine::reset(const machine_run &run)
{
    const igq_accelerator &accelerator = *run.accelerator;
    controller_.reset(run.num_jobs);
    dram_.reset(run);
    range_unit_.reset(run.num_jobs);
    watch_.reset();
    index_buffer_.reset(igq_index_sets(&accelerator), run.num_jobs, run.timeline);
    reset_loaded(weight_buffer_, accelerator.weight_buffer, run.timeline);
    reset_loaded(activation_buffer_, accelerator.activation_buffer, run.timeline);
    output_buffer_.reset(igq_buffer_slots(&accelerator.output_buffer), run.timeline);
    residual_tiles_.reset(0); // they lie in the slots of the output buffer
    range_banks_.reset(igq_range_banks(&accelerator), run.timeline);
    finished_.reset(run.timeline);
    residual_orders_.reset(run.timeline);
    stores_.reset(run.timeline);
    mac_array_.reset(accelerator.row_selector.queue_depth, run.timeline);
    for (block *one : blocks_)
        one->begin(run);
}

void machine::check(uint64_t end_cycle) const
{
    for (const block *one : blocks_)
        one->check_account(end_cycle);
    for (const tile_buffer *buffer :
         {&weight_buffer_, &activation_buffer_, &output_buffer_, &residual_tiles_, &range_banks_})
        buffer->check_empty();
    index_buffer_.check_empty();
}

void machine::start(const machine_run &run, igq_assign_model assign_model)
{
    begin_cycle_ = now_cycle();
    group_assign_.use(make_assign_unit(assign_model, *run.accelerator));
    reset(run);
}

void machine::finish(const machine_run &run)
{
    uint64_t end_cycle = controller_.end_cycle(), array_cycles = 0;
    require(end_cycle > 0, name(), "the blocks wait for one another");
    check(end_cycle);
    for (int j = 0; j < run.num_jobs; j++)
        array_cycles += run.result[j].cycles;
    require(begin_cycle_ + array_cycles == end_cycle, name(), "cycles of the layers do not add up to those of the run");
}

namespace
{
// The simulation of igq_machine_run. SystemC elaborates a design once, so there is one machine, whose blocks take their
// parameters from each run. All of SystemC works on the context that sc_curr_simcontext points to: whoever enters puts
// this simulation's there, and back what was there before.
class own_simulation
{
  public:
    class entered
    {
      public:
        explicit entered(own_simulation &own) : lock_(own.mutex_), callers_(sc_core::sc_curr_simcontext)
        {
            if (callers_ != nullptr && sc_core::sc_get_current_process_handle().valid())
                throw std::logic_error("a run within a process of SystemC; allowed: outside of simulations");
            if (own.context_ == nullptr)
                own.context_ = new sc_core::sc_simcontext;
            sc_core::sc_curr_simcontext = own.context_;
        }
        ~entered() { sc_core::sc_curr_simcontext = callers_; }
        entered(const entered &) = delete;
        entered &operator=(const entered &) = delete;

      private:
        std::lock_guard<std::mutex> lock_;
        sc_core::sc_simcontext *callers_;
    };

    void run(const machine_run &run, igq_assign_model assign_model)
    {
        entered inside(*this);
        if (machine_ == nullptr) {
            setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
            sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
            machine_ = new machine("machine");
        }
        try {
            machine_->start(run, assign_model);
            sc_core::sc_start();
            machine_->finish(run);
        } catch (...) { // blocks of it wait for what will never come: left behind as it is
            machine_ = nullptr;
            context_ = nullptr;
            throw;
        }
    }

  private:
    std::mutex mutex_;
    sc_core::sc_simcontext *context_ = nullptr; // lives, as the machine, until the process ends
    machine *machine_ = nullptr;
};

own_simulation &only_simulation()
{
    static own_simulation one;
    return one;
}

void finish_result(igq_job_result *result, const igq_job &job, const igq_job_plan &plan,
                   const igq_accelerator &accelerator, bool foreign_memory)
{
    uint64_t cycles = 0;
    for (uint64_t cause_cycles : result->cause_cycles)
        cycles += cause_cycles;
    require(cycles == result->cycles, job.layer->name, "causes do not add up to the cycles of the layer");
    uint64_t traffic_bytes = 0;
    for (uint64_t bytes : result->traffic_bytes)
        traffic_bytes += bytes;
    require(result->dram_read_bytes + result->dram_write_bytes == traffic_bytes, job.layer->name,
            "DRAM traffic of the operands does not add up");
    require(result->dram_read_bytes == plan.read_bytes && result->dram_write_bytes == plan.write_bytes, job.layer->name,
            "DRAM traffic differs from its closed form");
    uint64_t waited_cycles = result->cause_cycles[IGQ_CAUSE_ASSIGNMENT];
    result->assign_hidden_cycles = result->assign_cycles > waited_cycles ? result->assign_cycles - waited_cycles : 0;
    int passes = igq_mac_passes(job.act_bits, job.weight_bits, &accelerator.mac_array);
    result->compute_bound_cycles =
        igq_compute_bound_cycles(job.layer->T, igq_grouping_num_listed(job.grouping), job.layer->O, passes,
                                 igq_peak_macs_per_cycle(&accelerator.mac_array));
    std::vector<uint64_t> memory;
    igq_grouping scratch = {};
    if (igq_tiling_channel_tiles(&plan.tiling) > 1) {
        memory.resize(igq_grouping_size(job.grouping->C, job.grouping->G) / sizeof(uint64_t) + 1);
        igq_grouping_init(&scratch, memory.data(), job.grouping->C, job.grouping->G);
    }
    result->estimate_cycles =
        igq_estimate_product_cycles(job.grouping, &plan.product, &plan.tiling, job.act_bits, &scratch, &accelerator);
    require(result->cycles >= result->estimate_cycles || foreign_memory, job.layer->name,
            "is faster than without waiting and conflicts");
    require(result->cycles >= result->compute_bound_cycles, job.layer->name, "is faster than its lower bound");
}

// Jobs that share weight tiles wait for them together, so the bound is that of all. Each image gets a part of it that
// its own cycles cannot beat either.
void finish_shared(igq_job_result *results, const igq_job &job, const igq_job_plan &plan,
                   const igq_accelerator &accelerator, bool foreign_memory)
{
    uint64_t cycles = 0;
    for (int image = 0; image < plan.product.images; image++)
        cycles += results[image].cycles;
    uint64_t bound_cycles = igq_dram_bound_cycles(
        igq_tiling_exposed_read_bytes(&plan.tiling, &plan.product, &accelerator), &accelerator.dram);
    require(cycles >= bound_cycles || foreign_memory, job.layer->name, "is faster than its lower bound");
    for (int image = 0; image < plan.product.images; image++) {
        results[image].dram_bound_cycles = std::min(bound_cycles, results[image].cycles);
        bound_cycles -= results[image].dram_bound_cycles;
    }
}
} // namespace

void finish_results(const machine_run &run, bool foreign_memory)
{
    for (int j = 0; j < run.num_jobs; j++)
        finish_result(&run.result[j], run.job[j], run.plan[j], *run.accelerator, foreign_memory);
    for (int j = 0; j < run.num_jobs; j += run.plan[j].product.images)
        finish_shared(&run.result[j], run.job[j], run.plan[j], *run.accelerator, foreign_memory);
}
} // namespace igq

igq_status igq_machine_run_planned(igq_job_result *results, igq_timeline *timeline, const igq_accelerator *accelerator,
                                   const igq_job *jobs, const igq_job_plan *plan, int num_jobs,
                                   igq_assign_model assign_model, igq_error *error)
{
    std::fill_n(results, num_jobs, igq_job_result{});
    try {
        const igq::machine_run run = {accelerator, jobs, plan, results, num_jobs, timeline};
        igq::only_simulation().run(run, assign_model);
        igq::finish_results(run, false);
    } catch (const std::exception &fault) { // SystemC's say several lines
        std::string what = fault.what();
        if (what.find("failed to allocate") != std::string::npos) // the stack of a process
            return igq_out_of_memory(error);
        return igq_fail_internal(error, "%s", what.substr(0, what.find('\n')).c_str());
    }
    return IGQ_OK;
}

void igq_machine_run(igq_job_result *results, const igq_accelerator *accelerator, const igq_job *jobs, int num_jobs,
                     igq_assign_model assign_model)
{
    char message[256];
    std::vector<igq_job_plan> plan(static_cast<size_t>(num_jobs));
    int failed = igq_plan_jobs(plan.data(), message, sizeof message, accelerator, jobs, num_jobs);
    igq_error error = {};
    if (failed == 0 && igq_machine_run_planned(results, nullptr, accelerator, jobs, plan.data(), num_jobs, assign_model,
                                               &error) == IGQ_OK)
        return;
    std::fprintf(stderr, "igqsim: %s\n", failed == 0 ? error.message : message);
    std::abort();
}
