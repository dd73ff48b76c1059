"""The secret key: the operator's, or one made here at the first run and kept in a file."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from chatsite.variables import SettingsError, Variables

LEAST_CHARS = 50
"""What Django's own check ``security.W009`` asks for."""


def from_variables(variables: Variables, data_dir: Path) -> str:
    key = variables.text("SECRET_KEY")
    if not key:
        return read_or_make(data_dir / "secret_key")
    if not is_strong(key):
        variables.refuse("SECRET_KEY", _ALLOWED, shown=f"a text of {len(key)} characters")
    return key


def fallbacks(variables: Variables) -> list[str]:
    """Former keys, still accepted for signatures made before a rotation."""
    keys = variables.words("SECRET_KEY_FALLBACKS")
    if not all(is_strong(key) for key in keys):
        variables.refuse("SECRET_KEY_FALLBACKS", _ALLOWED, shown="a list with a weak key")
    return keys


def is_strong(key: str) -> bool:
    return len(key) >= LEAST_CHARS and len(set(key)) >= 5


def read_or_make(path: Path) -> str:
    """Return the key in ``path``; make it, readable by its owner alone, if there is none.

    Raises ``SettingsError`` where the file cannot be read, or holds no strong key.
    """
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        key = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError([f"The secret key {path} cannot be read: {error.strerror}."]) from error
    if not is_strong(key):
        raise SettingsError(
            [f"The secret key in {path} is too short. Remove the file, and a new one is made."]
        )
    return key


def _make(path: Path) -> None:
    # Written whole under a name of its own, then linked: of two processes that start at
    # once, one key wins, and neither ever reads half a file.
    descriptor, name = tempfile.mkstemp(prefix="secret_key.", dir=path.parent)  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # The other process was first, and its key is as good.
    finally:
        draft.unlink(missing_ok=True)


_ALLOWED = (
    f"at least {LEAST_CHARS} characters that vary; left out, one is made and kept in the data "
    "folder"
)
