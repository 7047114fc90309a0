"""Thanks: what leaves a solved ticket solved, and what must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.tickets.thanks import is_thanks


@pytest.mark.parametrize(
    "text",
    [
        *("thanks", "Thanks!", "thank you so much :)", "thx", "Thanks a lot, great job!"),
        *("it works now", "Works again, thanks", "That fixed it. Thank you!", "it’s working now"),
        *("OK", "perfect", "👍", "🙏🏽", "thanks ❤️", "Thank you for your quick help!"),
        *("Everything works now, thank you all", "all good now", "Cheers, all set"),
        *("danke", "Vielen Dank!", "Super, danke schön", "jetzt geht es wieder", "läuft, danke"),
        *("merci beaucoup !", "ça marche maintenant, merci", "c'est bon, merci"),
        *("¡Gracias!", "muchas gracias", "ya funciona, gracias", "Perfecto"),
        *("obrigado", "Muito obrigada!", "já funciona, valeu"),
        *("谢谢", "谢谢你！", "好了，谢谢", "现在可以了", "非常感謝"),  # noqa: RUF001 - their marks
        *("ありがとうございます。", "直りました、ありがとうございました！", "助かりました"),  # noqa: RUF001 - their marks
        *("감사합니다!", "이제 잘 됩니다. 고맙습니다", "해결됐어요"),
    ],
)
def test_thanks_are_thanks_in_many_languages(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        *("thanks but it still does not work", "thanks, but no", "Thanks. One more thing", ""),
        *("it works now?", "does it work", "not fixed", "it is not working", "still broken"),
        *("thanks, the printer too", "it worked yesterday", "👎", "again", "you", "help", "..."),
        *("no thanks", "okay so what now", "great, now the other one fails", "superuser", "tying"),
        *("danke, aber es geht nicht", "geht nicht", "danke, und der Drucker?", "läuft noch nicht"),
        *("merci mais ça marche pas", "ça ne marche plus", "gracias, pero no funciona"),
        *("ainda não funciona", "谢谢，但是还是不行", "没好", "好了吗", "不可以了"),  # noqa: RUF001 - their marks
        *("ありがとう、でも動きません", "直りませんでした", "감사합니다만 안 됩니다", "안됩니다"),
        "thanks " * 20,
    ],
)
def test_whatever_says_more_is_worth_a_look(text: str) -> None:
    assert not is_thanks(text)


def test_thanks_may_name_whom_they_thank() -> None:
    assert not is_thanks("thanks Bea!")
    assert is_thanks("thanks Bea!", ["Bea Schmidt"])
    assert is_thanks("Danke @bea schmidt", ["Bea Schmidt"])
    assert not is_thanks("thanks Beaok", ["Bea"])
    assert not is_thanks("Bea!", ["Bea"])


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_is_thanks_or_not(text: str, names: list[str]) -> None:
    assert is_thanks(text, names) in (True, False)


@pytest.mark.parametrize("word", ["thanks ", "jetzt ", "it is now all ", "no ", "but ", "谢谢"])
def test_a_long_text_is_read_to_its_end(word: str) -> None:
    # A pattern that tries every way to part the words would still be at it tomorrow.
    assert is_thanks((word * 120)[:120]) in (True, False)


@given(st.sampled_from(["thanks", "it works now", "danke", "谢谢", "감사합니다"]))
def test_a_not_takes_thanks_back(text: str) -> None:
    assert is_thanks(text)
    assert not any(is_thanks(f"{text} {no}") for no in ("not", "nicht", "pas", "不", "안", "but"))
