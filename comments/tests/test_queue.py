"""The list of the queue: its views, counts, orders, filters and pages, and the buttons of its rows."""

import re
from datetime import UTC, datetime, timedelta

import html5lib
import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.http import urlencode

from comments.admin import listing
from comments.models import Comment, Commenter, Decision
from tests.factories import make_article, make_author, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:comments_comment_changelist")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def article():
    return make_article(title="Spasms", path="spasms/")


@pytest.fixture
def one_of_each(article):
    for status in Comment.Status.values:
        make_comment(article, author_name=f"a_{status}", status=status)


def tree(response):
    assert response.status_code == 200
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(element):
    return " ".join("".join(element.itertext()).split())


def writers(response):
    return [words(name) for name in tree(response).findall(".//table[@id='result_list']/tbody/tr//b/bdi")]


def links(response, name):
    return {words(link): link for link in tree(response).findall(f".//ul[@class='{name}']//a")}


def counts(response):
    found = {}
    for text, link in links(response, "desk-views").items():
        count = words(link.find("span"))
        found[text.removesuffix(f" {count}")] = count
    return found


def link_in_row(response, text):
    [link] = [link for link in tree(response).findall(".//tbody//a") if words(link) == text]
    return link.get("href")


def row_buttons(response):
    return [
        (words(button), button.get("value"))
        for button in tree(response).findall(".//button[@name='_move_one']")
    ]


# Views


def test_queue_opens_with_what_waits(client, ana, one_of_each):
    assert writers(client.get(QUEUE)) == ["a_pending"]


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("waiting", {"a_pending"}),
        ("published", {"a_approved"}),
        ("spam", {"a_spam"}),
        ("trash", {"a_trash"}),
        ("all", {"a_pending", "a_approved", "a_spam", "a_trash"}),
    ],
)
def test_view_shows_its_comments_and_is_marked(client, ana, one_of_each, view, shown):
    response = client.get(QUEUE, {"view": view})
    assert set(writers(response)) == shown
    current = [text for text, link in links(response, "desk-views").items() if link.get("aria-current")]
    assert current == [f"{listing.VIEWS[view].label} {len(shown)}"]


def test_links_lead_to_the_views_they_name(client, ana, one_of_each):
    shown = {
        text: writers(client.get(QUEUE + link.get("href")))
        for text, link in links(client.get(QUEUE, {"view": "spam"}), "desk-views").items()
    }
    assert shown == {
        "Waiting 1": ["a_pending"],
        "Published 1": ["a_approved"],
        "Spam 1": ["a_spam"],
        "Trash 1": ["a_trash"],
        "Everything 4": ["a_trash", "a_spam", "a_approved", "a_pending"],
    }


def test_mine_is_what_waits_and_what_is_published_on_own_articles(client, ana, one_of_each):
    assert "Mine" not in counts(client.get(QUEUE))
    own = make_article(author=make_author(user=ana))
    assert counts(client.get(QUEUE))["Mine"] == "0"
    for status in Comment.Status.values:
        make_comment(own, author_name=f"own_{status}", status=status)
    response = client.get(QUEUE, {"view": "mine"})
    assert writers(response) == ["own_approved", "own_pending"]
    assert counts(response)["Mine"] == "2"
    client.force_login(make_moderator("ben"))
    assert writers(client.get(QUEUE, {"view": "mine"})) == []


def test_address_of_a_status_leads_to_its_view_and_on_to_others(client, ana, one_of_each):
    response = client.get(QUEUE, {"status__exact": "spam"})
    assert writers(response) == ["a_spam"]
    assert links(response, "desk-views")["Spam 1"].get("aria-current") == "page"
    for text, shown in [("Trash 1", ["a_trash"]), ("Waiting 1", ["a_pending"])]:
        onward = links(response, "desk-views")[text].get("href")
        assert writers(client.get(QUEUE + onward)) == shown
    reordered = links(response, "desk-sorts")["Oldest first"].get("href")
    assert writers(client.get(QUEUE + reordered)) == ["a_spam"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, "Nothing is waiting."),
        ({"view": "trash"}, "The trash is empty."),
        ({"q": "tea"}, "Nothing here is like that."),
    ],
)
def test_empty_list_says_what_that_means(client, ana, query, said):
    assert said in client.get(QUEUE, query).content.decode()


def test_search_in_vain_offers_to_look_in_everything(client, ana, one_of_each):
    page = tree(client.get(QUEUE, {"q": "a_spam"}))
    [link] = page.findall(".//p[@class='desk-empty']/a")
    assert writers(client.get(QUEUE + link.get("href"))) == ["a_spam"]


# Order


def test_least_certain_come_first_and_the_oldest_of_equals(client, ana, article):
    for number, probability in enumerate([0.99, 0.5, 0.02, 0.4, 0.6, 0.5]):
        make_comment(
            article,
            author_name=f"{number}",
            status="pending",
            spam_probability=probability,
            at=NOON + timedelta(days=number),
        )
    assert writers(client.get(QUEUE)) == ["1", "5", "3", "4", "2", "0"]


@pytest.mark.parametrize("view", ["waiting", "all"])
@pytest.mark.parametrize(("label", "shown"), [("Oldest first", ["b", "a"]), ("Newest first", ["a", "b"])])
def test_order_is_one_click_away(client, ana, article, view, label, shown):
    make_comment(article, author_name="a", status="pending", spam_probability=0.5, at=NOON)
    make_comment(article, author_name="b", status="pending", at=NOON - timedelta(days=1))
    address = links(client.get(QUEUE, {"view": view}), "desk-sorts")[label].get("href")
    response = client.get(QUEUE + address)
    assert writers(response) == shown
    assert links(response, "desk-sorts")[label].get("aria-current") == "true"
    assert counts(response)


def test_comments_that_are_decided_are_not_sorted_by_doubt(client, ana, article):
    for number, probability in enumerate([0.5, 0.9]):
        make_comment(article, author_name=f"{number}", status="spam", spam_probability=probability)
    response = client.get(QUEUE, {"view": "spam", "sort": "doubt"})
    assert writers(response) == ["1", "0"]
    assert list(links(response, "desk-sorts")) == ["Newest first", "Oldest first"]


# What it costs


@pytest.mark.parametrize("view", ["waiting", "mine", "all"])
def test_full_page_costs_at_most_twelve_queries(client, ana, django_assert_max_num_queries, view):
    author = make_author(user=ana)
    for number in range(60):
        article = make_article(author=author)
        comment = make_comment(article, parent=make_comment(article), status="pending", address="192.0.2.0")
        comment.findings.create(rule="link_count", points=number, detail="links")
    narrowed = {"view": view, "address": "192.0.2.0", "rule": "link_count", "q": "reader"}
    with django_assert_max_num_queries(12):
        response = client.get(QUEUE, {"view": view})
    assert len(writers(response)) == 50
    with django_assert_max_num_queries(12):
        assert len(writers(client.get(QUEUE, narrowed | {"article": article.pk}))) == 1


# Filters


def test_filter_by_rule_finds_where_it_spoke_strongly(client, ana, article):
    for name, rule, points, evaluated in [
        ("much", "link_count", 5, True),
        ("little", "link_count", 4.9, True),
        ("other", "honeypot", 30, True),
        ("not", "link_count", 9, False),
    ]:
        comment = make_comment(article, author_name=name, status="pending")
        comment.findings.create(rule=rule, points=points, detail="", evaluated=evaluated)
    page = tree(client.get(QUEUE))
    [link] = [
        each for each in page.findall(".//nav[@id='changelist-filter']//a") if words(each) == "link count"
    ]
    assert writers(client.get(QUEUE + link.get("href"))) == ["much"]
    # Of a rule there was once.
    assert writers(client.get(QUEUE, {"rule": "honey_comb_2"})) == []


def test_row_leads_to_all_on_its_article(client, ana, article):
    make_comment(article, author_name="here", status="pending")
    make_comment(article, author_name="here too", status="spam")
    make_comment(make_article(), author_name="elsewhere", status="spam")
    response = client.get(QUEUE + link_in_row(client.get(QUEUE), "all on this article"))
    assert writers(response) == ["here too", "here"]
    assert "Clear all filters" in response.content.decode()
    waiting = links(response, "desk-views")["Waiting 1"].get("href")
    assert writers(client.get(QUEUE + waiting)) == ["here"]


def test_row_leads_to_all_by_its_commenter(client, ana, article):
    guest = Commenter.objects.create(key="k" * 43)
    make_comment(article, author_name="Mara", status="pending", commenter=guest)
    make_comment(article, author_name="Mara M.", status="approved", commenter=guest)
    make_comment(article, author_name="stranger")
    response = client.get(QUEUE + link_in_row(client.get(QUEUE), "all by this commenter"))
    assert writers(response) == ["Mara M.", "Mara"]


@pytest.mark.parametrize(("address", "other"), [("192.0.2.0", "192.0.3.0"), ("2001:db8:7::", "2001:db8:8::")])
def test_row_leads_to_all_from_its_network(client, ana, article, address, other):
    make_comment(article, author_name="one", status="pending", address=address)
    make_comment(article, author_name="two", status="spam", address=address)
    make_comment(article, author_name="three", status="spam", address=other)
    make_comment(article, author_name="nowhere", status="spam")
    response = client.get(QUEUE + link_in_row(client.get(QUEUE), address))
    assert writers(response) == ["two", "one"]
    assert writers(client.get(QUEUE, {"view": "all", "address": address.upper()})) == ["two", "one"]


@pytest.mark.parametrize(
    "query",
    [
        {"submitted_at__year": "0"},
        {"submitted_at__gte": "0001-01-01 00:00:00+14:00"},
        {"submitted_at__lt": "9999-12-31 23:59:59-14:00"},
        {"submitted_at__gte": "yesterday"},
        {"author_name__regex": "("},
        {"author_name": "\x00"},
        {"body__icontains": "a"},
        {"fragment__startswith": "a"},
        {"sender_confirmed__exact": "perhaps"},
        {"article__author__user__password__startswith": "m"},
        {"view": "nonsense"},
        {"view": ""},
        {"view": "\x00"},
        {"sort": "nonsense"},
        {"status__exact": "nonsense"},
        {"status__exact": "\x00"},
        {"article": "abc"},
        {"article": "9" * 18},
        {"article": "9" * 30},
        {"article": "²"},
        {"article": ""},
        {"commenter": "-1"},
        {"commenter": "1 OR 1=1"},
        {"address": "203.0.113"},
        {"address": "fe80::1%eth0"},
        {"address": "\x00"},
        {"rule": "' OR ''='"},
        {"rule": "\x00"},
        {"rule": "x" * 51},
        {"p": "-1"},
        {"p": "9" * 5000},
        {"p": "9" * 30},
        {"p": "x"},
        {"o": "1.-2.99.x"},
        {"all": ""},
        {"_facets": "True"},
        {"_to_field": "body"},
        {"_popup": "1"},
        {"q": "\x00"},
        {"e": "1", "submitted_at__year": "0"},
        [("view", "spam"), ("view", "nonsense")],
        [("rule", "website"), ("rule", "'")],
    ],
)
def test_crafted_address_is_refused_or_ignored_but_breaks_nothing(client, ana, article, query):
    make_comment(article, status="pending")
    response = client.get(f"{QUEUE}?{urlencode(query)}")
    assert response.status_code in (200, 302, 400)
    if response.status_code == 302:
        assert response["Location"] == f"{QUEUE}?e=1"
        assert len(writers(client.get(response["Location"]))) == 1


# The buttons of a row


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        ("pending", ["Approve", "Spam", "Trash"]),
        ("approved", ["Back to the queue", "Spam", "Trash"]),
        ("spam", ["Approve", "Trash", "Restore"]),
        ("trash", ["Approve", "Spam", "Restore"]),
    ],
)
def test_row_has_the_buttons_that_make_sense(client, ana, article, status, moves):
    make_comment(article, status=status)
    assert [label for label, _value in row_buttons(client.get(QUEUE, {"view": "all"}))] == moves


@pytest.mark.parametrize(
    ("move", "after"), [("approve", "approved"), ("mark_spam", "spam"), ("trash", "trash")]
)
def test_button_of_a_row_moves_that_comment_alone(client, ana, article, move, after):
    comment, ticked = (make_comment(article, status="pending") for _each in range(2))
    shown = f"{QUEUE}?sort=oldest"
    assert f"{move}:{comment.pk}" in dict(map(reversed, row_buttons(client.get(shown))))
    # The form as a browser sends it, another row ticked and another action chosen.
    form = {
        "action": "trash_selected",
        "select_across": "1",
        "_selected_action": [ticked.pk],
        f"seen_{comment.pk}": "pending",
        f"seen_{ticked.pk}": "pending",
        "_move_one": f"{move}:{comment.pk}",
    }
    response = client.post(shown, form)
    assert (response.status_code, response["Location"]) == (302, shown)
    comment.refresh_from_db()
    ticked.refresh_from_db()
    assert (comment.status, ticked.status) == (after, "pending")
    decision = Decision.objects.get()
    assert (decision.by, decision.to_status) == (ana, after)
    assert decision.batch is not None


def test_button_of_a_row_does_not_overrule_a_colleague(client, ana, article):
    comment = make_comment(article, status="pending")
    comment.mark_spam(by=make_moderator("ben"))
    form = {"_move_one": f"approve:{comment.pk}", f"seen_{comment.pk}": "pending"}
    assert "1 was marked as spam by ben" in client.post(QUEUE, form, follow=True).content.decode()
    comment.refresh_from_db()
    assert comment.status == "spam"


@pytest.mark.parametrize(
    "value", ["approve:", "approve:abc", "approve:²", f"approve:{'9' * 30}", "delete:1", "", ":", "approve:0"]
)
def test_forged_button_changes_nothing(client, ana, article, value):
    make_comment(article, status="pending")
    assert client.post(QUEUE, {"_move_one": value}, follow=True).status_code == 200
    assert not Decision.objects.exists()


def test_reading_an_address_moves_nothing(client, ana, article):
    comment = make_comment(article, status="pending")
    client.get(QUEUE, {"_move_one": f"approve:{comment.pk}", "action": "approve_selected"})
    assert not Decision.objects.exists()


# Who may do what


@pytest.mark.parametrize("query", [{}, {"view": "spam"}, {"view": "mine"}, {"rule": "website"}, {"p": "2"}])
def test_list_is_closed_to_whoever_may_not_moderate(client, article, query):
    comment = make_comment(article, status="pending")
    client.force_login(make_user("staff", is_staff=True))
    address = f"{QUEUE}?{urlencode(query)}"
    assert client.get(address).status_code == 403
    assert client.post(address, {"_move_one": f"approve:{comment.pk}"}).status_code == 403
    assert not Decision.objects.exists()


def test_whoever_may_only_look_has_no_buttons_and_no_say(client, article):
    comment = make_comment(article, status="pending")
    viewer = make_user("viewer", is_staff=True)
    group = Group.objects.create(name="Auditors")
    group.permissions.add(*Group.objects.get(name="Moderators").permissions.filter(codename="view_comment"))
    viewer.groups.add(group)
    client.force_login(viewer)
    response = client.get(QUEUE)
    assert len(writers(response)) == 1
    assert row_buttons(response) == []
    assert client.post(QUEUE, {"_move_one": f"approve:{comment.pk}"}).status_code == 403
    assert not Decision.objects.exists()


def test_words_of_strangers_are_shown_as_text(client, ana):
    attack = '"><script>alert(1)</script>'
    article = make_article(title=attack)
    make_comment(article, author_name=attack, author_url=attack, body=attack, status="pending")
    for query in ({}, {"article": article.pk}, {"q": attack}):
        page = client.get(QUEUE, query).content.decode()
        assert "<script>alert(1)" not in page
        assert re.search(r'aria-label="Approve: &quot;&gt;&lt;script', page) or query.get("q")
