"""Titles in any script: each article gets an address that works wherever it is written."""

from urllib.parse import unquote, urlsplit

import pytest
from django.core.exceptions import ValidationError

from articles.models import Article
from tests.factories import make_article, make_author

TITLES = [
    ("في مديح الترجمة", "في-مديح-الترجمة/"),
    # Marks above and below the letters are left out, as in any Arabic address.
    ("تعليقًا على الترجمة", "تعليقا-على-الترجمة/"),
    ("歩幅で測る", "歩幅で測る/"),
    ("「腰痛」、その後", "腰痛その後/"),
    ("Домашнее лечение", "домашнее-лечение/"),
    ("Ёлка: Ещё раз!", "ёлка-ещё-раз/"),
    ("LINEで買う 2026", "lineで買う-2026/"),
    ("Über Straßen & Café", "über-straßen-café/"),
    ("Rücken 😀 und Ende", "rücken-und-ende/"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("title", "path"), TITLES)
def test_a_title_gives_an_address_that_works_everywhere(client, settings, title, path):
    article = make_article(title=title, path="")
    article.full_clean()
    assert article.path == path
    address = article.get_absolute_url()
    assert address.isascii() and unquote(address) == f"/{path}"

    page = client.get(address).content.decode()
    assert f'<link rel="canonical" href="{settings.SITE_URL}{address}">' in page
    assert f'href="{address}"' in client.get("/").content.decode()
    for feed in ("/feed/", f"{address}feed/"):
        assert f"{settings.SITE_URL}{address}" in client.get(feed).content.decode()
    # As a reader may type it, in the script itself.
    assert client.get(f"/{path}").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("title", "path"), TITLES)
def test_an_address_that_was_left_leads_on(client, title, path):
    article = make_article(title=title, path="")
    former = article.get_absolute_url()
    article.path = f"2026/{path}"
    article.save()
    answer = client.get(former)
    assert answer.status_code == 301
    assert answer["Location"].isascii()
    assert unquote(urlsplit(answer["Location"]).path) == f"/2026/{path}"
    # Without the closing slash, too.
    answer = client.get(f"/2026/{path.removesuffix('/')}")
    assert unquote(urlsplit(answer["Location"]).path) == f"/2026/{path}"


@pytest.mark.django_db
@pytest.mark.parametrize("title", ["😀", "🎉 🎉🎉", "!?…", "、。"])
def test_a_title_without_a_letter_asks_for_an_address(title):
    article = Article(title=title, body="Text.", author=make_author())
    with pytest.raises(ValidationError) as refusal:
        article.full_clean()
    assert refusal.value.message_dict["path"] == ["Type an address: none could be made from the title."]
