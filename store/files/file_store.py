"""Files in MongoDB, laid out as GridFS lays them out, so that its tools and other drivers read them.

    await files.put(file_id, "resume.pdf", data, {"resume": resume_id})     # in a transaction
    async for piece in files.read(file_id):
        ...

A file is deleted piece by piece, and the document that describes it last. So whoever is killed in between
leaves no piece that nobody would find. Reading a file that lacks a piece ends with `Torn`.

The driver's own bucket writes the pieces first, one by one, and looks for its indexes before each file: on
the embedded store that took ten times as long.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from store.by_ids import delete_by_ids
from store.mongo import Database

PIECE_BYTES = 1024 * 1024
"""Bytes of a piece. GridFS usually has 255 KiB; a resume is some hundred KiB, and one piece is one write."""


class Torn(Exception):
    """A file lacks a piece: it is being deleted."""


class FileStore:
    """The collections `<name>.files` and `<name>.chunks`."""

    def __init__(self, database: Database, name: str) -> None:
        self.documents = database[f"{name}.files"]
        self._pieces = database[f"{name}.chunks"]

    async def put(self, file_id: ObjectId, name: str, data: bytes, about: Mapping[str, Any]) -> None:
        """Write a new file, within a transaction. Its name is for people, `about` what else is said of it."""
        document = {
            "_id": file_id,
            "filename": name,
            "length": len(data),
            "chunkSize": PIECE_BYTES,
            "uploadDate": datetime.now(UTC),
            "metadata": dict(about),
        }
        await self.documents.insert_one(document)
        for number, start in enumerate(range(0, len(data), PIECE_BYTES)):
            piece = {"files_id": file_id, "n": number, "data": data[start : start + PIECE_BYTES]}
            await self._pieces.insert_one(piece)

    async def read(self, file_id: ObjectId, length: int) -> AsyncGenerator[bytes, None]:
        """Give a file piece by piece; `length` is what its document says.

        Raises:
            Torn: A piece is missing; what was given is not the whole file.
        """
        for number in range(-(-length // PIECE_BYTES)):
            piece = await self._pieces.find_one({"files_id": file_id, "n": number}, {"data": 1})
            if piece is None:
                raise Torn
            yield bytes(piece["data"])

    async def delete(self, ids: Sequence[ObjectId]) -> None:
        """Delete files, one after the other; of one that is not there nothing."""
        for file_id in ids:
            await self._pieces.delete_many({"files_id": file_id})
        await delete_by_ids(self.documents, ids)
