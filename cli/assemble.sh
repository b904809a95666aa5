#!/usr/bin/env bash
# Puts the distribution together in cli/target/vignette and trains its start-up cache. Maven calls this in `package`.
#
#   cli/assemble.sh JAR LIBRARIES       (the application's jar, the folder of its dependencies)
#
# lib/finished is written last: a distribution without it was interrupted. One that fails is removed.
set -euo pipefail
cli=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$cli")
jar=$1 libraries=$2
home=$cli/target/vignette

rm -rf "$home"
trap '[ -e "$home/lib/finished" ] || rm -rf "$home"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$home/bin" "$home/lib" "$home/native" "$home/models/mini/data/images/val"
java_home=$("$root/find-jdk.sh")
cp "$root/find-jdk.sh" "$libraries"/*.jar "$home/lib/"
cp "$jar" "$home/lib/vignette.jar"
for old in "$libraries"/picocli-*.jar; do
  "$java_home/bin/java" "$cli/src/build/ModernizeClasses.java" "$old" "$home/lib/$(basename "$old")"
done
for flavor in cpu cuda; do
  [ ! -d "$root/native/target/$flavor" ] || cp -a "$root/native/target/$flavor" "$home/native/"
  rm -rf "$home/native/$flavor/include"
done
cp "$root"/models/mini/*.gguf "$root/models/mini/README.md" "$home/models/mini/"
cp "$root"/models/mini/data/images/val/*.jpg "$home/models/mini/data/images/val/"
cp "$root/models/mini/data/val.json" "$home/models/mini/data/"
cp -r "$root/models/mini/clip" "$home/models/mini/"
cp "$root/LICENSE" "$home/"
printf '%s\n' "$java_home" >"$home/lib/java-home"

# The start-up cache: what the classes of a training run look like once loaded and linked. It is an extra: without it all works,
# slower. The options are those of the launcher: the cache is good for the same class path and collector only.
if env -u JAVA_TOOL_OPTIONS -u JDK_JAVA_OPTIONS "$java_home/bin/java" -XX:AOTCacheOutput="$home/lib/vignette.aot" -XX:+UseSerialGC \
  -Djava.awt.headless=true --enable-native-access=ALL-UNNAMED -Dvignette.home="$home" -Dvignette.native="$home/native" \
  -cp "$home/lib/vignette.jar" dev.vignette.cli.StartupTraining \
  "$root/models/mini/data/images/val" "$cli/target/training.json" "$root/models/mini/data/val.json" >"$cli/target/aot.log" 2>&1; then
  cp "$java_home/release" "$home/lib/aot-java-release"
else
  rm -f "$home/lib/vignette.aot"*
  echo "vignette: the start-up cache could not be made ($(tail -n 1 "$cli/target/aot.log")): each start takes some tenths of a second \
longer, nothing else changes; cli/target/aot.log has more" >&2
fi
# Last, so that a launcher is only there when what it launches is.
cp "$cli/src/main/dist/vignette" "$home/bin/"
: >"$home/lib/finished"
