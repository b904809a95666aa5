#!/usr/bin/env bash
# kills.sh [KILLS [COMMAND...]]: SIGKILLs runs at random moments, 100 unless said otherwise, and then lets them end: nothing may be lost.
# COMMANDs are caption and compare (both unless named); a line of start() makes another. A run goes on where the one before it was
# killed; LONGEST_MS is the longest until a kill, from the first image or the start (default: what a whole run takes). Needs a built
# Vignette (or another, named by VIGNETTE) and python3.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vignette=${VIGNETTE:-$root/cli/target/vignette/bin/vignette}
kills=${1:-100}
shift || true
commands=("$@")
[ ${#commands[@]} -gt 0 ] || commands=(caption compare)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/images"
for image in "$root"/models/mini/data/images/val/*.jpg; do
  cp -p "$image" "$work/images/"
done

start() { # start COMMAND FOLDER [MORE...]: what is run, with its outputs in FOLDER
  local command=$1 folder=$2
  case $command in
    caption) exec "$vignette" llava caption "$work/images" -o "$folder/caption.json" --details -q "${@:3}" ;;
    compare)
      exec "$vignette" llava compare "$work/images" --annotations "$root/models/mini/data/val.json" \
        -o "$folder" -q "${@:3}"
      ;;
    *) echo "kills.sh: no command $command; there are caption and compare" >&2 && exit 2 ;;
  esac
}

written() { # written FOLDER: bytes of the journals
  { cat "$1"/*.journal 2>/dev/null || true; } | wc -c
}

captions() { # captions FOLDER: how many the journals have
  cat "$1"/*.journal 2>/dev/null | grep -c '"caption"' || true
}

for command in "${commands[@]}"; do
  mkdir -p "$work/$command.whole" "$work/$command"
  begun=$(date +%s%N)
  (start "$command" "$work/$command.whole") >/dev/null
  millis=$((($(date +%s%N) - begun) / 1000000))
  millis=${LONGEST_MS:-$millis}
  all=$(captions "$work/$command.whole")
  early=0 midrun=0 late=0
  for ((i = 1; i <= kills; i++)); do
    before=$(captions "$work/$command")
    # Nothing is left to be killed in, but perhaps an image that was not tried again: from the beginning.
    if [ "$before" = "$all" ] || [ "$before" = "${stuck:-}" ]; then
      rm -rf "${work:?}/$command" && mkdir "$work/$command" && before=0
    fi
    bytes=$(written "$work/$command")
    (start "$command" "$work/$command") >/dev/null 2>&1 &
    run=$!
    # Four of five kills come after the model has its first image: most of a short run is its start.
    while [ $((i % 5)) != 0 ] && [ "$(written "$work/$command")" = "$bytes" ] && kill -0 "$run" 2>/dev/null; do
      sleep 0.1
    done
    sleep "$(python3 -c "import random; print(random.random() * $millis / 1000)")"
    if ! kill -9 "$run" 2>/dev/null; then
      late=$((late + 1))
    elif [ "$(written "$work/$command")" = "$bytes" ]; then
      early=$((early + 1))
    else
      midrun=$((midrun + 1))
    fi
    wait "$run" 2>/dev/null || true
    after=$(captions "$work/$command")
    stuck='' && [ "$before" != "$after" ] || stuck=$after
    python3 - "$work/$command" "$work/$command.whole" <<'PYTHON'
import json, pathlib, sys
killed, whole = map(pathlib.Path, sys.argv[1:])
for journal in killed.glob("*.json.journal"):
    reference = json.loads((whole / journal.name.removesuffix(".journal")).read_text())
    for line in journal.read_bytes().split(b"\n")[1:-1]:
        entry = json.loads(line)
        if "caption" in entry:
            assert reference[entry["key"]] == entry["caption"], (journal, entry)
    predictions = killed / journal.name.removesuffix(".journal")
    if predictions.exists():
        assert json.loads(predictions.read_text()).items() <= reference.items(), predictions
PYTHON
    echo "$command, kill $i of $kills: $before, then $after captions in the journals"
  done
  (start "$command" "$work/$command") >"$work/last.txt" 2>&1 || grep "was not tried again" "$work/last.txt"
  # An image that was alone in hand at two kills is listed; overwriting tries it again.
  if [ "$command" = caption ]; then
    { grep -o "$work/images/[0-9]*.jpg was not" "$work/last.txt" || true; } | cut -d' ' -f1 | while read -r image; do
      "$vignette" llava caption "$image" -o "$work/caption/caption.json" --details -q --overwrite
    done
    cmp "$work/caption.whole/caption.json" "$work/caption/caption.json"
  fi
  python3 - "$work/$command" "$work/$command.whole" <<'PYTHON'
import json, pathlib, sys
killed, whole = map(pathlib.Path, sys.argv[1:])
for reference in whole.glob("*.json"):
    if (whole / (reference.name + ".journal")).exists():
        listed = (killed / (reference.name + ".journal")).read_text().count('"event":"begun"') // 2
        lost = json.loads(reference.read_text()).items() - json.loads((killed / reference.name).read_text()).items()
        assert len(lost) <= listed, (reference.name, lost)
PYTHON
  echo "$command: nothing lost in $kills kills: $early before the first image, $midrun while it captioned, $late after it had ended"
done
