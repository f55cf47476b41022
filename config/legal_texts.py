"""The user terms and the privacy policy, which recruiters agree to: ours, or the operator's.

Markdown, of which the page shows headings, paragraphs and lists. A change of either is another version.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from config.takes import SettingError

_DIR = Path(__file__).resolve().parent / "legal"
_MAX_BYTES = 200_000
"""Of one text. The longest that anybody reads has a tenth; a wrong file is told at the start."""
_VERSION_DIGITS = 12


def load_legal_texts(terms_file: Path | None, privacy_file: Path | None) -> dict[str, str]:
    """Read the texts, ours where no file is named, as `handlers.accounts.legal` takes them.

    Raises:
        SettingError: A file cannot be read, is empty, too long, or no UTF-8.
    """
    terms = _read("terms_file", terms_file or _DIR / "terms.md")
    privacy = _read("privacy_file", privacy_file or _DIR / "privacy.md")
    digest = hashlib.sha256(f"{terms}\0{privacy}".encode()).hexdigest()
    return {"version": digest[:_VERSION_DIGITS], "terms": terms, "privacy": privacy}


def _read(name: str, path: Path) -> str:
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig").strip()
    except OSError as error:
        raise SettingError(f"--{name}: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingError(f"--{name}: {path} is no UTF-8") from None
    if not text or len(data) > _MAX_BYTES:
        raise SettingError(f"--{name}: {path} must have 1 to {_MAX_BYTES} bytes")
    return text
