#!/bin/sh
# Ends with one line if this user may not remove what "make clean" removes. "rm" would write a line for each file.
set -eu

cd -- "$(dirname -- "$0")/.."
for name in node_modules .toolchain coverage; do
  [ -e "$name" ] || continue
  if [ -w . ] && [ -w "$name" ]; then continue; fi
  owner=$(stat -c %U -- "$name")
  printf 'clean: %s belongs to %s: run "make clean" as %s. Nothing was removed\n' "$name" "$owner" "$owner" >&2
  exit 1
done
