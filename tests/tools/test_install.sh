#!/usr/bin/env bash
# What `cmake --build BUILD --target igqsim` makes can be installed and runs where it lies.   usage: test_install.sh IGQSIM
set -euo pipefail
build=$(dirname "$1")
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$build" --prefix "$prefix" >/dev/null
for file in bin/igqsim share/man/man1/igqsim.1 share/bash-completion/completions/igqsim \
  share/igqsim/configs/accelerators/layerwise.yaml; do
  [ -s "$prefix/$file" ] || { echo "not installed: $file"; exit 1; }
done
head -1 "$prefix/share/man/man1/igqsim.1" | grep -q "$("$prefix/bin/igqsim" --version)"
cd "$prefix/share/igqsim"
"$prefix/bin/igqsim" describe -a configs/accelerators/layerwise.yaml | grep "^layerwise: scheme layerwise" >/dev/null
# The page is made by the target of the program itself, not by one that only `all` builds.
grep -q 'igqsim\.1' <(cmake --build "$build" --target igqsim -- -t commands igqsim 2>/dev/null || ninja -C "$build" -t commands igqsim)
