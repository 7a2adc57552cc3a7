"""compose.yaml and prometheus.yml name nothing that is not there, and open nothing that is to stay closed."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

from app.__main__ import serve_as_asked

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]


def flags() -> dict[str, str]:
    """Of the app, with their values."""
    words = SERVICES["app"]["command"]
    assert len(words) % 2 == 0
    return dict(zip(words[::2], words[1::2], strict=True))


def test_every_flag_is_one_of_the_app() -> None:
    known = {f"--{name.replace('_', '-')}" for name in inspect.signature(serve_as_asked).parameters}
    assert set(flags()) <= known


def test_the_app_asks_for_the_database_that_is_there() -> None:
    url, database = make_url(SERVICES["app"]["environment"]["UCE_STUDIO_DATABASE"]), SERVICES["database"]
    given = database["environment"]
    assert url.host == "database"
    assert (url.username, url.database) == (given["POSTGRES_USER"], given["POSTGRES_DB"])
    assert url.drivername == "postgresql+psycopg"
    assert url.password is None, "it is not in git"
    assert SERVICES["app"]["environment"]["PGPASSWORD"] == given["POSTGRES_PASSWORD"]
    check = database["healthcheck"]["test"]
    assert {f"--username={url.username}", f"--dbname={url.database}"} <= set(check)


def test_prometheus_asks_at_the_port_that_only_it_reaches() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    targets = [one for job in config["scrape_configs"] for part in job["static_configs"] for one in part["targets"]]
    assert targets == [f"app:{flags()['--metrics-port']}"]
    inside = [port.rsplit(":", 1)[1] for service in SERVICES.values() for port in service.get("ports", ())]
    assert sorted(inside) == ["7860", "9090"]
    assert "./prometheus.yml:/etc/prometheus/prometheus.yml:ro" in SERVICES["prometheus"]["volumes"]


def test_the_port_is_the_images() -> None:
    dockerfile = (DEPLOY / SERVICES["app"]["build"] / "Dockerfile").read_text(encoding="utf-8")
    assert "\nEXPOSE 7860\n" in dockerfile
    assert "\nHEALTHCHECK " in dockerfile
    assert "studio:/data" in SERVICES["app"]["volumes"]
    assert "\nVOLUME /data\n" in dockerfile


def test_nothing_is_open_to_others_by_default() -> None:
    for service in SERVICES.values():
        for port in service.get("ports", ()):
            assert re.match(r"127\.0\.0\.1:|\$\{STUDIO_ADDRESS:-127\.0\.0\.1\}:", port)


def test_no_password_is_in_git_and_without_one_nothing_starts() -> None:
    example = dict(
        line.split("=", 1)
        for line in (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
    assert set(re.findall(r"\$\{(\w+)", TEXT)) == set(example)
    assert example["POSTGRES_PASSWORD"] == ""
    assert len(re.findall(r"PASSWORD: \$\{POSTGRES_PASSWORD:\?", TEXT)) == TEXT.count("PASSWORD: ") == 2
    assert ".env" in (DEPLOY.parent / ".gitignore").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("service", SERVICES)
def test_every_part_is_kept_and_watched(service: str) -> None:
    named = {volume.split(":")[0] for volume in SERVICES[service]["volumes"] if not volume.startswith(".")}
    assert named
    assert named <= set(COMPOSE["volumes"])
    assert SERVICES[service]["restart"] == "unless-stopped"
    assert service == "app" or "healthcheck" in SERVICES[service], "the app's is the image's"
    assert set(SERVICES[service].get("depends_on", ())) <= set(SERVICES)
