#!/usr/bin/env bash
# Checks a release by hand, and says what it found: the portable build and the tarball, the tests that compute under three forced
# variants, the tarball in a minimal Debian without a JDK, and kills.
#
#   bench/release-check.sh [STEP...]        build, variants, debian, kills; all of them unless named
#
# `debian` needs root and debootstrap; it makes its Debian once, in cli/target/debian (DEBIAN=FOLDER names another, MIRROR a mirror).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
image=models/mini/data/images/val/000000000015.jpg
expected='A bird flying above a penguin on the grass.'
debian=${DEBIAN:-$root/cli/target/debian}

say() { printf 'release-check: %s\n' "$*"; }
fail() { printf 'release-check: %s\n' "$*" >&2; exit 1; }
tarball() { ls "$root"/cli/target/vignette-*-linux-x86_64.tar.gz 2>/dev/null || fail "no tarball yet: bench/release-check.sh build"; }

# The median of the milliseconds that a command took, over seven runs after one that is not counted.
median_of() {
  local i begun
  "$@" >/dev/null
  for i in 1 2 3 4 5 6 7; do
    begun=$(date +%s%N)
    "$@" >/dev/null
    echo $((($(date +%s%N) - begun) / 1000000))
  done | sort -n | sed -n 4p
}

build() {
  (cd "$root" && mvn -q -B -Dstyle.color=never -DskipTests -Prelease package)
  local properties=$root/native/target/cpu/build.properties
  say "$(basename "$(tarball)"): $(du -m "$(tarball)" | cut -f1) MB"
  say "native: $(sed -n 's/^variants=//p' "$properties"); glibc $(sed -n 's/^glibc=//p' "$properties"), \
libstdc++ $(sed -n 's/^libstdcxx=//p' "$properties")"
}

# The least, the most common and the best variant that this processor can run.
variants() {
  local variant best=''
  for variant in haswell alderlake skylakex cascadelake icelake cooperlake zen4 sapphirerapids; do
    ! VIGNETTE_CPU_VARIANT=$variant "$root/cli/target/vignette/bin/vignette" doctor 2>/dev/null | grep -q "its variant $variant" ||
      best=$variant
  done
  [ -n "$best" ] || fail "this processor has no AVX2, which the check is made with"
  for variant in x64 haswell "$best"; do
    (cd "$root" && VIGNETTE_CPU_VARIANT=$variant mvn -q -B -Dstyle.color=never -Dportable -pl bindings,llava -am \
      -Dtest='dev.vignette.llama.**,dev.vignette.llava.**' -Dsurefire.failIfNoSpecifiedTests=false package)
    say "the tests of bindings and llava, which compute with it, under the variant $variant: passed"
  done
}

# Runs a command in the Debian, as a user who owns nothing there, with an empty environment.
inside() {
  chroot --userspec=65534:65534 "$debian" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/tmp/home "$@"
}

debian() {
  [ "$(id -u)" = 0 ] || fail "the minimal Debian needs root (chroot)"
  if [ ! -e "$debian/usr/bin/env" ]; then
    command -v debootstrap >/dev/null || fail "debootstrap is missing (Debian: apt-get install debootstrap)"
    debootstrap --variant=minbase bookworm "$debian" ${MIRROR:+"$MIRROR"} >/dev/null
  fi
  local where="/opt/a folder é"
  mkdir -p "$debian$where"
  [ -e "$debian/proc/cpuinfo" ] || mount -t proc proc "$debian/proc"
  trap 'umount "$debian/proc"' EXIT
  rm -rf "${debian:?}$where"/* "$debian/tmp/home" "$debian/tmp/photos" && mkdir -p "$debian/tmp/home" "$debian/tmp/photos"
  tar -xzf "$(tarball)" -C "$debian$where"
  cp "$root"/models/mini/data/images/val/00000000001*.jpg "$debian/tmp/photos/"
  chmod -R a-w "$debian$where"
  chmod -R a+rwX "$debian/tmp/home" "$debian/tmp/photos"
  local home vignette
  home=$where/$(ls "$debian$where")
  vignette=$home/bin/vignette
  say "in a minimal Debian ($(cat "$debian/etc/debian_version"), $(inside dpkg-query -W | wc -l) packages, no Java, no compiler), in '$home', read-only:"
  ! inside sh -c 'command -v java javac cc gcc' || fail "this Debian has a Java or a compiler"
  local said
  said=$(inside "$vignette" llava caption "$home/$image")
  [ "$said" = "$expected" ] || fail "it said '$said', not '$expected'"
  say "the test image: $said"
  inside "$vignette" llava caption /tmp/photos -o /tmp/home/captions.json -q
  say "a folder: $(grep -c '": "' "$debian/tmp/home/captions.json") captions of $(find "$debian/tmp/photos" -name '*.jpg' | wc -l) images"
  inside "$vignette" doctor || fail "doctor is not well"
  say "the first caption: $(median_of inside "$vignette" llava caption "$home/$image") ms, the checkout's distribution \
$(median_of "$root/cli/target/vignette/bin/vignette" llava caption "$root/$image") ms (medians of 7)"
  say "unpacked: $(du -sm "$debian$home" | cut -f1) MB"
}

kills() {
  local folder
  folder=$(mktemp -d)
  tar -xzf "$(tarball)" -C "$folder"
  VIGNETTE=$(ls "$folder"/*/bin/vignette) "$root/bench/kills.sh" "${KILLS:-20}" caption
  rm -rf "$folder"
}

[ $# -gt 0 ] || set -- build variants debian kills
for step in "$@"; do
  case $step in
    build | variants | debian | kills) $step ;;
    *) fail "no step '$step'; there are build, variants, debian and kills" ;;
  esac
done
