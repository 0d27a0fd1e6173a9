"""The packages that are installed: pinned, hashed, and what the .in files ask for."""

import itertools
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
FILES = ("requirements", "requirements-dev", "requirements-bench")


def locked(name: str) -> dict[str, Requirement]:
    """What a file installs; whatever is not one exact version with its hashes is an error."""
    found = {}
    text = (ROOT / f"{name}.txt").read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+--hash=", line)
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), line
        found[re.split(r"\[|==", requirement)[0]] = Requirement(requirement)
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_one_version_and_its_hashes(name):
    for requirement in locked(name).values():
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement
        assert requirement.url is None


@pytest.mark.parametrize("name", FILES)
def test_no_registry_is_named(name):
    """Where packages come from is for the machine to say."""
    for suffix in ("in", "txt"):
        text = (ROOT / f"{name}.{suffix}").read_text()
        assert not re.search(r"//|--(index|extra-index|find-links|trusted-host)", text)


def test_what_is_asked_for_is_locked_with_its_condition():
    """Locked by another Python than script/lock takes, a package that only some Pythons need would be missing."""
    for name in FILES:
        found = locked(name)
        for line in (ROOT / f"{name}.in").read_text().splitlines():
            if line.startswith(("#", "-")):
                continue
            asked = Requirement(line)
            pinned = found.get(canonicalize_name(asked.name))
            assert pinned is not None, f"{asked.name} is in {name}.in: run script/lock"
            assert pinned.marker == asked.marker
            assert asked.specifier.contains(str(pinned.specifier).removeprefix("=="))


def test_each_file_holds_the_one_before():
    for less, more in itertools.pairwise(FILES):
        assert locked(less).items() <= locked(more).items()


@pytest.mark.parametrize("path", ["script/setup", "Dockerfile"])
def test_what_is_installed_has_the_hashes(path):
    installs = re.findall(r"pip install .*-r .*", (ROOT / path).read_text())
    assert installs and all("--require-hashes" in line for line in installs)
