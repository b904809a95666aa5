#!/usr/bin/env bash
# Puts the distribution together in app/target/vignette and trains its start-up cache. Maven calls this in `package`.
#
#   app/assemble.sh JAR LIBRARIES       (the application's jar, the folder of its dependencies)
set -euo pipefail
app=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$app")
jar=$1 libraries=$2
home=$app/target/vignette

rm -rf "$home"
mkdir -p "$home/bin" "$home/lib" "$home/native" "$home/models/mini/data/images/val"
cp "$app/src/main/dist/vignette" "$home/bin/"
java_home=$("$root/find-jdk.sh")
cp "$root/find-jdk.sh" "$libraries"/*.jar "$home/lib/"
cp "$jar" "$home/lib/vignette.jar"
for old in "$libraries"/picocli-*.jar; do
  "$java_home/bin/java" "$app/src/build/ModernizeClasses.java" "$old" "$home/lib/$(basename "$old")"
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

# The start-up cache: what the classes of a training run look like once loaded and linked. Without it all works, slower.
# The options are those of the launcher: the cache is good for the same class path and collector only.
if ! "$java_home/bin/java" -XX:AOTCacheOutput="$home/lib/vignette.aot" -XX:+UseSerialGC -Djava.awt.headless=true \
  --enable-native-access=ALL-UNNAMED -Dvignette.home="$home" -Dvignette.native="$home/native" \
  -cp "$home/lib/vignette.jar" dev.vignette.StartupTraining \
  "$root/models/mini/data/images/val" "$app/target/training.json" "$root/models/mini/data/val.json" >"$app/target/aot.log" 2>&1; then
  cat "$app/target/aot.log" >&2
  echo "vignette: the training run of the start-up cache failed" >&2
  exit 1
fi
cp "$java_home/release" "$home/lib/aot-java-release"
printf '%s\n' "$java_home" >"$home/lib/java-home"
