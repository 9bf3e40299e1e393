// SPDX-License-Identifier: Apache-2.0
/// igq_list_builder: whatever groups are inserted, and however the reader stalls, the entries are a permutation of the
/// channels, each in its group, groups and then channels ascending, with the right flags and counts.
module formal_lists #(
  parameter int unsigned DistanceLanes = 2,
  parameter int unsigned MaxChannels   = 5,
  parameter int unsigned MaxGroups     = 3
) (
  input logic clk_i
);

  localparam int unsigned ChannelCountWidth = igq_pkg::count_width(MaxChannels);
  localparam int unsigned ChannelWidth      = igq_pkg::index_width(MaxChannels);
  localparam int unsigned GroupWidth        = igq_pkg::index_width(MaxGroups);
  localparam int unsigned StepWidth = igq_pkg::index_width(igq_pkg::ceil_div(MaxChannels, DistanceLanes));

  (* anyconst *) logic [ChannelCountWidth-1:0]       num_channels;
  (* anyconst *) logic [MaxChannels*GroupWidth-1:0]  groups;
  (* anyseq *) logic                                 list_ready;

  // Reset, clear, insertion of all channels, emission.
  logic                 rst_n = 1'b0, cleared = 1'b0, inserted = 1'b0, emitted = 1'b0;
  logic [StepWidth-1:0] step  = '0;
  logic                 inserting, last_step;

  assign inserting = cleared && !inserted;
  assign last_step = (32'(step) + 1) * DistanceLanes >= 32'(num_channels);

  always_ff @(posedge clk_i) begin
    rst_n   <= 1'b1;
    cleared <= rst_n;
    if (inserting) begin
      step     <= step + 1;
      inserted <= last_step;
    end
    emitted <= inserted;
  end

  logic [DistanceLanes-1:0]            insert_valid;
  logic [DistanceLanes*GroupWidth-1:0] insert_group;

  always_comb begin
    for (int unsigned d = 0; d < DistanceLanes; d++) begin
      insert_valid[d] = inserting && 32'(step) * DistanceLanes + d < 32'(num_channels);
      insert_group[d*GroupWidth+:GroupWidth] = groups[(32'(step)*DistanceLanes+d)*GroupWidth+:GroupWidth];
    end
  end

  logic                                   list_valid, group_last, last;
  logic [GroupWidth-1:0]                  group;
  logic [ChannelWidth-1:0]                channel;
  logic [MaxGroups*ChannelCountWidth-1:0] count;

  igq_list_builder #(
    .DistanceLanes(DistanceLanes),
    .MaxChannels  (MaxChannels),
    .MaxGroups    (MaxGroups)
  ) u_list_builder (
    .clk_i,
    .rst_ni           (rst_n),
    .clear_i          (rst_n && !cleared),
    .insert_valid_i   (insert_valid),
    .insert_step_i    (step),
    .insert_group_i   (insert_group),
    .emit_i           (inserted && !emitted),
    .list_valid_o     (list_valid),
    .list_ready_i     (list_ready),
    .list_group_o     (group),
    .list_channel_o   (channel),
    .list_group_last_o(group_last),
    .list_last_o      (last),
    .count_o          (count)
  );

  // What was emitted before, and how many channels a group has.
  logic [ChannelCountWidth-1:0] num_emitted = '0;
  logic [GroupWidth-1:0]        group_before;
  logic [ChannelWidth-1:0]      channel_before;
  logic                         group_last_before = 1'b1;
  logic [ChannelCountWidth-1:0] expected_count;
  (* anyconst *) logic [GroupWidth-1:0] any_group;

  always_comb begin
    expected_count = '0;
    for (int unsigned c = 0; c < MaxChannels; c++) begin
      if (c < 32'(num_channels) && groups[c*GroupWidth+:GroupWidth] == any_group) expected_count = expected_count + 1;
    end
  end

  always_ff @(posedge clk_i) begin
    assume (num_channels != '0 && 32'(num_channels) <= MaxChannels);
    assume (32'(any_group) < MaxGroups);
    for (int unsigned c = 0; c < MaxChannels; c++) begin
      assume (32'(groups[c*GroupWidth+:GroupWidth]) < MaxGroups);
    end
    if (rst_n && list_valid && list_ready) begin
      num_emitted       <= num_emitted + 1;
      group_before      <= group;
      channel_before    <= channel;
      group_last_before <= group_last;
    end

    if (rst_n) begin
      // Strictly ascending, num_channels of them, each in its group: a permutation.
      assert (list_valid == (emitted && num_emitted < num_channels));
      if (list_valid) begin
        assert (32'(channel) < 32'(num_channels));
        assert (group == groups[channel*GroupWidth+:GroupWidth]);
        assert (last == (num_emitted + 1 == num_channels));
        if (num_emitted != '0) begin
          assert (group_last_before ? group > group_before : group == group_before && channel > channel_before);
        end
        if (last) assert (group_last);
        assert (count[any_group*ChannelCountWidth+:ChannelCountWidth] == expected_count);
      end
    end
  end

endmodule
