"""The compose file: what its schema asks, and what the schema cannot know."""

from __future__ import annotations

import ipaddress
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.nginx import render

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"
FILE = DEPLOY / "compose.yaml"
SERVICES = {"postgres", "redis", "migrate", "app-1", "app-2", "nginx"}
Compose = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> Compose:
    """The file as compose reads it, anchors resolved."""
    made: Compose = yaml.safe_load(FILE.read_text())
    return made


def test_it_is_what_the_specification_asks_for() -> None:
    program = Path(sys.executable).with_name("check-jsonschema")
    judged = subprocess.run(
        [program, "--builtin-schema", "vendor.compose-spec", FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_it_has_the_services_of_the_site(compose: Compose) -> None:
    assert set(compose["services"]) == SERVICES


def test_every_volume_and_network_is_there(compose: Compose) -> None:
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = re.sub(r"^\$\{[^}]*\}", "/given", volume).partition(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), (name, source)
            elif not source.startswith("/"):
                assert source in compose["volumes"], (name, source)
        assert set(service["networks"]) <= set(compose["networks"]), name


def test_who_waits_for_whom_can_be_waited_for(compose: Compose) -> None:
    services = compose["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, name
            if how["condition"] == "service_healthy":
                # The image of the site has a check of its own.
                own = services[other].get("image", "").startswith("chat:")
                assert own or "test" in services[other]["healthcheck"], (name, other)


def test_what_fails_comes_back_and_what_stops_has_time(compose: Compose) -> None:
    for name in SERVICES - {"migrate"}:
        assert compose["services"][name]["restart"] == "unless-stopped", name
    for name in ("app-1", "app-2"):
        service = compose["services"][name]
        drain = int(service["environment"]["DRAIN_SECONDS"])
        assert int(service["stop_grace_period"].removesuffix("s")) > drain + 15


def test_only_nginx_is_reached_from_outside(compose: Compose) -> None:
    open_to_all = [name for name, service in compose["services"].items() if "ports" in service]
    assert open_to_all == ["nginx"]
    assert compose["networks"]["store"]["internal"] is True


def test_every_variable_it_asks_for_is_in_the_example(compose: Compose) -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", FILE.read_text()))
    given = set(re.findall(r"(?m)^([A-Z_]+)=", (DEPLOY / "chat.env.example").read_text()))
    assert asked - given == {"CHAT_VERSION"}


def test_no_secret_is_written_down(compose: Compose) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name or "SECRET" in name:
                assert value.startswith("${"), name


def test_nginx_is_told_everything_and_finds_the_processes(compose: Compose) -> None:
    services = compose["services"]
    told = services["nginx"]["environment"]
    assert set(render.names()) <= told.keys()
    subnet = ipaddress.ip_network(compose["networks"]["front"]["ipam"]["config"][0]["subnet"])
    at = [services[name]["networks"]["front"]["ipv4_address"] for name in ("app-1", "app-2")]
    assert all(ipaddress.ip_address(address) in subnet for address in at)
    servers = render.servers([f"{address}:8000" for address in at])
    assert told["CHAT_SERVERS"] == servers
    assert told["CHAT_LONG_SERVERS"] == render.for_long(servers)
