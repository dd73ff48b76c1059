"""Whether this system lets the site have as many sockets as it may want."""

from __future__ import annotations

import resource
from collections.abc import Iterator

from django.utils.translation import gettext as _

from chatsite.doctor.finding import Finding, worth_knowing, wrong

BESIDE_SOCKETS = 200
"""Files, connections and libraries that a process has open beside its sockets."""
LEAST_FILES = 1_024
COMFORTABLE_FILES = 12_000


def files_may_be_open() -> Iterator[Finding]:
    """Look how many files a process may have open: each socket is one."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if most == resource.RLIM_INFINITY or most >= COMFORTABLE_FILES:
        return
    found = wrong if most < LEAST_FILES else worth_knowing
    yield found(
        _("A process may have %(most)s files open: about %(sockets)s people at once.")
        % {"most": most, "sockets": max(0, most - BESIDE_SOCKETS)},
        _("Raise the limit: LimitNOFILE=65536 in the systemd unit, or ulimit -n 65536."),
    )
