"""Originals of release 1.0.0 whose upload was killed go, and those that a resume names stay."""

from bson import ObjectId

from store.migrations.settle_originals import settle_originals


async def test_a_file_that_nobody_names_goes_with_its_pieces(stores):
    database = stores._database
    files, pieces = database["originals.files"], database["originals.chunks"]
    first, second = ObjectId(), ObjectId()
    await files.create_index([("metadata.unswept", 1)], name="unswept")
    named, *others = [ObjectId() for _ in range(4)]
    for id_, resume in ((named, first), (others[0], first), (others[1], second), (others[2], ObjectId())):
        await files.insert_one({"_id": id_, "metadata": {"resume": resume, "unswept": True}})
        await pieces.insert_one({"files_id": id_, "n": 0, "data": b"x"})
    await database.resumes.insert_many([{"_id": first, "original": named}, {"_id": second}])
    for _ in range(2):
        await settle_originals(database)
        assert [row["_id"] for row in await files.find({}).to_list(None)] == [named]
        assert [row["files_id"] for row in await pieces.find({}).to_list(None)] == [named]
    assert "unswept" not in await files.index_information()
