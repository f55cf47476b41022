#!/bin/sh
# The browser tests drive Debian's Chromium, best the one without windows of its own, which take longer than pages:
# install it where we may, else take whichever is there, or say what is missing.
is_there() {
  for name in "$@"; do
    command -v "$name" >/dev/null 2>&1 && return 0
  done
  return 1
}
install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1
}

is_there chromium-headless-shell && exit 0
if [ "$(id -u)" = 0 ] && is_there apt-get; then
  echo "installing Chromium from Debian's packages (once) ..."
  install chromium-headless-shell && exit 0
  is_there chromium chromium-browser google-chrome && exit 0
  apt-get update -qq >/dev/null 2>&1
  { install chromium-headless-shell || install chromium; } && exit 0
fi
is_there chromium chromium-browser google-chrome && exit 0
echo "The browser tests need Chromium. On Debian: apt-get install chromium-headless-shell" >&2
exit 1
