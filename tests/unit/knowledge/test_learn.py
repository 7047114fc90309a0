"""Does learning from question sets give weights that rank and judge them?"""

import json
from pathlib import Path

import pytest

from knowledge import learn, ranking
from knowledge.ranking import Weights

ARTICLES = [
    ("vpn", "VPN does not connect", ["vpn is down", "no vpn"]),
    ("printer", "Printer does not print", ["paper jam", "print job is stuck"]),
    ("mail", "Mailbox is full", ["no space for mail", "archive mail"]),
]
QUERIES = [
    ("my vpn does not work", ["vpn"]),
    ("the printer has a paper jam", ["printer"]),
    ("archive my old mail", ["mail"]),
    ("who won the match", []),
    ("what is for lunch", []),
]


def question_set(folder: Path, prefix: str) -> None:
    folder.mkdir()
    entries = [
        {"id": prefix + name, "question": title, "variants": ways, "answer": ""}
        for name, title, ways in ARTICLES
    ]
    queries = [{"text": text, "rel": [prefix + name for name in right]} for text, right in QUERIES]
    for name, lines in (("kb", entries), ("queries", queries)):
        text = "\n".join(json.dumps(line) for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


@pytest.fixture
def sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(learn, "STEPS", 200)
    question_set(tmp_path / "one", "a")
    question_set(tmp_path / "two", "b")
    return tmp_path


def test_learned_weights_rank_right_and_doubt_what_is_out_of_scope(sets: Path) -> None:
    one = learn.read(sets / "one", "en")
    weights = learn.learn([one])
    signs, right = learn.examine(one, weights)
    belief = [ranking.probability(row, weights) for row in signs]
    assert right.tolist() == [1, 1, 1, 0, 0]
    assert min(belief[:3]) > max(belief[3:])
    assert min(*weights.poor, *weights.rich) >= 0


def test_a_thin_set_keeps_few_articles_and_balances_the_questions(
    sets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn, "THIN", 1)
    thin = learn.read(sets / "one", "en", thin=True)
    assert thin.ids == {"avpn"}
    assert thin.right.any(axis=1).tolist() == [True, False]


def test_sets_that_share_articles_do_not_judge_each_other(sets: Path) -> None:
    one, two = (learn.read(sets / name, "en") for name in ("one", "two"))
    assert learn.related(one, one)
    assert not learn.related(one, two)


def test_the_program_prints_weights_and_figures(
    sets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learn.main(sets)
    printed = capsys.readouterr()
    assert Weights.parse(printed.out).dump() == printed.out
    assert [line.split()[0] for line in printed.err.splitlines()] == ["one", "one", "two", "two"]
