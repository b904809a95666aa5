#!/usr/bin/env bash
# Builds the native libraries: finds llama.cpp's source, verifies it, patches it, compiles it, tries it (smoke/smoke.cpp), and
# stages the result in native/target/{cpu,cuda}. What was built before for the same source, patches and flags is reused.
#
#   native/build.sh [--source DIR] [--portable] [--cuda] [--cuda-architectures LIST] [--reference-cli] [--offline]
#
# --source DIR              use this llama.cpp source instead of git or npm
# --portable                for any x86-64 processor: ggml's kernels once for each kind of processor, each in a file of its own,
#                           of which the loader takes one; about 20 minutes of two processors. Without: for this machine
# --cuda                    build the CUDA backend (needs nvcc and cuBLAS); staged beside the CPU build
# --cuda-architectures LIST CMake's list, such as 90 or 80;90 (default: those of this machine)
# --reference-cli           also build llama-mtmd-cli and llama-bench, staged in native/target/reference-{cpu,cuda}
# --offline                 never ask git or npm: the source must be given or already be in the cache
#
# VIGNETTE_CACHE            folder for finished builds (default: $XDG_CACHE_HOME/vignette or ~/.cache/vignette)
# VIGNETTE_CMAKE_OPTIONS    more options for CMake, such as "-DGGML_NATIVE=OFF -DGGML_AVX2=OFF"
# CC, CXX, CFLAGS, CXXFLAGS, LDFLAGS and CMake's own variables count as always; each has a build of its own in the cache.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${VIGNETTE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vignette}
source_dir='' flavor=cpu architectures='' reference=OFF offline=false portable=OFF

say() { printf 'native: %s\n' "$*" >&2; }
fail() { printf 'native: %s\n' "$*" >&2; exit 1; }
property() { sed -n "s|^$1=||p" "$here/llama.properties"; }

while [ $# -gt 0 ]; do
  case $1 in
    --source) source_dir=${2:?--source needs a folder}; shift 2 ;;
    --portable) portable=ON; shift ;;
    --cuda) flavor=cuda; shift ;;
    --cuda-architectures) architectures=${2:?--cuda-architectures needs a list}; shift 2 ;;
    --reference-cli) reference=ON; shift ;;
    --offline) offline=true; shift ;;
    *) fail "unknown option '$1'; see the head of native/build.sh" ;;
  esac
done

need() { command -v "$1" >/dev/null || fail "$1 is not on the PATH; install it (Debian: apt-get install $2)"; }
compiler_of() { # VARIABLE DEFAULT: the program, without arguments
  local words
  read -r -a words <<<"${!1:-$2}"
  printf '%s' "${words[0]:-$2}"
}
need git git; need cmake cmake; need "$(compiler_of CXX c++)" g++; need "$(compiler_of CC cc)" gcc
[ "$flavor" = cpu ] || need nvcc nvidia-cuda-toolkit
[ $portable = OFF ] || need readelf binutils
[ $portable = OFF ] || [ "$(uname -m)" = x86_64 ] || fail "--portable is for x86-64 processors, and this is $(uname -m)"

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

# compile BUILD [OPTION ...]
compile() {
  local build=$1 generator=()
  shift
  command -v ninja >/dev/null && generator=(-G Ninja)
  # shellcheck disable=SC2206 # VIGNETTE_CMAKE_OPTIONS is a list of options
  local options=(-DLLAMA_SOURCE="$work/src" -DVIGNETTE_REFERENCE_CLI=$reference -DVIGNETTE_PORTABLE=$portable ${VIGNETTE_CMAKE_OPTIONS:-} "$@")
  if [ "$flavor" = cuda ]; then
    options+=(-DVIGNETTE_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES="${architectures:-native}")
  fi
  say "compiling llama.cpp v$(property version) for $kind with $(nproc) jobs; this happens once"
  cmake -S "$here" -B "$build" "${generator[@]}" "${options[@]}" >"$build.configure.log" 2>&1 ||
    { tail -n 30 "$build.configure.log" >&2; fail "cmake could not configure the build"; }
  cmake --build "$build" --target vignette-native --parallel "$(nproc)" 2>&1 | tee "$build.log" | progress ||
    { tail -n 40 "$build.log" >&2; fail "the compiler stopped; its last lines are above"; }
}

# The commands that compile the file that computes: one, or one for each variant of a portable build.
kernel_commands() {
  sed -n 's/^ *"command": "\(.*ggml-cpu\/ggml-cpu\.c\)",\{0,1\}$/\1/p' "$1/compile_commands.json"
}

# Instruction sets that the processor's kernels were really compiled for, by the compiler's own word: its predefined macros
# under the flags of the file that computes. Prints the kernel's names.
compiled_features() { # BUILD [VARIANT]
  local build=$1 command compiler flags=() word
  command=$(kernel_commands "$build" | { grep -F "ggml-cpu${2:+-$2}.dir/" || true; } | sed -n 1p)
  [ -n "$command" ] || { echo "$features"; return; }
  compiler=${command%% *}
  for word in $command; do
    case $word in -m*) flags+=("$word") ;; esac
  done
  "$compiler" "${flags[@]}" -dM -E -x c /dev/null | awk '
    BEGIN {
      split("SSE4_2:sse4_2 AVX:avx AVX2:avx2 FMA:fma F16C:f16c BMI2:bmi2 AVXVNNI:avx_vnni AVX512F:avx512f AVX512CD:avx512cd " \
        "AVX512VL:avx512vl AVX512DQ:avx512dq AVX512BW:avx512bw AVX512IFMA:avx512ifma AVX512VBMI:avx512vbmi " \
        "AVX512VBMI2:avx512_vbmi2 AVX512VNNI:avx512_vnni AVX512BITALG:avx512_bitalg AVX512VPOPCNTDQ:avx512_vpopcntdq " \
        "AVX512BF16:avx512_bf16 AVX512FP16:avx512_fp16 AVX512VP2INTERSECT:avx512_vp2intersect AMX_TILE:amx_tile " \
        "AMX_INT8:amx_int8 AMX_BF16:amx_bf16 AMX_FP16:amx_fp16", pairs, " ")
      for (i in pairs) { split(pairs[i], pair, ":"); names["__" pair[1] "__"] = pair[2] }
    }
    $1 == "#define" && $2 in names { print names[$2] }' | sort | tr '\n' ' ' | sed 's/ $//'
}

# CMake options that name what this processor has, less AMX, so that the compiler need not guess.
named_features() {
  local pair option='-DGGML_NATIVE=OFF' has=" $features "
  for pair in sse4_2:SSE42 avx:AVX avx2:AVX2 fma:FMA f16c:F16C bmi2:BMI2 avx_vnni:AVX_VNNI avx512bw:AVX512 \
    avx512vbmi:AVX512_VBMI avx512_vnni:AVX512_VNNI avx512_bf16:AVX512_BF16; do
    case $has in *" ${pair%%:*} "*) option+=" -DGGML_${pair#*:}=ON" ;; *) option+=" -DGGML_${pair#*:}=OFF" ;; esac
  done
  printf '%s' "$option -DGGML_AMX_TILE=OFF -DGGML_AMX_INT8=OFF -DGGML_AMX_BF16=OFF"
}

# The names of a portable build's variants, such as haswell.
variants() { kernel_commands "$1" | sed -n 's/.*ggml-cpu-\([a-z0-9_]*\)\.dir\/.*/\1/p' | sort -u; }

# Tries a build in a process of its own; false when it died or computed nonsense, with the reason in $verdict.
computes() { # BUILD [BACKEND]
  local build=$1 models=${here%/native}/models/mini status=0
  mkdir -p "$work/smoke"
  # In a subshell that lives on after it, so that the shell's own word about a signal goes to the log.
  (GGML_NO_BACKTRACE=1 "$build/bin/vignette-smoke" "$models/mini-llava-Q8_0.gguf" "$models/mini-llava-mmproj-f16.gguf" \
    "$work/smoke" "${@:2}" || exit $?) >"$build.smoke.log" 2>&1 || status=$?
  case $status in
    0) return 0 ;;
    4) say "not tried: this processor has not what $(basename "${2-}") needs"; return 0 ;;
    3) verdict="computed nonsense" ;;
    127) [ "$flavor" = cpu ] || { say "the build cannot be tried on this machine ($(tail -n 1 "$build.smoke.log"))"; return 0; } ;;&
    129 | 13? | 14? | 15?) verdict="died of signal $(kill -l $((status - 128)))" ;;
    *) tail -n 20 "$build.smoke.log" >&2; fail "the smoke test of the build failed; its last lines are above" ;;
  esac
  return 1
}

# A portable build is tried with every variant that this processor can run.
compile_portable() {
  local variant
  build=$work/build
  compile "$build"
  for variant in $(variants "$build"); do
    computes "$build" "$build/bin/libggml-cpu-$variant.so" ||
      fail "the variant $variant $verdict in its smoke test; please report it with the flags of /proc/cpuinfo"
  done
}

# Compiles, and once more without the compiler's guess about this processor if the result does not compute on it.
compile_and_try() {
  build=$work/build
  compile "$build"
  computes "$build" && return
  local first=$verdict
  say "the build for this very processor $first in its smoke test ($(compiled_features "$build")); building once more with \
GGML_NATIVE=OFF and without AMX, which is a little slower"
  build=$work/build-named
  # shellcheck disable=SC2046 # a list of options
  compile "$build" $(named_features)
  computes "$build" || { tail -n 20 "$build.smoke.log" >&2; fail "this build $verdict too; please report it with the lines above and the \
flags of /proc/cpuinfo"; }
  remark="the build for this very processor $first in its smoke test"
}

dynamic() { readelf -dW "$2" | sed -n "s/.*($1).*\\[\\(.*\\)\\]/\\1/p"; } # TAG FILE: its values

# Libraries as plain files under the names by which others ask for them (jars have no links), with libgomp beside them.
collect_portable() {
  local build=$1 out=$2 file name gomp
  for file in "$build"/bin/lib*.so*; do
    [ ! -L "$file" ] || continue
    name=$(basename "$file")
    case $name in libggml-cpu-*.so | libggml-cuda.so) ;; *) name=$(dynamic SONAME "$file") ;; esac
    cp "$file" "$out/$name"
  done
  gomp=$("$(compiler_of CXX c++)" -print-file-name=libgomp.so.1)
  [ -f "$gomp" ] || fail "the compiler has no libgomp.so.1"
  cp -L "$gomp" "$out/"
  cp "$here/licenses/gcc-runtime.txt" "$out/licenses/"
  require_portable "$out"
}

# Refuses libraries that want more of a system than glibc and gcc's C++ runtime, look elsewhere than beside themselves, or have a C++
# runtime of their own each: several of them end a process that is not a C++ program.
require_portable() {
  local file wants
  dynamic NEEDED "$1/libmtmd.so.0" | grep -qx 'libstdc++\.so\.6' ||
    fail "$(compiler_of CXX c++) puts libstdc++ into each library: use a compiler that has libstdc++.so (CC and CXX, for CUDA CUDAHOSTCXX too)"
  for file in "$1"/lib*.so*; do
    wants=$(dynamic NEEDED "$file" | while read -r name; do
      case $name in libc.so.6 | libm.so.6 | libdl.so.2 | libpthread.so.0 | librt.so.1 | libstdc++.so.6 | libgcc_s.so.1 | ld-linux-*) continue ;; esac
      case $(basename "$file")/$name in libggml-cuda.so/libcu*) continue ;; esac
      [ -e "$1/$name" ] || printf ' %s' "$name"
    done)
    [ -z "$wants" ] || fail "$(basename "$file") needs$wants, which not every system has"
    case $(dynamic 'R[UN]*PATH' "$file") in '' | '$ORIGIN') ;; *) fail "$(basename "$file") looks for libraries in $(dynamic 'R[UN]*PATH' "$file")" ;; esac
  done
}

# The newest version of a kind of symbol, such as GLIBC, that the libraries of a folder want.
newest_wanted() { # KIND FOLDER
  readelf -VW "$2"/lib*.so* | grep -oE "Name: $1_[0-9.]+" | sed "s/.*_//" | sort -Vu | tail -n 1
}

collect() {
  local build=$1 out=$2 variant sets
  mkdir -p "$out/licenses" "$out/include"
  if [ $portable = ON ]; then collect_portable "$build" "$out"; else cp -P "$build"/bin/lib*.so* "$out/"; fi
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
    if [ $portable = ON ]; then
      echo "library=libmtmd.so.0"
      echo "variants=$(variants "$build" | tr '\n' ' ' | sed 's/ $//')"
      for variant in $(variants "$build"); do
        sets=$(compiled_features "$build" "$variant")
        # Without a word every processor would be thought to run it.
        [ -n "$sets" ] || [ "$variant" = x64 ] || fail "the compiler does not say which instruction sets the variant $variant needs"
        echo "variant.$variant=$sets"
      done
      echo "glibc=$(newest_wanted GLIBC "$out")"
      echo "libstdcxx=$(newest_wanted GLIBCXX "$out")"
    else
      echo "cpu.features=$(compiled_features "$build")"
    fi
    echo "compiler=$compiler"
    [ -z "$settings" ] || printf '%s\n' "$settings" | sed 's/^/setting./'
    [ -z "$remark" ] || echo "remark=$remark"
    [ "$flavor" = cpu ] || echo "cuda.architectures=${architectures:-native}"
  } >"$out/build.properties"
}

# What a user's environment says to the compiler and to CMake: it changes what is built.
settings=$(env | grep -E '^(CC|CXX|CFLAGS|CPPFLAGS|CXXFLAGS|LDFLAGS|CUDACXX|CUDAFLAGS|CUDAHOSTCXX|CUDAARCHS|NVCC_[A-Z_]*|CMAKE_[A-Z_]*|VIGNETTE_CMAKE_OPTIONS)=.' |
  sort || true)
features=$(cpu_features)
patches=$(cat "$here"/patches/*.patch | sha)
compiler=$("$(compiler_of CXX c++)" --version | head -n 1)
remark='' given=''
if [ -n "$source_dir" ]; then
  from_directory "$source_dir"
  given=yes
fi
[ $portable = OFF ] || features=''
[ $portable = OFF ] || [ "$flavor" = cpu ] || [ -n "$architectures" ] ||
  fail "a portable build for CUDA names the cards it is for: --cuda-architectures '80;86;89;90' (mvn: -Dcuda.architectures=...)"
key=$(printf '%s\n' "$tree" "$patches" "$flavor" "$architectures" "$reference" "$portable" "$features" "$compiler" "$settings" \
  "$(cat "$here/CMakeLists.txt" "$here/smoke/smoke.cpp")" "$(declare -f collect collect_portable require_portable \
    compile compile_and_try compile_portable named_features compiled_features kernel_commands variants)" | sha)
[ $portable = OFF ] && kind=$flavor || kind=$flavor-portable
finished=$cache/native/v$(property version)-$kind-$key

# One builds; whoever wants the same waits, and finds it done.
mkdir -p "$cache/native"
lock() { # FILE WHAT
  command -v flock >/dev/null || return 0
  exec 8>"$1"
  flock -n 8 || { say "another process $2; waiting for it"; flock 8; }
}
lock "$cache/native/.lock-$key" "builds the same"

staging=$cache/native/.staging-$key
if [ ! -f "$finished/build.properties" ]; then
  [ -n "$given" ] || obtain_source
  apply_patches
  if [ $portable = ON ]; then compile_portable; else compile_and_try; fi
  rm -rf "$staging" && mkdir -p "$staging"
  trap 'rm -rf "$work" "$staging"' EXIT
  collect "$build" "$staging"
  rm -rf "$finished" && mv "$staging" "$finished"
fi
# shellcheck disable=SC2188 # closes the descriptor, and so the lock
exec 8>&-

[ $reference = OFF ] && target=$here/target/$flavor || target=$here/target/reference-$flavor
mkdir -p "$here/target"
lock "$here/target/.lock" "stages a build"
# The key is written last: a copy without one was interrupted.
if [ "$(cat "$target/key" 2>/dev/null)" != "$key" ]; then
  rm -rf "$target" && cp -a "$finished" "$target"
  echo "$key" >"$target/key"
fi
say "llama.cpp v$(property version) ($kind) is ready"
