# For install-node.sh and install-packages.sh, which read it in: the host's npm, as the host has set it up.
# shellcheck shell=sh

cd -- "$(dirname -- "$0")/.."
root=$(pwd -P)

# How long a registry may be silent before npm tries again.
silence_limit_ms=12000
# npm asks for each package even if the registry never answers, which takes many minutes. It is ended if there was no
# answer for this time and this number of tries has failed since.
drought_limit_s=15
failed_tries_limit=10
# npm waits for ever for a proxy that opens no connection, and for an answer that stops half-way. It is ended if it moved
# fewer than this number of bytes in this time: three tries of 12 s each, and the pauses between them.
stall_limit_s=45
stall_limit_bytes=40000
# A question to npm about itself or its settings asks no registry.
question_limit_s=30
# Without a terminal, which redraws the line, a new line is printed this often.
progress_pause_s=10

fail() {
  printf 'install: %s\n' "$1" >&2
  exit 1
}

# make puts .toolchain/bin first in PATH. npm looks for its settings in the folder of the Node that runs it. With our Node
# it would not find the registry, the proxy and the certificates of this site.
path_of_the_host() {
  host_path=
  saved_ifs=$IFS
  IFS=:
  set -f
  for folder in $PATH; do
    case $folder in
      */.toolchain/bin) ;;
      *) host_path=$host_path${host_path:+:}$folder ;;
    esac
  done
  set +f
  IFS=$saved_ifs
  printf '%s' "$host_path"
}
PATH=$(path_of_the_host)

# npm keeps what it fetches in ~/.npm. Accounts of services often have no home, or no right to write there. Then the cache is
# in .toolchain until everything is installed. Whether ~/.npm is writable is found by writing: for /proc the system says
# that root may write, and npm would try for ever to make a folder there.
own_cache=
use_own_cache() {
  home=${HOME-$(getent passwd "$(id -u)" | cut -d : -f 6)}
  [ -z "${npm_config_cache-}" ] || return 0
  if [ -n "$home" ] && { [ -d "$home/.npm" ] || mkdir -- "$home/.npm" 2>/dev/null; } && [ -w "$home/.npm" ]; then return 0; fi
  own_cache=$root/.toolchain/npm-cache
  export npm_config_cache="$own_cache"
}

# ask_npm ARGUMENTS...: prints the answer. With some folders in its settings npm would wait for ever.
ask_npm() {
  if command -v timeout >/dev/null 2>&1; then timeout "$question_limit_s" npm "$@"; else npm "$@"; fi
}

# need_npm WHAT: checks that npm runs and finds its settings, and finds out its registry.
need_npm() {
  command -v npm >/dev/null 2>&1 || fail "no npm to fetch $1 with: run 'apt install npm', or install Node 24 from https://nodejs.org"
  use_own_cache
  found=$(ask_npm --version 2>&1) || fail "the npm of this host does not run: $found
install: it needs the Node that it came with: install Node 24 with its npm from https://nodejs.org"
  registry=$(ask_npm config get registry 2>/dev/null) || fail "the npm of this host does not read its settings: 'npm config get registry' ended with $? (124: no answer in $question_limit_s s)
install: look at ${npm_config_userconfig:-${HOME-}/.npmrc}, above all at folders that it names, such as cache; or name another: npm_config_cache=FOLDER make install"
}

# need_write: checks the folder that everything is written to.
need_write() {
  mkdir -p .toolchain 2>/dev/null && [ -w . ] && [ -w .toolchain ] || fail "cannot write in $root: run make as the owner of this folder"
}

# run_npm LOG ARGUMENTS...: runs npm, shows its progress, and says what to fix if it fails. Registry, proxy, certificates and
# cache are those of the host. How npm installs is set here, because a person's npmrc may have other settings for all
# projects, such as global=true.
run_npm() {
  log=$1
  shift
  npm "$@" --global=false --location=project --dry-run=false --package-lock=true --package-lock-only=false \
    --bin-links=true --install-strategy=hoisted --workspaces=false --json=false --loglevel=http \
    --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=4000 --fetch-timeout="$silence_limit_ms" >"$log" 2>&1 </dev/null 9>&- &
  npm=$!
  # In the background npm does not hear Ctrl-C.
  trap 'stop_npm; exit 130' HUP INT TERM
  given_up_with=
  show_progress
  status=0
  wait "$npm" || status=$?
  trap 'exit 130' HUP INT TERM
  [ "$status" -eq 0 ] || explain "$status"
}

# With open connections npm does not always react to SIGTERM.
stop_npm() {
  family=$(family_of "$npm")
  # shellcheck disable=SC2086 # one word for each process
  kill $family 2>/dev/null || :
  sleep 1
  # shellcheck disable=SC2086
  kill -KILL $family 2>/dev/null || :
}

# family_of PID: the process and its descendants. On some hosts npm is a launcher, which starts the real one.
family_of() {
  printf '%s\n' "$1"
  for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do family_of "$child"; done
}

# Bytes that npm has read and written since it started, on the network and on the disk; 0 if the system does not say.
bytes_moved() {
  for process in $(family_of "$npm"); do cat "/proc/$process/io" 2>/dev/null || :; done |
    awk '/^[rw]char:/ { sum += $2 } END { printf "%.0f", sum }'
}

# Returns when npm has ended, or was ended because no data came.
show_progress() {
  seconds=0
  last_answer_s=0
  answers_before=0
  last_move_s=0
  moved_before=0
  while kill -0 "$npm" 2>/dev/null; do
    sleep 1
    seconds=$((seconds + 1))
    # Counts answers, packages among them, and tries that failed since the last answer, with the code of the last failure. One
    # refusal by a proxy or registry counts as enough failures: npm might wait for the other answers for ever.
    set -- $(awk -v limit="$failed_tries_limit" '
      /^npm http (fetch GET [23]|cache)/ { answers++; packages += /\.tgz/; failed = 0 }
      /^npm http fetch .* attempt [0-9]+ failed with/ { failed++; fault = $NF }
      /^npm http fetch GET 40[137] / { failed += limit; fault = "E" $5 }
      END { print answers + 0, packages + 0, failed + 0, fault }' "$log")
    line="install: fetching since $seconds s, $2 packages are here"
    if [ -t 1 ]; then
      printf '\r%s' "$line"
    elif [ $((seconds % progress_pause_s)) -eq 0 ]; then
      printf '%s\n' "$line"
    fi
    [ "$1" -eq "$answers_before" ] || last_answer_s=$seconds
    answers_before=$1
    if [ "$3" -ge "$failed_tries_limit" ] && [ $((seconds - last_answer_s)) -ge "$drought_limit_s" ]; then
      given_up_with=$4
      stop_npm
    fi
    moved=$(bytes_moved)
    if [ "$moved" -ge $((moved_before + stall_limit_bytes)) ]; then
      moved_before=$moved
      last_move_s=$seconds
    elif [ "$moved" -gt 0 ] && [ $((seconds - last_move_s)) -ge "$stall_limit_s" ]; then
      given_up_with=EIDLETIMEOUT
      stop_npm
    fi
  done
  if [ -t 1 ]; then printf '\n'; fi
}

# Prints the output of npm, then the fix. Codes: https://nodejs.org/api/errors.html and those of npm itself.
explain() {
  grep -E '^npm (error|ERR!)' "$log" >&2 || grep -E 'failed with' "$log" | tail -n 3 >&2
  code=$given_up_with
  [ -n "$code" ] || code=$(sed -n 's/^npm \(error\|ERR!\) code //p' "$log" | head -n 1)
  case $code in
    *CERT* | UNABLE_TO_* | ERR_TLS_* | EPROTO)
      fail "npm does not trust the certificate of $registry ($code). Where your site's proxy signs connections again, tell npm its certificate: npm config set cafile /path/to/ca.pem" ;;
    E401)
      fail "$registry wants a login ($code): npm login --registry=$registry" ;;
    E403)
      fail "$registry refuses ($code): it wants a login (npm login --registry=$registry), or its rules forbid the package that is named above: ask who runs it" ;;
    E407)
      fail "the proxy on the way to $registry wants a login ($code): npm config set https-proxy http://NAME:PASSWORD@HOST:PORT" ;;
    E429)
      fail "$registry has had too many requests ($code): wait some minutes, then again" ;;
    ERR_INVALID_URL)
      fail "the registry of this host, '$registry', is no address ($code): npm config set registry https://registry.npmjs.org/" ;;
    E404 | ETARGET)
      if grep -q 'with a date before' "$log"; then
        fail "the settings of npm on this host forbid packages that are newer than a date ($code; before, min-release-age). Ask who set that. For this once, since package-lock.json names each package with its checksum: npm_config_before=null make install"
      fi
      fail "$registry does not have all packages ($code): use one that does, such as https://registry.npmjs.org/: npm config set registry ADDRESS" ;;
    E5?? | EAI_AGAIN | ECONN* | EHOSTUNREACH | EIDLETIMEOUT | ENETUNREACH | ENOTFOUND | EPIPE | ERR_SOCKET_* | ETIMEDOUT | FETCH_ERROR)
      fail "$registry is not reached or does not answer ($code). Look at the network; an address of your site: npm config set registry ADDRESS; its proxy: npm config set https-proxy ADDRESS" ;;
    EINTEGRITY)
      fail "a package is not the one that package-lock.json names ($code): npm cache clean --force, then again; else $registry gives out something else" ;;
    ENOSPC)
      fail "the disk is full: free disk space in $root and in $(ask_npm config get cache 2>/dev/null)" ;;
    EACCES | EPERM | EROFS)
      fail "cannot write ($code): run make as the owner of $root and of $(ask_npm config get cache 2>/dev/null)" ;;
    EUSAGE)
      fail "package.json and package-lock.json do not fit together: git checkout package-lock.json, or npm install --package-lock-only" ;;
    *)
      fail "npm ended with $1: see above, and $root/$log" ;;
  esac
}
