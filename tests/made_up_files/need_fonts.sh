#!/bin/sh
# Made-up PDFs are printed in Noto's Chinese fonts and in a TrueType one: install it where we may. Without it those
# pages are in Noto as well.
sh web/need_fonts.sh || exit 1
[ -n "$(fc-list 'Droid Sans Fallback' 2>/dev/null)" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing a TrueType font from Debian's packages (once) ..."
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-droid-fallback >/dev/null 2>&1 && exit 0
fi
echo "Some made-up PDFs should be in a TrueType font. On Debian: apt-get install fonts-droid-fallback" >&2
