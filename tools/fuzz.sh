#!/usr/bin/env bash
# Gives every loader damaged files, by libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer: no crash, no leak,
# no input that takes a second or 200 MB (a network in ONNX: 100 MB). Seeds are the files of the repository and small ones made here; what is found
# stays in build-fuzz/corpus and is gone on with. A harness stops at its number of inputs or after its seconds.
# usage: tools/fuzz.sh [inputs of a harness, default 20000] [seconds of a harness, default 0: no limit] [harness...]
set -euo pipefail
cd "$(dirname "$0")/.."
inputs=${1:-20000} seconds=${2:-0}
shift $(($# < 2 ? $# : 2))
command -v clang >/dev/null || { echo "fuzz: skipped: no clang (tools/packages.sh check brings it)" >&2; exit 77; }

cmake -S . -B build-fuzz -G Ninja -DCMAKE_BUILD_TYPE=Debug -DIGQ_FUZZ=ON -DBUILD_TESTING=ON -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
  -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache >build-fuzz.log 2>&1 &&
  cmake --build build-fuzz --target fuzzers >>build-fuzz.log 2>&1 || { tail -n 40 build-fuzz.log >&2; exit 1; }
mv build-fuzz.log build-fuzz/build.log

work=$PWD/build-fuzz/seeds
export IGQ_FUZZ_SEEDS=$work
igqsim=build-fuzz/igqsim
if [ ! -f "$work/done" ]; then # a small network, its weights, images, calibration, trace and report
  rm -rf "$work"
  mkdir -p "$work"
  sed -e 's/image_size: 224/image_size: 16/' -e 's/patch_size: 16/patch_size: 8/' -e 's/dim: 192/dim: 8/' -e 's/heads: 3/heads: 2/' \
    -e 's/depth: 12/depth: 1/' -e 's/mlp_dim: 768/mlp_dim: 8/' -e 's/classes: 1000/classes: 3/' configs/workloads/deit_tiny.yaml >"$work/network.yaml"
  build-fuzz/tests/bench/random_network "$work/network.yaml" "$work" timm 1
  weights=(-w "$work/network.yaml" --weights "$work/weights.safetensors" --images "$work"/image*.png)
  $igqsim calibrate "${weights[@]}" --groups 4 -o "$work/calibration.yaml" >/dev/null
  $igqsim trace "${weights[@]}" -o "$work/trace.safetensors" >/dev/null
  $igqsim run -a configs/accelerators/igq_shared.yaml "${weights[@]}" -c "$work/calibration.yaml" -o "$work/run" >/dev/null
  build-fuzz/tests/bench/random_detections "$work" >/dev/null
  echo "a.png 3" >"$work/labels.txt"
  printf 'name,M,N,K,count,bits\nfc,16,64,32,2,4\n' >"$work/products.csv"
  printf 'name: products\nmatmuls:\n  - {name: fc, M: 16, N: 64, K: 32, count: 2, bits: 4}\n' >"$work/products.yaml"
  printf 'mac_array.lanes=32\ntiling.batch_images=2\nscheme=layerwise\n' >"$work/settings.txt"
  printf 'scheme: layerwise\n\001' | cat - configs/accelerators/igq_shared.yaml >"$work/two_files"
  echo 'min(mac_array.lanes, 8) * mac_array.num_arrays <= 64 && igq != 2 ? 1 : floor(cycles / 3)' >"$work/formula"
  cp configs/accelerators/igq_per_group.yaml "$work" # what the shared machine is based on
  cp configs/accelerators/igq_shared.yaml "$work/machine.yaml"
  cp configs/technologies/components.yaml "$work"
  cp configs/technologies/bitfusion_45nm.yaml "$work/technology.yaml"
  cp tests/fuzz/onnx/attn.onnx "$work/attention.onnx"
  perl -e '$head = "{\"x\":{\"dtype\":\"F32\",\"shape\":[6,4],\"data_offsets\":[0,96]}}"; print pack("Q<", length $head), $head, pack("f<*", map { $_ / 8 - 1 } 1 .. 24)' \
    >"$work/inputs.safetensors"
  sed -e "s|: [^ ]*accelerators[^ ]*|: $work/machine.yaml|" -e "s|: [^ ]*workloads[^ ]*|: $work/network.yaml|" \
    -e 's/{from: 16, to: 128, factor: 2}/[16, 32]/' -e 's/\[4, 8, 16\]/[8]/' configs/sweeps/lanes.yaml >"$work/sweep.yaml"
  $igqsim sweep "$work/sweep.yaml" -o "$work/sweep" >/dev/null
  echo '{"model_type":"llama","vocab_size":9,"hidden_size":8,"intermediate_size":8,"num_hidden_layers":1,"num_attention_heads":2}' >"$work/llama.json"
  echo '{"model_type":"swin","embed_dim":96,"depths":[2,2,6,2],"num_heads":[3,6,12,24],"mlp_ratio":4.0,"num_labels":3}' >"$work/swin.json"
  echo '{"weight_map":{"cls_token":"weights.safetensors","norm.weight":"weights.safetensors"}}' >"$work/index.json"
  tiles='"tile_tokens": 2, "tile_outputs": 24, "tile_channels": 8, "loop_order": "weights_outer", "block_tokens": 16'
  echo "{\"layers\": [{\"name\": \"b0.qkv\", \"mapping\": {$tiles}}]}" >"$work/mapping.json"
  for report in run/report.json sweep/points/*/report.json; do (cd "$work" && perl -i -pe 's/^ +//; chomp' $report); done # small, so fast
  touch "$work/done"
fi
seeds_of() {
  case $1 in
    accelerator) echo configs/accelerators/*.yaml ;;
    workload) echo configs/workloads/*.yaml ;;
    technology) echo configs/technologies/*.yaml ;;
    sweep) echo configs/sweeps/*.yaml ;;
    calibration) echo "$work/calibration.yaml" ;;
    safetensors | checkpoint) echo "$work/weights.safetensors" ;;
    trace) echo "$work/trace.safetensors" ;;
    detections) echo "$work"/*full_precision*.safetensors ;;
    image) echo "$work"/image*.png tests/fuzz/images/* ;;
    labels) echo "$work/labels.txt" ;;
    onnx | graph) echo tests/fuzz/onnx/*.onnx ;;
    compare | report) echo "$work/run/report.json" ;;
    mapping) echo "$work/mapping.json" ;;
    config) echo "$work/llama.json" "$work/swin.json" ;;
    index) echo "$work/index.json" ;;
    inputs) echo "$work/inputs.safetensors" ;;
    quantize) echo "$work"/*full_precision*.safetensors ;;
    matmuls) echo "$work"/products.* ;;
    machine) echo "$work/settings.txt" ;;
    base) echo "$work/two_files" ;;
    formula) echo "$work/formula" ;;
    point) echo "$work"/sweep/points/*/report.json ;;
    store) echo "$work/sweep/points.sqlite" ;;
    *) echo "no seeds are named for fuzz_$1" >&2; return 1 ;;
  esac
}

total=0 failed=0
[ $# -gt 0 ] || set -- $(cd tests/fuzz && ls fuzz_*.c | sed 's/^fuzz_//; s/\.c$//')
for name; do
  corpus=build-fuzz/corpus/$name
  mkdir -p "$corpus"
  for seed in $(seeds_of "$name"); do cp "$seed" "$corpus/$(basename "$seed")"; done
  log=build-fuzz/$name.log
  leaks=1 megabytes=200
  [[ $name != onnx && $name != graph ]] || megabytes=100
  case $name in machine | mapping | inputs) leaks=0 ;; esac # LeakSanitizer loses its way on SystemC's stacks
  options=(-runs="$inputs" -timeout=1 -rss_limit_mb=$((100 + megabytes)) -malloc_limit_mb=$megabytes -max_len=65536 -seed=1 -print_final_stats=1 -artifact_prefix="build-fuzz/$name-")
  [ "$seconds" -eq 0 ] || options+=(-max_total_time="$seconds")
  if ASAN_OPTIONS=allocator_may_return_null=1:quarantine_size_mb=8:detect_leaks=$leaks build-fuzz/tests/fuzz/fuzz_"$name" "${options[@]}" "$corpus" >"$log" 2>&1; then verdict=ok; else verdict=FAILED failed=1; fi
  done_here=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  total=$((total + ${done_here:-0}))
  printf '%-12s %9s inputs  %s\n' "$name" "${done_here:-?}" "$verdict"
  [ $verdict = ok ] || grep -E 'ERROR|SUMMARY|Test unit written' "$log" | head -5
done
echo "$total inputs in all"
exit $failed
