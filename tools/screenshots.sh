#!/usr/bin/env bash
# Pictures of pages: light and dark, 1400 and 700 pixels wide.   usage: tools/screenshots.sh FOLDER NAME=PAGE.html ...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
shift
mkdir -p "$folder"
"$here/html/install.sh" check
for page in "$@"; do
  node "$here/html/screenshots.mjs" "${page#*=}" "$folder" "${page%%=*}"
done
