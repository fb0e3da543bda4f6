#!/bin/sh
# Lists the targets of the Makefile, each with what it does. On a terminal no line is wider than the terminal.
set -eu

cd -- "$(dirname -- "$0")/.."
columns=0
if [ -t 1 ]; then
  exec 3>&1
  size=$(stty size <&3 2>/dev/null) && columns=${size#* }
fi
awk -v columns="$columns" '
  BEGIN { FS = ":.*## "; indent = sprintf("%20s", "") }
  /^[a-z-]+:.*## / {
    line = sprintf("  make %-12s", $1)
    count = split($2, words, " ")
    for (n = 1; n <= count; n++) {
      if (n > 1 && columns > 0 && length(line) + 1 + length(words[n]) > columns) {
        print line
        line = substr(indent, 2)
      }
      line = line " " words[n]
    }
    print line
  }
' Makefile
