#!/usr/bin/env bash
# The unit behind AXI: file lists for FuseSoC and Bender name the folders' files in an order that builds, the wrapper is
# free of warnings, and random layers through it give what the reference model says.   usage: test_chip.sh BUILD
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")/../../rtl"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A file list holds every source of the unit once; the MAC vector and the datapath are no part of it.
sources=$(find . -name 'igq_*.sv' -not -path './datapath/*' -not -name igq_vector_mac.sv -printf '%P\n' | sort)
for list in igqsim.core Bender.yml; do
  listed=$(sed -nE 's/^ +- ([a-z_\/]*igq_[a-z_]+\.sv)$/\1/p' "$list")
  diff <(sort <<<"$listed") - <<<"$sources" || { echo "$list differs from the folder (left: the list)"; exit 1; }
  # shellcheck disable=SC2086 # words
  verilator --lint-only -Wall --assert --top-module igq_group_assign_axi -I. -Icommon -Iassignment \
    $(find . -name lint.vlt -not -path './datapath/*') $listed
done
grep -q 'chip/igq_group_assign.sdc' igqsim.core

# shellcheck disable=SC2086
verilator --binary --timing -Wno-fatal -Wno-IGNOREDRETURN --top-module axi_testbench --Mdir "$work/axi" -I. -Icommon \
  -Iassignment $(find . -name lint.vlt -not -path './datapath/*') $listed ../sim/api/igqsim_dpi_pkg.sv \
  ../tests/rtl/axi_testbench.sv -LDFLAGS "-L$build -ligqsim" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
LD_LIBRARY_PATH=$build "$work/axi/Vaxi_testbench" | tee "$work/out"
grep -qE '^60 layers, [0-9]{4} entries, 0 errors' "$work/out"
