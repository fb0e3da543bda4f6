#!/bin/sh
# Everything in one container: the built-in Postgres, a worker and the page. Whoever can reach the port of a container is not
# known to be on the same machine, so the page asks for a token: it is made at the first start and printed at each.
set -eu

token=$DATA_DIR/token
if [ ! -s "$token" ]; then
  (umask 077 && autophon token add me --role operator >"$token.new")
  mv "$token.new" "$token"
fi
printf 'Open http://127.0.0.1:8017 and sign in with this token: %s\n' "$(cat "$token")"

autophon web --with-worker &
page=$!
trap 'kill -TERM "$page"' TERM INT HUP
status=0
# A signal ends one wait, and the page goes on until its tasks are handed back.
while kill -0 "$page" 2>/dev/null; do
  status=0
  wait "$page" || status=$?
done
autophon db stop
exit "$status"
