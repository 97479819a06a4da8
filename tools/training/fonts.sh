#!/usr/bin/env bash
# Lay the typefaces of fonts.txt out in a folder, DIR/serial, DIR/held and DIR/words: they are fetched, never committed.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: fonts.sh DIR" >&2; exit 2; }
list=$(cd "$(dirname "$0")" && pwd)/fonts.txt
mkdir -p "$1/serial" "$1/held" "$1/words"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
while read -r kind name version; do
  case "$kind" in
    "" | "#"*) continue ;;
    deb)
      apt-get download -q "$name=$version"
      dpkg-deb -x "$name"_*.deb "$name"
      find "$name" -name '*.ttf' -exec cp {} "$out/serial/" \; ;;
    serial | held | words)
      tar=$(npm pack --silent "@fontsource/$name@$version")
      mkdir "$name"
      tar xzf "$tar" -C "$name"
      find "$name" -name "$name-latin-[4-7]00-normal.woff" -exec cp {} "$out/$kind/" \; ;;
    *) echo "fonts.txt: what is a $kind?" >&2; exit 1 ;;
  esac
done < "$list"
echo "fonts: $(ls "$out/serial" | wc -l) faces for serials, $(ls "$out/held" | wc -l) held, $(ls "$out/words" | wc -l) for words"
