"""Are the right articles found, in order, with honest probabilities, whatever is asked?"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.articles import Article
from knowledge.evidence import KINDS
from knowledge.ranking import Weights
from knowledge.search import Hit, KnowledgeIndex, Tier, tier
from tests.unit.knowledge.samples import best, index


def article(name: str, *questions: str, language: str = "en", body: str = "") -> Article:
    return Article(name, name, questions, body, Path(name), language)


def test_an_index_without_articles_finds_nothing() -> None:
    assert KnowledgeIndex.build([]).search("my vpn is down") == ()


def test_one_article_is_found_alone() -> None:
    hits = KnowledgeIndex.build([article("VPN")]).search("vpn")
    assert [hit.article.id for hit in hits] == ["VPN"]


def test_hits_are_sorted_limited_and_explained() -> None:
    hits = index().search("my laptop is slow", limit=3)
    assert len(hits) == 3
    assert [hit.probability for hit in hits] == sorted((h.probability for h in hits), reverse=True)
    assert [hit.score for hit in hits] == sorted((h.score for h in hits), reverse=True)
    assert set(hits[0].features) == set(KINDS)


def test_the_order_of_articles_does_not_change_the_result() -> None:
    articles = index().articles
    backwards = KnowledgeIndex.build(reversed(articles))
    assert backwards.search("my vpn is down") == index().search("my vpn is down")


def test_articles_the_asker_may_not_read_leave_no_trace() -> None:
    secret = article("VPN for directors", "vpn down")
    public = [article("VPN", "no vpn"), article("Printer", "paper jam")]
    hits = KnowledgeIndex.build([*public, secret]).search("vpn", readable=lambda a: a != secret)
    assert [hit.article.id for hit in hits] == ["VPN"]
    assert KnowledgeIndex.build(public).search("vpn", readable=lambda _: False) == ()


def test_a_slip_of_the_finger_is_forgiven() -> None:
    assert best("how to chnage my pasword") == "reset-your-password"


def test_an_article_in_the_language_of_the_question_comes_first() -> None:
    assert best("my vpn is down") == "vpn-does-not-connect"
    assert best("mein vpn ist weg") == "de-vpn"
    assert best("vpn 断开了怎么办") == "zh-vpn"


def test_small_talk_is_answered_only_when_an_article_asks_for_it() -> None:
    assert index().search("hello") == ()
    assert KnowledgeIndex.build([article("Greeting", "hello")]).search("Hello!")


@pytest.mark.parametrize("said", ["", " \n", "?!", "😀😀", "\x00", "---"])
def test_a_question_without_words_finds_nothing(said: str) -> None:
    assert index().search(said) == ()


def test_a_very_long_question_is_still_understood() -> None:
    story = "Since this morning I have been trying to get some work done at home. " * 40
    assert index().search("My VPN does not connect. " + story)
    assert tier(index().search("x" * 100_000)) is Tier.NOTHING
    assert index().search("vpn " * 25_000)


def test_one_word_finds_its_article() -> None:
    assert best("vpn") == "vpn-does-not-connect"
    assert best("printer") == "printer-does-not-print"
    assert tier(index().search("vpn")) is not Tier.NOTHING


@given(st.text(), st.integers(1, 6))
def test_any_question_gives_the_same_sane_hits_twice(said: str, limit: int) -> None:
    hits = index().search(said, limit)
    assert hits == index().search(said, limit)
    assert len(hits) <= limit
    assert all(0 <= hit.probability <= 1 for hit in hits)


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=5), st.text())
def test_any_articles_can_be_indexed(texts: list[tuple[str, str, str]], said: str) -> None:
    articles = [
        Article(str(number), title, (way,), body, Path("a"), "de" if number % 2 else "en")
        for number, (title, way, body) in enumerate(texts)
    ]
    KnowledgeIndex.build(articles).search(said)


def test_threads_may_share_an_index() -> None:
    asked = ["my vpn is down", "druker geht nihct", "忘记密码", "unstemmable wordings"] * 25
    alone = [index().search(question) for question in asked]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(index().search, asked)) == alone


def test_many_ways_to_ask_are_searched_without_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.evidence.LEARNED_WAYS", 2)
    built = KnowledgeIndex.build([article("VPN", "a b", "c d"), article("Printer", "e f", "g h")])
    assert built.search("printer")[0].features["learned"] == 0


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (0.9, Tier.SURE),
        (0.8, Tier.SURE),
        (0.5, Tier.UNSURE),
        (0.35, Tier.UNSURE),
        (0.3, Tier.NOTHING),
    ],
)
def test_the_tier_follows_the_thresholds(probability: float, expected: Tier) -> None:
    assert tier([Hit(article("VPN"), probability, 1.0, {})]) is expected


def test_no_hits_and_other_thresholds() -> None:
    assert tier([]) is Tier.NOTHING
    assert tier([Hit(article("VPN"), 0.6, 1.0, {})], sure=0.6, unsure=0.1) is Tier.SURE


def test_weights_survive_being_written_and_read() -> None:
    shipped = Weights.shipped()
    assert Weights.parse(shipped.dump()).dump() == shipped.dump()
    with pytest.raises(KeyError, match="characters"):
        Weights.parse('{"poor": {}, "rich": {}, "certainty": {}}')
