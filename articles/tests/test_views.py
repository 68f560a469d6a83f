from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import (
    LONG_AGO,
    make_article,
    make_author,
    make_category,
    make_comment,
    make_moderator,
    make_tag,
    make_user,
)

pytestmark = pytest.mark.django_db


def titles(response):
    return [article.title for article in response.context["articles"]]


def test_home_lists_published_articles_newest_first(client):
    make_article(title="Older")
    make_article(title="Newer", published_at=LONG_AGO + timedelta(days=1))
    make_article(title="Draft", status="draft")
    make_article(title="Tomorrow", published_at=timezone.now() + timedelta(days=1))
    response = client.get("/")
    assert titles(response) == ["Newer", "Older"]
    assert b"Draft" not in response.content


def test_home_has_pages(client):
    for number in range(23):
        make_article(title=f"No {number}", published_at=LONG_AGO + timedelta(days=number))
    first, last = client.get("/"), client.get("/page/3/")
    assert len(titles(first)) == 10
    assert (first.context["newer_url"], first.context["older_url"]) == (None, "/page/2/")
    assert titles(last) == ["No 2", "No 1", "No 0"]
    assert (last.context["newer_url"], last.context["older_url"]) == ("/page/2/", None)
    assert client.get("/page/2/").context["newer_url"] == "/"


@pytest.mark.parametrize("page", ["0", "2", "99999999999999999999", "x"])
def test_pages_that_are_not_there_are_not_found(client, page):
    make_article()
    response = client.get(f"/page/{page}/")
    assert response.status_code == 404


def test_empty_home_says_so(client):
    response = client.get("/")
    assert response.status_code == 200
    assert titles(response) == []


def test_article_shows_text_author_categories_and_tags(client):
    health = make_category("Health")
    article = make_article(
        title="Spasms & More",
        categories=[make_category("Back Pain", parent=health)],
        tags=[make_tag("Heat")],
        author=make_author(name="Mara Lind"),
        standfirst="What helps.",
    )
    page = client.get(article.get_absolute_url()).content.decode()
    for text in [
        "Spasms &amp; More",
        "Mara Lind",
        "Health",
        "Back Pain",
        "Heat",
        "What helps.",
        "<p>The second one.</p>",
    ]:
        assert text in page


def test_machines_read_times_with_their_zone_in_whole_seconds(client, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    moment = LONG_AGO.replace(microsecond=123456)
    article = make_article(published_at=moment)
    make_comment(article, at=moment)
    page = client.get(article.get_absolute_url()).content.decode()
    assert page.count('datetime="2017-03-18T10:00:00+01:00"') == 2


def test_tables_scroll_in_boxes_of_their_own(client):
    article = make_article(body="<table><tr><td>A &lt;table> of one cell</td></tr></table>")
    page = client.get(article.get_absolute_url()).content.decode()
    assert page.count('<div class="table" role="group" tabindex="0"') == page.count("</table></div>") == 1


def test_code_scrolls_by_keyboard_too(client):
    article = make_article(body='<pre lang="en"><code>a &lt;pre> of one line</code></pre>')
    page = client.get(article.get_absolute_url()).content.decode()
    assert page.count('<pre role="group" tabindex="0" aria-label="Code" lang="en">') == 1
    assert page.count('tabindex="0"') == 1


def test_article_page_is_the_same_bytes_for_every_anonymous_reader(client):
    article = make_article()
    make_comment(article)
    first = client.get(article.get_absolute_url())
    second = client.get(
        article.get_absolute_url(),
        headers={
            "cookie": "csrftoken=abcdefghijklmnopqrstuvwxyz012345; commenter=me",
            "accept-language": "de",
            "user-agent": "Other",
            "referer": "https://example.org/",
        },
    )
    assert first.content == second.content
    assert not first.cookies and not second.cookies
    assert "Cookie" not in first.get("Vary", "")
    assert b"csrfmiddlewaretoken" not in first.content


def test_session_that_has_ended_gets_the_shared_page(client):
    article = make_article()
    shared = client.get(article.get_absolute_url())
    client.cookies["sessionid"] = "ended"
    assert client.get(article.get_absolute_url()).content == shared.content


def test_editors_page_is_their_own(client):
    article = make_article()
    client.force_login(make_moderator())
    response = client.get(article.get_absolute_url())
    assert b"csrfmiddlewaretoken" in response.content
    assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]


def test_draft_is_shown_to_editors_alone_and_never_cached(client):
    draft = make_article(status="draft")
    assert client.get(draft.get_absolute_url()).status_code == 404
    client.force_login(make_user("eve", groups=["Editors"], is_staff=True))
    response = client.get(draft.get_absolute_url())
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


def test_draft_shows_its_editor_no_form_that_nobody_could_send(client):
    client.force_login(make_user("eve", groups=["Editors"], is_staff=True))
    page = client.get(make_article(status="draft").get_absolute_url()).content.decode()
    assert 'id="commentform"' not in page
    assert "Comments are closed." not in page


def test_former_path_leads_on(client):
    article = make_article(path="old/")
    article.path = "new/"
    article.save()
    response = client.get("/old/")
    assert (response.status_code, response["Location"]) == (301, "/new/")


def test_former_path_of_a_draft_leads_nowhere(client):
    article = make_article(path="old/", status="draft")
    article.path = "new/"
    article.save()
    assert client.get("/old/").status_code == 404


def test_missing_slash_is_added(client):
    make_article(path="about/us/")
    response = client.get("/about/us")
    assert (response.status_code, response["Location"]) == (301, "/about/us/")


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/a%00b/", "/%ff/", "/category/none/", "/tag/none/", "/author/none/"]
)
def test_what_is_not_there_gets_a_page_that_helps(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert b'href="/"' in response.content


def test_articles_are_read_not_written(client):
    article = make_article()
    assert client.post(article.get_absolute_url()).status_code == 405
    assert client.post("/").status_code == 405


def test_category_shows_its_descendants_articles_and_where_it_lies(client):
    health = make_category("Health", description="Plain words.")
    back = make_category("Back Pain", parent=health)
    make_article(title="Deep", categories=[back])
    make_article(title="Elsewhere")
    page = client.get("/category/health/")
    assert titles(page) == ["Deep"]
    assert page.context["children"] == [back]
    assert b"Plain words." in page.content
    assert client.get("/category/health/back-pain/").context["breadcrumbs"] == [health]


def test_category_has_pages(client):
    health = make_category("Health")
    for _number in range(11):
        make_article(categories=[health])
    assert client.get("/category/health/").context["older_url"] == "/category/health/page/2/"
    assert len(titles(client.get("/category/health/page/2/"))) == 1


def test_tag_and_author_pages(client):
    tea, mara = make_tag("Tea"), make_author(name="Mara", slug="mara", biography="Drinks tea.")
    make_article(title="On tea", tags=[tea], author=mara)
    make_article(title="Other")
    assert titles(client.get("/tag/tea/")) == ["On tea"]
    author_page = client.get("/author/mara/")
    assert titles(author_page) == ["On tea"]
    assert b"Drinks tea." in author_page.content


def test_author_page_tells_how_much_they_have_written_since_when(client):
    mara = make_author(slug="mara")
    make_article(author=mara, published_at=LONG_AGO)
    make_article(author=mara, published_at=LONG_AGO - timedelta(days=365), status="draft")
    assert "1 article, March 2017" in client.get("/author/mara/").content.decode()
    make_article(author=mara)
    make_article()
    assert "2 articles since March 2017" in client.get("/author/mara/").content.decode()


def test_author_who_has_published_nothing_is_not_counted(client):
    make_author(slug="mara")
    page = client.get("/author/mara/").content.decode()
    assert "0 articles" not in page and "None" not in page


def test_pages_of_one_list_share_their_picture(client):
    health, tea = make_category("Health"), make_category("Tea")
    for _number in range(11):
        make_article(categories=[health])
    pages = [
        client.get(address).content.decode().partition('frieze">')[2].partition("</div>")[0]
        for address in ("/category/health/", "/category/health/page/2/", tea.get_absolute_url())
    ]
    assert pages[0].startswith("<svg ")
    assert pages[0] == pages[1] != pages[2]


def test_pages_ask_no_other_host(client):
    article = make_article()
    make_comment(article, author_url="https://example.org/")
    for address in ("/", article.get_absolute_url()):
        page = client.get(address).content.decode()
        for attribute in (
            'src="http',
            'srcset="http',
            'rel="preconnect"',
            "@import",
            'rel="stylesheet" href="http',
        ):
            assert attribute not in page


def test_home_costs_at_most_four_queries(client, django_assert_max_num_queries):
    health = make_category("Health")
    for _number in range(12):
        make_comment(make_article(categories=[health]))
    with django_assert_max_num_queries(4):
        client.get("/")


def test_article_with_50_comments_costs_at_most_six_queries(client, django_assert_max_num_queries):
    health = make_category("Health")
    article = make_article(categories=[make_category("Back Pain", parent=health)], tags=[make_tag("Heat")])
    parent = None
    for number in range(50):
        comment = make_comment(article, parent=parent)
        parent = comment if number % 4 else None
    with django_assert_max_num_queries(6):
        page = client.get(article.get_absolute_url()).content.decode()
    assert page.count('class="comment depth-') == 50


@pytest.mark.parametrize(
    "address", ["comment-page-2/", "?replytocom={}", "?comments=newest", "comment-page-2/?comments=newest"]
)
def test_later_pages_and_reply_pages_cost_one_more_at_most(client, django_assert_max_num_queries, address):
    article = make_article(categories=[make_category("Health")], tags=[make_tag("Heat")])
    for _thread in range(20):
        parent = None
        for _level in range(7):
            parent = make_comment(article, parent=parent)
    first = article.comments.first()
    with django_assert_max_num_queries(7):
        page = client.get(article.get_absolute_url() + address.format(first.pk)).content.decode()
    assert page.count('<li id="comment-') == 50


@pytest.mark.parametrize(
    ("address", "queries"), [("/category/health/", 5), ("/tag/heat/", 5), ("/author/mara/", 6)]
)
def test_lists_cost_the_same_for_one_article_and_for_ten(
    client, django_assert_max_num_queries, address, queries
):
    health, heat, mara = make_category("Health"), make_tag("Heat"), make_author(slug="mara")
    for _number in range(10):
        make_article(categories=[health], tags=[heat], author=mara)
    with django_assert_max_num_queries(queries):
        client.get(address)
