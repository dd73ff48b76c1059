"""Known holes in what the site runs on: one that has a fix fails, the rest is told.

Where the vulnerability service cannot be reached, that is said loudly and is no
failure: an outage of theirs must not stop a correction of ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"
TIMEOUT_S = 180


def main() -> int:
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "pip_audit", "--requirement", str(REQUIREMENTS)),
            *("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"),
            *("--timeout", "10"),
        ],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    try:
        packages = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError):
        return _not_asked(answer.stderr.strip().splitlines()[-1:])
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        return _not_asked(["it knows none of our packages"])
    if skipped:
        print(f"WARNING: not audited: {', '.join(skipped)}")
    return _judge(packages)


def _judge(packages: list[dict[str, Any]]) -> int:
    failed = 0
    for package in packages:
        for hole in package.get("vulns", []):
            fix = ", ".join(hole["fix_versions"])
            print(f"{package['name']} {package['version']}: {hole['id']}, fixed in {fix or '-'}")
            failed = failed or int(bool(fix))
    return failed


def _not_asked(why: list[str]) -> int:
    print("WARNING: the vulnerability service could not be asked, so nothing was audited:", *why)
    return 0


if __name__ == "__main__":
    sys.exit(main())
