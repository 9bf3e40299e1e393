#!/usr/bin/env bash
# From a fresh clone to the first report: installs what is missing, builds, runs DeiT-Tiny on the recorded activations of
# one photo on four machines of equal peak, and compares them.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/packages.sh run
if [ ! -x build/igqsim ]; then echo "Building (a few minutes on two cores) ..."; fi
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release \
  $(command -v ccache >/dev/null && echo "-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache") >build.log 2>&1 &&
  cmake --build build --target igqsim >>build.log 2>&1 || { tail -n 40 build.log >&2; exit 1; }
mv build.log build/build.log

machines=(layerwise vsquant_wide igq_per_group igq_temporal)
reports=()
for machine in "${machines[@]}"; do
  build/igqsim run -a configs/accelerators/$machine.yaml -w configs/workloads/deit_tiny.yaml \
    -c configs/calibration/deit_tiny_w4a4_g8.yaml --trace traces/deit_tiny_chelsea.safetensors \
    -t configs/technologies/low_leakage_45nm.yaml -o out/$machine >out-$machine.log ||
    { cat out-$machine.log; rm -f out-$machine.log; exit 1; }
  mv out-$machine.log out/$machine/summary.txt
  reports+=("out/$machine/report.json")
done
echo
echo "DeiT-Tiny, one photo (chelsea), 4-bit weights and activations, four machines of equal peak:"
echo
build/igqsim compare "${reports[@]}" -o out/comparison
cat <<'END'

Look:      in a browser, no network needed: out/comparison/report.html, out/igq_per_group/report.html (one for each machine)
           less out/igq_per_group/summary.txt
Try next:  docs/tutorial.md
           build/igqsim describe -a configs/accelerators/igq_per_group.yaml
           build/igqsim run --help
           docs/architecture.md (the machine), docs/timing.md (what each block costs)
END
