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

"$java_home/bin/java" "$cli/src/build/CollectLicences.java" "$libraries" "$cli/licences/jars.txt" "$home/licences" \
  "$cli/licences" "$root/native/licenses"
"$cli/train-startup.sh" "$home" "$java_home"
# Last, so that a launcher is only there when what it launches is.
cp "$cli/src/main/dist/vignette" "$home/bin/"
: >"$home/lib/finished"
