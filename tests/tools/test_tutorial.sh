#!/usr/bin/env bash
# Every command of docs/tutorial.md that needs no weights runs as it stands there.   usage: test_tutorial.sh IGQSIM
set -euo pipefail
program=$(realpath "$1")
root=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ln -s "$root/configs" "$root/traces" "$folder"
cd "$folder"
mkdir -p out/tutorial
igqsim() { "$program" "$@"; }

# Indented lines; one that ends in a backslash goes on in the next.
commands=$(sed -n 's/^    //p' "$root/docs/tutorial.md" | sed -e ':a' -e '/\\$/N; s/\\\n//; ta')
count=0
while IFS= read -r command; do
  case $command in
    *model.safetensors*) continue ;;
  esac
  count=$((count + 1))
  eval "$command" >log 2>&1 || { echo "failed: $command"; cat log; exit 1; }
done <<<"$commands"
[ $count -ge 8 ] || { echo "found only $count commands"; exit 1; }
for file in per_group/report.html compare/report.html lanes/report.html per_group_7nm/report.json; do
  [ -s "out/tutorial/$file" ] || { echo "the tutorial promises out/tutorial/$file"; exit 1; }
done
