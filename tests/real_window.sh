#!/usr/bin/env bash
# Starts the real program on a virtual display and drives it by mouse and keyboard as an analyst would: opens a file and
# a sample, compromises by double click, narrows an audience, exports, and closes. Fails where anything is missing;
# never skips. Needs Xvfb, xdotool, ImageMagick and a Vulkan driver (Mesa's software one will do).
#
#   tests/real_window.sh [path of the program]      default: target/debug/trustmap
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/debug/trustmap}")
for tool in Xvfb xdotool import identify python3; do
    command -v "$tool" >/dev/null || { echo "real_window: $tool is missing; install xvfb, xdotool, imagemagick, python3" >&2; exit 1; }
done
work=$(mktemp -d)
server=; window_pid=
finish() {
    status=$?
    [ -n "$window_pid" ] && kill "$window_pid" 2>/dev/null || true
    [ -n "$server" ] && kill "$server" 2>/dev/null || true
    if [ "$status" -ne 0 ]; then
        echo "real_window: failed; what the program said:" >&2
        cat "$work/said" >&2 2>/dev/null || true
        keep=${TRUSTMAP_PICTURES:-}
        [ -n "$keep" ] && cp "$work"/*.png "$keep"/ 2>/dev/null || true
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT

# A display of its own, of the size the design is drawn at. Without -noreset the server starts over whenever its last
# client goes, and a program started just then finds nobody listening.
Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp -noreset 3>"$work/display" >/dev/null 2>&1 &
server=$!
for _ in $(seq 100); do [ -s "$work/display" ] && break; sleep 0.1; done
export DISPLAY=":$(tr -d '\n' <"$work/display")"
export XDG_CONFIG_HOME="$work/config" HOME="$work" LC_ALL=C.UTF-8
unset WAYLAND_DISPLAY

say() { echo "real_window: $*"; }
picture() { import -window root "$work/$1.png"; }

# Waits until a file is there, whole (files are renamed into place).
wait_for() {
    for _ in $(seq 300); do [ -s "$1" ] && return 0; sleep 0.1; done
    picture "missing-$(basename "$1")"
    echo "real_window: $1 did not come" >&2
    exit 1
}

# Waits until the window does not change any more.
settle() {
    local last="" now same=0
    for _ in $(seq 300); do
        now=$(import -window root -depth 8 rgb:- | sha256sum)
        if [ "$now" = "$last" ]; then same=$((same + 1)); else same=0; fi
        [ "$same" -ge 3 ] && return 0
        last=$now
        sleep 0.15
    done
    echo "real_window: the window does not come to rest" >&2
    exit 1
}

start() {
    (cd "$work" && exec "$program" "$@") >"$work/said" 2>&1 &
    window_pid=$!
    local id=
    for _ in $(seq 300); do
        kill -0 "$window_pid" 2>/dev/null || { echo "real_window: the program ended at once" >&2; exit 1; }
        id=$(xdotool search --pid "$window_pid" --onlyvisible 2>/dev/null | tail -1 || true)
        [ -n "$id" ] && break
        sleep 0.1
    done
    [ -n "$id" ] || { echo "real_window: no window came" >&2; exit 1; }
    xdotool windowmove "$id" 0 0 windowsize "$id" 1440 900
    # There is no window manager to give it the keyboard.
    xdotool windowfocus "$id"
    settle
}

click() { xdotool mousemove "$1" "$2" click "${3:-1}"; settle; }
# The pointer rests before it clicks: a slow machine must not draw between the two clicks for longer than they may take.
double_click() { xdotool mousemove "$1" "$2"; settle; xdotool click --repeat 2 --delay 60 1; settle; }
key() { xdotool key "$@"; settle; }

# Writes through the dialog: the kind is chosen from the menu by mouse, the path is typed.
export_to() { # row in the menu, file
    click 208 22
    # Above the kinds the menu has the aliases and what can be copied.
    click 240 "$((169 + 32 * $1))"
    key ctrl+a
    xdotool type --delay 20 -- "$2"
    settle
    key Return
    wait_for "$2"
}

check_json() { # file, python expression over the document d
    python3 - "$1" "$2" <<'PY'
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
if not eval(sys.argv[2]):
    s = {k: d[k]["summary"] for k in ("before", "after") if k in d}
    sys.exit(f"real_window: {sys.argv[2]} does not hold: compromise {d['compromise']}, {s}")
PY
}

say "a file as an argument, compromised by double click"
start "$PWD/tests/fixtures/window/ci.json" "$PWD/tests/fixtures/window/cloud.json"
picture opened
double_click 100 138
export_to 3 "$work/one.json"
check_json "$work/one.json" 'd["compromise"] == ["ci-token"] and d["before"]["summary"]["systems"] == 5'

say "undo by keyboard"
key ctrl+z
export_to 3 "$work/none.json"
check_json "$work/none.json" 'd["compromise"] == [] and d["before"]["summary"]["systems"] == 0'
kill "$window_pid"; wait "$window_pid" 2>/dev/null || true

say "killed, it comes back as it was"
start
export_to 3 "$work/again.json"
check_json "$work/again.json" 'd["compromise"] == [] and [i["file"] for i in d["inputs"]] != []'
kill "$window_pid"; wait "$window_pid" 2>/dev/null || true

say "a sample from the welcome screen, narrowed in the inspector"
# As somebody who has never used it: nothing is there to come back to.
export HOME="$work/new" XDG_CONFIG_HOME="$work/new/config"
mkdir "$HOME"
start
picture welcome
click 1000 225
picture sample
export_to 3 "$work/before.json"
check_json "$work/before.json" 'd["before"]["summary"]["systems"] == 37 and "after" not in d'
# A tick box of the inspector's audience list.
click 1130 "${TICK_Y:-430}"
picture narrowed
export_to 3 "$work/after.json"
check_json "$work/after.json" 'd["after"]["summary"]["systems"] < d["before"]["summary"]["systems"] == 37'
export_to 0 "$work/map.png"
export_to 1 "$work/map.svg"
size=$(identify -format "%w %h" "$work/map.png")
[ "${size% *}" -ge 1440 ] || { echo "real_window: the exported picture is only $size" >&2; exit 1; }
grep -q "</svg>" "$work/map.svg"
# More than a blank window: the welcome screen and the map differ, and the map has many colours.
picture last
colours=$(identify -format "%k" "$work/last.png")
[ "$colours" -ge 200 ] || { echo "real_window: the window shows only $colours colours" >&2; exit 1; }
if grep -qi "panicked" "$work/said"; then echo "real_window: the program panicked" >&2; exit 1; fi
keep=${TRUSTMAP_PICTURES:-}
[ -n "$keep" ] && cp "$work"/*.png "$keep"/
say "done"
