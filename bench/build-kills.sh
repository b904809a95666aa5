#!/usr/bin/env bash
# Kills first builds at random moments, types ./vignette again, and counts how often that ends with the caption.
#
#   bench/build-kills.sh [KILLS] [SECONDS] [KEPT]
#
# KILLS    how many builds are killed (default 10)
# SECONDS  each is killed within so many (default 120)
# KEPT     of them, so many keep the compiled llama.cpp of the caller's cache (default: all but 2)
set -euo pipefail
kills=${1:-10} seconds=${2:-120} kept=${3:-$((${1:-10} - 2))}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
image=models/mini/data/images/val/000000000015.jpg expected='A bird flying above a penguin on the grass.'
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
good=0
for ((i = 1; i <= kills; i++)); do
  rm -rf "$work/clone" "$work/cache"
  git clone -q "$root" "$work/clone"
  cache=$work/cache
  [ "$i" -gt "$kept" ] || cache=${VIGNETTE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vignette}
  VIGNETTE_CACHE=$cache setsid "$work/clone/vignette" llava caption "$work/clone/$image" >"$work/out" 2>&1 &
  group=$! moment=$((RANDOM * seconds / 32768)).$((RANDOM % 10))
  sleep "$moment"
  kill -KILL -- "-$group" 2>/dev/null || true
  wait "$group" 2>/dev/null || true
  said=$(VIGNETTE_CACHE=$cache "$work/clone/vignette" llava caption "$work/clone/$image" 2>"$work/err") || true
  if [ "$said" = "$expected" ]; then good=$((good + 1)); else echo "killed after $moment s: '$said'"; tail -n 5 "$work/err"; fi
  echo "$i of $kills: killed after $moment s, then: $said"
done
echo "$good of $kills ended with the caption"
[ "$good" = "$kills" ]
