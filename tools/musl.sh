#!/bin/sh
# The tests on Bun's build for musl, where the system has glibc: `sh tools/musl.sh [file ...]`. Debian on x86-64, with
# its musl. On Alpine it is not needed: there `bun test` does the same, with Alpine's own musl and libstdc++.
set -eu
cd "$(dirname "$0")/.."

if [ "$(uname -m)" != x86_64 ]; then
  echo "SKIPPED, all of it: this takes an x86-64"
  exit 0
fi
loader=/lib/ld-musl-x86_64.so.1
if [ ! -e "$loader" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing: musl"
  { apt-get update -qq && timeout 300 apt-get install -y -qq --no-install-recommends musl; } >/dev/null || true
fi
if [ ! -e "$loader" ] || ! command -v cc >/dev/null; then
  echo "SKIPPED, all of it: there is no $loader or no cc (Debian: apt-get install musl gcc libc6-dev)"
  exit 0
fi

version=$(node_modules/.bin/bun --version)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/socketpair/musl-$version
bun=$cache/package/bin/bun
if [ ! -x "$bun" ]; then
  mkdir -p "$cache"
  (cd "$cache" && npm pack --silent "@oven/bun-linux-x64-musl@$version" && tar -xzf ./*.tgz && rm ./*.tgz)
fi

# That build is linked with Alpine's libstdc++. Debian's does, if it is given what it misses of glibc.
libraries=$cache/lib
mkdir -p "$libraries"
for library in libstdc++.so.6 libgcc_s.so.1; do
  cp "$(cc -print-file-name=$library)" "$libraries/"
done
cc -O1 -Wall -Wextra -shared -fPIC -nostdlib -fno-stack-protector \
  -o "$libraries/ld-linux-x86-64.so.2" tools/_musl_shim.c

export LD_LIBRARY_PATH="$libraries"
"$bun" -e '
  const maps = require("node:fs").readFileSync("/proc/self/maps", "utf8");
  console.log(`Bun ${Bun.version} on ${maps.match(/\S*(-musl.libc|ld-musl-)\S*/)[0]}`);
'
echo "SKIPPED: Deno and Node, of which npm has no builds for musl"
echo "SKIPPED: Alpine's musl and libstdc++, in whose place are this system's; what differs is for CI's Alpine job"
echo "SKIPPED: tests/streams/std_streams_test.ts, which needs @std/streams from JSR"
if [ $# = 0 ]; then
  # shellcheck disable=SC2046 # a list of files
  set -- $(find ./tests -name '*_test.ts' -not -name std_streams_test.ts | sort)
fi
exec "$bun" test --timeout 120000 "$@"
