"""What does loading a folder of articles give, and what does it say about bad files?"""

import sys
from datetime import date
from pathlib import Path

import pytest

from knowledge.articles import LARGEST, Article, Loaded, load

GOOD = """---
title: VPN does not connect
ask: [my vpn is down, no vpn]
tags: [vpn]
language: en
audience: [staff]
owner: Network team
verified: 2026-01-31
review: 2027-01-31
---

Restart the client.
"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def only_problem(loaded: Loaded) -> tuple[int, str]:
    assert len(loaded.problems) == 1, loaded.problems
    return loaded.problems[0].line, loaded.problems[0].what


def test_a_complete_article_keeps_every_setting(tmp_path: Path) -> None:
    path = write(tmp_path, "network/vpn.md", GOOD)
    expected = Article(
        id="network/vpn",
        title="VPN does not connect",
        questions=("my vpn is down", "no vpn"),
        body="Restart the client.",
        path=path,
        tags=("vpn",),
        audience=("staff",),
        owner="Network team",
        verified=date(2026, 1, 31),
        review=date(2027, 1, 31),
    )
    assert load(tmp_path) == Loaded((expected,), ())


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_a_byte_order_mark_and_other_line_ends_do_not_matter(tmp_path: Path, ending: str) -> None:
    write(tmp_path, "vpn.md", b"\xef\xbb\xbf" + GOOD.replace("\n", ending).encode())
    loaded = load(tmp_path)
    assert loaded.problems == ()
    assert loaded.articles[0].title == "VPN does not connect"


def test_without_settings_the_first_heading_is_the_title(tmp_path: Path) -> None:
    write(tmp_path, "vpn.md", "# VPN\n\nRestart it.\n")
    loaded = load(tmp_path)
    assert [(a.title, a.body) for a in loaded.articles] == [("VPN", "Restart it.")]


def test_a_heading_further_down_stays_in_the_body(tmp_path: Path) -> None:
    write(tmp_path, "vpn.md", "First this.\n\n## VPN\n\nRestart it.\n")
    assert load(tmp_path).articles[0].body.startswith("First this.\n\n## VPN")


REFUSED = {
    "empty file": (" \n", 1, "The file is empty"),
    "no end of settings": ("---\ntitle: x\n", 1, "have no end"),
    "bad YAML": ("---\ntitle: x\nask: [a\n---\nbody\n", 3, "not valid YAML"),
    "colon in a title": ("---\ntitle: Wi-Fi: broken\n---\nbody\n", 2, "in quotes"),
    "impossible date": ("---\nverified: 2026-02-30\n---\nbody\n", 2, "not valid YAML"),
    "control character": ("---\ntitle: a\x07b\n---\nbody\n", 2, "not valid YAML"),
    "settings are a list": ("---\n- a\n---\nbody\n", 2, 'lines such as "title'),
    "no title": ("---\nowner: me\n---\nbody\n", 1, "There is no title"),
    "no body": ("---\ntitle: x\n---\n\n", 3, "There is no answer"),
    "empty settings": ("---\n---\nbody\n", 1, "There is no title"),
    "not UTF-8": (b"# T\n\nna\xefve\n", 3, "not UTF-8"),
    "huge": (b"# T\n" + b"x" * LARGEST, 1, "larger than 1024 KiB"),
}


@pytest.mark.parametrize(("content", "line", "what"), REFUSED.values(), ids=REFUSED)
def test_an_unusable_file_is_reported_and_the_rest_still_loads(
    tmp_path: Path, content: str | bytes, line: int, what: str
) -> None:
    bad = write(tmp_path, "bad.md", content)
    write(tmp_path, "vpn.md", GOOD)
    loaded = load(tmp_path)
    assert [article.id for article in loaded.articles] == ["vpn"]
    assert loaded.problems[0].path == bad
    assert loaded.problems[0].line == line
    assert what in loaded.problems[0].what


FAULTS = {
    "unknown key": ("tilte: y", '"tilte" is not a known setting'),
    "number as owner": ("owner: 5", '"owner" must be a text, not a number'),
    "Norwegian": ("language: no", "put no in quotes"),
    "not a language": ("language: English", '"English" is not a language'),
    "list of numbers": ("ask: [how, 5]", '"ask" must be a list of texts'),
    "group as tags": ("tags: {a: b}", '"tags" must be a list of texts, but has a group'),
    "text as date": ("verified: yesterday", '"verified" must be a date such as 2026-01-31'),
}


@pytest.mark.parametrize(("setting", "what"), FAULTS.values(), ids=FAULTS)
def test_a_smaller_fault_is_reported_at_its_line_and_the_article_loads(
    tmp_path: Path, setting: str, what: str
) -> None:
    write(tmp_path, "a.md", f"---\ntitle: x\n{setting}\n---\nbody\n")
    loaded = load(tmp_path)
    line, said = only_problem(loaded)
    assert (line, len(loaded.articles)) == (3, 1)
    assert what in said


def test_one_text_may_stand_for_a_list_and_a_time_for_a_date(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "---\ntitle: x\nask: why\nverified: 2026-01-31 10:00:00\n---\nbody\n")
    article = load(tmp_path).articles[0]
    assert (article.questions, article.verified) == (("why",), date(2026, 1, 31))


def test_a_title_used_twice_is_reported_and_both_load(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "# Same\n\none\n")
    write(tmp_path, "b.md", "# same\n\ntwo\n")
    loaded = load(tmp_path)
    assert len(loaded.articles) == 2
    assert 'also that of "a"' in only_problem(loaded)[1]


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that differ in capitals only")
def test_names_that_differ_in_capitals_only_are_reported(tmp_path: Path) -> None:
    write(tmp_path, "A.md", "# One\n\none\n")
    write(tmp_path, "a.md", "# Two\n\ntwo\n")
    loaded = load(tmp_path)
    assert [article.id for article in loaded.articles] == ["A"]
    assert "capitals only" in only_problem(loaded)[1]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path, "outside/secret.md", GOOD)
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "link.md").symlink_to(secret)
    loaded = load(tmp_path / "kb")
    assert loaded.articles == ()
    assert "leads out of the folder" in only_problem(loaded)[1]


def test_a_link_in_a_circle_is_reported(tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to(tmp_path / "link.md")
    assert "cannot be read" in only_problem(load(tmp_path))[1]


def test_hidden_files_and_folders_and_other_kinds_are_passed_over(tmp_path: Path) -> None:
    for name in (".git/a.md", "_drafts/a.md", ".a.md", "_a.md", "a.txt"):
        write(tmp_path, name, GOOD)
    assert load(tmp_path) == Loaded((), ())


def test_a_missing_folder_is_a_problem(tmp_path: Path) -> None:
    assert "not a folder" in only_problem(load(tmp_path / "nowhere"))[1]


def test_a_problem_reads_like_a_compiler_message(tmp_path: Path) -> None:
    path = write(tmp_path, "a.md", "")
    assert str(load(tmp_path).problems[0]).startswith(f"{path}:1: The file is empty")
