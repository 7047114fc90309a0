"""How is text cut into words, and which messages are questions?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import text
from knowledge.typos import Speller, distance


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("My VPN's down!", ("my", "vpn", "down")),
        ("Wi-Fi and e-mail", ("wifi", "and", "email")),
        ("VPN-Verbindung", ("vpn", "verbindung")),
        ("l\u2019imprimante qu'une", ("imprimante", "une")),
        ("ＦＵＬＬ width", ("full", "width")),  # noqa: RUF001 - what it is about
        ("Straße C++ C#", ("strasse", "c++", "c#")),
        ("打印机坏", ("打印", "印机", "机坏")),
        ("VPN无法连接", ("vpn", "无法", "法连", "连接")),
        ("网", ("网",)),
        ("😀 -- '", ()),
    ],
)
def test_words(said: str, expected: tuple[str, ...]) -> None:
    assert text.words(said) == expected


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("printers", "en", "printer"),
        ("printers", "en-GB", "printer"),
        ("druckern", "de", "druck"),
        ("印机", "zh", "印机"),
        ("anything", "xx", "anything"),
    ],
)
def test_stems(word: str, language: str, expected: str) -> None:
    assert text.stem(word, language) == expected


def test_function_words_and_trouble_say_less_than_subjects() -> None:
    weights = [term.weight for term in text.terms("my printer crashes", "en")]
    assert weights == [text.FUNCTION_WORD_WEIGHT, 1.0, text.TROUBLE_WEIGHT]


QUESTIONS = """my vpn is down
how do I reset my password
printer?
hello, my outlook won't open
hi all, does anyone know how to book a room
The laptop is not working since this morning.
I need a new mouse
I forgot my password
thanks. now the wifi is slow
locked out of my account, help
wie setze ich mein Passwort zurück
mein Drucker ist kaputt
hallo, das WLAN geht nicht
comment réinitialiser mon mot de passe
mon imprimante ne fonctionne pas
no puedo entrar en mi cuenta
cómo cambio mi contraseña
não consigo acessar o e-mail
打印机坏了
怎么重置密码
VPN连不上
パスワードを忘れました
プリンターが動かない
비밀번호를 어떻게 바꾸나요"""

CHAT = """thanks
thanks a lot!
thank you, it works now
good morning all
ok
lol
I'll be in the office tomorrow
hello
hi everyone, how are you?
how's it going?
lunch
see you on monday
the vpn is working again
never mind, fixed it
what a day
the new release looks great
danke, geht wieder
guten Morgen zusammen
merci beaucoup
bonjour à tous
gracias
obrigado
谢谢
你好
ありがとうございます
안녕하세요
😀
...
https://example.org/a"""


@pytest.mark.parametrize("said", QUESTIONS.splitlines())
def test_a_call_for_help_looks_like_a_question(said: str) -> None:
    assert text.looks_like_question(said)


@pytest.mark.parametrize("said", ["", *CHAT.splitlines()])
def test_chat_does_not_look_like_a_question(said: str) -> None:
    assert not text.looks_like_question(said)


@given(st.text())
def test_any_text_can_be_cut_and_judged(said: str) -> None:
    assert text.terms(said, "en") == text.terms(said, "en")
    assert text.looks_like_question(said) in (True, False)
    assert not (text.is_small_talk(said) and text.looks_like_question(said))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("vpn", "vpn", 0), ("printer", "pritner", 1), ("abc", "", 3), ("kitten", "sitting", 3)],
)
def test_distance_counts_slips(one: str, other: str, expected: int) -> None:
    assert distance(one, other) == distance(other, one) == expected


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("pasword", "password"),
        ("rpinter", "printer"),
        ("authentcatoin", "authentication"),
        ("lunch", None),
        ("vqn", None),
        ("zassword", None),
        ("打印", None),
        ("a1b2", None),
    ],
)
def test_a_slip_is_repaired_when_the_word_is_near(written: str, meant: str | None) -> None:
    known = ["password", "printer", "authentication", "vpn", "打印"]
    assert Speller((word, 1) for word in known).repair(written) == meant


def test_the_nearest_word_wins_and_then_the_more_frequent() -> None:
    speller = Speller([("mails", 1), ("mailx", 9), ("authentications", 9), ("authentication", 1)])
    assert speller.repair("mailz") == "mailx"
    assert speller.repair("autentication") == "authentication"
