#!/usr/bin/env bash
# Milliseconds an image of the embedded model on the CPU, or of another model: one by one, and in batches of several sizes,
# memories, layouts and workers, all in one process, in turn. Needs a built Vignette.
#
#   bench/batch-throughput.sh [IMAGES] [ROUNDS] [THREADS] [BEAMS] [SIZES] [WORKERS] [LAYOUTS] [MODEL PROJECTOR DEVICE TOKENS]
#                             (default 300 3 1 1 1,8,16,32 1,2 8x2048, the embedded model on the processor)
#
# ALONE=false leaves out the one by one, which takes long with a large model.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home=$root/cli/target/vignette
exec "$("$root/find-jdk.sh")/bin/java" --enable-native-access=ALL-UNNAMED -Dvignette.home="$home" -Dvignette.native="$home/native" -Dalone="${ALONE:-true}" \
  -cp "$home/lib/*" "$root/bench/BatchThroughput.java" "$root/models/mini/data/images/val" \
  "${1:-300}" "${2:-3}" "${3:-1}" "${4:-1}" "${5:-1,8,16,32}" "${6:-1,2}" "${7:-8x2048}" "${@:8}"
