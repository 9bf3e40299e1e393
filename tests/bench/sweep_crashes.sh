#!/usr/bin/env bash
# usage: tests/bench/sweep_crashes.sh DIR [IGQSIM]
# What a sweep goes through on shared machines: killed twenty times and resumed; in two shards of which one is killed
# too, merged with one of them twice; a disk that fills up while it runs. All must end in the bytes of the sweep that
# nobody disturbed.
set -euo pipefail
dir=$1 igqsim=${2:-build/igqsim} sweep=$1/sweep.yaml
[ ! -e "$dir" ] || { echo "$dir: is there already"; exit 1; }
mkdir -p "$dir"
cat >"$sweep" <<'EOF'
name: crashes
accelerator: configs/accelerators/igq_shared.yaml
workload: configs/workloads/deit_tiny.yaml
trace: traces/deit_tiny_chelsea.safetensors
calibration: configs/calibration/deit_tiny_w4a4_g8.yaml
reports: none
axes:
  mac_array.lanes: {from: 8, to: 64, factor: 2}
  post_processing.lanes: {from: 8, to: 64, factor: 2}
  dram.bandwidth_bytes_per_cycle: {from: 2, to: 32, factor: 2}
objectives: [cycles_per_image]
EOF

# Kills the command after a while that differs from time to time; goes on with --resume until it has ended by itself.
kills=0
survive() {
  local most=$1 wait_ms=300
  shift
  "$igqsim" sweep "$sweep" "$@" >"$dir/log.txt" 2>&1 &
  while [ "$kills" -lt "$most" ]; do
    sleep "0.$(printf '%03d' "$wait_ms")"
    kill -9 $! 2>/dev/null || break
    kills=$((kills + 1))
    wait $! 2>/dev/null || true
    wait_ms=$(((wait_ms * 7 + 130) % 700 + 100))
    "$igqsim" sweep "$sweep" "$@" --resume >"$dir/log.txt" 2>&1 &
  done
  wait $!
}

same() { # of this folder as of the undisturbed one
  cmp "$dir/whole/points.sqlite" "$dir/$1/points.sqlite"
  diff -r "$dir/whole" "$dir/$1"
  echo "$1: the same bytes"
}

"$igqsim" sweep "$sweep" -o "$dir/whole" >"$dir/log.txt"

survive 20 -o "$dir/killed" -j 2
[ "$kills" -eq 20 ] || { echo "only $kills of 20 kills came before the end: a faster machine needs more points"; exit 1; }
same killed

"$igqsim" sweep "$sweep" -o "$dir/first" --shard 1/2 >"$dir/log.txt" &
kills=0
survive 3 -o "$dir/second" --shard 2/2
wait
"$igqsim" merge "$dir/second" "$dir/first" "$dir/second" -o "$dir/merged" >"$dir/log.txt"
same merged

# No file may grow beyond 16 KB, as on a disk that is full.
status=0
(ulimit -f 16 && exec "$igqsim" sweep "$sweep" -o "$dir/full" >"$dir/log.txt" 2>&1) || status=$?
[ "$status" -eq 1 ] || { echo "a full disk: exit status $status, not 1"; exit 1; }
"$igqsim" sweep "$sweep" -o "$dir/full" --resume >"$dir/log.txt"
same full
