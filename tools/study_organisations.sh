#!/usr/bin/env bash
# Which organisation of the MAC arrays wins, at what utilization, and why? All organisations at equal peak with 4, 8, 12 and 16
# groups: DeiT-Tiny on the four photos' trace, DeiT-Small and -Base on drawn ranges. From igqsim's own reports: the table and
# the plots of docs/study-organisations.md.   usage: tools/study_organisations.sh [DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in jq gnuplot; do
  command -v $tool >/dev/null || { echo "tools/study_organisations.sh needs $tool (Debian package $tool)" >&2; exit 1; }
done
igqsim=${IGQSIM:-build/igqsim}
dir=${1:-out/study_organisations}
mkdir -p "$dir"
organisations=(per_group shared elastic temporal)

# Arrays x lanes x V of Fig. A as drawn; 12 arrays cannot have the peak of 1024, 1020 is nearest.
declare -A per_group_shape=([4]="4 16 16" [8]="8 8 16" [12]="12 5 17" [16]="16 4 16")

machine() { # organisation groups -> path
  local path=$dir/igq_$1_g$2.yaml arrays lanes vector_length
  sed -E "s/^num_groups: +[0-9]+/num_groups: $2/" <("$igqsim" describe -a "configs/accelerators/igq_$1.yaml" --yaml) >"$path"
  if [ "$1" = per_group ]; then
    read -r arrays lanes vector_length <<<"${per_group_shape[$2]}"
    sed -i -E "/^mac_array:/,/^weight_buffer:/{s/^  num_arrays: .*/  num_arrays: $arrays/;s/^  lanes: .*/  lanes: $lanes/
      s/^  vector_length: .*/  vector_length: $vector_length/}" "$path"
  fi
  echo "$path"
}

run() { # network machine groups out
  local inputs=()
  if [ "$1" = deit_tiny ]; then
    inputs=(-c "$dir/deit_tiny_g$3.yaml" --trace traces/deit_tiny_photos.safetensors)
  fi
  "$igqsim" run -a "$2" -w "configs/workloads/$1.yaml" "${inputs[@]}" -o "$4" >/dev/null
}

row() { # network organisation groups report -> one line: utilization, then where the cycles went, in %
  jq -r --arg network "$1" --arg organisation "$2" --arg groups "$3" '
    def percent: . * 1000 | round / 10;
    .totals as $t | $t.stall_cycles as $s |
    [$network, $groups, $organisation, ($t.cycles / $t.images | round), ($t.mac_utilization | percent),
     ([$s.fullest_group, $s.padding, $s.edge, $s.row_conflict, $s.rescale, $s.drain,
       $s.weights + $s.activations + $s.stores + $s.residual, $s.vector_unit, $s.assignment][] | . / $t.cycles | percent),
     ([.layers[] | select(.kind == "qkv" or .kind == "proj" or .kind == "fc1" or .kind == "fc2") |
       (.group_sizes | max) / (.group_sizes | add)] | add / length | percent)] | @tsv' "$4/report.json"
}

columns=(network groups organisation cycles utilization fullest_group padding edge row_conflict rescale drain dram vector_unit
  assignment largest_list)
table=$dir/table.tsv
(IFS=$'\t'; echo "${columns[*]}") >"$table"
for groups in 4 8 12 16; do
  "$igqsim" calibrate -w configs/workloads/deit_tiny.yaml --trace traces/deit_tiny_photos.safetensors --groups $groups \
    -o "$dir/deit_tiny_g$groups.yaml" >/dev/null
done
for network in deit_tiny deit_small deit_base; do
  run $network configs/accelerators/layerwise.yaml 8 "$dir/${network}_layerwise"
  row $network layerwise 1 "$dir/${network}_layerwise" >>"$table"
  for groups in 4 8 12 16; do
    for organisation in "${organisations[@]}"; do
      out=$dir/${network}_${organisation}_g$groups
      run $network "$(machine $organisation $groups)" $groups "$out"
      row $network $organisation $groups "$out" >>"$table"
    done
  done
done

# Elastic with 8 groups: the same 64 channels at once in more, narrower slices, and the sums per cycle they hand over.
slices_table=$dir/slices.tsv
(IFS=$'\t'; echo "slices	V	sums_per_cycle	${columns[*]}") >"$slices_table"
for shape in "8 8" "16 4" "32 2" "64 1"; do
  read -r slices vector_length <<<"$shape"
  for sums in 64 256; do
    path=$dir/igq_elastic_$slices.yaml
    sed -E "s/^  num_arrays: .*/  num_arrays: $slices/;s/^  vector_length: .*/  vector_length: $vector_length/
      /^post_processing:/,/^vector_unit:/s/^  lanes: .*/  lanes: $sums/" <("$igqsim" describe -a configs/accelerators/igq_elastic.yaml --yaml) >"$path"
    run deit_tiny "$path" 8 "$dir/slices"
    echo "$slices	$vector_length	$sums	$(row deit_tiny elastic 8 "$dir/slices")" >>"$slices_table"
  done
done

# Energy and area of DeiT-Tiny's machines, 8 groups.
energy_table=$dir/energy.tsv
(IFS=$'\t'; echo "organisation	uJ an image	of it instance-aware	mm2	of it instance-aware") >"$energy_table"
for organisation in layerwise "${organisations[@]}"; do
  path=configs/accelerators/igq_$organisation.yaml
  [ "$organisation" = layerwise ] && path=configs/accelerators/layerwise.yaml
  "$igqsim" run -a "$path" -w configs/workloads/deit_tiny.yaml -c "$dir/deit_tiny_g8.yaml" --trace traces/deit_tiny_photos.safetensors \
    -t configs/technologies/low_leakage_45nm.yaml -o "$dir/energy" >/dev/null
  jq -r --arg organisation "$organisation" '.totals | def of_million: . / 1e4 | round / 100;
    [$organisation, (.energy_pj_per_image | of_million), (.instance_aware_energy_pj / .images | of_million),
     (.area_um2 | of_million), (.instance_aware_area_um2 | of_million)] | @tsv' "$dir/energy/report.json" >>"$energy_table"
done

# Batches on the temporal machine, with room for more and more activations.
batch_table=$dir/batches.tsv
(IFS=$'\t'; echo "network	activation buffer	images	cycles an image	MB of DRAM an image	utilization") >"$batch_table"
for network in deit_tiny deit_small deit_base; do
  for kib in 512 2048 8192; do
    for images in 1 2 4; do
      path=$dir/igq_temporal_batch.yaml
      sed -e "s/^  batch_images: .*/  batch_images: $images/" \
        -e "/^activation_buffer/,/double_buffered/s/capacity_bytes: [0-9]*/capacity_bytes: $((kib * 1024))/" \
        <("$igqsim" describe -a configs/accelerators/igq_temporal.yaml --yaml) >"$path"
      run $network "$path" 8 "$dir/batch"
      jq -r --arg network "$network" --arg kib "$kib" --arg images "$images" '.totals |
        [$network, $kib + " KiB", $images, (.cycles / .images | round), (.dram_bytes / .images / 1e4 | round / 100),
         (.mac_utilization * 1000 | round / 10)] | @tsv' "$dir/batch/report.json" >>"$batch_table"
    done
  done
done

# The machine described after the 5 nm chip, on shapes, under the chip's own conditions and others.
chip_table=$dir/vsq_5nm.tsv
chip=(dram.model=ideal vector_unit.model=ideal precision.attn_bits=4 precision.edge_bits=4)
chip_row() { # name, KEY=VALUE...
  local name=$1 network cells=
  shift
  for network in deit_small deit_base; do
    "$igqsim" run -a configs/accelerators/vsq_5nm.yaml -w configs/workloads/$network.yaml "${@/#/--set=}" --no-html -o "$dir/vsq_5nm" >/dev/null
    cells+=$(jq -r --argjson mhz 985 '.totals | (.macs / .cycles / 1024 * 1000 | round / 10 | tostring) + "\t" +
      ($mhz * 1e7 / .cycles | round / 10 | tostring)' "$dir/vsq_5nm/report.json")$'\t'
  done
  printf '%s\t%s\n' "$name" "${cells%$'\t'}" >>"$chip_table"
}
(IFS=$'\t'; echo "	DeiT-Small, %	inferences/s at 985 MHz	DeiT-Base, %	inferences/s") >"$chip_table"
chip_row "the chip's conditions" "${chip[@]}"
chip_row "sums do not stream out" "${chip[@]}" mac_array.stream_sums=no
chip_row "the same, two sets" "${chip[@]}" mac_array.stream_sums=no mac_array.accumulator_sets=2
chip_row "pipeline of 8 cycles" "${chip[@]}" post_processing.latency_cycles=8
chip_row "attention and edges at 8 bits, half rate" "${chip[@]:0:2}"
chip_row "the same at a quarter" "${chip[@]:0:2}" mac_array.wide_rate=quarter
chip_row "with DRAM and vector unit" "${chip[@]:2}"

markdown() { awk -F'\t' '{ gsub("\t", " | "); print "| " $0 " |" } NR == 1 { gsub("[^|]+", "---"); print "|" $0 "|" }' | sed 's/||/|/g'; }
cut -f1-3,5-15 "$table" | markdown
cut -f1-3,8-10,12-13 "$slices_table" | markdown
for more in "$energy_table" "$batch_table" "$chip_table"; do
  markdown <"$more"
done

gnuplot <<PLOTS
set datafile separator "\t"
set terminal svg size 1120,340 font "sans,12" background "white"
set output "$dir/utilization.svg"
set multiplot layout 1,4
set xlabel "groups"; set xtics (4, 8, 12, 16); set xrange [3:17]; set yrange [0:100]; set grid y
unset key
only(network, organisation) = sprintf("< awk -F'\t' '\$1 == \"%s\" && \$3 == \"%s\"' $table", network, organisation)
do for [network in "deit_tiny deit_small deit_base"] {
  set title network noenhanced
  set ylabel (network eq "deit_tiny" ? "multiplier slots used, %" : "")
  baseline = real(system(sprintf("awk -F'\t' '\$1 == \"%s\" && \$3 == \"layerwise\" {print \$5}' $table", network)))
  plot baseline title "layerwise" lc rgb "gray" dt 2, \
    for [organisation in "${organisations[*]}"] only(network, organisation) using 2:5 with linespoints title organisation noenhanced
}
unset title; unset border; unset tics; unset grid; unset xlabel; unset ylabel; set key left center # the last panel is the key of all
plot NaN title "layerwise" lc rgb "gray" dt 2, \
  for [organisation in "${organisations[*]}"] NaN with linespoints title organisation noenhanced
unset multiplot; set border; set tics; set grid y
set terminal svg size 960,420 font "sans,12" background "white"
set output "$dir/causes.svg"
set title "Where the cycles go, 8 groups"; set style data histograms; set style histogram rowstacked; set boxwidth 0.7
set style fill solid; set yrange [0:100]; set ylabel "% of cycles"; set xlabel ""; unset xrange; set xtics autofreq rotate by -35 noenhanced
set key outside right
plot "< awk -F'\t' '\$2 == 8 || \$2 == 1' $table" using 5:xtic(stringcolumn(1)[6:]." ".stringcolumn(3)) title "compute" lc rgb "#4477aa", \
  "" using 6 title "fullest group" lc rgb "#ee6677", "" using 7 title "padding" lc rgb "#ccbb44", \
  "" using 8 title "edge" lc rgb "#bbbbbb", "" using 9 title "row conflict" lc rgb "#aa3377", \
  "" using 10 title "rescale" lc rgb "#66ccee", "" using 11 title "drain" lc rgb "#228833", \
  "" using 12 title "DRAM" lc rgb "#999933", "" using 13 title "vector unit" lc rgb "#332288", \
  "" using 14 title "assignment" lc rgb "#000000"
PLOTS
