#!/bin/sh
# The tests of the mailbox read from Debian's Dovecot, which they start themselves: install it where we may, else
# say what is missing.
PATH="$PATH:/usr/sbin"
command -v dovecot >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing Dovecot from Debian's packages (once) ..."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends dovecot-imapd; } \
    >/dev/null 2>&1 && { service dovecot stop >/dev/null 2>&1; exit 0; }
fi
echo "The tests of the mailbox need Dovecot 2.4. On Debian: apt-get install dovecot-imapd" >&2
exit 1
