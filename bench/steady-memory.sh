#!/usr/bin/env bash
# Whether memory stays flat over 2,000 captions and 200 open/close cycles of the embedded model, or over a run of many images in
# batches. Needs a built Vignette.
#
#   bench/steady-memory.sh                          one by one
#   bench/steady-memory.sh batches [CAPTIONS SIZE]  a run (default 10000 32)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home=$root/cli/target/vignette
arguments=()
[ "${1:-}" != batches ] || arguments=("$root/models/mini/data/images/val" "${2:-10000}" "${3:-32}")
exec "$("$root/find-jdk.sh")/bin/java" -Xms96m -Xmx96m -XX:+AlwaysPreTouch -XX:+UseSerialGC -XX:TrimNativeHeapInterval=10000 --enable-native-access=ALL-UNNAMED -Dvignette.home="$home" \
  -Dvignette.native="$home/native" -cp "$home/lib/*" "$root/bench/SteadyMemory.java" "${arguments[@]}"
