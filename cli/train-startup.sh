#!/usr/bin/env bash
# Makes a distribution's start-up cache: cli/train-startup.sh HOME JAVA_HOME
#
# What the classes of a training run look like once loaded and linked. It is an extra: without it all works, slower. The options
# are those of the launcher: the cache is good for the same class path, Java and collector only.
set -euo pipefail
cli=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$cli")
home=$1 java_home=$2

rm -f "$home/lib/vignette.aot"* "$home/lib/aot-java-release"
if env -u JAVA_TOOL_OPTIONS -u JDK_JAVA_OPTIONS -u VIGNETTE_CPU_VARIANT "$java_home/bin/java" \
  -XX:AOTCacheOutput="$home/lib/vignette.aot" -XX:+UseSerialGC \
  -Djava.awt.headless=true --enable-native-access=ALL-UNNAMED -Dvignette.home="$home" -Dvignette.native="$home/native" \
  -cp "$home/lib/vignette.jar" dev.vignette.cli.StartupTraining \
  "$root/models/mini/data/images/val" "$cli/target/training.json" "$root/models/mini/data/val.json" >"$cli/target/aot.log" 2>&1; then
  cp "$java_home/release" "$home/lib/aot-java-release"
else
  rm -f "$home/lib/vignette.aot"*
  echo "vignette: the start-up cache could not be made ($(tail -n 1 "$cli/target/aot.log")): each start takes some tenths of a second \
longer, nothing else changes; cli/target/aot.log has more" >&2
fi
