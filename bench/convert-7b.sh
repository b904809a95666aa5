#!/usr/bin/env bash
# LLaVA-1.5-7B's shapes with random weights, three shards of Hugging Face's: converted to F16, and from that by llama.cpp's own
# quantizer to Q4_K_M (llama_model_quantize, by `llava quantize`); a caption of the result; then the same in one command.
#
#   bench/convert-7b.sh FOLDER [LANGUAGE_BLOCKS]     (default 32: needs 48 GB free in FOLDER, which is emptied at the end)
#
# Printed: seconds by the clock and of processor time, and peak RSS of each process. The RSS of quantizing has in it the pages of the file that llama.cpp maps,
# which are the page cache's; "anonymous" is what the process itself holds at its peak.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vignette=${VIGNETTE:-$root/cli/target/vignette/bin/vignette}
java=$("$root/find-jdk.sh")/bin/java
mkdir -p "$1"
work=$(mktemp -d "$1/convert-7b.XXXXXX") && trap 'rm -rf "$work"' EXIT

measured() { # WHAT COMMAND...: runs it, sampling anonymous memory of it and its children
  local what=$1 began peak=0 now pid child anonymous
  shift
  began=$(date +%s.%N)
  /usr/bin/time -o "$work/time" -f "%M %U %S" "$@" >"$work/out" 2>"$work/err" &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    now=0
    for child in $(pgrep -g "$(ps -o pgid= -p $$ | tr -d ' ')" java || true); do
      anonymous=$(awk '/RssAnon/ { print $2 }' "/proc/$child/status" 2>/dev/null || true) # none of one that ends now
      now=$((now + ${anonymous:-0}))
    done
    [ "$now" -le "$peak" ] || peak=$now
    sleep 0.5
  done
  wait "$pid" || { cat "$work/err" >&2; exit 1; }
  awk -v what="$what" -v began="$began" -v ended="$(date +%s.%N)" -v anon="$peak" \
    '{ printf "%-34s %7.1f s  CPU %7.1f s   peak RSS %6.0f MB   anonymous %5.0f MB\n", what, ended - began, $2 + $3, $1 / 1024, anon / 1024 }' "$work/time"
}

measured "writing the model" "$java" -Xmx256m "$root/bench/RandomLlava.java" "$work/model" "${2:-32}"
cp "$root"/llava/src/test/resources/dev/vignette/llava/convert/tokenizer*.json "$work/model/"
sed -i 's/"id": 760,/"id": 32000,/; s/"id": 761,/"id": 32001,/' "$work/model/tokenizer.json"
du -sh --apparent-size "$work/model"
measured "llava convert --type F16" "$vignette" llava convert "$work/model" --type F16 -o "$work" --name random
measured "llava quantize F16 Q4_K_M" "$vignette" llava quantize "$work/random-F16.gguf" "$work/alone.gguf" Q4_K_M
rm "$work/random-F16.gguf"
measured "a caption" "$vignette" llava caption "$root/models/mini/data/images/val/000000000015.jpg" -m "$work/alone.gguf" \
  --mmproj "$work/random-mmproj-f16.gguf" --max-new-tokens 5
cat "$work/out"
measured "llava convert --type Q4_K_M" "$vignette" llava convert "$work/model" --type Q4_K_M -o "$work" --name random
cmp "$work/alone.gguf" "$work/random-Q4_K_M.gguf" && echo "the same file both ways"
ls -l "$work"/*.gguf
