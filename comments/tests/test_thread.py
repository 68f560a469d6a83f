import re
import struct

import html5lib
import pytest
from django.http import Http404
from django.utils.translation import override

from comments.thread import load_page, ordered, page_number, render_thread
from tests.factories import make_article, make_comment, make_moderator

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    return make_article(title="Spasms", path="spasms/")


def tree(article, number=1, *, is_open=True, newest_first=False):
    """The page's thread as nested lists of (id or kind, children)."""
    html = render_thread(load_page(article, number, newest_first=newest_first), is_open=is_open)
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    fragment = parser.parseFragment(html)

    def items(parent):
        return [
            (
                item.get("id") or item.get("class").split()[-1],
                items(child) if (child := item.find("details/ol")) is not None else [],
            )
            for item in parent.findall("li")
        ]

    lists = fragment.findall("ol")
    return items(lists[0]) if lists else []


@pytest.mark.parametrize(
    ("number", "heading"),
    [(0, ""), (1, "One thought on “Spasms”"), (2, "2 thoughts on “Spasms”")],
)
def test_heading_counts_in_words(article, number, heading):
    for _each in range(number):
        make_comment(article)
    assert load_page(article).heading == heading


def test_large_counts_are_grouped(article):
    page = load_page(article)
    object.__setattr__(page, "total", 1234)
    assert page.heading == "1,234 thoughts on “Spasms”"


def test_replies_are_nested(article):
    first = make_comment(article)
    second = make_comment(article)
    reply = make_comment(article, parent=first)
    deeper = make_comment(article, parent=reply)
    assert tree(article) == [
        (f"comment-{first.pk}", [(f"comment-{reply.pk}", [(f"comment-{deeper.pk}", [])])]),
        (f"comment-{second.pk}", []),
    ]


@pytest.mark.parametrize("status", ["pending", "spam", "trash"])
def test_only_approved_comments_are_shown(article, status):
    make_comment(article, status=status)
    assert tree(article) == []
    assert load_page(article).total == 0


@pytest.mark.parametrize("remove", ["trash", "delete"])
def test_removed_parent_leaves_a_placeholder(article, remove):
    parent = make_comment(article)
    reply = make_comment(article, parent=parent)
    parent.trash(by=make_moderator()) if remove == "trash" else parent.delete()
    assert tree(article) == [("comment-removed", [(f"comment-{reply.pk}", [])])]
    html = render_thread(load_page(article), is_open=True)
    assert "This comment has been removed." in html
    assert parent.author_name not in html


def test_removed_comment_without_replies_leaves_nothing(article):
    make_comment(article).trash(by=make_moderator())
    assert tree(article) == []


def test_two_removed_generations_leave_two_placeholders(article):
    ana = make_moderator()
    grandparent = make_comment(article)
    parent = make_comment(article, parent=grandparent)
    child = make_comment(article, parent=parent)
    grandparent.trash(by=ana)
    parent.trash(by=ana)
    assert tree(article) == [("comment-removed", [("comment-removed", [(f"comment-{child.pk}", [])])])]


def test_pages_hold_as_many_comments_as_the_site_says(settings, article):
    settings.COMMENTS_PER_PAGE = 3
    comments = [make_comment(article) for _each in range(7)]
    pages = [load_page(article, number) for number in (1, 2, 3)]
    assert [[comment.pk for comment in page.comments] for page in pages] == [
        [comment.pk for comment in comments[:3]],
        [comment.pk for comment in comments[3:6]],
        [comment.pk for comment in comments[6:]],
    ]
    assert pages[0].page_count == 3
    assert (pages[0].previous_url, pages[0].next_url) == (None, "/spasms/comment-page-2/#comments")
    assert (pages[1].previous_url, pages[2].next_url) == ("/spasms/#comments", None)
    for wrong in (0, 4, 10**20):
        with pytest.raises(Http404):
            load_page(article, wrong)


def test_permalink_finds_its_page_whatever_the_page_size(settings, article):
    comments = [make_comment(article) for _each in range(7)]
    settings.COMMENTS_PER_PAGE = 3
    assert [page_number(comment) for comment in comments] == [1, 1, 1, 2, 2, 2, 3]
    settings.COMMENTS_PER_PAGE = 5
    assert [page_number(comment) for comment in comments] == [1, 1, 1, 1, 1, 2, 2]


def test_thread_cut_by_a_page_says_where_it_continues_from(settings, article):
    settings.COMMENTS_PER_PAGE = 2
    parent = make_comment(article, author_name="Mara & Co")
    make_comment(article, parent=parent)
    reply = make_comment(article, parent=parent)
    html = render_thread(load_page(article, 2), is_open=True)
    assert tree(article, 2) == [("comment-earlier", [(f"comment-{reply.pk}", [])])]
    assert (
        f'Continues from <a href="/comments/{parent.pk}/"><bdi>Mara &amp; Co</bdi></a> on an earlier page.'
        in html
    )


def test_parent_removed_on_an_earlier_page_is_still_a_placeholder(settings, article):
    settings.COMMENTS_PER_PAGE = 1
    parent = make_comment(article)
    make_comment(article, parent=parent)
    reply = make_comment(article, parent=parent)
    parent.trash(by=make_moderator())
    assert tree(article, 2) == [("comment-removed", [(f"comment-{reply.pk}", [])])]


def test_reply_deeper_than_five_names_the_one_it_answers(article):
    chain = [make_comment(article)]
    for _level in range(6):
        chain.append(make_comment(article, parent=chain[-1]))
    html = render_thread(load_page(article), is_open=True)
    assert html.count("In reply to") == 2
    assert f'<p class="comment-context">In reply to <a href="#comment-{chain[5].pk}">' in html


def test_reply_deeper_than_five_names_the_one_it_answers_across_pages_too(settings, article):
    settings.COMMENTS_PER_PAGE = 6
    chain = [make_comment(article)]
    for _level in range(9):
        chain.append(make_comment(article, parent=chain[-1]))
    html = render_thread(load_page(article, 2), is_open=True)
    # The first of the page answers a comment of the page before, the others one another.
    assert html.count("In reply to") == 4
    assert f'In reply to <a href="/comments/{chain[5].pk}/"><bdi>{chain[5].author_name}</bdi></a>' in html
    assert f'In reply to <a href="#comment-{chain[6].pk}"><bdi>{chain[6].author_name}</bdi></a>' in html


def test_reply_links_work_without_script_and_name_whom_they_answer(article):
    comment = make_comment(article, author_name='"><script>')
    html = render_thread(load_page(article), is_open=True)
    assert f'href="/spasms/?replytocom={comment.pk}#respond"' in html
    assert 'aria-label="Reply to &quot;&gt;&lt;script&gt;"' in html
    assert "comment-reply-link" not in render_thread(load_page(article), is_open=False)


def test_page_costs_one_query_and_a_later_one_two(settings, article, django_assert_num_queries):
    settings.COMMENTS_PER_PAGE = 2
    parent = make_comment(article)
    for _each in range(5):
        make_comment(article, parent=parent)
    with django_assert_num_queries(1):
        render_thread(load_page(article, 1), is_open=True)
    with django_assert_num_queries(2):
        render_thread(load_page(article, 2), is_open=True)


# Newest first


def bushy(article):
    """Threads of several depths, some of which ask for more than a page; in the order of writing."""
    threads = [make_comment(article) for _each in range(4)]
    for parent in (threads[0], threads[2], threads[2], threads[3]):
        for _level in range(7):
            parent = make_comment(article, parent=parent)
    return list(article.comments.order_by("place"))


def pages(article, newest_first):
    first = load_page(article, newest_first=newest_first)
    rest = [load_page(article, n, newest_first=newest_first) for n in range(2, first.page_count + 1)]
    return [[comment.pk for comment in page.comments] for page in (first, *rest)]


def test_newest_threads_come_first_and_replies_follow_what_they_answer(article):
    first, second = make_comment(article), make_comment(article)
    reply = make_comment(article, parent=first)
    later = make_comment(article, parent=first)
    assert tree(article, newest_first=True) == [
        (f"comment-{second.pk}", []),
        (f"comment-{first.pk}", [(f"comment-{reply.pk}", []), (f"comment-{later.pk}", [])]),
    ]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("size", [1, 5, 6, 50])
def test_pages_of_either_order_hold_every_comment_once(settings, article, newest_first, size):
    comments = bushy(article)
    settings.COMMENTS_PER_PAGE = size
    shown = [pk for page in pages(article, newest_first) for pk in page]
    if newest_first:
        comments.sort(key=lambda each: each.place[:25], reverse=True)
    assert shown == [comment.pk for comment in comments]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("size", [1, 5, 6, 50])
def test_permalink_finds_the_page_of_every_comment_in_either_order(
    settings, client, article, newest_first, size
):
    comments = bushy(article)
    settings.COMMENTS_PER_PAGE = size
    query = "?comments=newest" if newest_first else ""
    for number, pks in enumerate(pages(article, newest_first), start=1):
        page = "/spasms/" if number == 1 else f"/spasms/comment-page-{number}/"
        for comment in (each for each in comments if each.pk in pks):
            assert page_number(comment, newest_first=newest_first) == number
            response = client.get(comment.get_absolute_url() + query)
            assert response["Location"] == f"{page}{query}#comment-{comment.pk}"
        assert f'id="comment-{pks[-1]}"' in client.get(page + query).content.decode()


def test_links_of_a_page_stay_in_its_order(settings, article):
    settings.COMMENTS_PER_PAGE = 6
    chain = [make_comment(article)]
    for _level in range(7):
        chain.append(make_comment(article, parent=chain[-1]))
    page = load_page(article, 2, newest_first=True)
    html = render_thread(page, is_open=True)
    assert page.previous_url == "/spasms/?comments=newest#comments"
    assert f'Continues from <a href="/comments/{chain[0].pk}/?comments=newest">' in html
    assert f'In reply to <a href="/comments/{chain[5].pk}/?comments=newest">' in html
    address = f"/spasms/comment-page-2/?comments=newest&amp;replytocom={chain[6].pk}"
    assert f'href="{address}#respond"' in html and f'href="{address}&amp;quote=1#respond"' in html
    assert page.canonical_url == "/spasms/comment-page-2/"


def test_newest_first_costs_no_query_more(settings, article, django_assert_num_queries):
    settings.COMMENTS_PER_PAGE = 2
    parent = make_comment(article)
    for _each in range(5):
        make_comment(article, parent=parent)
    with django_assert_num_queries(1):
        render_thread(load_page(article, 1, newest_first=True), is_open=True)
    with django_assert_num_queries(2):
        render_thread(load_page(article, 2, newest_first=True), is_open=True)
    with pytest.raises(Http404):
        load_page(article, 4, newest_first=True)


@pytest.mark.parametrize("newest_first", [False, True])
def test_moderators_find_what_waits_once_on_its_page_in_either_order(settings, client, article, newest_first):
    held = {make_comment(article, status="pending", parent=each).pk for each in bushy(article)[::3]}
    held.add(make_comment(article, status="pending").pk)
    settings.COMMENTS_PER_PAGE = 5
    client.force_login(make_moderator())
    found = []
    for number in range(1, len(pages(article, newest_first)) + 1):
        address = "/spasms/" if number == 1 else f"/spasms/comment-page-{number}/"
        page = client.get(address + ("?comments=newest" if newest_first else "")).content.decode()
        found += [int(pk) for pk in re.findall(r'<li id="comment-(\d+)"', page)]
    assert found == [comment.pk for comment in ordered(article.comments.all(), newest_first)]
    assert held < set(found)


# Folding and words


def test_replies_fold_and_say_how_many_they_are(article):
    parent = make_comment(article)
    reply = make_comment(article, parent=parent)
    assert "<summary>1 reply</summary>" in render_thread(load_page(article), is_open=True)
    make_comment(article, parent=reply)
    html = render_thread(load_page(article), is_open=True)
    assert re.findall(r'<details class="replies" open><summary>(.*?)</summary>', html) == [
        "2 replies",
        "1 reply",
    ]


def test_placeholder_is_not_counted_as_a_reply(article):
    parent = make_comment(article)
    removed = make_comment(article, parent=parent)
    make_comment(article, parent=removed)
    removed.trash(by=make_moderator())
    html = render_thread(load_page(article), is_open=True)
    assert re.findall(r"<summary>(.*?)</summary>", html) == ["1 reply", "1 reply"]


PLURAL_RULES = {
    "pl": "nplurals=4; plural=(n==1 ? 0 : (n%10>=2 && n%10<=4) && (n%100<12 || n%100>14) ? 1 : n!=1 && "
    "(n%10>=0 && n%10<=1) || (n%10>=5 && n%10<=9) || (n%100>=12 && n%100<=14) ? 2 : 3);",
    "ru": "nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : "
    "n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14)? 2 : 3);",
}


def write_catalogue(folder, language, texts):
    """Write a compiled catalogue: as gettext lays it out, the texts sorted, without the table of hashes."""
    rules = f"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: {PLURAL_RULES[language]}\n"
    entries = {"": rules} | {"\0".join(forms): "\0".join(own) for forms, own in texts.items()}
    pairs = sorted((key.encode(), value.encode()) for key, value in entries.items())
    tables, data = [b"", b""], b""
    start = 28 + 16 * len(pairs)
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<2I", len(pair[column]), start + len(data))
            data += pair[column] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    path = folder / language / "LC_MESSAGES"
    path.mkdir(parents=True)
    (path / "django.mo").write_bytes(header + tables[0] + tables[1] + data)


@pytest.mark.parametrize(
    ("language", "words", "replies"),
    [
        (
            "pl",
            ["1 myśl", "%(count)s myśli", "%(count)s myśli wielu", "%(count)s ułamka"],
            ["%(count)s odpowiedź", "%(count)s odpowiedzi", "%(count)s odpowiedzi wielu", "-"],
        ),
        (
            "ru",
            ["%(count)s мысль", "%(count)s мысли", "%(count)s мыслей", "-"],
            ["%(count)s ответ", "%(count)s ответа", "%(count)s ответов", "-"],
        ),
    ],
)
def test_counts_follow_the_plurals_of_the_language(tmp_path, settings, article, language, words, replies):
    heading = ("One thought on “%(title)s”", "%(count)s thoughts on “%(title)s”")
    reply = ("%(count)s reply", "%(count)s replies")
    write_catalogue(tmp_path, language, {heading: words, reply: replies})
    settings.LOCALE_PATHS = [tmp_path]
    parent = make_comment(article)
    page = load_page(article)
    # One of the first form, then the others; 21 is the first again in Russian, but not in Polish.
    forms = {1: 0, 2: 1, 5: 2, 12: 2, 21: 0 if language == "ru" else 2, 22: 1}
    with override(language):
        for number, form in forms.items():
            object.__setattr__(page, "total", number)
            assert page.heading == words[form] % {"count": number}
        for number in (1, 2, 5, 22):
            while article.comments.count() <= number:
                make_comment(article, parent=parent)
            html = render_thread(load_page(article), is_open=True)
            assert f"<summary>{replies[forms[number]] % {'count': number}}</summary>" in html
