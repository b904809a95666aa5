#!/usr/bin/env bash
# CLIPScore of 1,000 images by a CLIP of ViT-B/32's shapes with random weights, then again with cached embeddings.
#
#   bench/clip-b32.sh FOLDER     (the first run writes the random weights there; run it twice for a clean figure)
#
# Needs a built Vignette and its test classes (mvn test-compile).
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=$root/models/mini/data
exec /usr/bin/time -f "whole process %e s, peak RSS %M KB" "$("$root/find-jdk.sh")/bin/java" -Xmx1g \
  --enable-native-access=ALL-UNNAMED -Dai.djl.offline=true -cp "$root/eval-clip/target/test-classes:$root/cli/target/vignette/lib/*" \
  dev.vignette.eval.clip.ClipBase32Benchmark "${1:?a folder for the random model}" \
  "$root/models/mini/clip/tokenizer.json" "$data/train.json" "$data/images/train"
