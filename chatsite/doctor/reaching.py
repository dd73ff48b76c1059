"""Whether the site is reached under the names, and through the proxies, that it was told of."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from chatsite import origins, proxies
from chatsite.doctor.finding import Finding, worth_knowing, wrong


def names_can_open_sockets() -> Iterator[Finding]:
    """Look for names whose pages are shown, but may not open a socket."""
    own = {*origins.LOOPBACK, *origins.local_addresses(), settings.HOST}
    may = {_host_of(origin) for origin in settings.ORIGINS}
    for host in settings.ALLOWED_HOSTS:
        if host not in own and host != "*" and not host.startswith(".") and host not in may:
            yield wrong(
                _("Pages at %(host)s are shown, but cannot connect: no origin has that name.")
                % {"host": host},
                _("Add it to ORIGINS, with its scheme and port, or take it out of ALLOWED_HOSTS."),
            )


def https_is_known() -> Iterator[Finding]:
    """Compare the origins with BEHIND_TLS."""
    public = [origin for origin in settings.ORIGINS if origin.startswith("https://")]
    if public and not settings.SESSION_COOKIE_SECURE:
        yield wrong(
            _(
                "The site is reached at %(origin)s, but BEHIND_TLS is off: cookies go over plain "
                "lines, too."
            )
            % {"origin": public[0]},
            _("Set BEHIND_TLS=1."),
        )
    elif not settings.SESSION_COOKIE_SECURE:
        yield worth_knowing(
            _("The site speaks plain HTTP: passwords can be read on the way."),
            _("Good for this machine alone. For others set up HTTPS, and BEHIND_TLS=1."),
        )


def proxies_are_counted() -> Iterator[Finding]:
    """Compare TRUSTED_PROXIES with what is known of proxies."""
    if settings.TRUSTED_PROXIES:
        return
    if settings.SESSION_COOKIE_SECURE:
        yield wrong(
            _(
                "BEHIND_TLS says that a proxy stands before the site, but TRUSTED_PROXIES is 0: "
                "everybody seems to come from the proxy, and shares its limits."
            ),
            _("Set TRUSTED_PROXIES to the number of your proxies, mostly 1."),
        )
    elif proxies.was_seen():
        yield worth_knowing(
            _("A request came through a proxy on your network, but TRUSTED_PROXIES is 0."),
            _("If that proxy is yours, set TRUSTED_PROXIES=1; else everybody seems to be it."),
        )


def server_is_behind_its_proxy() -> Iterator[Finding]:
    """Look whether one can go around the proxy that speaks HTTPS."""
    if settings.SESSION_COOKIE_SECURE and settings.HOST in origins.EVERYWHERE:
        yield worth_knowing(
            _(
                "The server listens on every address (HOST is %(host)s), so one can go around the "
                "proxy, and write X-Forwarded-For as one likes."
            )
            % {"host": settings.HOST},
            _("Set HOST=127.0.0.1, or let a firewall keep others from port %(port)s.")
            % {"port": settings.PORT},
        )


def _host_of(origin: str) -> str:
    host = urlsplit(origin).hostname or ""
    return f"[{host}]" if ":" in host else host
