"""Comments of one making: how they are found, what is shown of them, and how they are decided at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Barrier

import html5lib
import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments import campaigns, echoes
from comments.admin import campaigns as pages
from comments.facts import text_digest
from comments.markup import plain_text
from comments.models import Batch, Comment, CommentTrace, Decision
from tests.factories import LONG_AGO, make_article, make_comment, make_moderator, make_user
from tests.spinning import spun

from .test_batches import as_now, messages, statuses, text_of
from .test_intake import receive

pytestmark = pytest.mark.django_db

NOW = LONG_AGO + timedelta(days=400)
QUEUE = reverse("admin:comments_comment_changelist")
WAITING = reverse("admin:comments_comment_campaigns")
# Of one template, three words in four the same.
TEXT, SPUN = spun(15)[0], spun(15)[14]
HONEST = "Could you explain why the second query needs its index? Mine runs without any of them here."
SHORT = "Great post, thanks!"
SPAM = {"spam_probability": 0.8, "rules_version": 1}
PILLS = "https://pills.example/buy"


@pytest.fixture
def article():
    return make_article()


def stored(article, body=TEXT, *, before=timedelta(days=1), **fields):
    """A comment as intake leaves it, ``before`` now, not grouped yet."""
    comment = make_comment(article, at=NOW - before, body=body, **{"status": "pending"} | fields)
    comment.text_digest = text_digest(plain_text(comment.body_html))
    comment.save(update_fields=["text_digest"])
    echoes.remember(comment)
    return comment


def come(article, *bodies, **fields):
    """Comments that come one after the other, each grouped; return them."""
    made = []
    for body in bodies:
        made.append(stored(article, body, **fields))
        campaigns.group(made[-1])
    return made


def numbers(*comments):
    known = dict(Comment.objects.values_list("pk", "campaign"))
    return [known[comment.pk] for comment in comments]


def copies(original, count, **fields):
    """Store copies of a comment with the marks by which it is found, in its campaign or in another."""
    kept = {
        field.attname: getattr(original, field.attname)
        for field in Comment._meta.concrete_fields
        if field.attname not in ("id", "place", "submission_key", "submitted_at")
    } | fields
    made = Comment.objects.bulk_create(
        Comment(**kept, place=f"{original.pk}-{number}", submitted_at=NOW - timedelta(minutes=number % 50))
        for number in range(count)
    )
    CommentTrace.objects.bulk_create(
        CommentTrace(comment=copy, kind=trace.kind, digest=trace.digest, submitted_at=copy.submitted_at)
        for copy in made
        for trace in original.traces.all()
    )
    return made


def page_of(number):
    return reverse("admin:comments_comment_campaign", args=[number])


def a_campaign(count=5, **fields):
    """So many comments of one number, as they lie in the database."""
    comments = [make_comment(make_article(), status="pending", body=text, **fields) for text in spun(count)]
    Comment.objects.filter(pk__in=[each.pk for each in comments]).update(campaign=comments[0].pk)
    return comments


def form_of(response):
    """What a browser would send of the page as it came."""
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    sent = {}
    for field in page.findall(".//form[@data-campaign]//input"):
        if field.get("type") == "hidden" or "checked" in field.attrib:
            sent.setdefault(field.get("name"), []).append(field.get("value"))
    return {name: values for name, values in sent.items() if name}


# What belongs together


def test_spun_texts_are_one_campaign_across_articles_and_weeks():
    comments = [
        come(make_article(), text, before=timedelta(days=2 * day), author_name=f"Name {day}")[0]
        for day, text in reversed(list(enumerate(spun(40))))
    ]
    assert set(numbers(*comments)) == {comments[0].pk}


def test_comment_that_nothing_is_like_has_no_campaign(article):
    comments = come(article, TEXT, HONEST, SHORT)
    assert numbers(*comments) == [None] * 3


def test_equal_texts_are_found_whatever_their_marks(article):
    comments = come(article, TEXT, TEXT.upper())
    CommentTrace.objects.all().delete()
    comments += come(article, TEXT)
    assert set(numbers(*comments)) == {comments[0].pk}


def test_campaign_goes_on_for_90_days_after_its_last_comment(article):
    first, late = stored(article), stored(article, SPUN, before=timedelta(days=-90))
    campaigns.group(late)
    assert numbers(first, late) == [None, None]
    [between] = come(article, SPUN, before=timedelta(days=-40))
    assert numbers(first, late, between) == [first.pk] * 3


def test_two_replies_that_quote_what_they_answer_are_strangers(article):
    parent = stored(article)
    own = "In our old school we sat on stone all winter long and nobody ever complained about anything."
    replies = [
        stored(article, f"{TEXT}\n\n{HONEST}", parent=parent),
        stored(article, f"<blockquote>{TEXT}</blockquote>\n\n{own}", parent=parent),
    ]
    for reply in replies:
        campaigns.group(reply)
    assert numbers(parent, *replies) == [None] * 3


@pytest.mark.parametrize(
    "fields",
    [
        {},
        SPAM,
        # What the rules took for good, or never saw.
        {"author_url": PILLS, "spam_probability": 0.4, "rules_version": 1},
        {"author_url": PILLS, "spam_probability": 0.8, "rules_version": 0},
        # This site's own pages.
        SPAM | {"author_url": "https://localhost/spasms/"},
    ],
)
def test_short_text_alone_joins_nobody(article, fields):
    comments = [come(article, SHORT, author_name=name, **fields)[0] for name in ("HermanTog", "MiguelRop")]
    assert numbers(*comments) == [None, None]


def test_short_text_with_the_link_of_another_name_is_spam_of_one_making(article):
    comments = [
        come(article, SHORT, author_name=name, author_url=PILLS, **SPAM)[0] for name in ("Herman", "miguel")
    ]
    assert set(numbers(*comments)) == {comments[0].pk}


def with_link(article, **fields):
    """Three comments that share nothing but a link and the shape of their names."""
    bodies = [HONEST, "Where did you get the green lamp on the desk behind you in that picture?", SHORT]
    names = ("HermanTog", "MiguelRop", "JamesQuill")
    return [
        come(article, body, author_name=name, **{"author_url": PILLS} | SPAM | fields)[0]
        for body, name in zip(bodies, names, strict=True)
    ]


def test_link_under_three_names_of_one_shape_is_one_campaign(article):
    comments = with_link(article)
    assert set(numbers(*comments)) == {comments[0].pk}


def test_link_that_people_vouch_for_joins_nobody(article, ana):
    vouching = [stored(article, f"Reader {n} says so.", author_url=PILLS) for n in range(2)]
    for comment in vouching:
        comment.approve(by=ana)
    comments = with_link(article)
    assert numbers(*comments) == [None] * 3
    vouching[0].mark_spam(by=ana)
    campaigns.group(comments[-1])
    assert set(numbers(*comments)) == {comments[0].pk}


def test_link_joins_no_comment_that_the_rules_took_for_good(article):
    comments = with_link(article)
    good = stored(article, "Is the lamp still sold?", author_name="AnnaBelt", author_url=PILLS)
    campaigns.group(good)
    [spam] = come(article, "Nice one.", author_name="PaulQuay", author_url=PILLS, **SPAM)
    assert numbers(good, spam) == [None, comments[0].pk]


def test_two_campaigns_that_meet_become_the_larger_one(article):
    small, large = come(article, *[TEXT] * 2), come(article, *[HONEST] * 3)
    campaigns._join(dict(zip([small[0].pk, large[0].pk], numbers(small[0], large[0]), strict=True)))
    assert set(numbers(*small, *large)) == {large[0].pk}


def test_of_two_equal_ones_the_older_stays_and_two_great_ones_stay_two(article, monkeypatch):
    older, newer = come(article, *[TEXT] * 2), come(article, *[HONEST] * 2)
    met = {older[0].pk: older[0].pk, newer[0].pk: newer[0].pk}
    monkeypatch.setattr(campaigns, "JOINED_AT_MOST", 1)
    campaigns._join(met)
    assert set(numbers(*newer)) == {newer[0].pk}
    monkeypatch.setattr(campaigns, "JOINED_AT_MOST", 2)
    campaigns._join(met)
    assert set(numbers(*newer)) == {older[0].pk}


def test_full_campaign_is_followed_by_another(article, monkeypatch):
    monkeypatch.setattr(campaigns, "FULL", 3)
    comments = come(article, *[TEXT] * 7)
    first, fourth = comments[0].pk, comments[3].pk
    # The fourth waits for the fifth.
    assert numbers(*comments) == [first] * 3 + [fourth] * 3 + [None]


def test_campaign_takes_no_more_than_it_may_hold(article, monkeypatch):
    first, *_others, second, third = come(article, *[TEXT] * 3, HONEST, SHORT)
    monkeypatch.setattr(campaigns, "FULL", 4)
    campaigns._join({first.pk: first.pk, second.pk: None, third.pk: None})
    assert numbers(second, third) == [first.pk, None]


def test_comment_of_another_day_changes_no_status_and_no_decision(article, ana):
    [first] = come(article, TEXT)
    first.mark_spam(by=ana)
    come(article, SPUN)
    assert statuses(first) == ["spam"]
    assert Decision.objects.count() == 1


# When


def test_grouping_follows_the_commit(article, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first, _new = receive(article, comment=TEXT)
        second, _new = receive(article, comment=SPUN)
    assert numbers(first, second) == [first.pk, first.pk]


def test_comment_is_stored_though_grouping_fails(article, monkeypatch, django_capture_on_commit_callbacks):
    def fail(comment):
        raise RuntimeError

    monkeypatch.setattr(campaigns, "group", fail)
    with django_capture_on_commit_callbacks(execute=True):
        comment, is_new = receive(article, comment=TEXT)
    assert is_new
    assert Comment.objects.get() == comment


@pytest.mark.django_db(transaction=True)
def test_comments_that_come_at_once_are_grouped_once():
    comments = [stored(make_article(), text) for text in spun(12)]
    together = Barrier(4)

    def race(mine):
        try:
            together.wait(10)
            for comment in mine:
                campaigns.group(comment)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(race, [comments[start::4] for start in range(4)]))
    assert set(numbers(*comments)) != {None}
    assert len(set(numbers(*comments))) == 1


@pytest.mark.django_db(transaction=True)
def test_grouping_and_deciding_at_once_lose_neither():
    article, ana = make_article(), make_moderator()
    comments = [stored(article, text) for text in spun(24)]
    together = Barrier(2)

    def decide():
        try:
            together.wait(10)
            for comment in reversed(comments):
                Comment.objects.get(pk=comment.pk).mark_spam(by=ana)
        finally:
            connection.close()

    def group():
        try:
            together.wait(10)
            for comment in comments:
                campaigns.group(comment)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(decide), pool.submit(group)]:
            done.result(60)
    assert set(statuses(*comments)) == {"spam"}
    # What was being decided at that moment is found by the next look.
    campaigns.group_stored()
    assert len(set(numbers(*comments))) == 1


def test_comment_that_is_gone_is_not_missed(article):
    [_first] = come(article, TEXT)
    second = stored(article, SPUN)
    Comment.objects.filter(pk=second.pk).delete()
    campaigns.group(second)
    assert set(Comment.objects.values_list("campaign", flat=True)) == {None}


def group_comments(*options):
    output = StringIO()
    call_command("group_comments", *options, stdout=output)
    return output.getvalue()


def test_stored_comments_are_grouped_by_a_command_that_can_be_called_again(article):
    comments = [stored(article, text) for text in (TEXT, SPUN, SPUN, TEXT, SPUN)]
    honest = stored(article, HONEST)
    assert group_comments() == "6 comments looked at, 5 of them grouped.\n"
    assert numbers(*comments, honest) == [comments[0].pk] * 5 + [None]
    assert group_comments() == "1 comments looked at, 0 of them grouped.\n"
    assert group_comments("--days", "0") == "0 comments looked at, 0 of them grouped.\n"


# What it costs


def test_hundredth_and_thousandth_comment_cost_the_same(article):
    def queries():
        comment = stored(make_article(), SPUN, author_name="Herman", author_url=PILLS, **SPAM)
        with CaptureQueriesContext(connection) as captured:
            campaigns.group(comment)
        assert numbers(comment) != [None]
        return len(captured), sum(len(query["sql"]) for query in captured) // 2000

    [first, _second] = come(article, TEXT, SPUN, author_name="Miguel", author_url=PILLS, **SPAM)
    copies(Comment.objects.get(pk=first.pk), 100)
    at_hundred = queries()
    copies(Comment.objects.get(pk=first.pk), 1_000)
    assert queries() == at_hundred


def test_honest_comment_costs_one_query_and_without_words_none(article, django_assert_num_queries):
    comment, short = stored(article, HONEST), stored(article, SHORT)
    with django_assert_num_queries(1):
        campaigns.group(comment)
    with django_assert_num_queries(0):
        campaigns.group(short)


def test_every_look_up_has_its_index(article):
    on_sqlite = connection.vendor == "sqlite"
    explain, whole = (
        ("EXPLAIN QUERY PLAN", "SCAN comments_") if on_sqlite else ("EXPLAIN", "Seq Scan on comm")
    )
    [first, _second] = come(article, TEXT, SPUN)
    first.refresh_from_db()
    copies(first, 300)
    copies(first, 1_500, campaign=None)
    with CaptureQueriesContext(connection) as captured:
        campaigns.count([first.pk])
        campaigns.waiting(10)
        list(Comment.objects.filter(campaign=first.pk).order_by("status", "-submitted_at", "-pk")[:50])
    plans = []
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE comments_comment")
        if not on_sqlite:
            cursor.execute("SET LOCAL enable_seqscan = off")
        for query in captured.captured_queries:
            cursor.execute(f"{explain} {query['sql']}")
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    for plan in plans:
        assert whole not in plan.replace("SCAN comments_comment USING COVERING INDEX", "")
        assert "comment_campaign" in plan
    assert "comment_campaign_queue" in plans[1]
    # In the order of the index: nothing is sorted.
    assert "SORT" not in plans[2].upper().replace("TEMP B-TREE", "SORT")


# What is said of it


@pytest.mark.parametrize(
    ("published", "spam", "said"),
    [(0, 0, "1 like this one"), (3, 1, "5 like this one, 3 of them published")],
)
def test_card_says_how_many_are_like_it_and_leads_to_them(client, ana, published, spam, said):
    comments = a_campaign(2)
    for status, count in (("approved", published), ("spam", spam)):
        copies(Comment.objects.get(pk=comments[0].pk), count, status=status)
    response = client.get(reverse("admin:comments_comment_change", args=[comments[0].pk]))
    assert f'<p class="alike"><a href="{page_of(comments[0].pk)}">{said}</a>' in response.content.decode()


def test_own_publication_is_not_one_of_the_others(client, ana):
    comments = a_campaign(3)
    Comment.objects.filter(pk__in=[comments[0].pk, comments[1].pk]).update(status="approved")
    shown = campaigns.with_alike(Comment.objects.order_by("pk"))
    assert [(each.alike.others, each.alike.published) for each in shown] == [(2, 1), (2, 1), (2, 2)]


def test_one_that_is_left_of_a_campaign_is_like_nothing(client, ana):
    first, second = a_campaign(2)
    second.delete()
    for address in (reverse("admin:comments_comment_change", args=[first.pk]), QUEUE):
        assert 'class="alike"' not in client.get(address).content.decode()
    assert "No comments that wait" in text_of(client.get(WAITING))


def test_rows_say_it_in_one_query_however_many_campaigns(client, ana):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            response = client.get(QUEUE)
        return len(captured), response.content.decode().count('class="alike"')

    a_campaign(2)
    queries()
    few, links = queries()
    assert links == 2
    for _campaign in range(5):
        a_campaign(3)
    assert queries() == (few, 17)


def test_row_says_how_many_are_published(client, ana):
    comments = a_campaign(4)
    Comment.objects.filter(pk=comments[0].pk).update(status="approved")
    assert (
        f'<a href="{page_of(comments[0].pk)}">3 like this, 1 published</a>'
        in client.get(QUEUE).content.decode()
    )


def test_queue_is_narrowed_to_a_campaign(client, ana):
    comments = a_campaign(3)
    a_campaign(2)
    response = client.get(QUEUE, {"campaign": comments[0].pk, "view": "all"})
    assert {each.pk for each in response.context["cl"].result_list} == {each.pk for each in comments}
    assert "Clear all filters" in response.content.decode()


@pytest.mark.parametrize("value", ["abc", "-1", "1.5", "9" * 30, "\x00", "²", "1,2"])
def test_forged_filter_leads_back_to_the_queue(client, ana, value):
    a_campaign(2)
    assert client.get(QUEUE, {"campaign": value}).status_code == 302


# The page


def test_page_shows_all_of_them_and_what_they_share(client, ana):
    comments = a_campaign(6, author_url=PILLS)
    Comment.objects.filter(pk=comments[1].pk).update(status="approved")
    response = client.get(page_of(comments[0].pk))
    text = text_of(response)
    assert "6 comments on 6 articles, under 6 names" in text
    assert "Pending 5" in text and "Approved 1" in text
    assert "They lead to: pills.example" in text
    for comment in comments:
        assert comment.author_name in text
        assert comment.article.title in text
    form = form_of(response)
    assert {int(pk) for pk in form["_selected_action"]} == {each.pk for each in comments}
    assert form[f"seen_{comments[1].pk}"] == ["approved"]
    # The published one can't be approved.
    assert [label for label in ("Spam: all 6", "Approve: all 5", "Trash: all 6") if label not in text] == []
    # It stands first.
    assert form["_selected_action"][0] == str(comments[1].pk)


def test_statuses_lead_to_the_views_of_the_queue(client, ana):
    comments = a_campaign(4)
    Comment.objects.filter(pk=comments[1].pk).update(status="approved")
    Comment.objects.filter(pk=comments[2].pk).update(status="spam")
    page = html5lib.parse(client.get(page_of(comments[0].pk)).content.decode(), namespaceHTMLElements=False)
    found = {}
    for link in page.findall(".//ul[@class='campaign-statuses']//a"):
        listed = client.get(link.get("href")).context["cl"].result_list
        found["".join(link.itertext()).split()[0]] = [each.pk for each in listed]
    assert found == {
        "Approved": [comments[1].pk],
        "Pending": [comments[0].pk, comments[3].pk],
        "Spam": [comments[2].pk],
    }


def test_words_that_others_do_not_have_are_marked():
    texts = [f"The old wooden benches near your quiet garden pond helped {each} a lot." for each in "abc"]
    common = pages.common_words(texts)
    assert (
        pages.marked_differences("Old <benches> near Your pond", common)
        == "Old &lt;benches&gt; near Your pond"
    )
    assert pages.marked_differences("old <b>", common) == "old &lt;<mark>b</mark>&gt;"
    cut = pages.marked_differences("old " * 59 + "garage", common)
    assert cut.endswith("old gar…")
    assert pages.marked_differences("…", common) == "…"
    assert pages.common_words([*texts, *[f"{n} {n}{n} nothing in common" for n in range(9)]]) == set()
    assert pages.common_words(texts[:1]) == set()


def test_texts_of_strangers_are_escaped(client, ana):
    attack = "<script>alert(1)</script>"
    comments = a_campaign(2, author_name=attack, author_url=f"https://a.example/{attack}")
    Comment.objects.update(body_html="<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>")
    make_comment(comments[0].article, status="pending", author_name=attack)
    for address in (page_of(comments[0].pk), WAITING, QUEUE):
        response = client.get(address)
        assert attack not in response.content.decode()
        assert attack in text_of(response)


def test_all_are_decided_at_once_and_undone_at_once(client, ana):
    comments = a_campaign(8)
    Comment.objects.filter(pk__in=[each.pk for each in comments[:3]]).update(status="approved")
    before = as_now(*comments)
    response = client.post(
        page_of(comments[0].pk),
        form_of(client.get(page_of(comments[0].pk))) | {"_mark_spam": "1"},
        follow=True,
    )
    assert response.redirect_chain[-1][0] == QUEUE
    [message] = messages(response)
    assert message.startswith("Spam: 8 comments.")
    batch = Batch.objects.get()
    undo = reverse("admin:comments_batch_undo", args=[batch.pk])
    assert undo in message
    assert set(statuses(*comments)) == {"spam"}
    client.post(undo)
    assert as_now(*comments) == before


def test_what_is_unticked_and_what_is_there_already_is_left_alone_in_silence(client, ana):
    comments = a_campaign(4)
    Comment.objects.filter(pk=comments[0].pk).update(status="spam")
    form = form_of(client.get(page_of(comments[0].pk)))
    form["_selected_action"].remove(str(comments[1].pk))
    response = client.post(page_of(comments[0].pk), form | {"_mark_spam": "1"}, follow=True)
    assert messages(response)[0].startswith("Spam: 2 comments. <a")
    assert statuses(*comments) == ["spam", "pending", "spam", "spam"]


def test_what_changed_or_came_since_is_left_alone_and_told(client, ana):
    comments = a_campaign(4)
    number = comments[0].pk
    form = form_of(client.get(page_of(number)))
    comments[1].approve(by=make_moderator("ben"))
    [new] = copies(Comment.objects.get(pk=number), 1)
    response = client.post(page_of(number), form | {"_trash": "1"}, follow=True)
    assert "Trash: 3 of 4 comments. 1 was approved by ben" in messages(response)[0]
    assert statuses(*comments, new) == ["trash", "approved", "trash", "trash", "pending"]


def test_replayed_form_does_nothing_and_says_who_did_it(client, ana):
    comments = a_campaign(3)
    form = form_of(client.get(page_of(comments[0].pk))) | {"_mark_spam": "1"}
    client.post(page_of(comments[0].pk), form)
    again = client.post(page_of(comments[0].pk), form, follow=True)
    assert "no comment was changed. 3 were marked as spam by you" in messages(again)[-1]
    assert Batch.objects.count() == 1


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"_mark_spam": "1"},
        {"_selected_action": ["1"]},
        {"_hold": "1", "_selected_action": ["1"], "seen_1": "pending"},
        {"_mark_spam": "1", "_selected_action": ["abc", "9" * 30, "-1", "\x00"], "newest": "x"},
        {"_mark_spam": "1", "select_across": "1", "newest": "-1\x00"},
    ],
)
def test_forged_form_breaks_nothing(client, ana, form):
    comments = a_campaign(2)
    number = comments[0].pk
    if form.get("select_across"):
        number += 1000
    response = client.post(page_of(number), form, follow=True)
    assert response.status_code == 200
    assert len(messages(response)) >= 1
    assert statuses(*comments) == ["pending"] * 2


def test_ids_without_the_status_seen_are_left_alone(client, ana):
    comments = a_campaign(2)
    form = {"_mark_spam": "1", "_selected_action": [each.pk for each in comments]}
    response = client.post(page_of(comments[0].pk), form, follow=True)
    assert "did not say how you had seen it" in messages(response)[0]
    assert statuses(*comments) == ["pending"] * 2


def test_more_than_are_shown_are_decided_by_one_box(client, ana, monkeypatch):
    monkeypatch.setattr(pages, "SHOWN", 3)
    comments = a_campaign(7)
    number = comments[0].pk
    response = client.get(page_of(number))
    assert "Also the 4 comments that are not shown: all 7" in text_of(response)
    form = form_of(response)
    assert len(form["_selected_action"]) == 3
    [new] = copies(Comment.objects.get(pk=number), 1)
    response = client.post(page_of(number), form | {"_mark_spam": "1", "select_across": "1"}, follow=True)
    assert "Spam: 7 comments. 1 is new and waits." in messages(response)[0]
    assert statuses(*comments, new) == ["spam"] * 7 + ["pending"]


def test_page_costs_the_same_for_many(client, ana):
    def queries(number):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(number)).status_code == 200
        return len(captured)

    few, many = a_campaign(2), a_campaign(2)
    copies(Comment.objects.get(pk=many[0].pk), 300)
    assert queries(few[0].pk) == queries(many[0].pk) <= 7


def test_number_of_a_campaign_that_was_joined_leads_on(client, ana):
    small, large = a_campaign(2), a_campaign(3)
    Comment.objects.filter(campaign=small[0].pk).update(campaign=large[0].pk)
    assert client.get(page_of(small[0].pk)).url == page_of(large[0].pk)


@pytest.mark.parametrize("number", [0, 10**6, 2**63 - 1, 2**63, 10**40])
def test_number_that_nothing_has_leads_to_the_queue(client, ana, number):
    a_campaign(2)
    response = client.get(page_of(number), follow=True)
    assert response.redirect_chain[-1][0] == QUEUE
    assert messages(response) == ["There are no such comments (any more)."]
    assert client.post(page_of(number), {"_mark_spam": "1", "select_across": "1"}).status_code == 302


def test_reading_moves_nothing(client, ana):
    comments = a_campaign(2)
    client.get(page_of(comments[0].pk), {"_mark_spam": "1", "select_across": "1"})
    assert client.put(page_of(comments[0].pk)).status_code == 405
    assert client.post(WAITING).status_code == 405
    assert statuses(*comments) == ["pending"] * 2


# Those that wait


def test_campaigns_that_wait_are_listed_the_largest_first(client, ana, django_assert_num_queries):
    small, large, decided = a_campaign(2), a_campaign(4), a_campaign(3)
    Comment.objects.filter(campaign=decided[0].pk).update(status="spam")
    Comment.objects.filter(pk=large[0].pk).update(status="approved")
    text = text_of(client.get(WAITING))
    assert text.index("3 waiting, 1 published, 4 in all") < text.index("2 waiting, 2 in all")
    assert "0 waiting" not in text
    [link, other] = [
        link.get("href")
        for link in html5lib.parse(client.get(WAITING).content.decode(), namespaceHTMLElements=False).findall(
            ".//ol[@class='campaign-list']//a"
        )
    ]
    assert (link, other) == (page_of(large[0].pk), page_of(small[0].pk))
    for _campaign in range(5):
        a_campaign(2)
    with django_assert_num_queries(7):
        client.get(WAITING)


def test_list_says_how_far_it_looked(client, ana, monkeypatch):
    assert "No comments that wait are like each other." in text_of(client.get(WAITING))
    a_campaign(5)
    monkeypatch.setattr(campaigns, "WAITING_LOOKED_AT", 4)
    monkeypatch.setattr(pages, "WAITING_LOOKED_AT", 4)
    text = text_of(client.get(WAITING))
    assert "4 waiting, 5 in all" in text
    assert "Looked for among the newest 4 that wait." in text


# Who may


@pytest.mark.parametrize("person", ["nobody", "reader", "staff"])
def test_pages_are_closed_to_whoever_may_not_see_comments(client, person):
    comments = a_campaign(2)
    if person != "nobody":
        client.force_login(make_user("mallory", is_staff=person == "staff"))
    refused = 403 if person == "staff" else 302
    form = {"_mark_spam": "1", "_selected_action": comments[0].pk, f"seen_{comments[0].pk}": "pending"}
    for address in (WAITING, page_of(comments[0].pk)):
        assert client.get(address).status_code == refused
        assert client.post(address, form).status_code == refused
    assert statuses(*comments) == ["pending"] * 2


def test_whoever_may_only_look_decides_nothing(client):
    comments = a_campaign(2)
    auditor = make_user("audrey", is_staff=True)
    auditor.user_permissions.add(Permission.objects.get(codename="view_comment"))
    client.force_login(auditor)
    response = client.get(page_of(comments[0].pk))
    assert response.status_code == 200
    assert form_of(response).keys() <= {"csrfmiddlewaretoken"}
    assert "Spam: all" not in text_of(response)
    form = {"_mark_spam": "1", "_selected_action": comments[0].pk, f"seen_{comments[0].pk}": "pending"}
    assert client.post(page_of(comments[0].pk), form).status_code == 403
    assert statuses(*comments) == ["pending"] * 2


def test_button_needs_the_token_of_the_form(ana, client):
    comments = a_campaign(2)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    form = {"_mark_spam": "1", "_selected_action": comments[0].pk, f"seen_{comments[0].pk}": "pending"}
    assert strict.post(page_of(comments[0].pk), form).status_code == 403
    assert statuses(*comments) == ["pending"] * 2
