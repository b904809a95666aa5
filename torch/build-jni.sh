#!/usr/bin/env bash
# Lets the captioner compute with a PyTorch that is installed here, one with CUDA for example: compiles DJL's native part against it
# and writes the settings that the launcher reads.
#
#   torch/build-jni.sh --torch DIR [--djl DIR]
#
# --torch DIR  the folder of the PyTorch package (python3 -c 'import torch; print(torch.__path__[0])'), or an unpacked libtorch
# --djl DIR    DJL's source of the pinned version, or a folder with the parts that torch/djl.properties names; without it git
#              clones it. Nothing of it is in this repository; what newer PyTorches want otherwise is edited by sed below
#
# VIGNETTE_CACHE    folder for the result (default: $XDG_CACHE_HOME/vignette or ~/.cache/vignette)
# VIGNETTE_TORCH    the file of settings to write (default: $XDG_CONFIG_HOME/vignette/torch.settings or the same in ~/.config);
#                   the launcher reads the same one, and an empty VIGNETTE_TORCH= means none
# CUDA_HOME, CXX, CXXFLAGS count as always.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${VIGNETTE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vignette}
settings=${VIGNETTE_TORCH:-${XDG_CONFIG_HOME:-$HOME/.config}/vignette/torch.settings}
torch='' djl=''
native=engines/pytorch/pytorch-native/src/main/native
utilities=api/src/main/native
library=engines/pytorch/pytorch-engine/src/main/java/ai/djl/pytorch/jni/PyTorchLibrary.java

say() { printf 'torch: %s\n' "$*" >&2; }
fail() { printf 'torch: %s\n' "$*" >&2; exit 1; }
pinned() { sed -n "s|^$1=||p" "$here/djl.properties"; }

while [ $# -gt 0 ]; do
  case $1 in
    --torch) torch=${2:?--torch needs a folder}; shift 2 ;;
    --djl) djl=${2:?--djl needs a folder}; shift 2 ;;
    *) fail "unknown option '$1'; see the head of torch/build-jni.sh" ;;
  esac
done
[ -n "$torch" ] || fail "which PyTorch? --torch DIR, with the folder that python3 -c 'import torch; print(torch.__path__[0])' prints"
[ -f "$torch/lib/libtorch.so" ] || fail "'$torch' is no PyTorch: lib/libtorch.so is missing"
[ -f "$torch/include/torch/script.h" ] || fail "'$torch' has no headers: include/torch/script.h is missing"
torch=$(cd "$torch" && pwd)
[ -z "$djl" ] || { [ -d "$djl" ] || fail "'$djl' is no folder"; djl=$(cd "$djl" && pwd); }
read -r -a compiler <<<"${CXX:-c++}"
command -v "${compiler[0]}" >/dev/null || fail "${compiler[0]} is not on the PATH; install it (Debian: apt-get install g++)"
command -v git >/dev/null || fail "git is not on the PATH; install it (Debian: apt-get install git)"
jdk=$("$here/../find-jdk.sh")

# Such as 2.11.0+cu130.
whole=$(sed -n "s/^__version__ = '\(.*\)'.*/\1/p" "$torch/version.py" 2>/dev/null || true)
[ -n "$whole" ] || whole=$(cat "$torch/build-version" 2>/dev/null) || fail "'$torch' has neither version.py nor build-version"
version=${whole%%+*} flavor=cpu
if [ -f "$torch/lib/libtorch_cuda.so" ]; then
  case $whole in
    *+cu*) flavor=${whole##*+} ;;
    *) flavor=cu$(sed -n "s/^cuda[^=]*= '\([0-9]*\)\.\([0-9]*\).*/\1\2/p" "$torch/version.py") ;;
  esac
fi

work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

# git's hash of a file, or of a folder as a tree, without touching it.
hash_of() {
  if [ -f "$1" ]; then git hash-object --no-filters "$1"; return; fi
  rm -rf "$work/hash.git"
  GIT_DIR="$work/hash.git" git init -q
  GIT_DIR="$work/hash.git" GIT_WORK_TREE="$1" git -C "$1" -c core.autocrlf=false add -Af .
  GIT_DIR="$work/hash.git" git write-tree
}

obtain_djl() {
  local part found given=$djl
  if [ -z "$djl" ]; then
    djl=$work/djl
    say "cloning DJL $(pinned git.tag)"
    GIT_TERMINAL_PROMPT=0 git -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=20 -c advice.detachedHead=false \
      clone -q --depth 1 --branch "$(pinned git.tag)" "$(pinned git.url)" "$djl" 2>"$work/git.log" ||
      fail "DJL's source cannot be cloned from $(pinned git.url) ($(tail -n 1 "$work/git.log")): fetch $(pinned git.tag) elsewhere \
and give its folder by --djl"
  fi
  for part in $native $utilities $library; do
    [ -e "$djl/$part" ] || fail "'$djl' is not DJL's source: $part is missing"
    found=$(hash_of "$djl/$part")
    [ "$found" = "$(pinned "$part")" ] && continue
    [ -n "$given" ] || fail "$part of the clone has git hash $found, but that of DJL $(pinned version) is $(pinned "$part")"
    say "warning: $part has git hash $found, not DJL $(pinned version)'s $(pinned "$part"); going on"
  done
}

# A copy of the source that compiles against this PyTorch: newer ones have no optional of their own in c10 and torch.
edit() {
  cp -R "$djl/$native" "$work/source"
  sed -i -E 's/\b(c10|torch)::(optional|nullopt|make_optional)\b/std::\2/g' "$work/source"/*.cc "$work/source"/*.h
}

cuda_includes() {
  [ "$flavor" != cpu ] || return 0
  local folder
  for folder in "$torch"/../nvidia/*/include "${CUDA_HOME:-/usr/local/cuda}/include"; do
    [ ! -f "$folder/cuda_runtime_api.h" ] && [ ! -f "$folder/cublas_v2.h" ] && [ ! -f "$folder/cusparse.h" ] &&
      [ ! -f "$folder/cusolver_common.h" ] && [ ! -f "$folder/cusolverDn.h" ] && [ ! -f "$folder/crt/host_defines.h" ] ||
      printf -- '-I%s\n' "$folder"
  done
}

compile() {
  local file flags jobs
  "$jdk/bin/javac" -proc:none -h "$work/jni" -d "$work/classes" "$djl/$library"
  mapfile -t flags < <(cuda_includes)
  flags+=(-O2 -fPIC -std=c++20 -w -I"$work/jni" -I"$jdk/include" -I"$jdk/include/linux" -I"$djl/$utilities"
    -I"$torch/include" -I"$torch/include/torch/csrc/api/include")
  [ "$flavor" = cpu ] || flags+=(-DUSE_CUDA)
  # A compilation of these takes 1 to 2 GB of memory.
  jobs=$(awk -v cores="$(nproc)" '/^MemAvailable/ { n = int($2 / 2000000); print n < 1 ? 1 : n < cores ? n : cores }' /proc/meminfo)
  say "compiling DJL's native part against PyTorch $whole with $jobs jobs: some minutes"
  # shellcheck disable=SC2016 # bash -c expands
  ls "$work/source"/*.cc | xargs -P "$jobs" -I{} bash -c '"$@" -c "$0" -o "$0.o" || { echo "$0 does not compile" >&2; exit 255; }' \
    {} "${compiler[@]}" ${CXXFLAGS:-} "${flags[@]}" 2>"$work/compile.log" ||
    { grep -E -m 20 'error|does not compile' "$work/compile.log" >&2; fail "DJL's native part does not compile against PyTorch $whole"; }
  local libraries=(-ltorch -ltorch_cpu -lc10)
  [ "$flavor" = cpu ] || libraries+=(-ltorch_cuda -lc10_cuda)
  "${compiler[@]}" -shared -o "$work/libdjl_torch.so" "$work/source"/*.o -L"$torch/lib" -Wl,--no-as-needed "${libraries[@]}" \
    -Wl,--allow-shlib-undefined -Wl,-rpath,'$ORIGIN'
}

# The folder that DJL loads all libraries of: its own beside links to PyTorch's.
stage() { # FOLDER
  local name
  mkdir -p "$1"
  cp "$work/libdjl_torch.so" "$1/"
  for name in libc10.so libc10_cuda.so libtorch.so libtorch_cpu.so libtorch_cuda.so libcaffe2_nvrtc.so; do
    [ ! -e "$torch/lib/$name" ] || ln -sfn "$torch/lib/$name" "$1/$name"
  done
  for name in "$torch"/lib/libgomp*.so*; do
    [ ! -e "$name" ] || ln -sfn "$name" "$1/$(basename "$name")"
  done
}

# The folders of CUDA's libraries, and a libcudart.so: DJL counts the GPUs through one of exactly this name.
library_path() { # FOLDER
  local path=$torch/lib folder
  if [ "$flavor" != cpu ]; then
    mkdir -p "$1"
    for folder in "$torch"/../nvidia/*/lib "$torch"/../cusparselt/lib "$torch"/../nvidia/*/lib64 "${CUDA_HOME:-/usr/local/cuda}/lib64"; do
      [ -d "$folder" ] || continue
      path=$path:$(cd "$folder" && pwd)
      for name in "$folder"/libcudart.so.*; do
        [ ! -e "$name" ] || [ -e "$1/libcudart.so" ] || ln -sfn "$(cd "$folder" && pwd)/$(basename "$name")" "$1/libcudart.so"
      done
    done
    [ -e "$1/libcudart.so" ] || fail "no libcudart.so was found beside '$torch' or in ${CUDA_HOME:-/usr/local/cuda}: set CUDA_HOME"
    path=$1:$path
  fi
  printf '%s' "$path"
}

obtain_djl
key=$({ for part in $native $utilities $library; do hash_of "$djl/$part"; done; echo "$whole $torch ${CXXFLAGS:-}"; "${compiler[@]}" --version | head -n 1; cat "$here/build-jni.sh"; } |
  sha256sum | cut -c1-16)
result=$cache/torch/$version-$flavor-$key
if [ ! -f "$result/finished" ]; then
  edit
  compile
  rm -rf "$result" && mkdir -p "$result"
  stage "$result/lib"
  : >"$result/finished"
fi
path=$(library_path "$result/cuda")
mkdir -p "$(dirname "$settings")"
cat >"$settings.new" <<END
# Written by torch/build-jni.sh; the launcher reads it. Delete it to compute with the libtorch that Vignette brings.
PYTORCH_LIBRARY_PATH=$result/lib
PYTORCH_VERSION=$version
PYTORCH_FLAVOR=$flavor
LD_LIBRARY_PATH=$path
END
mv "$settings.new" "$settings"
say "PyTorch $whole is set in $settings; see what it finds: vignette doctor"
