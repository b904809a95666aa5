#!/usr/bin/env bash
# The same images by the plain command and by vignette-spark in local[2], in growing numbers: seconds, images/s and the resident set.
# Needs a built Vignette (./vignette), GNU time, and the class path of the module spark with Spark in VIGNETTE_SPARK_CLASSPATH, or
# `mvn install -DskipTests` beforehand, from which Maven tells it. FOLDER takes links to the miniature images.
# NATIVES names the folder of the native builds, if not native/target here.
# Usage: bench/spark-scale.sh FOLDER [NUMBER...]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:?the folder for images and captions}
shift
numbers=("$@")
[ $# -gt 0 ] || numbers=(300 3000 30000)
vignette=${VIGNETTE:-$root/cli/target/vignette/bin/vignette}
java=$("$root/find-jdk.sh")/bin/java
natives=${NATIVES:-$root/native/target}
mkdir -p "$folder"
if [ -z "${VIGNETTE_SPARK_CLASSPATH:-}" ]; then
  mvn -q -B -f "$root/pom.xml" -pl spark dependency:build-classpath -Dmdep.outputFile="$folder/classpath"
  VIGNETTE_SPARK_CLASSPATH=$(echo "$root"/spark/target/vignette-spark-*.jar):$(cat "$folder/classpath")
fi

for number in "${numbers[@]}"; do
  images=$folder/images-$number
  if [ ! -d "$images" ]; then
    mkdir -p "$images"
    for ((copy = 0; copy * 300 < number; copy++)); do
      for image in "$root"/models/mini/data/images/val/*.jpg; do
        name=$copy-$(basename "$image")
        ln "$image" "$images/$name" 2>/dev/null || cp "$image" "$images/$name"
      done
    done
  fi
  rm -rf "$folder/plain-$number.json"* "$folder"/.plain-"$number".json* "$folder/spark-$number"
  echo "== $number images, the plain command"
  /usr/bin/time -f "%e s with its start, %U + %S processor seconds, %M kB resident" "$vignette" llava caption "$images" --quiet -o "$folder/plain-$number.json"
  echo "== $number images, local[2]"
  /usr/bin/time -f "%e s with its start, %U + %S processor seconds, %M kB resident" "$java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -Xmx1g \
    -Dvignette.native="$natives" -Dvignette.home="$root" -Dspark.master='local[2]' -Dspark.ui.enabled=false \
    -Dspark.driver.host=localhost -cp "$VIGNETTE_SPARK_CLASSPATH" dev.vignette.spark.submit.VignetteSpark \
    -i "$images" -o "$folder/spark-$number" 2>&1 | grep -E 'images/s|resident|vignette'
done
