#!/usr/bin/env bash
# Which hardware for groups that are made at run time? Designs side by side on five networks, each figure as a range over memory,
# buffers, geometry and accumulator sets; and what capacities cost in accuracy. Prints the tables of docs/study-codesign.md.
#   usage: [NETWORKS="deit_tiny ..."] tools/study_codesign.sh DIR WEIGHTS.safetensors IMAGE.png...
set -euo pipefail
cd "$(dirname "$0")/.."
command -v jq >/dev/null || { echo "$0 needs jq (Debian package jq)" >&2; exit 1; }
igqsim=${IGQSIM:-build/igqsim}
dir=$1 weights=$2
shift 2
mkdir -p "$dir"
photos=traces/deit_tiny_photos.safetensors

# label, organisation, scheme, capacity, recode, arrays, lanes, V, token rows, accumulator bits, sums a cycle
design() {
  echo "    - {label: $1, mac_organisation: $2, scheme: $3, group_capacity_pct: $4, group_assignment.recode: $5, mac_array.num_arrays: $6," \
    "mac_array.lanes: $7, mac_array.vector_length: $8, mac_array.token_rows: $9, mac_array.acc_bits: ${10}, post_processing.lanes: ${11}}"
}
designs() {
  local capacity
  design layerwise shared layerwise 0 no 1 64 16 1 24 64
  design vsquant shared vsquant 0 no 1 64 16 1 32 64
  design per_group per_group igq 0 no 8 8 16 1 24 64
  for capacity in 200 150 125 100; do design per_group_$capacity per_group igq $capacity no 8 8 16 1 24 64; done
  design unbound unbound igq 0 no 8 32 4 1 24 128
  design unbound_recode unbound igq 0 yes 8 32 4 1 24 128
  design temporal temporal igq 0 no 1 64 1 16 24 256
  design temporal_recode temporal igq 0 yes 1 64 1 16 24 256
}
# The same peak in another shape.
reshaped() {
  local capacity
  design layerwise shared layerwise 0 no 1 32 32 1 24 64
  design vsquant shared vsquant 0 no 1 32 32 1 32 64
  design per_group per_group igq 0 no 8 32 4 1 24 64
  for capacity in 200 150 125 100; do design per_group_$capacity per_group igq $capacity no 8 32 4 1 24 64; done
  design unbound unbound igq 0 no 8 16 8 1 24 128
  design unbound_recode unbound igq 0 yes 8 16 8 1 24 128
  design temporal temporal igq 0 no 1 128 1 8 24 256
  design temporal_recode temporal igq 0 yes 1 128 1 8 24 256
}
# label, model and bytes a cycle of the DRAM (LPDDR4-3200 x32, DDR4-2400 x64 at their peak), halves of the buffers, accumulator sets
surroundings() {
  while read -r label model bytes halves sets; do
    echo "    - {label: $label, dram.model: $model, dram.bandwidth_bytes_per_cycle: $bytes, weight_buffer.capacity_bytes: $((262144 * halves / 2))," \
      "activation_buffer.capacity_bytes: $((524288 * halves / 2)), output_buffer.capacity_bytes: $((32768 * halves / 2))," \
      "mac_array.accumulator_sets: $sets}"
  done
}
sweep() { # folder, network, designs; surroundings come in
  local out=$dir/$1
  {
    echo "name: codesign"
    echo "accelerator: configs/accelerators/igq_shared.yaml"
    echo "workload: configs/workloads/$2.yaml"
    [ "$2" != deit_tiny ] || printf 'trace: %s\ncalibrate:\n  num_groups: num_groups\n' $photos
    echo "technology: configs/technologies/low_leakage_45nm.yaml"
    printf 'axes:\n  design:\n'
    "$3"
    echo "  surroundings:"
    surroundings
    cat <<'END'
  vsquant.act_scale_bits: [10]
  vsquant.weight_scale_bits: [6]
set:
  mac_array.tokens_in_flight: "max(16, mac_array.token_rows)"
  row_selector.bank_width_bits: max(256, mac_array.lanes * mac_array.mac_bits, 16 * mac_array.token_rows)
reports: none
END
    echo "objectives: [cycles_per_image, energy_pj_per_image, area_um2]"
  } >"$out.yaml"
  rm -rf "$out"
  "$igqsim" sweep "$out.yaml" -o "$out" -j "$(nproc)" >"$out.txt"
  jq -r --arg network "$2" --arg shape "$3" '.points[] | [$network, $shape, .axes.design, .axes.surroundings, .metrics.cycles_per_image,
    .metrics.energy_pj_per_image / 1e6, .metrics.area_um2 / 1e6] | @tsv' "$out/sweep.json"
}

for network in ${NETWORKS:-deit_tiny deit_small deit_base swin_tiny bert_base}; do
  sweep "$network" "$network" designs <<'END'
base bandwidth 16 2 2
ideal ideal 16 2 2
lpddr4 bandwidth 12.8 2 2
ddr4 bandwidth 19.2 2 2
half_buffers bandwidth 16 1 2
large_buffers bandwidth 16 8 2
one_set bandwidth 16 2 1
END
  sweep "${network}_reshaped" "$network" reshaped <<<"base bandwidth 16 2 2"
done >"$dir/points.tsv"

# Each design over layer-wise in the same surroundings, the other shape over the named layer-wise array: as named, least, most.
tables() {
  awk -F'\t' '
    { key = $1 FS $2 FS $4; value["cycles", key, $3] = $5; value["energy", key, $3] = $6; at[++lines] = key; design_of[lines] = $3
      if ($2 == "designs" && $4 == "base") {
        area[$3] = $7
        if (!seen[$1]++) network[++networks] = $1
        if (!seen[$3]++) design[++designs] = $3 } }
    function range(what, network, design,    i, of, x, low, high, named, as) {
      for (i = 1; i <= lines; i++) {
        split(at[i], of, FS)
        if (of[1] != network || design_of[i] != design) continue
        as = of[2] == "designs" ? at[i] : network FS "designs" FS "base"
        x = value[what, at[i], design] / value[what, as, "layerwise"]
        if (of[2] == "designs" && of[3] == "base") named = x
        low = low == "" || x < low ? x : low
        high = high == "" || x > high ? x : high
      }
      return sprintf("%.2f (%.2f to %.2f)", named, low, high)
    }
    function table(what,    d, n, line) {
      line = "| " what " over layer-wise |"
      for (n = 1; n <= networks; n++) line = line " " network[n] " |"
      print line (what == "energy" ? " mm2 |" : "")
      line = "|---|"
      for (n = 1; n <= networks; n++) line = line "---|"
      print line (what == "energy" ? "---|" : "")
      for (d = 1; d <= designs; d++) {
        line = "| " design[d] " |"
        for (n = 1; n <= networks; n++) line = line " " range(what, network[n], design[d]) " |"
        print line (what == "energy" ? sprintf(" %.1f |", area[design[d]]) : "")
      }
      print ""
    }
    END { table("cycles"); table("energy") }' "$1"
}
tables "$dir/points.tsv"

# What capacities cost in accuracy: calibrated with the capacity, on the photos.
echo "| capacity, % | qkv, dB | proj, dB | fc1, dB | fc2, dB | context, dB | KL, nats | top-1 agreement, % |"
echo "|---|---|---|---|---|---|---|---|"
accuracy() { # label, scheme, capacity
  "$igqsim" calibrate -w configs/workloads/deit_tiny.yaml --weights "$weights" --images "${images[@]}" --group-capacity-pct "$3" -q \
    -o "$dir/calibration.yaml"
  "$igqsim" run -a configs/accelerators/igq_shared.yaml --set "group_capacity_pct=$3" --set mac_array.acc_bits=32 --set vsquant.act_scale_bits=10 \
    --set vsquant.weight_scale_bits=6 --set "scheme=$2" -w configs/workloads/deit_tiny.yaml -c "$dir/calibration.yaml" --weights "$weights" \
    --images "${images[@]}" -j "$(nproc)" --no-html -o "$dir/accuracy" >/dev/null
  awk -F, -v label="$1" '
    NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    $column["sqnr_db"] != "" { sum[$column["kind"]] += $column["sqnr_db"]; num[$column["kind"]]++ }
    function mean(kind) { return num[kind] ? sprintf("%.1f", sum[kind] / num[kind]) : "" }
    END { printf "| %s | %s | %s | %s | %s | %s |", label, mean("qkv"), mean("proj"), mean("fc1"), mean("fc2"), mean("context") }' \
    "$dir/accuracy/layers.csv"
  jq -r '.accuracy | " \(.kl_divergence * 10000 | round / 10000) | \(.top1_agreement * 100) |"' "$dir/accuracy/report.json"
}
images=("$@")
accuracy none igq 0
for capacity in 200 150 125 100; do accuracy $capacity igq $capacity; done
accuracy layerwise layerwise 0
accuracy "vsquant, scales of 6 and 10 bits" vsquant 0
