#!/usr/bin/env bash
# Part of the tests compares the embedded Redis with a real redis-server, and skips that where there is none.
# On Debian and its kin it is one package away; elsewhere, or without rights, the tests say what they skipped.
set -u
command -v redis-server >/dev/null && { redis-server --version; exit 0; }
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo 'no redis-server here, and no way to install one: its tests are skipped'
  exit 0
fi
# The server is started by the tests, each with a folder of its own: the package must not start one.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
{ apt-get update && apt-get install -y --no-install-recommends redis-server; } >/dev/null 2>&1 ||
  echo 'redis-server could not be installed: its tests are skipped'
