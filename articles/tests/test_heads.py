"""What pages tell machines in their heads, read from the pages themselves."""

import json
from html.parser import HTMLParser

import pytest
from django.utils import translation

from articles.excerpts import excerpt_of, plain_text, shorten
from tests.factories import (
    comment_form,
    make_article,
    make_author,
    make_category,
    make_comment,
    make_moderator,
    make_tag,
)

pytestmark = pytest.mark.django_db


class Head(HTMLParser):
    """``metas``: values by name or property. ``links``: attributes. ``data``: JSON-LD's nodes, by type."""

    def __init__(self, page):
        super().__init__()
        self.metas, self.links, self.scripts, self.in_data = {}, [], [], False
        self.feed(page)
        nodes = [node for text in self.scripts for node in json.loads(text)["@graph"]]
        self.data = {node["@type"]: node for node in nodes}
        assert len(self.data) == len(nodes), "a type twice"

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "meta" and (name := attrs.get("name") or attrs.get("property")):
            self.metas.setdefault(name, []).append(attrs["content"])
        elif tag == "link":
            self.links.append(attrs)
        elif tag == "script" and attrs.get("type") == "application/ld+json":
            self.in_data = True
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.in_data = self.in_data and tag != "script"

    def handle_data(self, data):
        if self.in_data:
            self.scripts[-1] += data

    def one(self, name):
        (value,) = self.metas[name]
        return value

    def hrefs(self, rel, type=None):
        return [
            link["href"] for link in self.links if link["rel"] == rel and type in (None, link.get("type"))
        ]


def head_of(client, path):
    return Head(client.get(path).content.decode())


@pytest.fixture
def article():
    health = make_category("Health")
    back = make_category("Back Pain", parent=health)
    author = make_author(name="Mara Lind", slug="mara", biography="Drinks tea.")
    tea = make_tag("Tea")
    for path in ("other/", "spasms/"):
        article = make_article(
            title="Spasms <&> “rest”",
            path=path,
            standfirst="What helps.",
            categories=[health, back],
            tags=[tea],
            author=author,
        )
    return article


PAGES = [
    "/",
    "/spasms/",
    "/category/health/",
    "/category/health/back-pain/",
    "/tag/tea/",
    "/author/mara/",
    "/comments/data/",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_worth_finding_says_what_it_is(client, article, path):
    head = head_of(client, path)
    assert head.hrefs("canonical") == [f"http://testserver{path}"] == [head.one("og:url")]
    assert head.one("description") == head.one("og:description") == head.one("twitter:description")
    assert head.one("og:title") == head.one("twitter:title")
    assert head.one("og:site_name")
    assert head.one("og:locale") == "en_US"
    assert head.one("og:type") == {"/spasms/": "article", "/author/mara/": "profile"}.get(path, "website")
    assert head.one("twitter:card") == "summary_large_image"
    assert (head.one("og:image:width"), head.one("og:image:height")) == ("1200", "630")
    assert client.get(head.one("og:image"))["Content-Type"] == head.one("og:image:type")
    assert "robots" not in head.metas


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leads_to_its_own_feeds_and_the_sites(client, article, path):
    head = head_of(client, path)
    own = [] if path in ("/", "/comments/data/") else [f"{path}feed/"]
    for kind, end in (("rss+xml", ""), ("atom+xml", "atom/"), ("feed+json", "json/")):
        found = head.hrefs("alternate", f"application/{kind}")
        assert set(found) == {f"/feed/{end}", f"/comments/feed/{end}", *(each + end for each in own)}
        assert len(found) == len(set(found))
        assert all(client.get(each)["Content-Type"].startswith(f"application/{kind}") for each in found)


def test_article_says_more_of_itself(client, article):
    head = head_of(client, "/spasms/")
    assert head.one("og:title") == article.title
    assert head.one("description") == "What helps."
    assert head.one("article:published_time") == "2017-03-18T09:00:00+00:00"
    assert head.one("article:author") == "http://testserver/author/mara/"
    assert head.one("article:tag") == "Tea"


@pytest.mark.parametrize(("language", "locale"), [("de", "de"), ("pt-br", "pt_BR")])
def test_language_of_an_article_is_its_locale(client, language, locale):
    article = make_article(language=language)
    head = head_of(client, article.get_absolute_url())
    assert head.one("og:locale") == locale
    assert head.data["BlogPosting"]["inLanguage"] == language


def test_later_pages_have_addresses_and_descriptions_of_their_own(client):
    for _number in range(11):
        make_article()
    head = head_of(client, "/page/2/")
    assert head.hrefs("canonical") == ["http://testserver/page/2/"]
    assert head.one("description").endswith("(Page 2)")


@pytest.mark.parametrize("path", ["/category/health/", "/tag/tea/", "/author/mara/"])
def test_thin_lists_are_not_to_be_found(client, path):
    make_article(
        categories=[make_category("Health")], tags=[make_tag("Tea")], author=make_author(slug="mara")
    )
    head = head_of(client, path)
    assert head.one("robots") == "noindex"
    assert not head.data and "og:title" not in head.metas


def test_page_of_a_reply_is_not_to_be_found(client, article):
    comment = make_comment(article)
    head = head_of(client, f"/spasms/?replytocom={comment.pk}")
    assert head.one("robots") == "noindex"
    assert head.hrefs("canonical") == ["http://testserver/spasms/"]
    assert not head.data


def test_previews_and_editors_pages_are_not_to_be_found(client, article):
    fields = comment_form(article, preview="1")
    response = client.post(f"/comments/post/{article.pk}/", fields, headers={"sec-fetch-site": "same-origin"})
    preview = Head(response.content.decode())
    client.force_login(make_moderator())
    for head in (preview, head_of(client, "/spasms/")):
        assert head.one("robots") == "noindex"
        assert not head.data


def test_profiles_of_the_owner_are_named(client, settings):
    settings.SITE_PROFILES = ["https://social.example/@me", "mailto:me@example.org"]
    head = head_of(client, "/")
    assert head.hrefs("me") == settings.SITE_PROFILES
    assert head.data["Organization"]["sameAs"] == settings.SITE_PROFILES


def test_heads_cost_no_query(client, article, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get("/tag/tea/")


# JSON-LD ------------------------------------------------------------------------------------------

REQUIRED = {
    "BlogPosting": {
        "headline",
        "image",
        "datePublished",
        "dateModified",
        "author",
        "publisher",
        "mainEntityOfPage",
    },
    "BreadcrumbList": {"itemListElement"},
    "WebSite": {"name", "url", "potentialAction"},
    "Organization": {"name", "url"},
    "ProfilePage": {"mainEntity"},
    "CollectionPage": {"name", "url"},
    "Person": {"name", "url"},
    "Comment": {"author", "datePublished", "text"},
    "ListItem": {"position", "name", "item"},
    "SearchAction": {"target", "query-input"},
    "EntryPoint": {"urlTemplate"},
    "ImageObject": {"url"},
}


def check_nodes(node):
    """Look at a node and all within it: required words there, no value empty, addresses in full."""
    if isinstance(node, list):
        for each in node:
            check_nodes(each)
    elif isinstance(node, dict):
        if "@type" in node:
            wanted = REQUIRED[node["@type"]] - ({"url"} if node.get("@type") == "Person" else set())
            assert wanted <= set(node), node
        for name, value in node.items():
            assert value not in ("", None, []), name
            if name in ("url", "item", "@id", "mainEntityOfPage", "urlTemplate", "discussionUrl"):
                assert value.startswith("http://testserver/"), name
            check_nodes(value)


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("/", {"WebSite", "Organization"}),
        ("/spasms/", {"BlogPosting", "BreadcrumbList", "WebSite", "Organization"}),
        ("/category/health/back-pain/", {"CollectionPage", "BreadcrumbList", "WebSite", "Organization"}),
        ("/tag/tea/", {"CollectionPage", "BreadcrumbList", "WebSite", "Organization"}),
        ("/author/mara/", {"ProfilePage", "BreadcrumbList", "WebSite", "Organization"}),
    ],
)
def test_pages_speak_schema_orgs_words(client, article, path, types):
    make_comment(article)
    head = head_of(client, path)
    assert set(head.data) == types
    check_nodes(list(head.data.values()))


def test_every_node_that_is_pointed_at_is_on_the_page(client, article):
    data = head_of(client, "/spasms/").data
    ids = {node["@id"] for node in data.values()}
    assert {data["BlogPosting"]["publisher"]["@id"], data["BlogPosting"]["isPartOf"]["@id"]} <= ids


def test_breadcrumbs_lead_from_the_home_page_to_the_article(client, article):
    items = head_of(client, "/spasms/").data["BreadcrumbList"]["itemListElement"]
    assert [(item["position"], item["item"].removeprefix("http://testserver")) for item in items] == [
        (1, "/"),
        (2, "/category/health/"),
        (3, "/category/health/back-pain/"),
        (4, "/spasms/"),
    ]


def test_site_can_be_searched(client):
    action = head_of(client, "/").data["WebSite"]["potentialAction"]
    assert action["target"]["urlTemplate"] == "http://testserver/search/?q={search_term_string}"


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>&amp;", '\u2028 \\ "']
)
def test_no_text_ends_the_script(client, text):
    article = make_article(title=text, standfirst=text, author=make_author(name=text, biography=text))
    comment = make_comment(article, author_name=text, body=text.replace("<", "&lt;"))
    data = head_of(client, article.get_absolute_url()).data["BlogPosting"]
    assert data["headline"] == article.title
    assert data["author"]["name"] == article.author.name
    assert data["comment"][0]["author"]["name"] == comment.author_name
    page = client.get(article.get_absolute_url()).content.decode()
    start = page.index('<script type="application/ld+json">')
    assert "<" not in page[start + 1 : page.index("</script>", start)].replace("<script type", "")


def test_long_titles_are_cut_where_search_engines_cut_them(client):
    article = make_article(title="x" * 200)
    assert len(head_of(client, article.get_absolute_url()).data["BlogPosting"]["headline"]) == 110


def test_interface_language_is_the_pages(client, article):
    with translation.override("de"):
        assert head_of(client, "/").one("og:locale") == "de"


# Excerpts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("<p>a <em>b</em>c &amp;amp; &lt;d&gt;</p>", "a bc &amp; <d>"),
        ('<p><a title="a > b" href="/x">c</a><br>d</p>', "c d"),
        ("", ""),
    ],
)
def test_plain_text_is_what_a_reader_would_read(markup, text):
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("text", "length", "short"),
    [
        ("one two", 7, "one two"),
        ("one two three", 9, "one two…"),
        ("日本語の文章です", 5, "日本語の…"),
        ("xxxxxxxxxxxx", 5, "xxxx…"),
        ("one two, three", 10, "one two…"),
    ],
)
def test_shortened_text_ends_after_a_word_if_it_can(text, length, short):
    assert shorten(text, length) == short
    assert len(short) <= length


def test_excerpt_of_a_long_text_is_short_and_without_torn_markup():
    excerpt = excerpt_of('<p>word <a href="/a">link</a></p>' * 1000)
    assert len(excerpt) <= 280 and excerpt.endswith("…") and "<" not in excerpt
