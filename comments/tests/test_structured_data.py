import json

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from comments import structured_data
from comments.structured_data import discussion
from comments.thread import load_page
from tests.factories import LONG_AGO, make_article, make_comment

pytestmark = pytest.mark.django_db


def test_article_without_comments_says_that_it_has_none():
    article = make_article(path="spasms/")
    assert discussion(load_page(article)) == {
        "commentCount": 0,
        "discussionUrl": "http://testserver/spasms/#comments",
    }


def test_comment_says_who_when_and_what():
    article = make_article()
    comment = make_comment(article, author_name="Mara", body="Heat <b>helps</b> & so on.", at=LONG_AGO)
    (node,) = discussion(load_page(article))["comment"]
    assert node == {
        "@type": "Comment",
        "url": f"http://testserver/comments/{comment.pk}/",
        "author": {"@type": "Person", "name": "Mara"},
        "datePublished": "2017-03-18T09:00:00+00:00",
        "text": "Heat helps & so on.",
    }


def test_replies_lie_within_what_they_answer():
    article = make_article()
    first = make_comment(article, author_name="One")
    make_comment(article, author_name="Two")
    reply = make_comment(article, author_name="Reply", parent=first)
    make_comment(article, author_name="Reply to it", parent=reply)
    one, two = discussion(load_page(article))["comment"]
    assert (one["author"]["name"], two["author"]["name"]) == ("One", "Two")
    assert one["comment"][0]["comment"][0]["author"]["name"] == "Reply to it"
    assert "comment" not in two


def test_only_what_the_page_shows_is_told(settings):
    settings.COMMENTS_PER_PAGE = 3
    article = make_article()
    for _number in range(4):
        make_comment(article)
    make_comment(article, status="pending")
    first, second = (discussion(load_page(article, number)) for number in (1, 2))
    assert (first["commentCount"], len(first["comment"]), len(second["comment"])) == (4, 3, 1)


def test_reply_whose_comment_is_on_an_earlier_page_stands_alone(settings):
    settings.COMMENTS_PER_PAGE = 1
    article = make_article()
    make_comment(article, author_name="Reply", parent=make_comment(article))
    (node,) = discussion(load_page(article, 2))["comment"]
    assert node["author"]["name"] == "Reply"


def test_long_texts_are_shortened():
    article = make_article()
    make_comment(article, body="word " * 2000)
    (node,) = discussion(load_page(article))["comment"]
    assert len(node["text"]) <= structured_data.TEXT_LENGTH


def test_of_200_answers_to_each_other_50_are_told(settings):
    settings.COMMENTS_PER_PAGE = 200
    article, parent = make_article(), None
    for _number in range(200):
        parent = make_comment(article, parent=parent)
    told = json.dumps(discussion(load_page(article)))
    assert told.count('"Comment"') == 50
    assert told.count('"comment": [') == 5


def test_page_fetches_its_comments_once_for_all_tags(django_assert_num_queries):
    article = make_article()
    make_comment(article)
    template = Template(
        "{% load comments %}{% comment_thread as thread_page %}{% comment_thread as again %}"
        "{% discussion thread_page as data %}{{ data.commentCount }}"
    )
    with django_assert_num_queries(1):
        assert template.render(Context({"article": article, "request": RequestFactory().get("/")})) == "1"
