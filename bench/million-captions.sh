#!/usr/bin/env bash
# Scores a million generated captions with five references each in 6 GB of heap: seconds and the resident set. Needs a built
# Vignette, GNU time and 1 GB of disk in FOLDER. Usage: bench/million-captions.sh FOLDER [IMAGES]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:?the folder for the captions}
[ -e "$folder/annotations.json" ] || "$("$root/find-jdk.sh")/bin/java" -Xmx4g "$root/bench/MillionCaptions.java" "$folder" "${2:-1000000}"
VIGNETTE_JAVA_OPTS="-Xmx6g ${VIGNETTE_JAVA_OPTS:-}" /usr/bin/time -f "%e s, %M kB resident" \
  "$root/cli/target/vignette/bin/vignette" eval --predictions "$folder/predictions" --annotations "$folder/annotations.json"
