"""The session that the README shows: its requests, sent to a server, give what it prints.

Ids, tokens and times are each run's own and are left out of the comparison.
"""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl

from process.life import Server
from tests.api.scene import news_is_out
from tests.files import FORM, form_of
from tests.support import INGEST_TOKEN, Api, Hr

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SESSION = re.search(r"```sh\n(\$ curl.*?)```", README, re.DOTALL)[1]
FILE = re.search(r"```sh\n(\$ curl[^`]*/resumes/file/.*?)```", README, re.DOTALL)[1]
READ = re.search(r"```sh\n(\$ curl[^`]*/special_feed/read/.*?)```", README, re.DOTALL)[1]
ANSWERS = [line for line in SESSION.splitlines() if line.startswith("{")]
FRAMES = [line for line in README.splitlines() if line.startswith('{"type":')]


def masked(text: str) -> str:
    text = re.sub(r"[0-9a-f]{24}", "ID", text)
    text = re.sub(r'"token":"[^"]+"', '"token":"T"', text)
    return re.sub(r'"mission_time":[0-9]+', '"mission_time":0', text)


async def answers_as_shown(api: Api) -> None:
    """A file, with the reader that there is."""
    name, source = re.search(r"-F file=@(\S+) -F source=(\S+)", FILE).groups()
    file = ROOT / name
    headers = {"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": FORM}
    body = form_of((file.name, file.read_bytes()), source=source)
    answer = await api.call("POST", "/resumes/file/", body=body, headers=headers)
    assert answer.body.decode() == FILE.strip().splitlines()[-1]


async def reads_as_shown(hr: Hr) -> None:
    """A pasted posting."""
    answer = await hr.post("/special_feed/read/", json.loads(re.search(r"-d '(.*?)'", READ)[1]))
    assert answer.body.decode() == READ.strip().splitlines()[-1]


async def test_the_readmes_session_prints_what_the_readme_shows(server: Server, api: Api):
    fields = parse_qsl("&".join(re.findall(r"-d (\w+=\S+)", SESSION)))
    registered = await api.call("POST", "/hr/register/", form=dict(fields))
    hr = Hr.logged_in(api.port, registered["username"], registered["auth_info"])
    form = json.loads(re.search(r"-d '(.*?)'", SESSION, re.DOTALL)[1])
    submitted = await hr.post("/special_feed/submit_feed/", form)
    feed_id = submitted["feed_id"]
    await hr.calced(feed_id)
    await news_is_out(server)

    socket = await hr.socket()
    frames = [await socket.until("snapshot")]
    ingested = await api.call(
        "POST",
        "/resumes/",
        body=(ROOT / "docs" / "resume.json").read_bytes(),
        headers={"Authorization": f"Bearer {INGEST_TOKEN}", "Content-Type": "application/json"},
    )
    frames.append(await socket.until("unread"))
    await hr.get(f"/feed/get/{feed_id}/{ingested['ids'][0]}")
    frames.append(await socket.until("unread", unread_count=0))

    answers = [answer.body.decode() for answer in (registered, submitted, ingested)]
    assert [masked(answer) for answer in answers] == [masked(answer) for answer in ANSWERS]
    assert ingested["ids"][0] in README
    await answers_as_shown(api)
    await reads_as_shown(hr)
    assert [masked(json.dumps(frame)) for frame in frames] == [
        masked(json.dumps(json.loads(frame))) for frame in FRAMES
    ]
