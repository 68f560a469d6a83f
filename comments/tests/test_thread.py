import html5lib
import pytest
from django.http import Http404

from comments.thread import load_page, page_number, render_thread
from tests.factories import make_article, make_comment, make_moderator

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    return make_article(title="Spasms", path="spasms/")


def tree(article, number=1, *, is_open=True):
    """The page's thread as nested lists of (id or kind, children)."""
    html = render_thread(load_page(article, number), is_open=is_open)
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    fragment = parser.parseFragment(html)

    def items(parent):
        return [
            (
                item.get("id") or item.get("class").split()[-1],
                items(child) if (child := item.find("ol")) is not None else [],
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
