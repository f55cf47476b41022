"""A mailbox on a real IMAP server: mails are stored once, marked after that, and none holds others up."""

import asyncio
import shutil
import threading

import pytest
from imapclient import IMAPClient

from intake.mailbox import connection, mailbox
from intake.mailbox.connection import FAILED, TAKEN
from intake.mailbox.mailbox import Waits
from tests.integration.mailbox.letters import letter
from tests.support import eventually, python_resume


async def in_thread(*call):
    return await asyncio.to_thread(*call)


async def marked(imap, user, *flags, folder="INBOX", within_s=60):
    """Wait until the flags of the mails are these, a set of them a mail."""
    expected = [set(one) for one in flags]

    async def are_there():
        return await in_thread(imap.flags, user, folder) == expected

    try:
        await eventually(are_there, within_s=within_s, every_s=0.1, what=f"flags {expected}")
    except AssertionError:
        raise AssertionError(imap.flags(user, folder), imap.log[-1000:]) from None


async def state_of(stores, name="reading"):
    async def is_so():
        (one,) = await stores.mailboxes.all() or [None]
        return one if one and one.state == name else None

    return await eventually(is_so, within_s=60, what=name)


async def outcomes_are(stores, outcomes):
    """Wait until it is noted what became of the mails, which comes after the marks: a stop leaves it out."""

    async def is_so():
        (one,) = await stores.mailboxes.all() or [None]
        return one and one.outcomes == outcomes

    await eventually(is_so, within_s=60, what=f"the outcomes {outcomes}")


async def begun(imap, stores, user, *, times):
    """As processes leave it that died over the first mail."""
    with imap.client(user) as client:
        name = f"{client.folder_status('INBOX', ['UIDVALIDITY'])[b'UIDVALIDITY']}-1"
    for _ in range(times):
        await stores.mailboxes.begin(mailbox.Address.of(imap.url(user)).key, name)


async def sources(stores):
    found = await stores._database.resumes.find({}, {"source": 1}).to_list(None)
    return sorted(one["source"] for one in found)


@pytest.fixture
def waits(monkeypatch):
    """Set once a connection waits for mails."""
    begun, wait = threading.Event(), connection.Connection.wait

    def noted(self, seconds):
        begun.set()
        wait(self, seconds)

    monkeypatch.setattr(connection.Connection, "wait", noted)
    return begun


async def test_a_mail_that_comes_while_idle_is_stored_at_once_and_then_marked(
    imap, stores, user, read, waits
):
    # It is told of the mail: by itself it would look long after anybody waits here.
    async with read(user, waits=Waits(idle=600.0, soon=0.2)):
        await state_of(stores)
        await in_thread(waits.wait, 60)
        await in_thread(imap.put, user, letter())

        async def is_stored():
            return await stores.resumes.count() == 1

        await eventually(is_stored, what="the resume")
        await marked(imap, user, {TAKEN})  # and not \Seen: nobody has read it
        await outcomes_are(stores, {"accepted": 1})
    assert (await state_of(stores, "stopped")).outcomes == {"accepted": 1}


async def test_ten_attachments_are_ten_outcomes_of_the_senders_source(imap, stores, user, read):
    many = [python_resume(name=f"张{number}") for number in range(10)]
    one = python_resume()
    gbk = letter(one, sender="=?GBK?B?1cXI/Q==?= <no-reply@ehire.51job.com>", subject="x")
    await in_thread(imap.put, user, letter(*many), gbk, letter(one, sender="no address at all"))
    async with read(user):
        await marked(imap, user, {TAKEN}, {TAKEN}, {TAKEN})
        await outcomes_are(stores, {"accepted": 12})
    assert await sources(stores) == ["51job"] + ["mail"] * 11


async def test_a_mail_in_gbk_arrives_byte_for_byte(imap, user, read, filing):
    head = b"From: hr@51job.com\r\nContent-Type: text/plain; charset=gbk\r\n"
    mail = (
        head + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "姓名：张三\r\n".encode("gbk") * 150_000
    )  # several pieces
    await in_thread(imap.put, user, mail)
    async with read(user):
        await marked(imap, user, {TAKEN})
    assert filing.taken == [mail]


async def test_a_mail_comes_again_where_the_mark_is_missing_and_is_a_duplicate(
    imap, stores, user, read, filing
):
    await in_thread(imap.put, user, letter())
    stored = asyncio.Event()

    async def hang():
        stored.set()
        await asyncio.Event().wait()

    filing.after = hang
    async with read(user):
        await stored.wait()
    assert await in_thread(imap.flags, user) == [set()]
    # To be told to stop is no attempt.
    assert set((await stores._database.mailboxes.find_one({}))["begun"].values()) == {0}
    filing.after = None
    async with read(user):
        await marked(imap, user, {TAKEN})
        await outcomes_are(stores, {"duplicate": 1})
    assert len(filing.taken) == 2
    assert await stores.resumes.count() == 1
    assert (await stores._database.mailboxes.find_one({})).get("begun", {}) == {}


async def test_a_mail_that_fails_twice_is_left_and_its_neighbours_go_on(imap, stores, user, read, filing):
    bad = letter(subject="bad")

    def fail(data):
        if data == bad:
            raise RuntimeError("a text that no log may have")

    filing.before = fail
    await in_thread(imap.put, user, bad, letter())
    async with read(user):
        await marked(imap, user, {TAKEN, FAILED}, {TAKEN})
        assert filing.taken.count(bad) == 2
        assert filing.taken[1] != bad
        await outcomes_are(stores, {"accepted": 1, "failed": 1})


async def test_a_mail_over_which_a_process_died_twice_is_not_read_again(imap, stores, user, read, filing):
    await in_thread(imap.put, user, letter(subject="bomb"), letter())
    await begun(imap, stores, user, times=2)
    async with read(user):
        await marked(imap, user, {TAKEN, FAILED}, {TAKEN})
    assert len(filing.taken) == 1


@pytest.fixture
def answers(monkeypatch):
    """Have each answer about a mail changed on its way: by the mail's uid, what was asked, and the answer."""

    def changed_by(change):
        fetch = IMAPClient.fetch

        def changed(self, uids, what, *more):
            answer = fetch(self, uids, what, *more)
            return {uid: change(uid, what[0], dict(said)) for uid, said in answer.items()}

        monkeypatch.setattr(IMAPClient, "fetch", changed)

    return changed_by


UNGIVEN = {
    "under another name": lambda said: {name.replace(b"<0>", b"<0.9>"): one for name, one in said.items()},
    "as nothing": lambda said: said | {b"BODY[]<0>": None},
    "as an empty text": lambda said: said | {b"BODY[]<0>": b""},
}


@pytest.mark.parametrize("how", UNGIVEN)
async def test_a_mail_that_the_server_does_not_give_is_left_and_its_neighbours_go_on(
    imap, stores, user, read, filing, answers, how
):
    answers(lambda uid, what, said: UNGIVEN[how](said) if uid == 1 and what.startswith("BODY") else said)
    await in_thread(imap.put, user, letter(), letter())
    async with read(user):
        await marked(imap, user, {TAKEN, FAILED}, {TAKEN})
        await outcomes_are(stores, {"accepted": 1, "failed": 1})
    assert len(filing.taken) == 1


async def test_a_mail_whose_size_is_told_too_small_is_read_to_its_end(imap, user, read, filing, answers):
    mail = letter()
    answers(lambda _uid, _what, said: said | {b"RFC822.SIZE": 10})
    await in_thread(imap.put, user, mail)
    async with read(user):
        await marked(imap, user, {TAKEN})
    assert filing.taken == [mail]


@pytest.mark.parametrize("before", ["RFC822.SIZE", "BODY"])
async def test_a_mail_that_somebody_removes_before_it_is_read_is_not_marked(
    imap, stores, user, read, filing, monkeypatch, before
):
    fetch, mark, marks, gone = IMAPClient.fetch, connection.Connection.mark, [], set()

    def removed_first(self, uids, what, *more):
        if uids == [1] and what[0].startswith(before) and not gone:
            with imap.client(user) as somebody:
                somebody.delete_messages(uids, silent=True)
                somebody.expunge()
            gone.add(1)
        return fetch(self, uids, what, *more)

    def noted(self, uid, **more):
        marks.append(uid)
        mark(self, uid, **more)

    monkeypatch.setattr(IMAPClient, "fetch", removed_first)
    monkeypatch.setattr(connection.Connection, "mark", noted)
    await in_thread(imap.put, user, letter(), letter())
    async with read(user):
        await marked(imap, user, {TAKEN})
        await outcomes_are(stores, {"accepted": 1})
    assert (gone, marks, len(filing.taken)) == ({1}, [2], 1)


@pytest.mark.faults
async def test_a_server_that_goes_away_and_comes_back_loses_nothing(imap, stores, user, read, monkeypatch):
    monkeypatch.setattr(mailbox, "_FIRST_PAUSE_S", 0.1)
    await in_thread(imap.put, user, letter())
    async with read(user):
        await marked(imap, user, {TAKEN})
        await in_thread(imap.stop)

        async def is_away():  # a try in the middle of the end meets no TLS
            return (await state_of(stores, "failing")).failure == "no_answer"

        await eventually(is_away, what="the end of the server")
        await in_thread(imap.start)
        await in_thread(imap.put, user, letter())
        await marked(imap, user, {TAKEN}, {TAKEN})
        assert (await state_of(stores)).failure == ""
    assert await stores.resumes.count() == 2


async def test_a_wrong_password_is_said_and_not_tried_at_once_again(imap, stores, user, read):
    async with read(user, url=imap.url(user, password="wrong")):
        assert (await state_of(stores, "failing")).failure == "login"
        await asyncio.sleep(1.5)
    assert imap.log.count(f"user=<{user}>") <= 1


async def test_a_server_without_idle_is_asked_again_and_again(imap, user, read, waits):
    async with read(user, url=imap.url(user, host="127.0.0.2")):
        await in_thread(waits.wait, 60)
        await in_thread(imap.put, user, letter())
        await marked(imap, user, {TAKEN})


async def test_without_keywords_flags_say_what_was_taken(imap, user, read, filing, monkeypatch):
    class Plain(connection.Connection):
        def __init__(self, *args):
            super().__init__(*args)
            assert self.has_keywords
            self.has_keywords = False

    monkeypatch.setattr(mailbox, "Connection", Plain)
    bad = letter(subject="bad")

    def fail(data):
        if data == bad:
            raise ValueError

    filing.before = fail
    await in_thread(imap.put, user, bad, letter())
    async with read(user):
        await marked(imap, user, {"\\Flagged"}, {"\\Flagged", "\\Seen"})
    filing.taken.clear()
    with imap.client(user) as client:
        client.append("INBOX", letter(), flags=["\\Seen"])  # somebody has looked into it
    async with read(user):
        await marked(imap, user, {"\\Flagged"}, *[{"\\Flagged", "\\Seen"}] * 2)
    assert len(filing.taken) == 1


async def test_what_was_taken_moves_to_a_folder(imap, user, read):
    await in_thread(imap.put, user, letter(), letter())
    async with read(user, done_folder="已读取"):
        await marked(imap, user)
    await marked(imap, user, {TAKEN}, {TAKEN}, folder="已读取")


async def test_a_folder_made_anew_is_read_anew_and_nothing_is_doubled(imap, stores, user, read, monkeypatch):
    monkeypatch.setattr(mailbox, "_FIRST_PAUSE_S", 0.1)
    mails = [letter(), letter()]
    await in_thread(imap.put, user, *mails)
    async with read(user):
        await marked(imap, user, {TAKEN}, {TAKEN})
        await in_thread(imap.stop)
        shutil.rmtree(imap.home / "mail" / user)
        await in_thread(imap.start)
        await in_thread(imap.put, user, *mails, letter())
        await marked(imap, user, {TAKEN}, {TAKEN}, {TAKEN})
        await outcomes_are(stores, {"accepted": 3, "duplicate": 2})
    assert await stores.resumes.count() == 3
