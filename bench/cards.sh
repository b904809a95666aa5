#!/usr/bin/env bash
# Several cards against one of the same call: images a second of one run over many images, cards turn about, ROUNDS times,
# model load apart. The card's share of computing is nvidia-smi's, a sample each 200 ms.
#
#   bench/cards.sh VIGNETTE MODEL MMPROJ [ROUNDS] [DEVICES...]     (default 2, cuda:0 and all)
#
# VIGNETTE is a launcher, MODEL and MMPROJ GGUF files, such as random weights of the 7B's shapes in BF16. The images are the
# 1,300 of the miniature's data; 20 new tokens each, whatever the model says (random weights may say nothing printable: such
# images are listed as failed, and count). MORE="--batch-size 48 --workers 3" adds options to each run.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vignette=$1 model=$2 mmproj=$3 rounds=${4:-2}
shift 3; [ $# -eq 0 ] || shift
devices=("$@")
[ ${#devices[@]} -gt 0 ] || devices=(cuda:0 all)
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

seconds() { # DEVICES -> seconds of captioning by the run's own summary, and images
  local sampler='' line
  rm -f "$work"/o.json*
  if command -v nvidia-smi >/dev/null; then
    nvidia-smi --query-gpu=index,utilization.gpu,memory.used --format=csv,noheader,nounits -lms 200 >"$work/smi" &
    sampler=$!
  fi
  # shellcheck disable=SC2086 # MORE is a list of options
  "$vignette" llava caption "$root/models/mini/data/images" --keys path --device "$1" -m "$model" --mmproj "$mmproj" \
    --max-new-tokens 20 --min-new-tokens 20 -v -o "$work/o.json" ${MORE:-} >"$work/log" 2>&1 || true
  [ -z "$sampler" ] || kill "$sampler"
  grep -hE 'worker\(s\)|has no room|ms an image' "$work/log" >&2 || true
  line=$(grep -E '^[0-9]+ captioned' "$work/log") || { tail -n 5 "$work/log" >&2; exit 1; }
  if [ -f "$work/smi" ]; then
    awk -F', *' '$2 > 0 { n[$1]++; busy[$1] += $2 } $3 > most[$1] { most[$1] = $3 }
      END { for (i in n) printf "  card %s: %d%% busy while it was used at all, at most %d MiB\n", i, busy[i] / n[i], most[i] }' "$work/smi" >&2
  fi
  sed -E 's/^([0-9]+) captioned, ([0-9]+) reused, ([0-9]+) failed in ([0-9.]+) s.*/\1 \3 \4/' <<<"$line" | awk '{ print $3, $1 + $2 }'
}

for ((round = 1; round <= rounds; round++)); do
  first=''
  for device in "${devices[@]}"; do
    read -r took images <<<"$(seconds "$device")"
    [ -n "$first" ] || first=$took
    awk -v d="$device" -v t="$took" -v f="$first" -v r="$round" -v n="$images" \
      'BEGIN { printf "round %d, %s: %d images, %.2f s, %.1f images/s, %.2f times the first\n", r, d, n, t, n / t, f / t }'
  done
done
