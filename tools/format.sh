#!/usr/bin/env bash
# Formats C, C++ (clang-format 14) and the scripts of the pages (Prettier's settings stand in tools/html/package.json).
# usage: tools/format.sh [--check]     --check: says which files differ, changes nothing
set -euo pipefail
cd "$(dirname "$0")/.."
command -v clang-format >/dev/null || { echo "format: skipped: no clang-format (tools/packages.sh check brings it)" >&2; exit 77; }
mapfile -t files < <(find models sim tests -name '*.[ch]' -o -name '*.cpp')
[ ${#files[@]} -gt 0 ] || { echo "no files to look at" >&2; exit 1; }
if [ "${1:-}" = --check ]; then
  clang-format --dry-run --Werror "${files[@]}" || { echo "run tools/format.sh" >&2; exit 1; }
else
  clang-format -i "${files[@]}"
fi
