"""Reading contacts: never without an audit row before, never an older one than there is."""

import pytest
from bson import ObjectId

from store.errors import WriteFailed
from store.resumes.contacts import Contact
from tests.integration.gates import Gate, Killed, Trap
from tests.support import WANG, alone, nurse_resume, python_resume

USER = str(ObjectId())
SECRET = Contact(name="", phone="", email="", qq="", status="secret")


@pytest.fixture
def contacts(server):
    return server.stores.contacts


@pytest.fixture
def audit(server):
    return server.stores.audit


async def test_a_reading_that_cannot_be_audited_does_not_happen(server, api, contacts, audit):
    (resume,) = await api.scored(python_resume(**WANG))
    read = Trap(contacts, "_read")
    real = audit._audit

    class Full:
        async def bulk_write(self, *_, **__):
            raise WriteFailed("codes ['64']")

    audit._audit = Full()
    with pytest.raises(WriteFailed):
        await contacts.disclose(alone(USER), [resume], "unlock", "r")
    audit._audit = real
    with pytest.raises(Killed):  # and one that fails is on record all the same
        await contacts.disclose(alone(USER), [resume], "unlock", "r")
    read.take_away()
    assert len(await audit.reads_of(resume)) == 1


async def test_statuses_are_told_without_a_record(server, api, contacts):
    public, secret = await api.scored(python_resume(**WANG), nurse_resume(contact_status="secret"))
    unknown = str(ObjectId())
    statuses = await contacts.statuses(USER, [public, secret, unknown])
    assert statuses == {public: "public", secret: "secret"}
    assert await contacts.statuses(USER, []) == {}
    assert await server.stores._database.audit.count_documents({}) == 0


async def test_who_turned_secret_a_moment_ago_is_not_shown(server, api, contacts):
    resume = python_resume(**WANG)
    (id_,) = await api.scored(resume)
    gate = Gate(contacts, "comparable")  # the worker has taken the update, and scored nothing yet
    await api.ingest(resume | {"contact_status": "secret"})
    assert await contacts.statuses(USER, [id_]) == {id_: "secret"}
    assert await contacts.disclose(alone(USER), [id_], "list", "r") == {id_: SECRET}
    gate.open()
    await api.all_scored()
    assert await contacts.disclose(alone(USER), [id_], "list", "r") == {id_: SECRET}
