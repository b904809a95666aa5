#!/usr/bin/env bash
# Lays a native build out as the content of a jar: native/stage-jar.sh BUILD FLAVOR OUTPUT
#
# BUILD is a folder that native/build.sh filled, FLAVOR cpu or cuda. In OUTPUT it lies below META-INF/vignette/native/linux-x86_64/,
# without links: each library once, under the name by which the others ask for it. files.sha256 is the list of the files.
set -euo pipefail
build=$1 flavor=$2 output=$3

fail() { printf 'native: %s\n' "$*" >&2; exit 1; }
[ -f "$build/build.properties" ] || fail "'$build' is no native build: build.properties is missing"
grep -qx "flavor=$flavor" "$build/build.properties" || fail "the build in '$build' is not for $flavor"

target=$output/META-INF/vignette/native/linux-$(uname -m)/$flavor
staging=$(mktemp -d) && trap 'rm -rf "$staging"' EXIT
for file in "$build"/lib*.so*; do
  name=$(basename "$file")
  # Of libllama.so -> libllama.so.0 -> libllama.so.0.5.0 the one in the middle.
  case $name in
    *.so.*.*.*) [ -e "${file%.*.*}" ] || cp "$file" "$staging/" ;;
    *.so.*) cp -L "$file" "$staging/" ;;
    *) [ -L "$file" ] || cp "$file" "$staging/" ;;
  esac
done
sed '/^library=/d' "$build/build.properties" >"$staging/build.properties"
echo 'library=libmtmd.so.0' >>"$staging/build.properties"
[ -f "$staging/libmtmd.so.0" ] || fail "'$build' has no libmtmd.so.0"
for text in "$build"/licenses/*; do cp "$text" "$staging/license-$(basename "$text")"; done
(cd "$staging" && sha256sum -- *) >"$staging/files.sha256.new"
mv "$staging/files.sha256.new" "$staging/files.sha256"

# Left as it is when nothing has changed, so that the jar is not made anew either.
if ! diff -rq "$staging" "$target" >/dev/null 2>&1; then
  rm -rf "$output" && mkdir -p "$target" && cp "$staging"/* "$target/"
fi
