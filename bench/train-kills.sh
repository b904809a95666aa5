#!/usr/bin/env bash
# Kills two trainings that share one cache of features, again and again at random moments, and looks whether anything was
# lost or mixed: in the end their weights must be, byte for byte, those of the same trainings that were never killed.
# usage: bench/train-kills.sh [KILLS]   (default 100; needs the program: VIGNETTE=…/bin/vignette, default ./vignette)
set -euo pipefail
cd "$(dirname "$0")/.."
kills=${1:-100}
vignette=${VIGNETTE:-./vignette}
longest=${LONGEST_MS:-6000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

train() { # FOLDER SEED: a small training that goes on where it was stopped
  exec "$vignette" captioner train --config models/mini/train.yaml --resume \
    --set run.name="seed$2" --set run.seed="$2" --set run.folder="$work/$1" --set encoder.cache="$work/$1/features" \
    --set data.limit=64 --set training.epochs=4 --set training.batch_size=8 --set training.warmup=5 \
    --set training.checkpoint_steps=2 --set training.threads=1 --set validation.max_new_tokens=6
}

finish() { # FOLDER: both trainings to their ends, one after the other
  for seed in 1 2; do
    (train "$1" "$seed") > "$work/$1-$seed.log" 2>&1 || { cat "$work/$1-$seed.log"; exit 1; }
  done
}

mkdir "$work/whole" "$work/killed"
finish whole
declare -A pid
refused=0
for ((kill = 0; kill < kills; kill++)); do
  for seed in 1 2; do
    if ! kill -0 "${pid[$seed]:-0}" 2> /dev/null || [ -z "${pid[$seed]:-}" ]; then
      grep -q "Another run is encoding" "$work/killed-$seed.log" 2> /dev/null && refused=$((refused + 1))
      (train killed "$seed") > "$work/killed-$seed.log" 2>&1 &
      pid[$seed]=$!
    fi
  done
  sleep "$(awk "BEGIN { srand($kill + $$); print rand() * $longest / 1000 }")"
  seed=$((RANDOM % 2 + 1))
  kill -9 "${pid[$seed]}" 2> /dev/null || true
  wait "${pid[$seed]}" 2> /dev/null || true
done
for seed in 1 2; do
  kill -9 "${pid[$seed]}" 2> /dev/null || true
  wait "${pid[$seed]}" 2> /dev/null || true
done
finish killed
for seed in 1 2; do
  for file in checkpoint.safetensors best/adapter_model.safetensors last/adapter_model.safetensors last/projection.safetensors; do
    cmp "$work/whole/seed$seed/$file" "$work/killed/seed$seed/$file"
  done
  cmp <(grep -c validation "$work/whole/seed$seed/metrics.jsonl") <(grep -c validation "$work/killed/seed$seed/metrics.jsonl")
done
echo "$kills kills, $refused starts refused while the other encoded: weights, best epochs and metrics as never killed"
