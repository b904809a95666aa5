#!/usr/bin/env bash
# Regenerates dev.vignette.llama.internal.ffi from llama.cpp's headers.
#
#   bindings/jextract/generate.sh LLAMA_SOURCE        (the source that native/build.sh verifies)
#
# Needs a `jextract` on the PATH that uses libclang 14 (Debian: libclang1-14): other versions of libclang print other code.
# What made the committed output is in VERSIONS beside this script.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
llama=$(cd "${1:?usage: generate.sh LLAMA_SOURCE}" && pwd)
command -v jextract >/dev/null || { echo "no jextract on the PATH: build it from the openjdk/jextract repository" >&2; exit 1; }

include=(-I "$llama/include" -I "$llama/ggml/include" -I "$llama/tools/mtmd")
[ -z "${CLANG_INCLUDE:-}" ] || include+=(-I "$CLANG_INCLUDE")
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

jextract --dump-includes "$work/all" "${include[@]}" "$here/vignette.h" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
: >"$work/chosen"
while read -r kind name; do
  case $kind in '' | '#') continue ;; esac
  sed 's/ *#.*//' "$work/all" | grep -xE -- "--include-$kind $name" >>"$work/chosen" ||
    { echo "includes.txt names $kind $name, which the headers do not have" >&2; exit 1; }
done <"$here/includes.txt"

output=$here/../src/main/java
rm -rf "$output/dev/vignette/llama/internal/ffi"
jextract --output "$output" --target-package dev.vignette.llama.internal.ffi --header-class-name LlamaCpp \
  "${include[@]}" "@$work/chosen" "$here/vignette.h" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
"$("$here/../../find-jdk.sh")/bin/java" "$here/PlainCalls.java" "$output/dev/vignette/llama/internal/ffi/LlamaCpp.java"
echo "$(sort -u "$work/chosen" | wc -l) names, $(find "$output/dev/vignette/llama/internal/ffi" -name '*.java' | wc -l) files"
