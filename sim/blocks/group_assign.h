// SPDX-License-Identifier: Apache-2.0
// group_assign.h - scores ranges against the bounds of all groups and emits the lists. The range unit is before it, the
// index buffer behind it. RTL twin: rtl/igq_group_assign.sv.
#ifndef IGQ_GROUP_ASSIGN_H
#define IGQ_GROUP_ASSIGN_H
#include "index_buffer.h"
#include "tile_buffer.h"
#include <memory>

namespace igq
{
// Who works out an assignment: the C model, the Verilated RTL, or the C model in cycles that were measured.
class assign_unit
{
  public:
    virtual ~assign_unit() = default;
    // Fills job.assigned (assign_members) with the nearest group of each member.
    virtual igq_assign_phases assign(const igq_job &job, const igq_accelerator &accelerator) = 0;
};
std::unique_ptr<assign_unit> make_assign_unit(igq_assign_model model, const igq_accelerator &accelerator);

class group_assign : public block
{
  public:
    explicit group_assign(const sc_core::sc_module_name &name) : block(name) {}
    sc_core::sc_port<tile_buffer> banks{"banks"};
    sc_core::sc_port<index_buffer> lists{"lists"};

    void use(std::unique_ptr<assign_unit> unit) { unit_ = std::move(unit); }

  private:
    void work_through_jobs() override;
    void recode(int job);
    void assign(int job);

    std::unique_ptr<assign_unit> unit_;
};
} // namespace igq

#endif
