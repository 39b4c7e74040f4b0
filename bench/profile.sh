#!/bin/sh
# Where the time of one contestant goes: `bench/profile.sh WORKLOAD RUNTIME CONTESTANT`. Needs perf(1), and root for it.
# Prints its line of the benchmark's table, the shares of all samples on both processors, and system calls per 1,000 sends.
set -eu
[ $# = 3 ] || { echo "usage: bench/profile.sh WORKLOAD RUNTIME CONTESTANT" >&2; exit 2; }
command -v perf >/dev/null || { echo "perf is not here: on Debian it is in linux-perf" >&2; exit 2; }
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

deno run -A bench/run.ts --no-install --only "$1" --runtime "$2" --contestant "$3" --rounds 14 --seconds 0.4 \
  >"$out/table" 2>/dev/null &
# Starting and warming up.
sleep 2.5
perf record -a -e cpu-clock -F 2000 -o "$out/samples" -- sleep 2 >/dev/null 2>&1
calls=sendmsg,sendmmsg,recvmsg,recvmmsg,sched_yield,epoll_ctl,epoll_wait,epoll_pwait,epoll_pwait2,poll,futex,read,write
events=$(echo "$calls" | sed 's/[^,]*/syscalls:sys_enter_&/g')
perf stat -a -x, -e "$events" -o "$out/calls" -- sleep 1.5
wait

sed 's/\*\*//g' "$out/table" | grep '^| ' | grep -F "$3" | tail -n 1
perf report -i "$out/samples" --sort comm,dso --stdio 2>/dev/null | awk '
  !/%/ || /^#/ { next }
  $2 == "swapper" { sum["idle"] += $1; next }
  $2 !~ /^(deno|bun|bun.exe|node-MainThread|limit)$/ { sum["other threads"] += $1; next }
  /kernel/ { sum["kernel"] += $1; next }
  /JIT/ { sum["compiled JavaScript"] += $1; next }
  /libc/ { sum["libc"] += $1; next }
  { sum["runtime"] += $1 }
  END { for (what in sum) printf "%7.0f %% %s\n", sum[what], what }' | sort -rn
awk -F, '/syscalls/ { sub("syscalls:sys_enter_", "", $3); count[$3] = $1; if ($3 ~ /^sendm/) sends += $1 }
  END { for (call in count) if (count[call] * 1000 >= sends) printf "%7.0f  %s\n", count[call] * 1000 / sends, call }' "$out/calls" | sort -rn
