#!/bin/sh
# The tests of a whole machine put Debian's nginx in front, rotate its logs with Debian's logrotate, and back up
# as documented, with GnuPG: install them where we may, else say what is missing.
PATH="$PATH:/usr/sbin"
command -v nginx >/dev/null 2>&1 && command -v logrotate >/dev/null 2>&1 && command -v gpg >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing nginx, logrotate and GnuPG from Debian's packages (once) ..."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx-light logrotate gnupg; } \
    >/dev/null 2>&1 && { service nginx stop >/dev/null 2>&1; exit 0; }
fi
echo "The tests of a whole machine need nginx, logrotate and GnuPG. On Debian: apt-get install nginx-light logrotate gnupg" >&2
exit 1
