#!/usr/bin/env bash
# Vignette against llama-mtmd-cli, built from the same patched source, on the same miniature files with the same threads:
# one caption as a whole process (median of RUNS), and IMAGES captions against a loop of processes.
#
#   bench/against-mtmd-cli.sh [RUNS] [IMAGES] [THREADS]      (default 15 300 1; needs a built Vignette)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
runs=${1:-15} images=${2:-300} threads=${3:-1}
"$root/native/build.sh" --reference-cli
cli=$root/native/target/reference-cpu/llama-mtmd-cli
vignette=$root/cli/target/vignette/bin/vignette
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
theirs=$(median cli_caption) ours=$(median our_caption)
awk -v o="$ours" -v t="$theirs" 'BEGIN { printf "one caption, whole process: vignette %s ms, llama-mtmd-cli %s ms, ratio %.2f\n", o, t, o / t }'

find "$folder" -name '*.jpg' | sort | head -n "$images" >"$work/list"
began=$(now)
while read -r image; do cli_caption "$image"; done <"$work/list"
theirs=$((($(now) - began) / 1000000))
began=$(now)
"$vignette" llava caption -t "$threads" --max-new-tokens 30 --list "$work/list" --output "$work/predictions.json" 2>"$work/log"
ours=$((($(now) - began) / 1000000))
tail -n 1 "$work/log"
awk -v o="$ours" -v t="$theirs" -v n="$images" \
  'BEGIN { printf "%d captions, whole process: vignette %.2f s, a loop of llama-mtmd-cli %.2f s, %.1f times faster\n", n, o / 1000, t / 1000, t / o }'
