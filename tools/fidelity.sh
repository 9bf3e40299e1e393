#!/usr/bin/env bash
# How far to trust it: one table of comparisons with published figures, closed forms and results of other tools, and RTL, by
# igqsim's own runs: theirs, ours, the error, what was matched, the command.   usage: tools/fidelity.sh [DIR]
# docs/validation.md holds the table. A minute of one core.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v jq >/dev/null || { echo "tools/fidelity.sh needs jq (Debian package jq)" >&2; exit 1; }
igqsim=${IGQSIM:-build/igqsim}
dir=${1:-out/fidelity}
mkdir -p "$dir"
failed=0

# name theirs ours matched command [allowed error in %]
row() {
  local error=- mark=""
  error=$(awk -v t="$2" -v o="$3" 'BEGIN { printf "%+.1f %%", (o / t - 1) * 100 }')
  [ -z "${6:-}" ] || awk -v t="$2" -v o="$3" -v a="$6" 'BEGIN { e = (o / t - 1) * 100; exit !(e > a || e < -a) }' && { [ -z "${6:-}" ] || { mark=" (!)"; failed=1; }; }
  echo "| $1 | $2 | $3 | $error$mark | $4 | \`$5\` |"
}

# A run into DIR/NAME; prints the command as it stands in the table.
report() {
  local name=$1
  shift
  "$igqsim" run "$@" -o "$dir/$name" --no-html >"$dir/$name.log" 2>&1 || { cat "$dir/$name.log" >&2; exit 1; }
}
figure() { jq -r "$2" "$dir/$1/report.json"; }

echo "| what | theirs | ours | error | matched | command |"
echo "|---|---|---|---|---|---|"

# The 5 nm chip: operands preloaded, no DRAM, no LayerNorm, all products of 4 bits; 985 MHz is what its Table IV implies.
chip=(-a configs/accelerators/vsq_5nm.yaml --set dram.model=ideal --set vector_unit.model=ideal
  --set precision.attn_bits=4 --set precision.edge_bits=4)
while read -r network utilization rate; do
  report "chip_$network" "${chip[@]}" -w "configs/workloads/$network.yaml"
  matched="operands on the chip, no vector unit, all products 4 bits; JSSC 2023"
  command="igqsim run ${chip[*]} -w configs/workloads/$network.yaml"
  ours=$(figure "chip_$network" '.totals.macs / .totals.cycles / .totals.peak_macs_per_cycle * 1000 | round / 10')
  row "5 nm chip, $network: share of the peak, %" "$utilization" "$ours" "$matched" "$command" 1.6
  ours=$(figure "chip_$network" '985e6 / .totals.cycles * 10 | round / 10')
  row "5 nm chip, $network: inferences/s at 985 MHz" "$rate" "$ours" "$matched" "the same" 3
done <<<"deit_small 94 209
deit_base 97 56.2"

# VS-Quant's Fig. 3: energy of a multiply-accumulate over 8/8/-/-.
tools/vsquant_ratios.sh "$dir/vsquant_ratios" >"$dir/vsquant_ratios.md"
while IFS='|' read -r _ label product paper arithmetic _; do
  row "VS-Quant Fig. 3,${label}scale product${product}" "${paper// /}" "${arithmetic// /}" \
    "energy of the arithmetic over 8/8/-/-; nothing fitted" "tools/vsquant_ratios.sh"
done < <(tail -n +4 "$dir/vsquant_ratios.md")

# Output-stationary systolic arrays of n x n: folds * (K + 2 n - 2), the closed form of SCALE-Sim.
if "$igqsim" describe -a configs/accelerators/layerwise.yaml | grep -q '^  systolic'; then
  while read -r n M K N; do
    echo -e "name,M,K,N\nproduct,$M,$K,$N" >"$dir/product.csv"
    sets=(--set "mac_array.lanes=$n" --set mac_array.vector_length=1 --set "mac_array.token_rows=$n"
      --set "mac_array.tokens_in_flight=$n" --set mac_array.systolic=yes --set row_selector.bank_width_bits=auto
      --set "post_processing.lanes=$((n * n))" --set dram.model=ideal --set vector_unit.model=ideal)
    report "systolic_$n" -a configs/accelerators/layerwise.yaml "${sets[@]}" -w "$dir/product.csv"
    theirs=$((((M + n - 1) / n) * ((N + n - 1) / n) * (K + 2 * n - 2)))
    row "systolic $n x $n, [$M][$K] x [$K][$N], cycles" "$theirs" "$(figure "systolic_$n" .totals.cycles)" \
      "closed form of output-stationary systolic simulators; ours adds the ends of tiles" \
      "igqsim run -a configs/accelerators/layerwise.yaml ${sets[*]} -w product.csv" 5
  done <<<"16 197 768 768
32 256 1024 256"
fi

# DRAM: a cycle-level simulator on the transfers of version 0.1.
for case in "deit_tiny usual 14.75" "deit_base usual 14.85" "deit_tiny bank_groups_interleaved 18.29" \
  "deit_base bank_groups_interleaved 18.28"; do
  read -r network mapping theirs <<<"$case"
  sets=(--set dram.preset=ddr4_2400 --set dram.model=banks --set "dram.mapping=$mapping")
  report "dram_$network" -a configs/accelerators/layerwise.yaml "${sets[@]}" -w "configs/workloads/$network.yaml"
  ours=$(figure "dram_$network" '.totals.dram_bytes * .accelerator.clock_mhz / 1000 / .totals.dram_busy_cycles * 100 | round / 100')
  row "DDR4-2400 x64, $network, mapping $mapping: GB/s" "$theirs" "$ours" \
    "a cycle-level DRAM simulator on the transfers of version 0.1; ours on today's" \
    "igqsim run -a configs/accelerators/layerwise.yaml ${sets[*]} -w configs/workloads/$network.yaml" 5
done

# The assignment unit against its RTL: every list entry, count and cycle.
"$igqsim" cosim -a configs/accelerators/igq_temporal.yaml --random 200 -o "$dir/cosim" >"$dir/cosim.log"
cycles=$(awk '/^RTL cycles/ { print $3 }' "$dir/cosim.log")
row "assignment unit, 200 random layers, cycles" "$cycles" "$cycles" "SystemVerilog through Verilator; entries, counts, cycles" \
  "igqsim cosim -a configs/accelerators/igq_temporal.yaml --random 200" 0
exit $failed
