#!/bin/sh
# `tools/build.ts` by the Node that package.json pins: an older one runs no TypeScript, and the build needs what `npm ci` installs.
root=$(dirname "$0")/..
node=$root/node_modules/.bin/node
if ! "$node" --version >/dev/null 2>&1; then
  echo "Cannot build the package: node in node_modules is missing or does not start; run \`npm ci\` in the repository" >&2
  exit 1
fi
exec "$node" "$root/tools/build.ts" "$@"
