#!/bin/sh
# The demo under all three runtimes, each with children in Deno, Bun, Node and Python. `npm run demo [-- folder]`.
# Exits with 1 if anything was wrong anywhere.
root=$(dirname "$0")/..
bin=$root/node_modules/.bin
failed=0

# Only the runtimes that package.json pins: another `node` on the PATH may be too old for node:ffi.
for runtime in deno bun node; do
  if [ ! -e "$bin/$runtime" ]; then
    echo "Cannot run the demo: $runtime is not in node_modules; run \`npm ci\` in the repository" >&2
    failed=1
  elif ! "$bin/$runtime" --version >/dev/null 2>&1; then
    # npm 12 installs a package whose install script it does not run: the launcher is there, its binary is not.
    echo "Cannot run the demo: $runtime in node_modules does not start; run \`npm ci\` in the repository, with install scripts allowed" >&2
    failed=1
  fi
done
[ $failed = 0 ] || exit 1

exec "$bin/node" --disable-warning=ExperimentalWarning "$root/examples/demo/main.ts" "$@"
