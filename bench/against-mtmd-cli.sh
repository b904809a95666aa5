#!/usr/bin/env bash
# Vignette against llama-mtmd-cli, built from the same patched source, on the same miniature files with the same threads:
# one caption as a whole process (median of RUNS), and IMAGES captions against a loop of processes.
#
#   bench/against-mtmd-cli.sh [RUNS] [IMAGES] [THREADS]      (default 15 300 1; needs a built Vignette)
#
# The two sides take turns, a third of the images of the loop beside all of ours, and processor time stands beside the wall's,
# which other work on the machine changes less. MTMD_CLI and VIGNETTE name other programs than those built here.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
runs=${1:-15} images=${2:-300} threads=${3:-1}
cli=${MTMD_CLI:-$root/native/target/reference-cpu/llama-mtmd-cli}
[ -n "${MTMD_CLI:-}" ] || "$root/native/build.sh" --reference-cli
vignette=${VIGNETTE:-$root/cli/target/vignette/bin/vignette}
models=$root/models/mini
folder=$models/data/images/val
prompt="Focus only on the primary subject and its core action in this image. Keep the caption short and clear. Avoid any extra details."
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

now() { date +%s%N; }
cli_caption() {
  "$cli" -m "$models/mini-llava-Q8_0.gguf" --mmproj "$models/mini-llava-mmproj-f16.gguf" --image "$1" -p "$prompt" \
    -n 30 --temp 0 -t "$threads" -c 2048 --chat-template vicuna >/dev/null 2>&1
}
our_caption() { "$vignette" llava caption -t "$threads" --max-new-tokens 30 "$1" >/dev/null 2>&1; }
median() { # FUNCTION -> milliseconds
  for _ in $(seq "$runs"); do
    local began; began=$(now)
    "$1" "$folder/000000000001.jpg"
    echo $((($(now) - began) / 10000))
  done | sort -n | awk '{ v[NR] = $1 } END { printf "%.1f", v[int((NR + 1) / 2)] / 100 }'
}

cli_caption "$folder/000000000001.jpg"; our_caption "$folder/000000000001.jpg"
if [ "$runs" -gt 0 ]; then
  theirs=$(median cli_caption) ours=$(median our_caption)
  awk -v o="$ours" -v t="$theirs" 'BEGIN { printf "one caption, whole process: vignette %s ms, llama-mtmd-cli %s ms, ratio %.2f\n", o, t, o / t }'
fi

find "$folder" -name '*.jpg' | sort | head -n "$images" >"$work/list"
loop() { while read -r image; do cli_caption "$image"; done <"$1"; }
run() { # all images, as many threads as said in all
  rm -f "$work"/predictions.json*
  "$vignette" llava caption -t "$threads" --max-new-tokens 30 --list "$work/list" --output "$work/predictions.json" 2>"$work/log"
}
TIMEFORMAT='%R %U %S' # wall, user and system seconds
: >"$work/theirs"; : >"$work/ours"
split -n r/3 "$work/list" "$work/part."
for part in "$work"/part.*; do
  { time loop "$part"; } 2>>"$work/theirs"
  { time run; } 2>>"$work/ours"
done
tail -n 1 "$work/log"
cat "$work/theirs" "$work/ours" | awk -v n="$images" '
  NR <= 3 { wall += $1; cpu += $2 + $3 }
  NR > 3 { w[NR - 3] = $1; c[NR - 3] = $2 + $3; ow += $1 / 3; oc += $2 + $3; }
  END {
    oc /= 3
    printf "%d captions, whole process: vignette %.2f s (%.2f, %.2f, %.2f), a loop of llama-mtmd-cli %.2f s, %.1f times faster\n", n, ow, w[1], w[2], w[3], wall, wall / ow
    printf "processor time: vignette %.2f s, the loop %.2f s, %.1f times less\n", oc, cpu, cpu / oc
  }'
