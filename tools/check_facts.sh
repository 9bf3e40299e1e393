#!/usr/bin/env bash
# Holds what documents, comments and pages say against what the program knows: paths exist; machines restate keys as the
# program writes them; causes, kinds of layers, components, events and keys of reports have their names; the
# drawing of the machine is one.
# usage: check_facts.sh SOURCE_TREE IGQSIM
set -euo pipefail
igqsim=$(realpath "$2")
cd "$1"
export LC_ALL=C
fail=0
refuse() { # what is wrong, lines
  [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; fail=1; }
}
# Two lists that must be the same.
same() { # what, list of documents or pages, list of the program
  [ -n "$2" ] && [ -n "$3" ] || refuse "$1" "nothing found to compare: the check is broken"
  refuse "$1" "$(diff <(sort -u <<<"$2") <(sort -u <<<"$3") | grep '^[<>]' || true)"
}
# Names in the first column of a table of a document, between two of its lines.
first_column() { # document, pattern of the first line, pattern of the last
  awk -v from="$2" -v to="$3" '$0 ~ from { on = 1; next } on && $0 ~ to { exit } on && /^\|/' "$1" |
    sed 's/^| *//; s/ *|.*//' | grep -o '`[^`]*`' | tr -d '`'
}

# Paths: from the root of the tree. NAME.c and NAME-WORDS.md may be called NAME; capitals and dots stand for something, nowhere is there nothing.
missing_paths() {
  local place path
  find ./*.md ./*.txt models sim rtl tests tools configs docs -name node_modules -prune -o -type f \
    -regex '.*\.\([ch]\|cpp\|md\|sh\|yaml\|txt\|js\|mjs\|sv\)' -print0 | xargs -0 grep -noE \
    '(^|[^A-Za-z0-9_./$}-])(models|sim|rtl|tests|tools|configs|docs|traces)/[A-Za-z0-9_*./-]+[$]?' /dev/null |
    sed -E 's/^\.\///; s/^([^:]*:[0-9]+:)[^A-Za-z]?/\1 /; s/[.:]+$//' | sort -u | while read -r place path; do
    [[ $path =~ nowhere|[A-Z]{2}|\.\.\.|_$|[$]$ ]] && [[ ! $path =~ (README|CMakeLists) ]] && continue
    compgen -G "$path" >/dev/null || compgen -G "$path.*" >/dev/null || compgen -G "$path-*" >/dev/null ||
      echo "$place $path"
  done
}
refuse "no such file" "$(missing_paths)"

# Machines: a key with a comment is a line of `describe --yaml`, which has ranges and meanings from the table of keys.
for machine in configs/accelerators/*.yaml; do
  refuse "$machine says of keys what the program does not" \
    "$(grep -E '^ *[a-z0-9_]+:.*#' "$machine" | grep -vxFf <("$igqsim" describe -a "$machine" --yaml) || true)"
  refuse "$machine restates ranges" "$(grep -nE '^ *#.*[0-9]+ to [0-9]+:' "$machine" || true)"
done

# The drawing of the machine: documents have it to the letter, its boxes are blocks, and no block is missing.
drawing=sim/blocks/machine.txt
for document in docs/architecture.md; do
  cmp -s "$drawing" <(awk '/^```/ { if (drawn) exit; inside = !inside; next } inside && (drawn || /^\+-/) { drawn = 1; print }' "$document") ||
    { echo "$document: its drawing of the machine is not that of $drawing"; fail=1; }
done
# A box begins with its name, below a corner.
boxes=$(awk '{
  for (at = 1; match(substr($0, at), /[|+] [a-z_]+ +[|+]/); at += RSTART)
    if (substr(above, at + RSTART - 1, 2) == "+-") print substr($0, at + RSTART - 1, RLENGTH)
  above = $0
}' "$drawing" | tr -d ' |+')
[ -n "$boxes" ] || { echo "$drawing has no boxes"; fail=1; }
for box in $boxes; do
  grep -q "\"$box\"" sim/blocks/machine_module.h || [ -f "sim/blocks/$box.h" ] ||
    { echo "$drawing: $box is no block of sim/blocks"; fail=1; }
done
for header in $(grep -lE '^class .*: public (block|sc_core::sc_module)' sim/blocks/*.h); do
  block=$(basename "$header" .h)
  case $block in
    block) ;;            # what blocks have in common
    machine_module) ;;   # all of it
    write_back_watch) ;; # counters that blocks look at, no hardware
    *) grep -qw "$block" "$drawing" || { echo "$drawing lacks $header"; fail=1; } ;;
  esac
done

# Names of the program.
causes=$(sed -nE 's/^ *CAUSE\([A-Z_]+, ([a-z_]+),.*/\1/p' models/timing/stall.h)
kinds=$(sed -nE 's/^ *\[IGQ_LAYER_[A-Z0-9_]+\] = "([a-z0-9_]+)".*/\1/p' models/networks/network.c)
events=$(sed -nE 's/^ *EVENT\([A-Z0-9_]+, ([a-z0-9_]+)\).*/\1/p' models/cost/events.h)
components=$(sed -nE 's/^ *- name: ([a-z0-9_]+).*/\1/p' configs/technologies/components.yaml; echo leakage)
page_names() { sed -n "/^const $1 = {/,/^}/p" sim/html/names.js | sed -nE "s/^  ([a-zA-Z0-9_]+): .*/\1/p"; }
same "causes: sim/html/names.js < > models/timing/stall.h" "$(page_names CAUSES)" "$causes"
same "causes: docs/formats.md < > models/timing/stall.h" \
  "$(first_column docs/formats.md '^\| cause \|' '^[^|]')" "$causes"
same "kinds of layers: sim/html/names.js < > models/networks/network.c" "$(page_names KINDS)" "$kinds"
same "components: sim/html/names.js < > configs/technologies/components.yaml" "$(page_names COMPONENTS)" "$components"

# Events in the table of docs/energy.md: `a_read`, `_write` are a_read and a_write, `a_*` all that begin so.
documented_events() {
  local name last=
  first_column docs/energy.md '^\| event \|' '^[^|]' | grep -v '^event$' | while read -r name; do
    case $name in
    _*) echo "${last%_*}$name" ;;
    *\*) grep "^${name%\*}" <<<"$events" || echo "$name" ;;
    *) last=$name; echo "$name" ;;
    esac
  done
}
same "events: docs/energy.md < > models/cost/events.h" "$(documented_events)" "$events"

# Keys in tables of docs/formats.md are words of the code that writes reports; figures of reports are in the document.
sources=(sim/report/*.[ch] sim/sweep/*.[ch] sim/run/*.[ch] sim/cli/*.c sim/files/*.c)
documented_keys() {
  first_column docs/formats.md '^## report.json' '^## Sweeps'
  first_column docs/formats.md '^`sweep.json`:' '^## '
}
unknown_keys() {
  local key part
  documented_keys | sort -u | while read -r key; do
    for part in ${key//./ }; do
      grep -qF "\"$part\"" "${sources[@]}" || grep -qxF "$part" <<<"$causes" || echo "$key"
    done
  done
}
refuse "docs/formats.md has keys that no report has" "$(unknown_keys)"
columns=$(grep -oE '^ *(SUM_)?ROW\([A-Z0-9_]+, *"[a-z0-9_]+"' sim/report/columns.c | grep -oE '"[a-z0-9_]+"' | tr -d '"')
[ -n "$columns" ] || refuse "columns" "none found in sim/report/columns.c: the check is broken"
undocumented_columns() {
  local key
  for key in $columns; do grep -qF "\`$key\`" docs/formats.md || echo "$key"; done
}
refuse "docs/formats.md lacks figures of reports" "$(undocumented_columns)"
[ $fail -eq 0 ] && echo "documents and pages say what the program does"
exit $fail
