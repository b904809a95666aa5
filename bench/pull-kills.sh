#!/usr/bin/env bash
# Pulls 24 MB from a hub on this machine while the puller is killed (SIGKILL) at 20 moments, then once to the end: the bytes must
# be right, and nothing may be sent twice but what was on the way. Ends with Maven's verdict.
#   bench/pull-kills.sh [KILLS]
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" && exec mvn -q -B -Dstyle.color=never -pl hub -am -Dtest=HubKillTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Dvignette.kills="${1:-20}" test
