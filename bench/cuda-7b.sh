#!/usr/bin/env bash
# Vignette on a CUDA device with LLaVA-1.5-7B's shapes: 64 images, each quantization given, beside llama-mtmd-cli.
#
#   bench/cuda-7b.sh VIGNETTE MTMD_CLI MMPROJ MODEL...
#
# VIGNETTE is the launcher of a build made with -Dcuda; MTMD_CLI is native/target/reference-cuda/llama-mtmd-cli
# (native/build.sh --cuda --reference-cli). 20 new tokens an image, whatever the model says.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vignette=$1 cli=$2 mmproj=$3
shift 3
prompt="Focus only on the primary subject and its core action in this image. Keep the caption short and clear. Avoid any extra details."
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
find "$root/models/mini/data/images/val" -name '*.jpg' | sort | head -n 64 >"$work/list"
for model in "$@"; do
  echo "== $model"
  rm -f "$work"/predictions.json*
  "$vignette" llava caption --device cuda -m "$model" --mmproj "$mmproj" --max-new-tokens 20 --min-new-tokens 20 \
    --list "$work/list" --output "$work/predictions.json" 2>&1 | tail -n 3
  began=$(date +%s%N)
  head -n 6 "$work/list" | while read -r image; do
    "$cli" -m "$model" --mmproj "$mmproj" --image "$image" -p "$prompt" -n 20 --temp 0 --ignore-eos -ngl 99 \
      --chat-template vicuna >/dev/null 2>&1 </dev/null
  done
  awk -v ms=$((($(date +%s%N) - began) / 6000000)) 'BEGIN { printf "llama-mtmd-cli, a process an image: %.2f s an image (%.2f images/s)\n", ms / 1000, 1000 / ms }'
done
