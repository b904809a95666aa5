#!/usr/bin/env bash
# Makes cli/target/vignette-VERSION-linux-x86_64.tar.gz of the distribution in cli/target/vignette, with a Java of its own: to unpack
# and run where there is neither a JDK nor a compiler. Maven calls this in `package` under -Prelease.
#
#   cli/release.sh VERSION
set -euo pipefail
cli=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$cli")
version=$1
name=vignette-$version-linux-x86_64
built=$cli/target/vignette home=$cli/target/release/$name

fail() { echo "vignette: $*" >&2; exit 1; }
[ -e "$built/lib/finished" ] || fail "cli/target/vignette is not finished: run mvn package -Prelease"
grep -q '^variants=' "$built/native/cpu/build.properties" ||
  fail "the native build in cli/target/vignette is for this machine only: a release takes the portable one (mvn package -Prelease)"

rm -rf "$cli/target/release" && mkdir -p "$cli/target/release"
cp -a "$built" "$home"
rm -f "$home/lib/java-home" "$home/lib/find-jdk.sh"
if ! grep -q '^variants=' "$home/native/cuda/build.properties" 2>/dev/null ||
  grep -q '^cuda.architectures=native' "$home/native/cuda/build.properties"; then
  rm -rf "$home/native/cuda" # for this machine's card only
fi

# The modules that the program and its libraries name (jdeps), and those that are found by name only: TLS for downloads, the file
# system of zips, other charsets, sun.misc.Unsafe.
jdk=$("$root/find-jdk.sh")
modules=$("$jdk/bin/jdeps" --multi-release 25 --ignore-missing-deps --print-module-deps --recursive -cp "$home/lib/*" \
  "$home/lib/vignette.jar")
"$jdk/bin/jlink" --add-modules "$modules,jdk.charsets,jdk.crypto.ec,jdk.unsupported,jdk.zipfs" --strip-debug --no-header-files \
  --no-man-pages --output "$home/runtime"
"$cli/train-startup.sh" "$home" "$home/runtime"
[ -f "$home/lib/vignette.aot" ] || fail "a release has a start-up cache, and it could not be made: see cli/target/aot.log"

# Times are kept: the start-up cache is good for jars of the very time and size.
tar -C "$cli/target/release" --sort=name --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -6 >"$cli/target/$name.tar.gz.new"
mv "$cli/target/$name.tar.gz.new" "$cli/target/$name.tar.gz"
echo "vignette: cli/target/$name.tar.gz ($(du -m "$cli/target/$name.tar.gz" | cut -f1) MB, \
unpacked $(du -sm "$home" | cut -f1) MB)" >&2
