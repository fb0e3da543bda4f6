#!/bin/sh
# Makes samples/ again, byte for byte with the same versions of the synthesisers.
# Needs Debian's flite, festival with one voice, and the library of espeak-ng with a C compiler.
set -eu

missing=
command -v flite >/dev/null || missing="$missing flite"
command -v festival >/dev/null || missing="$missing festival"
[ -d /usr/share/festival/voices/english/ked_diphone ] || missing="$missing festvox-kdlpc16k"
[ -f /usr/include/espeak-ng/speak_lib.h ] || missing="$missing libespeak-ng-dev"
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
if [ -n "$missing" ]; then
  echo "make-samples: these Debian packages are missing:$missing" >&2
  echo "make-samples: install them with: apt-get install --no-install-recommends$missing" >&2
  exit 1
fi

node=${NODE:-node}
if ! "$node" -e 'process.exit(process.features.typescript ? 0 : 1)'; then
  echo "make-samples: $node is $("$node" --version); Node 24 is needed: put it on PATH or name it in NODE" >&2
  exit 1
fi

here=$(cd "$(dirname "$0")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cc -Wall -Wextra -O1 -o "$build/espeak-times" "$here/samples/espeak-times.c" -lespeak-ng
"$node" "$here/samples/make.ts" "$build/espeak-times"
"$node" "$here/samples/make-formats.ts"
