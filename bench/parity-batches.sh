#!/usr/bin/env bash
# Every golden set of LLaVA's captions at batch sizes 1, 8 and 32, greedy and beams mixed in one batch, and greedy in
# streams; that no caption depends on its neighbours; and how dense 256 images of ragged lengths keep a batch. The tests
# of mvn verify do the same for one batch size and fewer images.
#
#   bench/parity-batches.sh [SIZES] [IMAGES]      (default 1,8,32 300)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" && exec mvn -q -pl llava -am -Dtest=BatchParityTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Dvignette.batch.sizes="${1:-1,8,32}" -Dvignette.batch.images="${2:-300}" -Dvignette.batch.ragged=256 verify
