#!/bin/sh
# Installs what the tests talk to besides this module, as Debian packages, as far as that is possible here. A test whose
# peer is missing says in its name that it is skipped, so nothing here ends a run.

missing=""

# A program, and the package it comes from.
want() {
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"
}

want socat socat
want ssh openssh-client
want sshd openssh-server
want dbus-daemon dbus-daemon
# Large, and the one peer that takes shared memory by descriptor.
want weston weston
want python3 python3
want strace strace
# There are other programs of that name: OpenBSD's can pass a descriptor.
nc -h 2>&1 | grep -q OpenBSD || missing="$missing netcat-openbsd"
# The C peers are compiled by the tests. libc6-dev for the headers, which a compiler alone does not bring.
want cc "gcc libc6-dev"

if [ -z "$missing" ]; then
  echo "All programs that the tests talk to are here."
elif [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Not installed, which would take root and apt-get:$missing"
  echo "The tests that need one of them are skipped, and say so in their names."
else
  echo "Installs what the tests talk to by apt-get:$missing"
  echo "What cannot be installed is skipped: those tests say so in their names."
  export DEBIAN_FRONTEND=noninteractive
  # RUNLEVEL=1 keeps the packages from starting their services.
  # shellcheck disable=SC2086 # a list of words
  { timeout 300 apt-get update -qq && RUNLEVEL=1 timeout 600 apt-get install -y -qq --no-install-recommends $missing; } \
    >/dev/null || echo "could not be installed:$missing"
fi

# Where sshd, started by hand, keeps itself in. Its service would make it.
if [ "$(id -u)" = 0 ] && [ -x /usr/sbin/sshd ]; then mkdir -p /run/sshd || echo "/run/sshd could not be made"; fi

exit 0
