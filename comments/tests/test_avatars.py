import xml.etree.ElementTree as ElementTree

import pytest

from comments.avatars import TONES, avatar_svg


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("mara", "M"),
        ("  Émile", "É"),
        ("“Quoted”", "Q"),
        ("日本", "日"),
        ("ß", "ß"),
        ("7up", "7"),
        ("…", "·"),
        ("", "·"),
    ],
)
def test_avatar_bears_the_first_letter(name, letter):
    assert ElementTree.fromstring(avatar_svg(name))[1].text == letter


def test_avatar_is_the_same_for_the_same_name_and_mostly_another_for_another():
    assert avatar_svg("Mara") == avatar_svg("Mara")
    assert len({avatar_svg(f"M{number}") for number in range(100)}) == TONES


def test_name_cannot_break_out_of_its_avatar():
    assert "<script" not in avatar_svg("<script>")
    avatar_svg("\ud800")
