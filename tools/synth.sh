#!/usr/bin/env bash
# What the group assignment unit costs: maps it with yosys and abc to the OSU 0.18 um cells that Debian ships, asks OpenSTA for
# the longest path, and writes docs/rtl-cost.csv, the tables in docs/rtl-cost.md and docs/images/rtl-cost.svg. Memories are not
# mapped: their bits are counted, and for timing they are flip-flops at their ports. Needs the packages yosys, berkeley-abc,
# opensta, gnuplot-nox and qflow-tech-osu018, and a built igqsim, whose area model is set beside.
#   usage: tools/synth.sh [BUILD_FOLDER]   all cases, half an hour of one core, then the report; finished cases are kept in
#                                          BUILD_FOLDER/synth and not mapped again before the RTL changes
set -euo pipefail
cd "$(dirname "$0")/.."

liberty=/usr/share/qflow/tech/osu018/osu018_stdcells.lib
for tool in yosys berkeley-abc sta gnuplot; do
  command -v $tool >/dev/null || { echo "$0: no $tool here (packages yosys, berkeley-abc, opensta, gnuplot-nox)" >&2; exit 1; }
done
[ -f $liberty ] || { echo "$0: no $liberty (package qflow-tech-osu018)" >&2; exit 1; }
channels=3072 tokens=2048 # of DeiT-Base, with room
build=${1:-build}
csv=docs/rtl-cost.csv
[ -x "$build/igqsim" ] || { echo "$0: no $build/igqsim; build first" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
blocks=(u_range_unit u_distance u_dealer u_list_builder u_bounds)
# abc's own script for Liberty files does not come to an end on 16-bit squarers.
echo 'strash; dc2; map -a; topo; buffer -c; upsize; dnsize; stime -p' >"$work/abc.script"
# Makes abc buffer nets that come from flip-flops too.
printf 'set_driving_cell BUFX2\nset_load 0.03 [all_outputs]\n' >"$work/abc.constraints"

cat >"$work/ram.sv" <<'END'
// The ports of igq_ram, registered: what a memory macro shows to the paths around it.
module igq_ram #(
  parameter int unsigned Depth   = 16,
  parameter int unsigned Columns = 1,
  parameter int unsigned Width   = 8,
  localparam int unsigned AddrWidth = igq_pkg::index_width(Depth)
) (
  input  logic                     clk_i,
  input  logic [Columns-1:0]       we_i,
  input  logic [AddrWidth-1:0]     waddr_i,
  input  logic [Columns*Width-1:0] wdata_i,
  input  logic                     re_i,
  input  logic [AddrWidth-1:0]     raddr_i,
  output logic [Columns*Width-1:0] rdata_o
);
  (* keep *) logic [Columns-1:0]       we_q;
  (* keep *) logic                     re_q;
  (* keep *) logic [AddrWidth-1:0]     waddr_q, raddr_q;
  (* keep *) logic [Columns*Width-1:0] wdata_q;
  always_ff @(posedge clk_i) begin
    we_q    <= we_i;
    re_q    <= re_i;
    waddr_q <= waddr_i;
    raddr_q <= raddr_i;
    wdata_q <= wdata_i;
    rdata_o <= wdata_q; // some flip-flop to start from
  end
endmodule
END
cat >"$work/parts.sv" <<'END'
// What the area model is made of.
module adder #(parameter int unsigned Width = 16) (
  input logic clk_i, input logic [Width-1:0] a_i, input logic [Width-1:0] b_i, output logic [Width-1:0] y_o
);
  assign y_o = a_i + b_i;
endmodule
module multiplier #(parameter int unsigned Width = 16) (
  input logic clk_i, input logic signed [Width-1:0] a_i, input logic signed [Width-1:0] b_i,
  output logic signed [2*Width-1:0] y_o
);
  assign y_o = a_i * b_i;
endmodule
module squarer #(parameter int unsigned Width = 16) (
  input logic clk_i, input logic [Width-1:0] a_i, output logic [2*Width-1:0] y_o
);
  // As in igq_distance.sv: every pair of digits once.
  always_comb begin
    y_o = '0;
    for (int unsigned i = 0; i < Width; i++) begin
      y_o = y_o + ((2*Width)'((2*Width)'(a_i) >> (i + 1) << (2 * i + 2) | (2*Width)'(1) << (2 * i)) & {2*Width{a_i[i]}});
    end
  end
endmodule
module multiplexer #(parameter int unsigned Width = 16) (
  input logic clk_i, input logic [Width-1:0] a_i, input logic [Width-1:0] b_i, input logic s_i,
  output logic [Width-1:0] y_o
);
  assign y_o = s_i ? a_i : b_i;
endmodule
module register #(parameter int unsigned Width = 16) (
  input logic clk_i, input logic [Width-1:0] a_i, output logic [Width-1:0] y_o
);
  always_ff @(posedge clk_i) y_o <= a_i;
endmodule
END
sources="rtl/igq_pkg.sv $work/ram.sv $work/parts.sv $(ls rtl/igq_*.sv | grep -vE 'igq_(pkg|ram|group_assign_checks)' | paste -sd ' ')"

# Prints area, area of the flip-flops and of the logic of each block in um2, and the longest path in ns.
synthesize() { # name top parameters
  local name=$1 top=$2 set=$3 block
  cat >"$work/$name.ys" <<END
read_verilog -defer -sv -Irtl $sources
chparam $set $top
hierarchy -check -top $top
synth -top $top -noabc
select -assert-none t:\$_DLATCH* t:\$_SR_*
dfflibmap -liberty $liberty
abc -liberty $liberty -constr $work/abc.constraints -script $work/abc.script
opt_clean
design -save mapped
flatten; splitnets; opt_clean -purge
write_verilog -noattr -noexpr -nohex -nodec $work/$name.v
design -load mapped
delete t:*igq_ram*
flatten
tee -o $work/$name.all stat -liberty $liberty
tee -o $work/$name.flip_flops stat -liberty $liberty t:DFF*
END
  for block in "${blocks[@]}"; do
    echo "tee -o $work/$name.$block stat -liberty $liberty c:*$block* t:DFF* %d" >>"$work/$name.ys"
  done
  yosys -q "$work/$name.ys" >"$work/$name.log" 2>&1 || { tail -3 "$work/$name.log" >&2; return 1; }
  cat >"$work/$name.tcl" <<END
read_liberty $liberty
read_verilog $work/$name.v
link_design $top
create_clock -name clock -period 10 clk_i
set_input_delay 0 -clock clock [all_inputs]
set_output_delay 0 -clock clock [all_outputs]
report_checks -path_delay max -format full
exit
END
  sta -no_splash -exit "$work/$name.tcl" >"$work/$name.sta" 2>&1
  for block in all flip_flops "${blocks[@]}"; do
    awk '/Chip area for/ { area = $NF } END { printf "%d,", area }' "$work/$name.$block"
  done
  awk '/data arrival time/ { print $1; exit }' "$work/$name.sta"
}

index_width() { # num
  local bits=0
  while [ $((1 << bits)) -lt "$1" ]; do bits=$((bits + 1)); done
  echo $((bits > 0 ? bits : 1))
}

# Bits of all igq_ram of a unit: two banks of ranges, successors of the lists.
memory_bits() { # RangeLanes DistanceLanes ActWidth
  local columns=$(($1 > $2 ? $1 : $2)) steps=$(((channels + $2 - 1) / $2))
  echo $((2 * ((channels + columns - 1) / columns) * columns * 2 * $3 + $2 * steps * $(index_width $steps)))
}

distances=(l2 l1 linf)
run_case() { # a case of all_cases; prints its line of the CSV file
  local kind p capacity
  IFS=: read -r kind p <<<"$1"
  IFS=: read -ra p <<<"$p"
  case $kind in
  unit | limited) # without and with capacities
    [ "$kind" = unit ] && capacity=0 || capacity=1
    echo "$kind,${p[0]},${p[1]},${p[2]},${distances[p[3]]},${p[4]},$(synthesize "${1//:/_}" igq_group_assign \
      "-set RangeLanes ${p[0]} -set DistanceLanes ${p[1]} -set MaxGroups ${p[2]} -set Distance ${p[3]} -set ActWidth ${p[4]} \
-set MaxChannels $channels -set MaxTokens $tokens -set HasCapacity $capacity"),$(memory_bits "${p[0]}" "${p[1]}" "${p[4]}")" ;;
  mac)
    echo "vector_mac,${p[0]},,,,${p[1]},$(synthesize "${1//:/_}" igq_vector_mac \
      "-set VectorLength ${p[0]} -set OperandWidth $((p[1] + 1)) -set AccWidth ${p[2]}"),0" ;;
  part) echo "${p[0]},,,,,${p[1]},$(synthesize "${1//:/_}" "${p[0]}" "-set Width ${p[1]}"),0" ;;
  esac
}

# One thing changes at a time: groups and distances, then the width of activations, then the lanes.
# part:NAME:Width, mac:VectorLength:code bits:AccWidth, unit:RangeLanes:DistanceLanes:MaxGroups:Distance:ActWidth; limited:
# a unit with capacities
all_cases() {
  local part distance groups lanes
  for part in adder:16 multiplier:5 multiplier:9 multiplier:16 squarer:16 multiplexer:16 register:16; do echo part:$part; done
  echo mac:16:4:24 mac:16:8:32
  for distance in 0 1 2; do
    for groups in 1 2 4 8 16; do echo "unit:16:4:$groups:$distance:16"; done
  done
  for distance in 0 1 2; do echo "unit:16:4:8:$distance:8"; done
  for lanes in 4:4 32:4 16:1 16:2 16:8; do echo "unit:$lanes:8:0:16"; done
  for groups in 4 16; do echo "unit:16:1:$groups:0:16"; done
  for lanes in 1 4; do
    for groups in 4 8 16; do echo "limited:16:$lanes:$groups:0:16"; done
  done
}

synthesize_all() {
  local one kept
  kept=$build/synth/$({ cat rtl/*.sv rtl/*.svh "$work"/*.sv "$work"/abc.* | sed -E 's,//.*,,'; declare -f synthesize run_case; } |
    cksum | cut -d' ' -f1)
  mkdir -p "$kept"
  for one in $(all_cases); do
    [ -s "$kept/$one" ] || { run_case "$one" >"$work/line"; mv "$work/line" "$kept/$one"; }
  done
  echo "block,range_lanes_or_vector,distance_lanes,groups,distance,bits,area_um2,flip_flops_um2,range_um2,distance_um2,dealer_um2,\
lists_um2,bounds_um2,longest_path_ns,memory_bits"
  for one in $(all_cases); do cat "$kept/$one"; done
}

# The area model of the same with a technology: um2 of the unit without its memories, or of a vector MAC with its registers.
# The model knows 16-bit activations only.
model_um2() { # line of the CSV file, technology without memories
  local block p d groups distance bits rest machine=$work/machine.yaml
  IFS=, read -r block p d groups distance bits rest <<<"$1"
  case $block in
  unit | limited)
    [ "$bits" -eq 16 ] || return 0
    sed -E "s/^num_groups: .*/num_groups: $groups/; s/^group_capacity_pct: .*/group_capacity_pct: $([ "$block" = unit ] && echo 0 || echo 125)/
      s/^distance: .*/distance: $distance/; s/^( +range_lanes:).*/\1 $p/
      s/^( +distance_lanes:).*/\1 $d/" <("$build/igqsim" describe -a configs/accelerators/igq_shared.yaml --yaml) >"$machine" ;;
  vector_mac)
    sed -E "s/^( +mac_bits:).*/\1 $bits/; s/^( +acc_bits:).*/\1 $((bits == 4 ? 24 : 32))/; s/^( +bank_width_bits:).*/\1 512/" \
      <("$build/igqsim" describe -a configs/accelerators/igq_shared.yaml --yaml) >"$machine" ;;
  *) return 0 ;;
  esac
  # The machine has 1024 MACs in vectors of 16; igq_vector_mac registers its operands and its accumulator.
  "$build/igqsim" describe -a "$machine" -t "$2" | awk -v block="$block" \
    -v register_bits=$((2 * 16 * (bits + 1) + (bits == 4 ? 24 : 32))) '
    $1 == "register" { register_um2 = $6 }
    $1 == "mac_datapath" && block == "vector_mac" { sum += $2 * 1e6 / 64 + register_bits * register_um2 }
    ($1 == "range_unit" || $1 == "distance_argmin" || $1 == "assignment_registers") && block != "vector_mac" { sum += $2 * 1e6 }
    END { printf "%.0f", sum }'
}

# The technology with areas as yosys mapped them: an adder bit, a multiplexer bit, a register bit, bit^2 of a multiplier. MACs
# multiply operands one bit wider than codes; what the unit multiplies are squares.
own_areas() { # line of the CSV file, file with all lines
  local block p d groups distance bits rest multiplier=multiplier width
  IFS=, read -r block p d groups distance bits rest <<<"$1"
  width=$((bits + 1))
  [ "$block" != vector_mac ] && multiplier=squarer width=16
  awk -F, -v multiplier="$multiplier" -v width="$width" '
    NR == FNR { if ($1 == multiplier && $6 == width)
                  um2["int_multiply"] = $7 / width / (multiplier == "squarer" ? (width + 1) / 2 : width)
                if ($1 == "adder") um2["int_add"] = $7 / $6
                if ($1 == "multiplexer" || $1 == "register") um2[$1] = $7 / $6
                next }
    /- name:/ { split($0, word, ": "); name = word[2] }
    name in um2 && /unit: um2/ { sub(/value: [0-9.e+]+/, "value: " um2[name]) }
    { print }' "$2" "$work/logic.yaml" >"$work/own.yaml"
}

add_model() { # file with the lines
  local line
  cp configs/technologies/components.yaml "$work"
  sed -E 's/area_um2: [0-9.e+]+/area_um2: 0/' configs/technologies/bitfusion_45nm.yaml >"$work/logic.yaml"
  sed -n '1s/$/,model_um2,model_own_areas_um2/p' "$1"
  while read -r line; do
    own_areas "$line" "$1"
    echo "$line,$(model_um2 "$line" "$work/logic.yaml"),$(model_um2 "$line" "$work/own.yaml")"
  done < <(tail -n +2 "$1")
}

# Markdown tables of the CSV file; areas in thousands of um2.
tables() {
  awk -F, '
    $1 == "vector_mac" { mac_area[$6] = $7; mac_logic[$6] = $7 - $8; mac_path[$6] = $14; mac_model[$6] = $16; mac_own[$6] = $17 }
    $1 != "unit" && $1 != "limited" && $1 != "vector_mac" { part[$1, $6] = $7 / $6 }
    $1 == "unit" || $1 == "limited" {
      key = $2 "," $3 "," $4 "," $5 "," $6 ($1 == "limited" ? ",limited" : "")
      area[key] = $7; flip_flops[key] = $8; range[key] = $9; distance[key] = $10; dealer[key] = $11; lists[key] = $12; bounds[key] = $13
      path[key] = $14; memory[key] = $15; model[key] = $16; own[key] = $17
    }
    function thousand(um2) { return sprintf("%.0f", um2 / 1000) }
    function cell(key) { return sprintf(" %d, %.0f %%, %.1f |", area[key] / 1000, 100 * area[key] / (64 * mac_area[4]), path[key]) }
    function against_model(key,    yosys) {
      yosys = area[key] / mac_area[4]
      return sprintf(" %.1f | %.1f | %+.0f %% | %.1f | %+.0f %% |", yosys, own[key] / mac_own[4],
        100 * (own[key] / mac_own[4] / yosys - 1), model[key] / mac_model[4], 100 * (model[key] / mac_model[4] / yosys - 1))
    }
    END {
      print "| array of 1024 MACs: 64 vectors of 16 | thousand um2 | of it flip-flops | longest path, ns |\n|---|---|---|---|"
      for (bits = 4; bits <= 8; bits += 4)
        printf "| %d-bit codes | %s | %s | %.1f |\n", bits, thousand(64 * mac_area[bits]),
          thousand(64 * (mac_area[bits] - mac_logic[bits])), mac_path[bits]

      print "\nThe unit with 16 range lanes and 4 distance lanes: thousand um2, share of the 4-bit array, longest path in ns.\n"
      print "| groups | l2 | l1 | linf |\n|---|---|---|---|"
      for (g = 1; g <= 16; g *= 2)
        printf "| %d |%s%s%s\n", g, cell("16,4," g ",l2,16"), cell("16,4," g ",l1,16"), cell("16,4," g ",linf,16")
      printf "| 8, activations of 8 bits |%s%s%s\n", cell("16,4,8,l2,8"), cell("16,4,8,l1,8"), cell("16,4,8,linf,8")

      print "\nOther lanes, 8 groups, l2, 16 bits: the same; bits of memory.\n"
      print "| range lanes | distance lanes | l2 | memory, bits |\n|---|---|---|---|"
      num = split("4,4 16,4 32,4 16,1 16,2 16,8", lanes, " ")
      for (i = 1; i <= num; i++) {
        split(lanes[i], lane, ",")
        printf "| %d | %d |%s %d |\n", lane[1], lane[2], cell(lanes[i] ",8,l2,16"), memory[lanes[i] ",8,l2,16"]
      }

      print "\nLists with a capacity (16 range lanes, l2, 16 bits), beside lists without: the same figures.\n"
      print "| groups | 1 distance lane | with capacities | 4 distance lanes | with capacities |\n|---|---|---|---|---|"
      for (g = 4; g <= 16; g *= 2)
        printf "| %d |%s%s%s%s\n", g, cell("16,1," g ",l2,16"), cell("16,1," g ",l2,16,limited"), cell("16,4," g ",l2,16"),
          cell("16,4," g ",l2,16,limited")

      print "\nWhere it goes (16 and 4 lanes, 8 groups, 16 bits), thousand um2; flip-flops are in the last column only.\n"
      print "| distance | range unit | distances | dealer | lists | bounds | rest | flip-flops |\n|---|---|---|---|---|---|---|---|"
      for (i = split("l2 l1 linf", names, " "); i > 0; i--) {
        key = "16,4,8," names[4 - i] ",16"
        rest = area[key] - flip_flops[key] - range[key] - distance[key] - dealer[key] - lists[key] - bounds[key]
        printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", names[4 - i], thousand(range[key]), thousand(distance[key]),
          thousand(dealer[key]), thousand(lists[key]), thousand(bounds[key]), thousand(rest), thousand(flip_flops[key])
      }

      print "\nAgainst the area model, in 4-bit vector MACs:\n"
      print "| range lanes | distance lanes | groups | distance | yosys | model, OSU cells | over yosys | model, bitfusion_45nm | over yosys |"
      print "|---|---|---|---|---|---|---|---|---|"
      for (i = split("l2 l1 linf", names, " "); i > 0; i--)
        for (g = 1; g <= 16; g *= 2)
          printf "| 16 | 4 | %d | %s |%s\n", g, names[4 - i], against_model("16,4," g "," names[4 - i] ",16")
      for (i = 1; i <= num; i++) {
        split(lanes[i], lane, ",")
        if (lanes[i] != "16,4")
          printf "| %d | %d | 8 | l2 |%s\n", lane[1], lane[2], against_model(lanes[i] ",8,l2,16")
      }
      print "\n| um2 of a bit (multiplier: bit^2) | adder | multiplier | multiplexer | register |\n|---|---|---|---|---|"
      printf "| OSU 0.18 um, by yosys | %.0f | %.0f (5 x 5) to %.0f (16 x 16), squarer %.0f | %.0f | %.0f |\n", part["adder", 16],
        part["multiplier", 5] / 5, part["multiplier", 16] / 16, part["squarer", 16] / 8.5, part["multiplexer", 16], part["register", 16]
    }' "$csv"
}

report() {
  tables >"$work/tables"
  awk -v tables="$work/tables" '
    /<!-- end of tables -->/ { inside = 0 }
    !inside
    /<!-- tables, written by tools\/synth.sh -->/ { inside = 1; while ((getline line < tables) > 0) print line }' \
    docs/rtl-cost.md >"$work/report"
  cp "$work/report" docs/rtl-cost.md
  gnuplot <<END
set terminal svg size 760,420 font "sans-serif,12" background rgb "white"
set output "docs/images/rtl-cost.svg"
set datafile separator ","
set title "Group assignment unit, 16 range lanes, 4 distance lanes, OSU 0.18 um, without memories"
set xlabel "groups"
set ylabel "area, thousand um^2"
set logscale xy
set xtics (1, 2, 4, 8, 16)
set xrange [0.9:18]
set yrange [50:60000]
set key outside right
set grid
plot for [d in "l2 l1 linf"] "< grep -E ^unit,16,4,[0-9]+,".d.",16, $csv" using 4:(\$7/1000) with linespoints lw 2 title d.", 16 bits", \\
     for [d in "l2 l1 linf"] "< grep -E ^unit,16,4,8,".d.",8, $csv" using 4:(\$7/1000) with points ps 1.5 title d.", 8 bits", \\
     "< grep ^vector_mac,16,,,,4, $csv" using (0.9):(64*\$7/1000):(17.1):(0) with vectors nohead lw 2 lc rgb "black" title "1024 4-bit MACs", \\
     "< grep ^vector_mac,16,,,,8, $csv" using (0.9):(64*\$7/1000):(17.1):(0) with vectors nohead dt 2 lc rgb "black" title "1024 8-bit MACs"
END
}

synthesize_all >"$work/cases"
add_model "$work/cases" >"$work/csv"
cp "$work/csv" "$csv"
report
