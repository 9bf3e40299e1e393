#!/usr/bin/env bash
# Speed of whole runs, one core: bench_run.sh [RUNS] [BUILD_FOLDER]. Medians; see docs/validation.md for the figures.
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-7}
build=${2:-build}
data=${IGQSIM_DATA:-../shared/data}
igqsim=$build/igqsim
measure="$build/tests/bench/measure $runs"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

row() { # label, command...
  printf '%-52s' "$1"
  shift
  taskset -c 0 $measure "$@"
}
tiny="-a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_tiny.yaml -c configs/calibration/deit_tiny_w4a4_g8.yaml"
base="-a configs/accelerators/igq_per_group.yaml -w configs/workloads/deit_base.yaml"

for machine in layerwise vsquant igq_per_group igq_shared igq_elastic igq_temporal; do
  row "DeiT-Tiny, trace of one photo, $machine" $igqsim run ${tiny/igq_per_group/$machine} \
    --trace traces/deit_tiny_chelsea.safetensors -o "$dir/trace"
  row "DeiT-Tiny, trace of one photo, $machine, no files" $igqsim run ${tiny/igq_per_group/$machine} \
    --trace traces/deit_tiny_chelsea.safetensors
done
row "DeiT-Base from its shapes" $igqsim run $base -o "$dir/shape"
if [ -f "$data/deit_tiny/model.safetensors" ]; then
  images=("$data"/images/{chelsea,coffee,raccoon,astronaut}_224.png)
  row "DeiT-Tiny executed, 1 photo" $igqsim run $tiny --weights "$data/deit_tiny/model.safetensors" --images "${images[0]}" -o "$dir/one"
  row "DeiT-Tiny executed, 4 photos" $igqsim run $tiny --weights "$data/deit_tiny/model.safetensors" --images "${images[@]}" -o "$dir/four"
  row "DeiT-Tiny calibrated on 4 photos, 8 groups" $igqsim calibrate -w configs/workloads/deit_tiny.yaml \
    --weights "$data/deit_tiny/model.safetensors" --images "${images[@]}" -o "$dir/c.yaml"
else
  echo "skipped: executing DeiT-Tiny needs its weights (\$IGQSIM_DATA or ../shared/data)"
fi
"$build/tests/bench/random_network" configs/workloads/deit_base.yaml "$dir"
$igqsim calibrate -w configs/workloads/deit_base.yaml --weights "$dir/weights.safetensors" --images "$dir/image0.png" \
  -o "$dir/base.yaml" >/dev/null
row "DeiT-Base executed on random weights" $igqsim run $base -c "$dir/base.yaml" --weights "$dir/weights.safetensors" \
  --images "$dir/image0.png" -o "$dir/base"
