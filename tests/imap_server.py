"""A real IMAP server for tests: Debian's Dovecot, on loopback, with TLS and any number of mailboxes.

It runs in a directory of its own as a user that may nothing. Every user exists, with an empty mailbox and the
password `secret`. At 127.0.0.2 the same server offers no IDLE.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import trustme
from imapclient import IMAPClient

from tests.faults.machine import is_free
from tests.leftovers import MARK

PASSWORD = "secret"
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
_CONFIGURATION = """\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1, 127.0.0.2
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
auth_failure_delay = 0
mail_driver = maildir
mail_path = {home}/mail/%{{user}}
ssl = required
ssl_server_cert_file = {home}/cert.pem
ssl_server_key_file = {home}/key.pem
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {home}/mail/%{{user}}
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
local 127.0.0.2 {{
  imap_capability {{
    IDLE = no
  }}
}}
"""


class ImapServer:
    """Listens from `start` to `stop`, and may be started again; mails stay until `remove`."""

    def __init__(self) -> None:
        # Not below pytest's own directory, which nobody else may enter where root runs the tests.
        self.home = Path(tempfile.mkdtemp(prefix="imap-"))
        # Below the ports that the system gives to connections: while the server is away, one that tries to
        # reach it would get hold of its port. From another one on in each process, as two that look at the
        # same moment would both find the same one free.
        first = 21993 + os.getpid() * 7 % 9000
        self.port = next(port for port in range(first, 32000) if is_free(port))
        is_root = os.getuid() == 0
        owner = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.getuid())
        group = grp.getgrgid(owner.pw_gid).gr_name
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1", "127.0.0.2")
        certificate.private_key_pem.write_to_path(self.home / "key.pem")
        for part in certificate.cert_chain_pems:
            part.write_to_path(self.home / "cert.pem", append=True)
        self.authority = self.home / "authority.pem"
        authority.cert_pem.write_to_path(self.authority)
        self.tls = ssl.create_default_context(cafile=str(self.authority))
        (self.home / "dovecot.conf").write_text(
            _CONFIGURATION.format(
                home=self.home,
                user=owner.pw_name,
                group=group,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                port=self.port,
                password=PASSWORD,
            )
        )
        self._as: dict[str, object] = {}
        if is_root:
            for path in (self.home, *self.home.iterdir()):
                os.chown(path, owner.pw_uid, owner.pw_gid)
            self._as = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Listen; nothing where it does."""
        if self._child is not None:
            return
        program = shutil.which("dovecot", path=_PATH)
        assert program, "Dovecot is missing: sh tests/integration/mailbox/need_dovecot.sh"
        self._child = subprocess.Popen(  # type: ignore[call-overload]
            [program, "-F", "-c", self.home / "dovecot.conf"],
            env={"PATH": _PATH, MARK: os.environ.get(MARK, "")},
            start_new_session=True,
            **self._as,
        )
        deadline = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert self._child.poll() is None, self.log
                assert time.monotonic() < deadline, self.log
                time.sleep(0.02)
            else:
                assert self._child.poll() is None, self.log
                return

    def stop(self) -> None:
        """End it, and every connection."""
        if self._child is not None:
            self._child.terminate()
            self._child.wait(30)
            # Sessions that are idle outlive it by ten seconds.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.home)

    @property
    def log(self) -> str:
        return (self.home / "log").read_text("utf-8") if (self.home / "log").exists() else ""

    def url(self, user: str, *, host: str = "127.0.0.1", password: str = PASSWORD) -> str:
        return f"imaps://{quote(user, safe='')}:{password}@{host}:{self.port}"

    @contextmanager
    def client(self, user: str, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """Somebody else who looks into a mailbox."""
        with IMAPClient("127.0.0.1", self.port, ssl_context=self.tls, timeout=20) as client:
            client.login(user, PASSWORD)
            client.select_folder(folder)
            yield client

    def put(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """Have mails arrive."""
        with self.client(user) as client:
            for mail in mails:
                client.append(folder, mail)

    def flags(self, user: str, folder: str = "INBOX") -> list[set[str]]:
        """The flags of each mail, the oldest first."""
        with self.client(user, folder) as client:
            found = client.get_flags(client.search())
            return [{flag.decode() for flag in found[uid]} - {"\\Recent"} for uid in sorted(found)]
