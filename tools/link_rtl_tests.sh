# Sourced by tools/mutate.sh and tools/coverage.sh: links the tests of the RTL with another RTL than the build's.
# Wants the variable build, the folder of a finished build.

[ -f "$build/rtl/libigq_rtl.a" ] || { echo "$0: no RTL library in $build; build first" >&2; exit 1; }
verilator_include=$(sed -n 's/^verilator_DIR:PATH=//p' "$build/CMakeCache.txt")/include
ccache=$(command -v ccache || true)

rtl_files() { # in the order of rtl/CMakeLists.txt
  sed -n '/^set(IGQ_RTL_SOURCES/,/)/p' rtl/CMakeLists.txt | grep -oE 'igq_\w+\.sv' | sed "s,^,$1/,"
}

compile() { # include_folder source object flags...
  # shellcheck disable=SC2046
  $ccache g++ -std=c++17 -O1 -w -DVM_TRACE=1 -DVM_TRACE_FST=1 $(printf -- "-I%s " sim/*/ models/*/) -I"$1" -I"$verilator_include" \
    -I"$verilator_include/vltstd" -c "$2" -o "$3" "${@:4}"
}

# Verilates the RTL of a folder at one point, which is called small, and links the programs layers and interruptions with
# it, all into the folder `out`. Status 1 and the file lint when Verilator finds fault with the RTL.
link_tests() { # rtl_folder out point verilator_arguments compiler_flags
  local folder=$1 out=$2 point=$3 p test
  IFS=, read -ra p <<<"$point"
  mkdir -p "$out"
  # shellcheck disable=SC2046,SC2086
  verilator --cc --assert --trace-fst -Wall -I"$folder" $4 rtl/lint.vlt $(rtl_files "$folder") --top-module igq_group_assign \
    --prefix Vsmall --Mdir "$out/v" -GRangeLanes="${p[0]}" -GDistanceLanes="${p[1]}" -GMaxChannels="${p[2]}" \
    -GMaxTokens="${p[3]}" -GMaxGroups="${p[4]}" -GDistance="${p[5]}" -GHasCapacity="${p[6]:-1}" >"$out/lint" 2>&1 || return 1
  echo '#include "Vsmall.h"' >"$out/v/igq_rtl_headers.inc"
  echo "IGQ_RTL_POINT(small,$(IFS=,; echo "${p[*]:0:6},${p[6]:-1}"))" >"$out/v/igq_rtl_points.inc"
  (cd "$out/v" && printf '#include "%s"\n' Vsmall*.cpp) >"$out/all.cpp"
  # shellcheck disable=SC2086
  {
    compile "$out/v" "$out/all.cpp" "$out/all.o" $5
    compile "$out/v" sim/rtl_unit/rtl_unit.cpp "$out/rtl_unit.o" $5
    compile "$out/v" sim/rtl_unit/rtl_point.cpp "$out/rtl_point.o" $5
  }
  for test in layers interruptions; do
    g++ -o "$out/$test" "$build/tests/rtl/CMakeFiles/rtl_$test.dir/test_$test.cpp.o" "$out"/{rtl_unit,rtl_point,all}.o \
      ${5:+"$out/runtime.o"} "$build"/sim/libigq_sim.a "$build"/sim/libigq_core.a "$build"/models/libigq_models.a "$build"/rtl/libigq_rtl.a \
      $(pkg-config --libs check libpng) -lz -lpthread
  done
}
