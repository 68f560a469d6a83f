import json
from pathlib import Path

import pytest

from comments.moderation.language import _LETTERS, _WORDS, CODES, language_of

OWN = Path(__file__).resolve().parents[2] / "own_comments.jsonl"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The heat pad on my lower back helped for twenty minutes.", "en"),
        ("Mir hat das Wärmekissen im Rücken sehr geholfen, danke.", "de"),
        ("Merci pour cet article, c'est très utile pour moi.", "fr"),
        ("Muchas gracias por la información, es muy útil.", "es"),
        ("Questo è un articolo molto utile, grazie a tutti.", "it"),
        ("Muito obrigado, isso é o que eu não sabia.", "pt"),
        ("Bedankt voor deze tips, ik heb er veel aan.", "nl"),
        ("Bardzo dziękuję za ten artykuł, jest świetny.", "pl"),
        ("Bu yazı için çok teşekkürler, bir daha okudum.", "tr"),
        ("Terima kasih, artikel ini sangat bagus untuk saya.", "id"),
        ("Tack för det här, jag har också ont i ryggen.", "sv"),
        ("Děkuju za článek, už jsem to taky zkoušel a je to pravda.", "cs"),
        ("Спасибо, это мне очень помогло.", "ru"),
        ("Дякую, це дуже цікаво і корисно.", "uk"),
        ("شكرا جزيلا على هذا المقال", "ar"),
        ("خیلی ممنون از این مطلب", "fa"),
        ("Ευχαριστώ πολύ", "el"),
        ("תודה רבה", "he"),
        ("ขอบคุณมาก", "th"),
        ("감사합니다", "ko"),
        ("腰痛に効くストレッチを毎日続けています", "ja"),
        ("東京都新宿区西新宿都庁前です", "ja"),
        ("这篇文章对我很有帮助", "zh"),
        ("எனக்கு பிடித்தது", "ta"),
        # Where only the script shows.
        ("Hmm.", "Latn"),
        ("Привет", "Cyrl"),
        ("مرحبا", "Arab"),
        ("बहुत अच्छा लेख", "Deva"),
        # The script of most letters.
        ("Купить iPhone в Москве дешево и быстро", "ru"),
        # What readers do not read says nothing.
        ("https://the-and-of.example/this/is/for/you", ""),
        ("https://the-and-of.example/this/is/for/you Привет", "Cyrl"),
        ("", ""),
        ("!!! 123 👍", ""),
        ("Հայերեն", ""),
    ],
)
def test_language_is_told(text, language):
    assert language_of(text) == language


def test_letters_of_two_languages_are_no_answer():
    """Danish and Norwegian differ in few words; what they share tells neither."""
    assert language_of("på og det er en jeg") == "Latn"


def test_piles_and_lengths_are_borne():
    for text in ("the " * 20_000, "a" * 60_000, "е́" * 5_000, "\u0301" * 9_999, "\ud800", "字" * 50_000):
        assert language_of(text) in CODES | {""}


def test_every_answer_is_a_known_code():
    assert CODES.issuperset(
        code for lists in (_WORDS, _LETTERS) for codes in lists.values() for code in codes
    )
    assert all(0 < len(code) <= 4 for code in CODES)


def test_own_comments_are_told_by_their_language():
    """Better no answer than a wrong one, which hides a comment among those of another language."""
    rows = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    told = [(language_of(row["body"]), row["lang"]) for row in rows]
    right = sum(found == language for found, language in told)
    open_ = sum(found in ("", "Latn", "Cyrl", "Arab") for found, _language in told)
    assert right / len(rows) > 0.92
    assert (len(rows) - right - open_) / len(rows) < 0.006
