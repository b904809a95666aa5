#!/usr/bin/env bash
# Trains the miniature captioner beside plain PyTorch, one after the other on this machine, and scores both.
#
#   bench/against-lora-reference.sh PYTHON SHARED OUT [EPOCHS]
#
# PYTHON needs torch, safetensors, tokenizers and Pillow; SHARED is the folder with bench/lora_reference.py and miniworld/.
# Printed: seconds of steps and of validation an epoch for both, whole runs, and CIDEr of the reference's last epoch.
set -euo pipefail
python=$1 shared=$2 out=$3 epochs=${4:-10}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vignette=${VIGNETTE:-$root/vignette}
mkdir -p "$out"
out=$(cd "$out" && pwd)

# The reference as it is, but for a clock around its decoding, which it counts into an epoch's seconds.
sed 's/g = greedy(m, fva);/t1 = time.time(); g = greedy(m, fva); print("decoding %.1fs" % (time.time() - t1));/' \
  "$shared/bench/lora_reference.py" >"$out/lora_reference_timed.py"
grep -q 'decoding %.1fs' "$out/lora_reference_timed.py" || { echo "lora_reference.py has changed: its decoding is not found" >&2; exit 1; }

echo "== vignette"
time "$vignette" captioner train --config "$root/models/mini/train.yaml" --set run.folder="$out/runs" --set run.name="vignette-$$" \
  --set encoder.cache="$out/cache-$$" --set training.epochs="$epochs"
echo "== PyTorch"
time (cd "$out" && "$python" lora_reference_timed.py "$shared/miniworld/models" "$shared/miniworld/data" "$out/reference" --epochs "$epochs")
"$vignette" eval --predictions "$out/reference/epoch_$((epochs - 1)).json" --annotations "$root/models/mini/data/val.json" --metrics cider
