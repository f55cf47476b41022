"""Whole servers that send letters."""

import pytest

from tests.integration.mail.support import plain, server_context
from tests.mail_server import MailServer, link_in, path_of, silent_server
from tests.support import PASSWORD, Api

pytestmark = pytest.mark.faults


async def test_a_whole_server_sends_over_tls(start, authority, tmp_path):
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    server = await MailServer().start(tls=server_context(authority), implicit_tls=True)
    options = {"require_activation": "true", "smtp_url": f"smtps://localhost:{server.port}"}
    process = await start(**options, ssl_cert_file=bundle).ready()
    api = Api(process.port)
    form = {"user_email": "a@example.com", "password": PASSWORD, "company_name": "x", "phone": "12345"}
    assert not (await api.call("POST", "/hr/register/", form=form)).json.get("auth_info")
    link = link_in(await server.letter())
    assert link.startswith(f"http://127.0.0.1:{process.port}/hr/activate/")
    assert (await api.post(path_of(link))).status == "ok"
    assert process.stop() == 0
    log = process.log.read_text()
    assert not [word for word in ("a@example.com", "MnwxOjB8", "stack") if word in log]
    await server.stop()


async def test_a_letter_outlives_a_kill_of_everything(start, server):
    async with silent_server() as silent:
        first = await start(require_activation="true", smtp_url=f"smtp://127.0.0.1:{silent}").ready()
        form = {"user_email": "a@example.com", "password": PASSWORD, "company_name": "x", "phone": "12345"}
        assert (await Api(first.port).call("POST", "/hr/register/", form=form)).status == "ok"
        first.kill_all()
    second = await start(require_activation="true", smtp_url=plain(server)).ready()
    # The killed one held the lease, which is soon over.
    assert (await Api(second.port).post(path_of(link_in(await server.letter())))).status == "ok"
