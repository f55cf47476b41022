"""`POST /admin/api/files/`: resumes as files, dropped at the desk. Sources have `/resumes/file/` for that."""

from __future__ import annotations

from handlers.admin.desk import DeskHandler
from handlers.ingest.resume_files import FileHandler


class DeskFileHandler(DeskHandler, FileHandler):
    """The same as `FileHandler`, for an operator instead of an ingest token."""

    needs_ingest_token = False
    needs_role = "admin"
    takes_turns = False  # reading takes a minute, and the operator looks at other things meanwhile

    def uploader(self) -> str:
        """Operators share their places among themselves, and leave the sources theirs."""
        return "\0desk"
