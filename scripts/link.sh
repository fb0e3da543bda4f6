#!/bin/sh
# Makes `autophon` a command in every folder, by a link outside the project. With the argument "remove" it removes the link
# of this project.
set -eu

cd -- "$(dirname -- "$0")/.."
program=$(pwd -P)/bin/autophon
if [ "$(id -u)" -eq 0 ]; then folder=/usr/local/bin; else folder=${HOME:-/nonexistent}/.local/bin; fi
folder=${LINK_DIR:-$folder}
link=$folder/autophon

is_ours() {
  [ -L "$link" ] && [ "$(readlink -- "$link")" = "$program" ]
}

if [ "${1-}" = remove ]; then
  if is_ours; then rm -- "$link" && printf 'removed %s\n' "$link"; fi
  exit 0
fi
# A link to nothing is left from a project that was moved or deleted, and may be replaced.
if [ -e "$link" ] && ! is_ours; then
  target=$(readlink -- "$link") || target='no other project: it is no link'
  printf 'link: %s is there already and leads elsewhere (%s): remove it first, or name another folder, LINK_DIR=/path/of/folder make link\n' "$link" "$target" >&2
  exit 1
fi
if ! mkdir -p -- "$folder" 2>/dev/null || [ ! -w "$folder" ]; then
  printf 'link: cannot write in %s: name a folder of yours, LINK_DIR=/path/of/folder make link\n' "$folder" >&2
  exit 1
fi
ln -sfn -- "$program" "$link"
printf 'outside this project: %s leads to %s ("make clean" removes it)\n' "$link" "$program"
case :$PATH: in
  *:"$folder":*) ;;
  *) printf 'put %s on PATH: then "autophon" works everywhere\n' "$folder" ;;
esac
