// SPDX-License-Identifier: Apache-2.0
/// igq_dealer for all keys, steps and capacities, against a specification that deals channel after channel: each goes to
/// the first of the smallest keys among the lists that are not full. No list exceeds its capacity, every channel of a
/// step is dealt before the step moves on, and a layer has fewer repairs than groups.
module formal_dealer #(
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 6,
  parameter int unsigned MaxGroups     = 3,
  parameter int unsigned DistanceWidth = 2
) (
  input logic clk_i
);

  localparam int unsigned CountWidth = igq_pkg::count_width(MaxChannels);
  localparam int unsigned GroupWidth = igq_pkg::index_width(MaxGroups);
  localparam int unsigned KeyWidth   = DistanceWidth + 1;

  (* anyconst *) logic [CountWidth-1:0]                       capacity; // 0: no limit
  (* anyconst *) logic [igq_pkg::count_width(MaxGroups)-1:0]  num_groups;
  (* anyseq *) logic [DistanceLanes*MaxGroups*KeyWidth-1:0]   any_key;
  (* anyseq *) logic [DistanceLanes-1:0]                      any_valid;

  logic rst_n = 1'b0, started = 1'b0;
  always_ff @(posedge clk_i) begin
    rst_n   <= 1'b1;
    started <= rst_n;
  end

  // A step stays until it is dealt.
  logic                                        again, hold = 1'b0;
  logic [DistanceLanes*MaxGroups*KeyWidth-1:0] key, key_before;
  logic [DistanceLanes-1:0]                    valid, valid_before, dealt;
  logic [DistanceLanes*GroupWidth-1:0]         group;

  assign key   = hold ? key_before : any_key;
  assign valid = !started ? '0 : hold ? valid_before : any_valid;

  igq_dealer #(
    .DistanceLanes(DistanceLanes),
    .MaxChannels  (MaxChannels),
    .MaxGroups    (MaxGroups),
    .DistanceWidth(DistanceWidth)
  ) u_dealer (
    .clk_i,
    .rst_ni    (rst_n),
    .start_i   (rst_n && !started),
    .capacity_i(capacity),
    .valid_i   (valid),
    .key_i     (key),
    .dealt_o   (dealt),
    .group_o   (group),
    .again_o   (again)
  );

  // The specification: what is on the lists before this cycle, and lane after lane of it.
  logic [MaxGroups*CountWidth-1:0]      on_list = '0, on_list_now;
  logic [DistanceLanes-1:0]             dealt_before = '0;
  logic [DistanceLanes*GroupWidth-1:0]  expected;
  logic [DistanceLanes-1:0]             known;
  logic [KeyWidth-1:0]                  least;
  logic [31:0]                          num_dealt = '0, num_now, repairs = '0;

  always_comb begin
    on_list_now = on_list;
    expected    = '0;
    known       = '0;
    num_now     = num_dealt;
    least       = '1;
    for (int unsigned d = 0; d < DistanceLanes; d++) begin
      least = '1;
      for (int unsigned g = 0; g < MaxGroups; g++) begin
        if ((capacity == '0 || on_list_now[g*CountWidth+:CountWidth] < capacity) && key[(d*MaxGroups+g)*KeyWidth+:KeyWidth] < least) begin
          least = key[(d*MaxGroups+g)*KeyWidth+:KeyWidth];
          expected[d*GroupWidth+:GroupWidth] = GroupWidth'(g);
          known[d] = 1'b1;
        end
      end
      if (dealt[d]) begin
        num_now = num_now + 1;
        for (int unsigned g = 0; g < MaxGroups; g++) begin
          if (group[d*GroupWidth+:GroupWidth] == GroupWidth'(g))
            on_list_now[g*CountWidth+:CountWidth] = on_list_now[g*CountWidth+:CountWidth] + 1;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    assume (num_groups != '0 && 32'(num_groups) <= MaxGroups);
    assume (capacity == '0 || 32'(capacity) * 32'(num_groups) >= MaxChannels);
    assume (32'(capacity) <= MaxChannels);
    // Groups that are not in use have the top bit, the others have not.
    for (int unsigned d = 0; d < DistanceLanes; d++) begin
      for (int unsigned g = 0; g < MaxGroups; g++) begin
        assume (any_key[(d*MaxGroups+g)*KeyWidth+DistanceWidth] == (g >= 32'(num_groups)));
      end
    end
    assume (num_now + 32'(again) <= MaxChannels);
    key_before   <= key;
    valid_before <= valid;
    hold         <= again;
    on_list      <= on_list_now;
    dealt_before <= again ? dealt_before | dealt : '0;
    num_dealt    <= num_now;
    repairs      <= repairs + 32'(again);

    if (started) begin
      assert (!again ? (dealt | dealt_before) == valid : dealt != '0);
      assert ((dealt & dealt_before) == '0 && (dealt & ~valid) == '0);
      assert (repairs == '0 || repairs < 32'(num_groups));
      for (int unsigned d = 0; d < DistanceLanes; d++) begin
        if (dealt[d]) begin
          assert (known[d] && group[d*GroupWidth+:GroupWidth] == expected[d*GroupWidth+:GroupWidth]);
          // Lowest lane first.
          for (int unsigned e = 0; e < d; e++) assert (!valid[e] || dealt[e] || dealt_before[e]);
        end
      end
      for (int unsigned g = 0; g < MaxGroups; g++) begin
        if (capacity != '0) assert (on_list[g*CountWidth+:CountWidth] <= capacity);
      end
    end
  end

endmodule
