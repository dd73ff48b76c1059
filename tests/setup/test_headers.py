"""Every answer tells the browser how little it may do."""

from __future__ import annotations

import pytest
from django.test import Client

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/nothing-here/"])
def test_pages_and_refusals_have_the_headers(path: str) -> None:
    answer = Client().get(path)
    for name, value in EXPECTED.items():
        assert answer.headers[name] == value
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "X-Frame-Options" in answer.headers


def test_static_files_have_them_too() -> None:
    answer = Client().get("/static/admin/css/base.css")
    assert answer.status_code == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    # A script or style sheet of ours is for our own pages.
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.django_db
def test_the_policy_lets_only_our_own_scripts_run() -> None:
    policy = Client().get("/accounts/login/").headers["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split(";")}
    assert directives["default-src"] == ["'none'"]
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    assert directives["require-trusted-types-for"] == ["'script'"]
    assert directives["frame-ancestors"] == ["'none'"]
    assert directives["object-src"] == ["'none'"]
