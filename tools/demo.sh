#!/bin/sh
# The demo under all three runtimes, each with children in Deno, Bun, Node and Python. `npm run demo [-- folder]`.
# Exits with 1 if anything was wrong anywhere.
demo=$(dirname "$0")/../examples/demo/parent.ts
PATH=$(dirname "$0")/../node_modules/.bin:$PATH
failed=0
deno run -A "$demo" "$@" || failed=1
bun "$demo" "$@" || failed=1
node --disable-warning=ExperimentalWarning "$demo" "$@" || failed=1
exit $failed
