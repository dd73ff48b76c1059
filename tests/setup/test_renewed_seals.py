"""At the start under a new secret key, what a former one has sealed is sealed anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.setup.conftest import BASE_DIR, clean_environment

FORMER = "a-former-key-" + "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFG"
PRESENT = "the-present-key-" + "0123456789abcdefghijklmnopqrstuvwxyz-ABCDE"
MAKE = """
from allauth.mfa.models import Authenticator
from chat.accounts import sealing
from chat.models import User
bob = User.objects.create_user("bob")
Authenticator.objects.create(user=bob, type="totp", data={"secret": sealing.seal("JBSWY3DP")})
"""
READ = """
from allauth.mfa.models import Authenticator
from chat.accounts import sealing
print("it is", sealing.unseal(Authenticator.objects.get().data["secret"]))
"""


def manage(data: Path, *command: str, **variables: str) -> str:
    answer = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=BASE_DIR,
        env={**clean_environment(), "DATA_DIR": str(data), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return answer.stdout


def test_former_keys_can_be_taken_away_after_one_start(tmp_path: Path) -> None:
    manage(tmp_path, "serve", "--prepare-only", SECRET_KEY=FORMER)
    manage(tmp_path, "shell", "--no-imports", "-c", MAKE, SECRET_KEY=FORMER)
    both = {"SECRET_KEY": PRESENT, "SECRET_KEY_FALLBACKS": FORMER}
    said = manage(tmp_path, "serve", "--prepare-only", **both)
    assert "sealed with the new secret key: 1." in said
    assert "sealed" not in manage(tmp_path, "serve", "--prepare-only", **both)
    said = manage(tmp_path, "shell", "--no-imports", "-c", READ, SECRET_KEY=PRESENT)
    assert "it is JBSWY3DP" in said
