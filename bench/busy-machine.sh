#!/usr/bin/env bash
# What a busy neighbour costs: ms an image with the machine to itself and with processes that keep processors busy, THREADS
# threads of one worker, with the brief spin at OpenMP's barriers that Vignette sets and with GCC's own (before), turn about.
#
#   bench/busy-machine.sh [IMAGES] [ROUNDS] [THREADS] [NEIGHBOURS]      (default 60 3 2 1; needs a built Vignette, or VIGNETTE)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vignette=${VIGNETTE:-$root/cli/target/vignette/bin/vignette}
images=${1:-60} rounds=${2:-3} threads=${3:-2} neighbours=${4:-1}
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
spins=(1000 300000) # ours; GCC's

caption() { # SPINS FILE: adds the wall's ms an image to FILE
  rm -f "$work"/o.json*
  GOMP_SPINCOUNT=$1 "$vignette" llava caption "$root/models/mini/data/images/val" --limit "$images" --threads "$threads" \
    --workers 1 -o "$work/o.json" 2>&1 | grep -oE 'in [0-9.]+ s \(' | tr -dc '0-9.\n' | awk -v n="$images" '{ print 1000 * $1 / n }' >>"$2"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%.1f", v[int((NR + 1) / 2)] }'; }

for ((round = 1; round <= rounds; round++)); do
  for spin in "${spins[@]}"; do
    caption "$spin" "$work/$spin.idle"
    burners=()
    for ((i = 0; i < neighbours; i++)); do
      (while :; do :; done) &
      burners+=($!)
    done
    caption "$spin" "$work/$spin.busy"
    kill "${burners[@]}"
    wait "${burners[@]}" 2>/dev/null || true
  done
done
for spin in "${spins[@]}"; do
  idle=$(median "$work/$spin.idle") busy=$(median "$work/$spin.busy")
  awk -v s="$spin" -v i="$idle" -v b="$busy" -v n="$neighbours" \
    'BEGIN { printf "spin of %6d rounds: %7.1f ms an image, %7.1f beside %d busy processes, %.1f times\n", s, i, b, n, b / i }'
done
