#!/bin/sh
# The tests of a whole machine put Debian's nginx in front, and rotate its logs with Debian's logrotate: install
# them where we may, else say what is missing.
PATH="$PATH:/usr/sbin"
command -v nginx >/dev/null 2>&1 && command -v logrotate >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing nginx and logrotate from Debian's packages (once) ..."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx-light logrotate; } \
    >/dev/null 2>&1 && { service nginx stop >/dev/null 2>&1; exit 0; }
fi
echo "The tests of a whole machine need nginx and logrotate. On Debian: apt-get install nginx-light logrotate" >&2
exit 1
