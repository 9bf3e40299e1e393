#!/usr/bin/env bash
# Verilator's -Wall finds nothing in the RTL, at more parameter points than are built, and impossible parameters are refused.
#   usage: tests/rtl/lint.sh
set -euo pipefail
cd "$(dirname "$0")/../../rtl"

unit=(lint.vlt igq_pkg.sv $(ls igq_*.sv | grep -vE '_pkg|_vector_mac'))
faults=0

lint() { # parameters as NAME=VALUE: prints what Verilator says of the unit
  verilator --lint-only --assert -Wall --top-module igq_group_assign "${@/#/-G}" "${unit[@]}" 2>&1 || true
}

clean() {
  local said
  said=$(lint "$@")
  [ -z "$said" ] || { echo "$*: $said"; faults=$((faults + 1)); }
}

refused() { # part of the message, parameters
  local message=$1 said
  shift
  said=$(lint "$@")
  grep -qF "$message" <<<"$said" || { echo "$* is not refused with: $message"; echo "$said"; faults=$((faults + 1)); }
}

clean
clean RangeLanes=1 DistanceLanes=1 MaxChannels=1 MaxTokens=1 MaxGroups=1 Distance=2 ActWidth=2
clean RangeLanes=16 DistanceLanes=4 MaxChannels=4096 MaxTokens=2048 MaxGroups=16
clean RangeLanes=6 DistanceLanes=3 MaxChannels=100 MaxTokens=50 MaxGroups=5 Distance=1 ActWidth=8
clean RangeLanes=2 DistanceLanes=4 MaxChannels=3 MaxTokens=7 MaxGroups=3
clean RangeLanes=128 DistanceLanes=128 MaxChannels=256
clean RangeLanes=6 DistanceLanes=3 MaxChannels=100 MaxTokens=50 MaxGroups=5 HasCapacity=0
clean RangeLanes=4 DistanceLanes=8 MaxChannels=16384 MaxTokens=16384 MaxGroups=16 Distance=1
refused "lanes and maxima must be at least 1" RangeLanes=0
refused "lanes and maxima must be at least 1" MaxTokens=0
refused "RangeLanes and DistanceLanes must be a power of two apart" RangeLanes=6 DistanceLanes=2
refused "ActWidth must be at least 2" ActWidth=1
refused "Distance must be 0 (l2), 1 (l1) or 2 (linf)" Distance=3

said=$(verilator --lint-only -Wall igq_vector_mac.sv 2>&1) || true
[ -z "$said" ] || { echo "$said"; faults=$((faults + 1)); }
# The datapath: warnings that are waived, and why, are in datapath/lint.vlt; constants of packages are used by one module or
# another, and rows of sums are longer than Verilator thinks right.
parts=(lint.vlt datapath/lint.vlt igq_pkg.sv igq_ram.sv datapath/igq_datapath_pkg.sv $(ls datapath/igq_*.sv | grep -v _pkg))
lint_datapath() { # parameters as NAME=VALUE
  verilator --lint-only --assert -Wall -Wno-UNUSEDPARAM -Wno-WIDTHCONCAT --unroll-count 65536 --unroll-stmts 1 --top-module igq_datapath \
    "${@/#/-G}" "${parts[@]}" 2>&1 || true
}

clean_datapath() {
  local said
  said=$(lint_datapath "$@")
  [ -z "$said" ] || { echo "datapath $*: $said"; faults=$((faults + 1)); }
}

clean_datapath
clean_datapath InTurn=1 NumArrays=1 Lanes=1 VectorLength=1 TokensInFlight=1 NumBanks=1 BankBits=16 QueueDepth=1 PostLanes=1 MaxGroups=1 MaxChannels=1 \
  TokenBlocks=1 OutputBlocks=1
clean_datapath InTurn=1 NumArrays=1 Lanes=5 TokenRows=3 TokensInFlight=6 MacBits=3 GroupScale=2 AccumulatorSets=1 NumBanks=7 PortsPerBank=2 PostLanes=2
clean_datapath NumArrays=5 MaxGroups=5 Lanes=3 VectorLength=7 HalfRate=1 GroupScale=1 NumBanks=6 PostLatency=40 AccBits=32
said=$(lint_datapath PostLatency=9)
grep -qF "PostLatency from 10" <<<"$said" || { echo "PostLatency=9 is not refused"; faults=$((faults + 1)); }
said=$(lint_datapath NumArrays=2 MaxGroups=3)
grep -qF "no fewer than MaxGroups" <<<"$said" || { echo "NumArrays=2 MaxGroups=3 is not refused"; faults=$((faults + 1)); }

[ $faults -eq 0 ] && echo "no warnings; impossible parameters are refused"
