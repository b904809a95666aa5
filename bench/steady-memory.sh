#!/usr/bin/env bash
# Whether memory stays flat over 2,000 captions and 200 open/close cycles of the embedded model. Needs a built Vignette.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home=$root/cli/target/vignette
exec "$("$root/find-jdk.sh")/bin/java" -Xms96m -Xmx96m -XX:+AlwaysPreTouch -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -Dvignette.home="$home" \
  -Dvignette.native="$home/native" -cp "$home/lib/*" "$root/bench/SteadyMemory.java"
