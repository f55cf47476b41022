#!/bin/sh
# Pictures of Chinese pages need Chinese letters: install a font where we may, else say what is missing.
[ -n "$(fc-list :lang=zh 2>/dev/null)" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing a Chinese font from Debian's packages (once) ..."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-noto-cjk; } \
    >/dev/null 2>&1 && exit 0
fi
echo "The pictures need a Chinese font. On Debian: apt-get install fonts-noto-cjk" >&2
exit 1
