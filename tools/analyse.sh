#!/usr/bin/env bash
# GCC's static analyser over models/ and sim/ (C), with the flags of a build: null pointers, double frees, use after free,
# values not set. (Not leaks: GCC 12 loses what is kept in an array that grows; the sanitizers look for them at run time.)
# Ends with 1 on a finding that tools/analyse.txt does not list, and on a row of that list that is no finding any more.
# About a minute of one core.   usage: tools/analyse.sh [BUILD_FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
export LC_ALL=C
commands=$build/compile_commands.json
[ -f "$commands" ] || { echo "analyse: no $commands: configure with cmake first" >&2; exit 1; }
"${CC:-gcc}" --version | head -1 | grep -q -i gcc || { echo "analyse: skipped: ${CC:-gcc} is not GCC" >&2; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# One command a line: without its output and its dependencies, one file at a time. IGQ_ANALYSE: see error.h.
sed -nE 's/^ *"command": "(.*)",?$/\1/p' "$commands" | sed -E 's/\\(.)/\1/g' | grep -E " -c $PWD/(models|sim)/[^ ]+\.c\$" |
  sed -E "s#^([^ ]*ccache )?[^ ]+#${CC:-gcc}#; s# -o [^ ]+# #; s# -M[DTF]( [^- ][^ ]*)?##g; s# -Werror# #; s# -O[0-9s]# #" |
  sort -u >"$dir/commands"
num=$(wc -l <"$dir/commands")
[ "$num" -gt 100 ] || { echo "analyse: $num files in $commands; expected those of models and sim" >&2; exit 1; }
n=0
while read -r command; do
  n=$((n + 1))
  printf '%s -DIGQ_ANALYSE -O1 -fanalyzer -Wno-analyzer-malloc-leak -S -o %s 2>%s || touch %s\n' "$command" "$dir/$n.s" "$dir/$n.log" "$dir/failed"
done <"$dir/commands" >"$dir/jobs"
(cd "$build" && tr '\n' '\0' <"$dir/jobs" | xargs -0 -n 1 -P "$(nproc)" sh -c)
[ ! -e "$dir/failed" ] || { grep -h 'error:' "$dir"/*.log >&2; exit 1; }

# FILE FUNCTION KIND
cat "$dir"/*.log | awk -v root="$PWD/" '
  match($0, /In function .[A-Za-z0-9_]+/) { name = substr($0, RSTART + 13, RLENGTH - 13); next }
  /warning: .*\[-Wanalyzer/ {
    file = $1; sub(/:.*/, "", file); sub(root, "", file)
    kind = $0; sub(/.*\[-Wanalyzer-/, "", kind); sub(/\].*/, "", kind)
    print file, name, kind
  }' | sort -u >"$dir/found"
sed 's/ *#.*//; /^$/d' tools/analyse.txt | sort -u >"$dir/known"
new=$(comm -23 "$dir/found" "$dir/known")
gone=$(comm -13 "$dir/found" "$dir/known")
if [ -n "$new" ]; then
  printf 'analyse: new findings (file, function, kind):\n%s\n' "$new" >&2
  cut -d' ' -f1 <<<"$new" | sort -u | while read -r file; do grep -h -A4 "$file.*\[-Wanalyzer" "$dir"/*.log >&2 || true; done
fi
[ -z "$gone" ] || printf 'analyse: no findings any more, to be taken out of tools/analyse.txt:\n%s\n' "$gone" >&2
[ -z "$new$gone" ] || exit 1
echo "analyse: $num files, $(wc -l <"$dir/found") known findings, none new"
