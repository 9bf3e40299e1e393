#!/usr/bin/env bash
# Somebody's datapath: ours under other names, with a reset of the other polarity, agrees; later outputs are shown by exact
# cycles only; a fault is found. Vectors of the datapath, run through it by a testbench.   usage: test_user_datapath.sh IGQSIM
set -euo pipefail
igqsim=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export IGQSIM_CACHE=$work/cache
cd "$work"
rtl=$here/../../rtl
own=$(find "$rtl" -name igq_datapath.sv)
machine=(-a igq_shared --set mac_array.lanes=4 --set mac_array.vector_length=4 --set num_groups=2 --set row_selector.num_banks=4
  --set post_processing.lanes=4 --set group_assignment.max_members=64)

# The rest of the files stays ours; the package first, headers beside.
{
  find "$rtl" -name 'igq_*pkg.sv' | sort -r
  find "$rtl" -path '*/datapath/igq_*.sv' -not -name '*pkg.sv' -not -name igq_datapath.sv | sort
  find "$rtl" \( -name igq_ram.sv -o -name lint.vlt \)
  find "$rtl" -name '*.svh' -printf '+incdir+%h\n' | sort -u
  echo my_datapath.sv
} >my.f
sed -E 's/^module igq_datapath /module my_datapath /
  s/^(  input .* )clk_i,/\1clock,/; s/^(  input .* )rst_ni,/\1reset,/; s/^(  input .* )fill_data_i,/\1word,/
  s/^(  input .* )out_ready_i,/\1result_ready,/; s/^(  output .* )out_valid_o,/\1result_valid,/
  s/^\);$/);\n  logic clk_i, rst_ni, out_valid_o, out_ready_i;\n  logic [FillWidth-1:0] fill_data_i;\n  assign clk_i = clock;\n  assign rst_ni = ~reset;\n  assign result_valid = out_valid_o;\n  assign out_ready_i = result_ready;\n  assign fill_data_i = word;/' "$own" >renamed.sv
cat >my.yaml <<'END'
ports:
  clk_i: clock
  rst_ni: ~reset
  out_valid_o: result_valid
  out_ready_i: result_ready
  fill_data_i: word
END
cosim() { # expected status, words that the output must have, options
  local status=0
  "$igqsim" cosim --unit datapath "${machine[@]}" --rtl my.f --top my_datapath --ports my.yaml -o out "${@:3}" >output 2>errors || status=$?
  [ "$status" -eq "$1" ] || { echo "status $status, expected $1: ${*:3}"; cat output errors; exit 1; }
  grep -qF -- "$2" output errors || { echo "not said: $2"; cat output errors; exit 1; }
}
cp renamed.sv my_datapath.sv
cosim 0 "agree in every sum and in the cycles of every tile" --random 30
sed 's/(PostLatency)/(PostLatency + 3)/' renamed.sv >my_datapath.sv
! cmp -s renamed.sv my_datapath.sv
cosim 3 "cycles, the model " --random 30
grep -qF -- "--latency any compares sums alone" output
grep -qE '^reproduce: igqsim cosim --unit datapath -a .*igq_shared.* --rtl my.f --top my_datapath --ports my.yaml' output
cosim 0 "agree in every sum; cycles were not compared" --random 30 --latency any
grep -q '^  tile ' output
cosim 0 "lie within the window" --random 30 --latency window=400
sed 's/(fill_data_i\[63:32\])/(fill_data_i[31:0])/' renamed.sv >my_datapath.sv # the bias
! cmp -s renamed.sv my_datapath.sv
cosim 3 "MISMATCH: tile of seed 1" --random 30 --latency any
[ -s out/mismatch.fst ]
echo 'range_lanes: 4' >my.yaml
cosim 1 "my.yaml:1: range_lanes: "

# A testbench of its own, with our datapath: every sum and cycle; and it would say so.
"$igqsim" vectors --unit datapath "${machine[@]}" --random 20 -o vectors >output
grep -q '20 tiles' output
cd vectors
grep -v my_datapath ../my.f >own.f
verilator --binary --timing -Wno-fatal -Wno-WIDTH --unroll-stmts 1 --unroll-count 65536 --top-module datapath_testbench --Mdir ../bench -f own.f "$own" \
  "$here/../../examples/vectors_testbench/datapath_testbench.sv" >../log 2>&1 || { cat ../log; exit 1; }
../bench/Vdatapath_testbench >../ran || { cat ../ran; exit 1; }
grep -qE '^20 tiles, [0-9]+ sums, 0 errors' ../ran
sed -i '1s/./f/' sums.hex
! ../bench/Vdatapath_testbench >../ran 2>&1
grep -q 'tile 0, token 0, output 0: expected f' ../ran
