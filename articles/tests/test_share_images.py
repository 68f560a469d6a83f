from io import BytesIO

import pytest
from django.core.cache import cache
from PIL import Image, ImageChops

from articles import share_images
from articles.models import Article
from articles.share_images import can_write, font_of, image_of, image_of_site, wrap
from tests.factories import make_article

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 20


def address(image):
    return image.url.removeprefix("http://testserver")


def opened(png):
    return Image.open(BytesIO(png))


def furthest_apart(first, second):
    return max(high for _low, high in ImageChops.difference(first, second).getextrema())


@pytest.fixture(autouse=True)
def nothing_is_kept():
    cache.clear()


@pytest.mark.parametrize(
    "title",
    ["Spasms", "Über Größe", LONG[:200], "x" * 200, "日本の茶", "كتاب", "🎉", "a\u0301\u0302", " ", ""],
)
def test_every_title_makes_a_picture_of_the_right_size(title):
    image = opened(share_images.draw("spasms/", title, "Afterword"))
    assert (image.format, image.size) == ("PNG", (1200, 630))


def test_title_stands_beside_the_art():
    image = opened(share_images.draw("spasms/", "Spasms", "Afterword")).convert("RGB")
    other = opened(share_images.draw("spasms/", "Knees", "Afterword")).convert("RGB")
    panel, art = (0, 0, share_images.PANEL, 630), (share_images.PANEL, 0, 1200, 630)
    assert furthest_apart(image.crop(panel), other.crop(panel)) > 200
    # Each has a palette of its own, so that edges differ a little.
    assert furthest_apart(image.crop(art), other.crop(art)) < 24


def test_title_without_letters_leaves_all_the_room_to_the_art():
    first, second = (share_images.draw("tea/", title, "Afterword") for title in ("日本", "كتاب"))
    assert first == second
    assert opened(first).convert("RGB").getpixel((2, 2)) != (252, 252, 250)


@pytest.mark.parametrize("text", ["Größe – “naïve” Łódź", "Ελληνικά", "Привет", "İstanbul", "Việt Nam"])
def test_font_has_letters_of_these(text):
    assert can_write(text)


@pytest.mark.parametrize("text", ["日本", "كتاب", "tea 茶", "🎉", "שלום", "ไทย", "", "\n"])
def test_font_has_none_of_these(text):
    assert not can_write(text)


def test_lines_are_as_wide_as_there_is_room_and_no_wider():
    font = font_of(48)
    lines = wrap("one two " + "x" * 100 + " three", font, 400)
    assert all(font.getlength(line) <= 400 for line in lines)
    assert lines[0] == "one two"
    assert "".join(lines).replace(" ", "") == "onetwo" + "x" * 100 + "three"


def test_what_does_not_fit_is_shortened_within_the_room(monkeypatch):
    written = []
    monkeypatch.setattr(
        share_images.ImageDraw.ImageDraw,
        "text",
        lambda self, place, text, *args, **kwargs: written.append((place, text)),
    )
    share_images.draw(
        "spasms/", LONG[:200], "A site whose name is much too long for the room that it has here"
    )
    *_lines, (last_place, last), (_place, site) = written
    assert last.endswith("…") and site.endswith("…")
    assert last_place[1] < share_images.HEIGHT - 2 * share_images.MARGIN - 40


@pytest.mark.django_db
class TestAddress:
    def test_picture_may_be_kept_for_ever(self, client):
        response = client.get(address(image_of(make_article())))
        assert response["Content-Type"] == "image/png"
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert opened(response.content).size == (1200, 630)

    def test_picture_is_drawn_once(self, client, monkeypatch):
        url = address(image_of(make_article()))
        first = client.get(url).content
        monkeypatch.setattr(share_images, "draw", None)
        assert client.get(url).content == first

    def test_address_changes_with_what_is_on_the_picture_and_the_old_one_leads_on(self, client):
        article = make_article(title="Old", path="old/")
        addresses = {address(image_of(article))}
        Article.objects.update(body_html="Another text")
        addresses.add(address(image_of(Article.objects.get())))
        assert len(addresses) == 1
        for change in ({"title": "New"}, {"path": "new/"}):
            Article.objects.update(**change)
            addresses.add(address(image_of(Article.objects.get())))
        assert len(addresses) == 3
        today = address(image_of(Article.objects.get()))
        for old in addresses - {today}:
            assert client.get(old).headers["Location"].endswith(today)

    def test_only_what_is_current_is_ever_drawn(self, client, monkeypatch):
        article = make_article()
        monkeypatch.setattr(share_images, "draw", None)
        assert client.get(f"/share-image/{article.pk}-made-up.png").status_code == 302

    @pytest.mark.parametrize("path", ["7-abc", "99999999999999999999999-abc", "x-abc", "1-a.b", "-1-abc"])
    def test_what_is_not_there_has_no_picture(self, client, path):
        assert client.get(f"/share-image/{path}.png").status_code == 404

    def test_drafts_have_no_picture(self, client):
        assert client.get(address(image_of(make_article(status="draft")))).status_code == 404

    def test_site_has_one_of_its_own(self, client):
        assert client.get(address(image_of_site())).status_code == 200
        assert client.post(address(image_of_site())).status_code == 405

    def test_picture_costs_one_query(self, client, django_assert_num_queries):
        url = address(image_of(make_article()))
        with django_assert_num_queries(1):
            client.get(url)
