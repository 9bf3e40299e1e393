#!/usr/bin/env bash
# Lines of text as images of 48 x 320 pixels, the size that the network of this folder is run with: DIR/calibrate and
# DIR/read, with what stands in each beside them in DIR/read.txt, in the order of the files' names.
# usage: tools/ocr/lines.sh DIR
set -euo pipefail
command -v convert >/dev/null || { echo "$0 needs convert (Debian package imagemagick)" >&2; exit 1; }
dir=$1
mkdir -p "$dir/calibrate" "$dir/read"

draw() { # FILE FONT TEXT
  convert -size 320x48 xc:white -font "$2" -pointsize 30 -fill black -gravity west -annotate +8+0 "$3" -strip "PNG24:$1"
}

draw "$dir/calibrate/1.png" DejaVu-Sans "The quick brown fox"
draw "$dir/calibrate/2.png" DejaVu-Serif "jumps over the lazy"
draw "$dir/calibrate/3.png" DejaVu-Sans-Mono "0123456789 dogs"
draw "$dir/calibrate/4.png" DejaVu-Sans "Sphinx of Quartz"
: >"$dir/read.txt"
number=0
while read -r font text; do
  number=$((number + 1))
  draw "$dir/read/$number.png" "$font" "$text"
  echo "$text" >>"$dir/read.txt"
done <<'LINES'
DejaVu-Sans Hello, world
DejaVu-Serif Group assignment
DejaVu-Sans-Mono 4096 MAC/cycle
DejaVu-Sans Vision Transformer
LINES
