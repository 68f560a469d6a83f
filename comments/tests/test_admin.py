import html5lib
import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from comments.admin.columns import verdict_in_words
from comments.models import BlocklistEntry, Comment, CommentFinding, Decision, InvalidTransition
from tests.factories import make_article, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:comments_comment_changelist")


@pytest.fixture
def article():
    return make_article(title="Spasms", path="spasms/")


def change_url(comment):
    return reverse("admin:comments_comment_change", args=[comment.pk])


def act(client, action, *comments):
    """Tick comments in the list as it is now."""
    pks = [comment.pk for comment in comments]
    seen = Comment.objects.filter(pk__in=pks).values_list("pk", "status")
    fields = {"action": action, "_selected_action": pks} | {f"seen_{pk}": status for pk, status in seen}
    return client.post(QUEUE, fields, follow=True)


def press(client, comment, button, *, follow=True, **fields):
    return client.post(
        change_url(comment), {f"_{button}": "1", "seen_status": comment.status} | fields, follow=follow
    )


def messages(response):
    return [str(message) for message in response.context["messages"]]


def tree(response):
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def rows(response):
    return [
        " ".join("".join(row.itertext()).split())
        for row in tree(response).findall(".//table[@id='result_list']/tbody/tr")
    ]


def buttons(response):
    names = {button.get("name") for button in tree(response).findall(".//button[@type='submit']")}
    return {name.removeprefix("_") for name in names if name}


def statuses(*comments):
    return [Comment.objects.get(pk=comment.pk).status for comment in comments]


# The queue


def test_row_tells_who_said_what_where_and_why_it_is_held(client, ana, article):
    parent = make_comment(article, author_name="Mara")
    comment = make_comment(
        article,
        parent=parent,
        author_name="Robot",
        author_email="robot@example.org",
        author_url="https://pills.example/",
        body="Buy <b>cheap</b> pills. " + "Really cheap. " * 50,
        status="pending",
        spam_probability=0.994,
    )
    for rule, points, detail, evaluated in [
        ("known_commenter", -3, "earlier comments: 1 approved", True),
        ("link_count", 10, "2 links", True),
        ("website", 0, "says nothing either way", True),
        ("sender", 0, "the browser did not say", False),
    ]:
        comment.findings.create(rule=rule, points=points, detail=detail, evaluated=evaluated)
    row = rows(client.get(QUEUE))[0]
    for text in [
        "Robot",
        "robot@example.org",
        "https://pills.example/",
        "Buy cheap pills.",
        "…",
        "Spasms",
        "answers Mara",
        "99 % spam: almost certainly spam",
        "+10 2 links",
        "-3 earlier comments: 1 approved",
        "not evaluated the browser did not say",
        "Pending",
    ]:
        assert text in row
    assert row.count("Really cheap.") < 15
    assert row.index("2 links") < row.index("earlier comments")
    assert "says nothing either way" not in row


@pytest.mark.parametrize(
    ("points", "probability", "words"),
    [
        (45, 1.0, "+45 points, 100 % spam: almost certainly spam"),
        (20, 0.99, "+20 points, 99 % spam: almost certainly spam"),
        (4.8, 0.75, "+5 points, 75 % spam: probably spam"),
        (0, 0.5, "+0 points, 50 % spam: could be either"),
        (-4.8, 0.25, "-5 points, 25 % spam: probably fine"),
        (-40, 0.0, "-40 points, 0 % spam: probably fine"),
    ],
)
def test_verdict_is_numbers_and_a_word(points, probability, words):
    assert verdict_in_words(Comment(points=points, spam_probability=probability)) == words


def test_action_does_not_overrule_what_a_colleague_decided_meanwhile(client, ana):
    comment = make_comment(make_article(), status="pending")
    comment.mark_spam(by=make_moderator("ben"))
    form = {"action": "approve_selected", "_selected_action": [comment.pk], f"seen_{comment.pk}": "pending"}
    # The list is filtered, so that the comment is no longer in it.
    [message] = messages(client.post(f"{QUEUE}?status__exact=pending", form, follow=True))
    assert statuses(comment) == ["spam"]
    assert message.startswith("Approve: no comment was changed. 1 was marked as spam by ben at ")


def test_action_on_what_was_deleted_meanwhile_says_so(client, ana, monkeypatch):
    comment = make_comment(make_article(), status="pending")
    stale = Comment.objects.get(pk=comment.pk)
    comment.delete()
    with pytest.raises(InvalidTransition, match="has been deleted"):
        stale.approve(by=ana)


@pytest.mark.parametrize("status", ["pending", "approved", "spam", "trash"])
def test_queue_is_filtered_by_status(client, ana, article, status):
    for each in Comment.Status.values:
        make_comment(article, author_name=f"Reader {each}", status=each)
    [row] = rows(client.get(QUEUE, {"status__exact": status}))
    assert f"Reader {status}" in row


def test_queue_is_filtered_by_confirmed_senders_and_age(client, ana, article):
    make_comment(article, author_name="Asked", sender_confirmed=False)
    make_comment(article, author_name="Known")
    [row] = rows(client.get(QUEUE, {"view": "all", "sender_confirmed__exact": "0"}))
    assert "Asked" in row
    later = {"view": "all", "submitted_at__gte": "2020-01-01 00:00:00+00:00"}
    assert rows(client.get(QUEUE, later)) == []


@pytest.mark.parametrize("words", ["Mara", "mara@example.org", "tea.example", "chamomile"])
def test_queue_is_searched_by_writer_and_words(client, ana, article, words):
    make_comment(
        article,
        author_name="Mara",
        author_email="mara@example.org",
        author_url="https://tea.example/",
        body="Try chamomile.",
    )
    make_comment(article)
    assert len(rows(client.get(QUEUE, {"view": "all", "q": words}))) == 1


@pytest.mark.parametrize("words", ["\x00", "%", "\ufffd", "'; --"])
def test_odd_searches_find_nothing_and_break_nothing(client, ana, article, words):
    make_comment(article)
    assert client.get(QUEUE, {"view": "all", "q": words}).status_code == 200


# Actions on selected comments

ACTIONS = [
    ("approve_selected", "pending", "approved"),
    ("approve_selected", "spam", "approved"),
    ("mark_spam_selected", "pending", "spam"),
    ("trash_selected", "approved", "trash"),
    ("hold_selected", "approved", "pending"),
    ("restore_selected", "spam", "pending"),
]


@pytest.mark.parametrize(("action", "before", "after"), ACTIONS)
def test_action_moves_each_comment_and_records_one_batch(client, ana, article, action, before, after):
    comments = [make_comment(article, status=before) for _each in range(3)]
    untouched = make_comment(article, status=before)
    response = act(client, action, *comments)
    assert statuses(*comments, untouched) == [after] * 3 + [before]
    decisions = Decision.objects.all()
    assert [(each.from_status, each.to_status, each.by) for each in decisions] == [(before, after, ana)] * 3
    assert len({each.batch for each in decisions}) == 1
    assert decisions[0].batch is not None
    assert "3 comments." in messages(response)[0]


def test_two_actions_are_two_batches(client, ana, article):
    first, second = make_comment(article, status="pending"), make_comment(article, status="pending")
    act(client, "approve_selected", first)
    act(client, "approve_selected", second)
    assert len(set(Decision.objects.values_list("batch", flat=True))) == 2


def test_restored_comments_go_back_each_to_where_it_was(client, ana, article):
    comments = [make_comment(article, status="approved"), make_comment(article, status="pending")]
    act(client, "mark_spam_selected", *comments)
    act(client, "restore_selected", *comments)
    assert statuses(*comments) == ["approved", "pending"]


def test_what_an_action_cannot_move_is_reported_with_the_reason(client, ana, article):
    waiting = make_comment(article, status="pending")
    approved = make_comment(article, author_name="Mara", status="approved")
    [message] = messages(act(client, "approve_selected", waiting, approved))
    assert message.startswith(
        "Approve: 1 of 2 comments. 1 stays as it is: This comment is “Approved” already. <a href="
    )
    assert Decision.objects.count() == 1


def test_approved_by_an_action_is_on_the_page(client, ana, article):
    comment = make_comment(article, body="Heat helps.", status="pending")
    act(client, "approve_selected", comment)
    client.logout()
    assert "Heat helps." in client.get("/spasms/").content.decode()


# One comment


def test_comment_is_shown_with_all_that_is_known_of_it(client, ana, article):
    parent = make_comment(article, author_name="Mara", body="Try heat.")
    comment = make_comment(
        article,
        parent=parent,
        revision=article.revisions.get(),
        body="I <b>did</b>.",
        status="pending",
        address="203.0.113.0",
        spam_probability=0.8,
    )
    comment.findings.create(rule="link_count", points=10, detail="2 links")
    comment.decisions.create(from_status="", to_status="pending")
    article.save()
    page = client.get(change_url(comment)).content.decode()
    for text in [
        "I <b>did</b>.",
        "I &lt;b&gt;did&lt;/b&gt;.",
        "Try heat.",
        "203.0.113.0",
        "80 % spam",
        "2 links",
        "1 of 2",
    ]:
        assert text in page


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        ("pending", {"approve", "mark_spam", "trash"}),
        ("approved", {"hold", "mark_spam", "trash"}),
        ("spam", {"approve", "trash", "restore"}),
        ("trash", {"approve", "mark_spam", "restore"}),
    ],
)
def test_buttons_are_the_moves_that_make_sense(client, ana, article, status, moves):
    assert buttons(client.get(change_url(make_comment(article, status=status)))) == moves


@pytest.mark.parametrize(
    ("button", "before", "after"),
    [
        ("approve", "pending", "approved"),
        ("hold", "approved", "pending"),
        ("mark_spam", "pending", "spam"),
        ("trash", "spam", "trash"),
        ("restore", "trash", "pending"),
    ],
)
def test_button_moves_the_comment_and_keeps_the_reason(client, ana, article, button, before, after):
    comment = make_comment(article, author_name="Mara", status=before)
    response = press(client, comment, button, reason="  off\x00 \u202etopic ")
    assert statuses(comment) == [after]
    decision = comment.decisions.get()
    assert (decision.from_status, decision.to_status, decision.by) == (before, after, ana)
    assert decision.reason == "off topic"
    assert "by Mara" in messages(response)[0]


def test_overlong_reason_is_cut_to_what_can_be_kept(client, ana, article):
    comment = make_comment(article, status="pending")
    press(client, comment, "trash", reason="x" * 1000)
    assert len(comment.decisions.get().reason) == 300


def test_editor_who_looked_earlier_is_told_who_was_quicker(client, ana, article):
    comment = make_comment(article, status="pending")
    Comment.objects.get(pk=comment.pk).approve(by=make_moderator("ben"))
    response = press(client, comment, "trash")
    assert "ben was quicker: this comment is “Approved”" in messages(response)[0]
    assert statuses(comment) == ["approved"]
    assert comment.decisions.count() == 1


def test_same_button_pressed_twice_is_recorded_once(client, ana, article):
    comment = make_comment(article, status="pending")
    press(client, comment, "approve")
    assert "ana was quicker" in messages(press(client, comment, "approve"))[0]
    assert comment.decisions.count() == 1


@pytest.mark.parametrize("fields", [{}, {"_save": "Save"}, {"_delete": "1"}, {"status": "approved"}])
def test_form_without_a_button_changes_nothing(client, ana, article, fields):
    comment = make_comment(article, status="pending", body="As it was.")
    response = client.post(change_url(comment), fields | {"body": "Rewritten."}, follow=True)
    assert "Nothing was changed" in messages(response)[0]
    comment.refresh_from_db()
    assert (comment.status, comment.body) == ("pending", "As it was.")


@pytest.mark.parametrize("seen", ["nonsense", ""])
def test_button_without_the_status_seen_acts_on_what_is_there(client, ana, article, seen):
    comment = make_comment(article, status="pending")
    press(client, comment, "approve", seen_status=seen)
    assert statuses(comment) == ["approved"]


@pytest.mark.parametrize("pk", ["999999", "abc", "9" * 30])
def test_comment_that_is_not_there_leads_back(client, ana, pk):
    address = reverse("admin:comments_comment_change", args=[pk])
    for response in (client.get(address), client.post(address, {"_approve": "1"})):
        assert (response.status_code, response["Location"]) == (302, reverse("admin:index"))


# Who may do what


@pytest.mark.parametrize("person", ["nobody", "reader", "staff"])
def test_queue_is_closed_to_whoever_may_not_moderate(client, article, person):
    comment = make_comment(article, status="pending")
    if person != "nobody":
        client.force_login(make_user(is_staff=person == "staff"))
    # The admin asks those who are not staff to sign in.
    refused = 403 if person == "staff" else 302
    assert client.get(QUEUE).status_code == refused
    assert client.get(change_url(comment)).status_code == refused
    selected = {"action": "approve_selected", "_selected_action": [comment.pk]}
    assert client.post(QUEUE, selected).status_code == refused
    assert press(client, comment, "approve", follow=False).status_code == refused
    assert statuses(comment) == ["pending"]
    assert not Decision.objects.exists()


def test_whoever_may_only_look_is_offered_no_move_and_makes_none(client, article):
    comment = make_comment(article, status="pending")
    viewer = make_user(is_staff=True)
    group = Group.objects.create(name="Auditors")
    group.permissions.add(*Group.objects.get(name="Moderators").permissions.filter(codename="view_comment"))
    viewer.groups.add(group)
    client.force_login(viewer)
    assert len(rows(client.get(QUEUE))) == 1
    assert buttons(client.get(change_url(comment))) == set()
    assert act(client, "approve_selected", comment).status_code == 403
    assert press(client, comment, "approve").status_code == 403
    assert statuses(comment) == ["pending"]


def test_moderators_neither_add_nor_delete(client, ana, article):
    comment = make_comment(article, status="trash")
    add = reverse("admin:comments_comment_add")
    assert client.get(add).status_code == 403
    assert client.post(add, {"_approve": "1"}).status_code == 403
    assert client.post(reverse("admin:comments_comment_delete", args=[comment.pk])).status_code == 403
    act(client, "delete_selected", comment)
    assert Comment.objects.filter(pk=comment.pk).exists()
    assert "delete_selected" not in client.get(QUEUE).content.decode()


def test_findings_and_decisions_are_read_never_written(client, ana, article):
    comment = make_comment(article, status="pending")
    finding = comment.findings.create(rule="link_count", points=10, detail="2 links")
    press(
        client,
        comment,
        "trash",
        **{
            "findings-TOTAL_FORMS": "1",
            "findings-INITIAL_FORMS": "1",
            "findings-0-id": finding.pk,
            "findings-0-points": "-99",
            "findings-0-DELETE": "on",
        },
    )
    assert CommentFinding.objects.get().points == 10


def test_markup_from_visitors_is_shown_as_text(client, ana, article):
    attack = '"><script>alert(1)</script>'
    parent = make_comment(article, author_name=attack, body=attack)
    comment = make_comment(
        article, parent=parent, author_name=attack, author_url=attack, body=attack, status="pending"
    )
    comment.findings.create(rule="honeypot", points=30, detail=attack)
    comment.decisions.create(from_status="", to_status="pending", reason=attack)
    pages = [client.get(QUEUE), client.get(change_url(comment)), press(client, comment, "trash")]
    act(client, "trash_selected", comment)
    for response in [*pages, client.get(f"{QUEUE}?view=all")]:
        page = response.content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page


# The blocklist and the groups


@pytest.fixture
def eve(client):
    eve = make_user("eve", groups=["Editors"], is_staff=True)
    client.force_login(eve)
    return eve


def add_entry(client, **fields):
    return client.post(
        reverse("admin:comments_blocklistentry_add"),
        {"kind": "word", "text": "cheap pills", "effect": "hold", "note": ""} | fields,
    )


def test_editor_adds_to_the_blocklist(client, eve):
    assert add_entry(client, text="  cheap \t  pills ").status_code == 302
    assert BlocklistEntry.objects.get().text == "cheap pills"
    assert len(rows(client.get(reverse("admin:comments_blocklistentry_changelist")))) == 1


@pytest.mark.parametrize("text", ["cheap pills", "cheap   pills", " cheap pills "])
def test_entry_that_is_there_already_is_refused(client, eve, text):
    add_entry(client)
    response = add_entry(client, text=text)
    assert response.status_code == 200
    assert "already exists" in response.content.decode()
    assert BlocklistEntry.objects.count() == 1


def test_same_text_of_another_kind_is_another_entry(client, eve):
    add_entry(client, text="pills.example")
    add_entry(client, text="pills.example", kind="domain")
    assert BlocklistEntry.objects.count() == 2


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "x" * 201])
def test_impossible_entry_is_refused(client, eve, text):
    assert add_entry(client, text=text).status_code == 200
    assert not BlocklistEntry.objects.exists()


def test_moderators_read_the_blocklist_only(client, ana):
    assert client.get(reverse("admin:comments_blocklistentry_changelist")).status_code == 200
    assert add_entry(client).status_code == 403


def test_groups_are_there_with_what_they_may_do():
    granted = {
        group.name: {
            f"{permission.content_type.app_label}.{permission.codename}"
            for permission in group.permissions.select_related("content_type")
        }
        for group in Group.objects.all()
    }
    moderating = {
        "comments.moderate_comment",
        "comments.view_comment",
        "comments.view_blocklistentry",
        "articles.view_article",
        "articles.view_revision",
    }
    writing = {
        f"{model[0]}.{act}_{model[1]}"
        for act in ("view", "add", "change", "delete")
        for model in [
            ("articles", "article"),
            ("articles", "author"),
            ("articles", "category"),
            ("articles", "tag"),
            ("comments", "blocklistentry"),
        ]
    }
    choosing = {f"comments.{act}_akismetfields" for act in ("view", "add", "change")}
    assert granted == {"Moderators": moderating, "Editors": moderating | writing | choosing}
