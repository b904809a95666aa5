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
cp "$root/find-jdk.sh" "$libraries"/*.jar "$home/lib/"
cp "$jar" "$home/lib/vignette.jar"
for flavor in cpu cuda; do
  [ ! -d "$root/native/target/$flavor" ] || cp -a "$root/native/target/$flavor" "$home/native/"
  rm -rf "$home/native/$flavor/include"
done
cp "$root"/models/mini/*.gguf "$root/models/mini/README.md" "$home/models/mini/"
cp "$root/models/mini/data/images/val/000000000001.jpg" "$home/models/mini/data/images/val/"
cp "$root/LICENSE" "$home/"

# The start-up cache: what the classes of a short run look like once loaded and linked. Without it all works, slower.
java_home=$("$root/find-jdk.sh")
train() { "$home/bin/vignette" llava caption --device cpu "$home/models/mini/data/images/val/000000000001.jpg"; }
if VIGNETTE_JAVA_OPTS="-XX:AOTCacheOutput=$home/lib/vignette.aot" train >"$app/target/aot.log" 2>&1; then
  cp "$java_home/release" "$home/lib/aot-java-release"
else
  cat "$app/target/aot.log" >&2
  echo "vignette: the training run of the start-up cache failed" >&2
  exit 1
fi
