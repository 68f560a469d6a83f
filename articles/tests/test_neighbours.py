from datetime import timedelta

import pytest

from articles.neighbours import RELATED, before_and_after, related
from tests.factories import LONG_AGO, make_article, make_category, make_tag

pytestmark = pytest.mark.django_db


def on_day(number, **fields):
    return make_article(published_at=LONG_AGO + timedelta(days=number), **fields)


def test_shared_tags_come_first_then_the_category_then_the_newest():
    heat, cold, health = make_tag("Heat"), make_tag("Cold"), make_category("Health")
    article = on_day(0, tags=[heat, cold], categories=[health])
    both = on_day(1, tags=[heat, cold])
    shelf = on_day(9, categories=[health])
    one = on_day(2, tags=[heat])
    on_day(10)
    on_day(11, tags=[heat, cold], status="draft")
    assert related(article, tags=[heat, cold], category=health) == [both, one, shelf][:RELATED]
    assert related(article, tags=[], category=health) == [shelf]
    assert related(article, tags=[], category=None) == []


def test_each_is_named_once_and_not_the_article_itself():
    heat, cold, health = make_tag("Heat"), make_tag("Cold"), make_category("Health")
    article = on_day(0, tags=[heat, cold], categories=[health])
    other = on_day(1, tags=[heat, cold], categories=[health])
    assert related(article, tags=[heat, cold], category=health) == [other]


def test_neighbours_are_those_right_before_and_after():
    first, second, third = (on_day(number) for number in range(3))
    on_day(1, status="draft")
    assert before_and_after(second) == (first, third)
    assert before_and_after(first) == (None, second)
    assert before_and_after(third) == (second, None)


def test_articles_of_one_minute_are_all_passed():
    articles = [on_day(0) for _number in range(3)]
    assert [before_and_after(each) for each in articles] == [
        (None, articles[1]),
        (articles[0], articles[2]),
        (articles[1], None),
    ]
