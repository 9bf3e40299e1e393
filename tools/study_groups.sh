#!/usr/bin/env bash
# How many groups? Cycles, energy and area of every organisation over the number of groups (configs/sweeps/groups.yaml), and
# what the groups buy: KL divergence on noisy and cropped variants of photos, calibrated on the photos alone. Prints the
# tables of docs/study-groups.md and draws its plots.   usage: tools/study_groups.sh DIR WEIGHTS.safetensors IMAGE.png...
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in jq gnuplot; do
  command -v $tool >/dev/null || { echo "$0 needs $tool (Debian packages jq, gnuplot-nox)" >&2; exit 1; }
done
igqsim=${IGQSIM:-build/igqsim}
dir=$1 weights=$2
shift 2
mkdir -p "$dir/variants"
rm -rf "$dir/sweep"

"$igqsim" sweep configs/sweeps/groups.yaml -o "$dir/sweep" -j "$(nproc)" >"$dir/sweep.txt"
jq -r '.points[] | select(.status == "done") | [.axes.organisation, .axes.num_groups, .metrics.cycles_per_image,
  .metrics.energy_pj_per_image / 1e6, .metrics.area_um2 / 1e6, .metrics.mac_utilization * 100, .metrics.activation_sqnr_db,
  .pareto] | @tsv' "$dir/sweep/sweep.json" >"$dir/costs.tsv"

# The values do not depend on the organisation: one machine measures them for all.
build/tests/bench/image_variants "$dir/variants" "$@"
workload=configs/workloads/deit_tiny.yaml
for groups in 1 2 4 8 16 32 64; do
  "$igqsim" calibrate -w $workload --weights "$weights" --images "$@" --groups $groups -o "$dir/calibration.yaml" >/dev/null
  "$igqsim" run -a configs/accelerators/igq_temporal.yaml --set num_groups=$groups -w $workload -c "$dir/calibration.yaml" --weights "$weights" \
    --images "$dir/variants" -j "$(nproc)" -o "$dir/accuracy" >/dev/null
  jq -r --arg groups $groups '[$groups, .accuracy.kl_divergence, .accuracy.top1_agreement * 100, .totals.activation_sqnr_db] |
    @tsv' "$dir/accuracy/report.json"
done >"$dir/accuracy.tsv"

echo "| groups | KL, nats | top-1 agreement, % | SQNR, dB |"
echo "|---|---|---|---|"
awk -F'\t' '{ printf "| %d | %.3f | %.0f | %.1f |\n", $1, $2, $3, $4 }' "$dir/accuracy.tsv"
echo
echo "| organisation | groups | cycles | energy, uJ | area, mm2 | MAC use, % | SQNR of the block, dB | front |"
echo "|---|---|---|---|---|---|---|---|"
awk -F'\t' '{ printf "| %s | %d | %d | %.0f | %.2f | %.1f | %.1f | %s |\n", $1, $2, $3, $4, $5, $6, $7, $8 == "true" ? "yes" : "" }' \
  "$dir/costs.tsv"

join -t $'\t' -1 2 -2 1 -o 1.1,0,1.3,1.4,2.2 <(sort -t $'\t' -k2,2 "$dir/costs.tsv") <(sort -k1,1 "$dir/accuracy.tsv") |
  sort -t $'\t' -k1,1 -k2,2n >"$dir/joined.tsv"
gnuplot <<PLOTS
set datafile separator "\t"
set terminal svg size 960,340 font "sans,12" background "white"
of(organisation) = sprintf("< awk -F'\t' '\$1 == \"%s\"' $dir/costs.tsv", organisation)
organisations = "per_group shared elastic temporal"
set output "$dir/costs.svg"
set multiplot layout 1,3
set xlabel "groups"; set logscale x 2; set xtics (1, 2, 4, 8, 16, 32, 64); set grid y; set key top left opaque
set ylabel "million cycles an image"; set yrange [0:*]
plot for [o in organisations] of(o) using 2:(\$3/1e6) with linespoints title o noenhanced
set ylabel "energy, mJ an image"; set yrange [0:*]; unset key
plot for [o in organisations] of(o) using 2:(\$4/1e3) with linespoints title o noenhanced
set ylabel "area, mm^2"; set yrange [0:*]
plot for [o in organisations] of(o) using 2:5 with linespoints title o noenhanced
unset multiplot
set terminal svg size 960,420 font "sans,12" background "white"
set output "$dir/front.svg"
set title "What the groups buy, and what they cost (labels: groups)"; set key top right
set xlabel "million cycles an image"; set ylabel "KL divergence from full precision, nats"; unset logscale x; set xtics autofreq
set xrange [1.8:4.1]; set yrange [0:*]; set grid
joined(organisation) = sprintf("< awk -F'\t' '\$1 == \"%s\"' $dir/joined.tsv", organisation)
plot for [o in organisations] joined(o) using (\$3/1e6):5 with linespoints title o noenhanced, \
  joined("temporal") using (\$3/1e6):5:2 with labels offset 0,-0.9 notitle, \
  joined("per_group") using (\$3/1e6):5:2 with labels offset 0,0.9 notitle
PLOTS
cp "$dir/costs.svg" docs/images/groups-costs.svg
cp "$dir/front.svg" docs/images/groups-front.svg
