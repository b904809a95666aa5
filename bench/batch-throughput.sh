#!/usr/bin/env bash
# Milliseconds an image of the embedded model on the CPU: one by one, and in batches of several sizes, memories and workers,
# all in one process, in turn. Needs a built Vignette.
#
#   bench/batch-throughput.sh [IMAGES] [ROUNDS] [THREADS] [BEAMS] [SIZES] [WORKERS]   (default 300 3 1 1 1,8,16,32 1,2)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home=$root/cli/target/vignette
exec "$("$root/find-jdk.sh")/bin/java" --enable-native-access=ALL-UNNAMED -Dvignette.home="$home" -Dvignette.native="$home/native" \
  -cp "$home/lib/*" "$root/bench/BatchThroughput.java" "$root/models/mini/data/images/val" \
  "${1:-300}" "${2:-3}" "${3:-1}" "${4:-1}" "${5:-1,8,16,32}" "${6:-1,2}"
