"""The moderation settings: what is in force, what others would have done, and the page that changes them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import html5lib
import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from comments import checks, intake, opinions, policy, policy_backtest
from comments.admin import card
from comments.admin.policy_words import shown_number
from comments.models import Comment, ModerationSettings
from comments.moderation.pipeline import HOLD_AT, PRIOR, SHIPPED, SPAM_AT, Thresholds, decide, probability
from comments.moderation.rules.learned import CAP
from comments.moderation.types import Finding, Outcome
from comments.moderation.weights import DEFAULT as WEIGHTS
from comments.policy import LOWEST_SPAM_PERCENT, InForce, SettingsChanged, in_force, percent_of, points_of
from comments.policy_backtest import Figures, backtest
from comments.rehearsal import judge_row
from comments.second_look import rejudge
from tests.factories import comment_form, make_article, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PAGE = reverse("admin:comments_moderationsettings_changelist")
PERMISSION = "change_moderationsettings"
SCRIPT = "<script>alert(1)</script>"
NOT_FINITE = ["NaN", "Infinity", "1e400", "9" * 5000, "2\x000", "ten", "12.345"]


@pytest.fixture
def article():
    return make_article(title="Spasms", path="spasms/")


@pytest.fixture
def owner(ana):
    """A moderator who may change the settings, logged in."""
    ana.user_permissions.add(Permission.objects.get(codename=PERMISSION))
    return ana


def make_settings(by, **chosen):
    version = ModerationSettings.latest().version + 1
    return ModerationSettings.objects.create(version=version, changed_at=NOW, changed_by=by, **chosen)


def make_judged(article, status, log_odds, *, found=(), days=1, now=NOW, **fields):
    """A comment that came to these log odds. ``found``: rule and case of what weighs nothing besides."""
    comment = make_comment(
        article,
        status=status,
        at=now - timedelta(days=days),
        points=log_odds - PRIOR,
        rules_version=1,
        **fields,
    )
    comment.findings.create(rule="length", points=log_odds - PRIOR, detail="12 words")
    for rule, case in found:
        comment.findings.create(rule=rule, case=case, points=0, detail="", evaluated=case != "missing")
    return comment


# In force


def test_without_a_row_the_site_is_judged_by_its_defaults(settings):
    settings.COMMENTS_POLICY = "hold"
    assert in_force() == InForce("hold", SHIPPED)
    assert (SHIPPED.hold_at, SHIPPED.spam_at) == (-5.0, 20.0)


def test_newest_row_is_in_force_and_what_is_empty_is_the_default(ana, settings):
    settings.COMMENTS_POLICY = "known"
    make_settings(ana, policy="clean", hold_percent=Decimal("20"), spam_percent=Decimal("99.9"))
    make_settings(ana, spam_percent=Decimal("99.5"))
    thresholds = in_force().thresholds
    assert in_force().policy == "known"
    assert thresholds.hold_at == HOLD_AT
    assert thresholds.spam_at == pytest.approx(22.98853)
    make_settings(ana, policy="clean", hold_percent=Decimal("20"))
    assert in_force().policy == "clean"
    assert in_force().thresholds == Thresholds(points_of(20), SPAM_AT)
    assert ModerationSettings.latest().as_in_force() == in_force()


def test_asking_what_is_in_force_is_one_query(ana, django_assert_num_queries):
    for percent in (10, 20, 30):
        make_settings(ana, hold_percent=percent)
    with django_assert_num_queries(1):
        assert in_force().thresholds.hold_at == points_of(30)


@pytest.mark.parametrize("percent", ["0.10", "20.00", "24.03", "50.00", "98.28", "99.01", "99.99"])
def test_percent_is_the_same_after_becoming_points(percent):
    assert percent_of(points_of(Decimal(percent))) == Decimal(percent)


def test_points_are_decibans_of_the_odds():
    assert points_of(50) == 0
    assert points_of(10) == pytest.approx(-9.5424, abs=1e-4)
    assert probability(points_of(Decimal("99.01"))) == pytest.approx(0.9901)
    assert (percent_of(HOLD_AT), percent_of(SPAM_AT)) == (Decimal("24.03"), Decimal("99.01"))


def test_words_alone_never_reach_the_lowest_percentage_for_spam():
    step = Decimal("0.01")
    assert points_of(LOWEST_SPAM_PERCENT - step) <= PRIOR + CAP < points_of(LOWEST_SPAM_PERCENT)


@pytest.mark.parametrize(
    "chosen",
    [
        {"policy": "all"},
        {"hold_percent": Decimal("0.09")},
        {"hold_percent": Decimal("50.01")},
        {"spam_percent": Decimal("89.99")},
        {"hold_percent": Decimal("95"), "spam_percent": Decimal("94")},
    ],
)
def test_database_refuses_what_must_never_be(ana, chosen):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_settings(ana, **chosen)


def test_database_takes_the_bounds_themselves(ana):
    make_settings(ana, hold_percent=Decimal("0.10"), spam_percent=Decimal("99.99"))
    make_settings(ana, hold_percent=Decimal("50.00"), spam_percent=Decimal("90.00"))


def test_what_was_in_force_is_neither_rewritten_nor_deleted(ana):
    row = make_settings(ana, policy="clean")
    row.policy = "hold"
    with pytest.raises(ValueError, match="never rewritten"):
        row.save()
    with pytest.raises(ValueError, match="stays on record"):
        row.delete()


def test_change_is_written_down_with_its_version(ana):
    row = policy.change(("clean", None, None), seen=0, by=ana, now=NOW)
    assert (row.version, row.changed_by, row.changed_at) == (1, ana, NOW)
    assert policy.change(("clean", None, None), seen=1, by=ana, now=NOW) is None
    assert ModerationSettings.objects.count() == 1


def test_second_of_two_editors_is_refused(ana):
    policy.change(("clean", None, None), seen=0, by=ana, now=NOW)
    with pytest.raises(SettingsChanged):
        policy.change(("hold", None, None), seen=0, by=ana, now=NOW)
    assert in_force().policy == "clean"


def test_second_by_a_moment_is_refused_by_the_database(ana, monkeypatch):
    before = ModerationSettings.latest()
    make_settings(ana, policy="clean")
    monkeypatch.setattr(ModerationSettings, "latest", lambda: before)
    with pytest.raises(SettingsChanged):
        policy.change(("hold", None, None), seen=0, by=ana, now=NOW)
    assert ModerationSettings.objects.get().policy == "clean"


# Who goes by them


def test_new_comment_is_judged_by_the_settings_in_force(client, ana, article, evidence):
    client.logout()

    def send(log_odds, author):
        evidence(log_odds)
        client.post(
            reverse("comments:post", args=[article.pk]),
            comment_form(article, author=author),
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        return Comment.objects.get(author_name=author).status

    assert send(-6, "Ada") == "pending"
    make_settings(ana, policy="clean", hold_percent=Decimal("30"), spam_percent=Decimal("99.9"))
    assert send(points_of(30) - 0.1, "Bea") == "approved"
    assert send(points_of(30) + 0.1, "Cleo") == "pending"
    assert send(SPAM_AT + 1, "Dora") == "pending"
    assert send(points_of(99.9) + 0.1, "Eve") == "spam"


def test_taking_in_a_comment_asks_once_for_the_settings(client, ana, article, django_assert_max_num_queries):
    client.logout()
    with django_assert_max_num_queries(100) as asked:
        client.post(
            reverse("comments:post", args=[article.pk]),
            comment_form(article),
            headers={"Sec-Fetch-Site": "same-origin"},
        )
    assert Comment.objects.count() == 1
    assert sum("comments_moderationsettings" in query["sql"] for query in asked.captured_queries) == 1


def test_second_look_goes_by_the_thresholds_in_force(ana, article, monkeypatch):
    comment = make_judged(article, "approved", -4)
    rules = [lambda *_facts: Finding("length", -4 - PRIOR, "12 words")]
    real = intake.judge
    monkeypatch.setattr(
        "comments.second_look.judge", lambda facts, **options: real(facts, rules=rules, **options)
    )
    assert rejudge(comment, now=NOW).evidence is Outcome.HOLD
    make_settings(ana, hold_percent=Decimal("40"))
    comparison = rejudge(comment, now=NOW)
    assert (comparison.evidence, comparison.after.outcome) == (Outcome.PUBLISH, Outcome.PUBLISH)


def test_card_says_what_would_flip_it_by_the_settings_in_force(ana, article, settings):
    settings.COMMENTS_POLICY = "hold"
    comment = make_judged(article, "pending", 21)
    comment.findings.update(points=21 - PRIOR - 1)
    comment.findings.create(rule="links", points=1, detail="2 links")
    sentence = "Without “12 words” (+28) only the site’s policy would hold it."
    assert card.gather(comment).flip == sentence
    make_settings(ana, policy="clean", spam_percent=Decimal("99.9"))
    assert card.gather(comment).flip == sentence.replace(
        "only the site’s policy would hold it", "it would be published"
    )
    make_settings(ana, spam_percent=Decimal("99.2"), hold_percent=Decimal("0.10"))
    assert card.gather(comment).flip == "Without “12 words” (+28) it would be held for a person."


def test_card_says_that_the_policy_alone_holds_it_by_the_thresholds_in_force(ana, article, settings):
    settings.COMMENTS_POLICY = "hold"
    comment = make_judged(article, "pending", -4)
    assert "the site’s policy alone" not in card.gather(comment).flip
    make_settings(ana, hold_percent=Decimal("40"))
    comment.findings.create(rule="lines", points=-9, detail="2 lines")
    comment.findings.create(rule="links", points=9, detail="2 links")
    assert "it is held by the site’s policy alone." in card.gather(comment).flip


def test_outside_opinion_is_weighed_by_the_settings_in_force(ana, article):
    weight = WEIGHTS.points("akismet", "ham")
    before, after = (make_judged(article, "pending", -0.5 - weight) for _each in range(2))
    opinions._weigh(before, "ham", "publish")
    make_settings(ana, policy="clean", hold_percent=Decimal("50"))
    opinions._weigh(after, "ham", "publish")
    assert [Comment.objects.get(pk=each.pk).status for each in (before, after)] == ["pending", "approved"]


def test_row_of_an_archive_is_judged_by_the_settings_in_force(ana, monkeypatch):
    asked = []
    monkeypatch.setattr("comments.rehearsal.judge", lambda facts, **options: asked.append(options))
    monkeypatch.setattr("comments.rehearsal.gather", lambda **facts: None)
    make_settings(ana, policy="clean", hold_percent=Decimal("20"))

    class Row:
        created, article_title, article_text, body, author, author_url, email_domain = (
            None,
            "",
            "",
            "",
            "",
            "",
            "",
        )

    judge_row(Row, now=NOW)
    judge_row(Row, policy="hold", now=NOW)
    assert asked == [
        {"policy": "clean", "thresholds": in_force().thresholds},
        {"policy": "hold", "thresholds": in_force().thresholds},
    ]


def test_public_page_tells_the_policy_in_force(client, ana):
    make_settings(ana, policy="hold")
    assert (
        "Every comment waits until an editor has read it." in client.get("/comments/data/").content.decode()
    )


def test_check_names_thresholds_that_words_alone_reach(ana, monkeypatch):
    make_settings(ana, spam_percent=LOWEST_SPAM_PERCENT)

    def ids():
        return [error.id for error in checks.check_settings_in_force(None, databases=["default"])]

    assert ids() == []
    monkeypatch.setattr(checks, "CAP", CAP + 0.1)
    assert ids() == ["comments.E008"]
    monkeypatch.setattr(policy, "SHIPPED", Thresholds(hold_at=19, spam_at=20))
    assert ids() == ["comments.E007", "comments.E008"]
    assert checks.check_settings_in_force(None) == []


def test_check_passes_where_there_is_no_table_yet(monkeypatch):
    monkeypatch.setattr(policy, "_LATEST", "SELECT nothing FROM no_such_table")
    with transaction.atomic():
        assert checks.check_settings_in_force(None, databases=["default"]) == []
        transaction.set_rollback(True)


# What others would have done


CLEAN = InForce("clean", SHIPPED)
KNOWN = InForce("known", SHIPPED)
GOOD_WRITER, STAFF = ("known_commenter", "good"), ("known_commenter", "staff")
MISSING = ("sender", "missing")
TO_HOLD, TO_SPAM = ("blocklist", "hold"), ("blocklist", "spam")


def test_figures_are_those_of_a_count_by_hand(article):
    # Spam: one that "clean" publishes; two to hold; two for the bin, one of them by an order.
    for log_odds, found in [(-6, []), (-4, []), (-6, [MISSING]), (21, []), (-20, [TO_SPAM])]:
        make_judged(article, "spam", log_odds, found=found)
    # Approved: strangers and trusted writers below the threshold; an order and a missing fact that hold them.
    for log_odds, found in [
        (-6, []),
        (-7, []),
        (-9, [GOOD_WRITER]),
        (-9, [STAFF]),
        (-9, [STAFF, MISSING]),
        (-9, [GOOD_WRITER, TO_HOLD]),
        (0, [GOOD_WRITER]),
        (20.5, []),
    ]:
        make_judged(article, "approved", log_odds, found=found)
    for log_odds in (-6, 5, 30):
        make_judged(article, "pending", log_odds)
    make_judged(article, "trash", -8)
    make_comment(article, at=NOW - timedelta(days=2))
    trial = backtest(CLEAN, KNOWN, now=NOW)
    assert trial.after == {
        "spam": Figures(published=1, held=2, binned=2),
        "approved": Figures(published=4, held=3, binned=1),
        "pending": Figures(published=1, held=1, binned=1),
        "trash": Figures(published=1, held=0, binned=0),
    }
    assert trial.before == {
        "spam": Figures(published=0, held=3, binned=2),
        "approved": Figures(published=2, held=5, binned=1),
        "pending": Figures(published=0, held=2, binned=1),
        "trash": Figures(published=0, held=1, binned=0),
    }
    assert (trial.total, trial.never_judged, trial.is_cut_short) == (17, 1, False)


def test_every_figure_is_what_the_judge_would_say(article):
    """From stored rows the same comes out as from the findings themselves."""
    judged = {}
    for log_odds in (-30, -5.5, -5, 0, 19.9, 20.1):
        for found in [[], [GOOD_WRITER], [STAFF, MISSING], [TO_HOLD], [TO_SPAM, STAFF]]:
            comment = make_judged(article, "pending", log_odds, found=found)
            judged[comment.pk] = [card._as_judged(row) for row in comment.findings.all()], found
    for name in ("hold", "known", "clean"):
        for thresholds in (SHIPPED, Thresholds(-20.0, 25.0), Thresholds(-0.1, 19.95)):
            outcomes = [
                decide(
                    findings,
                    policy=name,
                    trusted=bool({GOOD_WRITER, STAFF} & {*found}),
                    thresholds=thresholds,
                ).outcome
                for findings, found in judged.values()
            ]
            expected = Figures(*(outcomes.count(outcome) for outcome in ("publish", "hold", "spam")))
            assert backtest(InForce(name, thresholds), KNOWN, now=NOW).after["pending"] == expected


def test_newest_ten_that_would_go_wrong_are_named(article):
    good = [make_judged(article, "approved", 22, days=day) for day in range(1, 13)]
    spam = [make_judged(article, "spam", -9, days=day) for day in range(1, 4)]
    make_judged(article, "approved", -9)
    make_judged(article, "spam", 22)
    trial = backtest(CLEAN, KNOWN, now=NOW)
    assert list(trial.good_binned) == good[:10]
    assert list(trial.spam_published) == spam
    assert trial.after["approved"].binned == 12


def test_only_the_last_ninety_days_and_the_newest_count(article, monkeypatch):
    make_judged(article, "spam", 22, days=90)
    for day in range(1, 8):
        make_judged(article, "spam" if day % 2 else "approved", 22, days=day)
    assert backtest(CLEAN, KNOWN, now=NOW).total == 7
    monkeypatch.setattr(policy_backtest, "LIMIT", 5)
    monkeypatch.setattr(policy_backtest, "CHUNK", 2)
    monkeypatch.setattr("comments.backtest.LIMIT", 5)
    trial = backtest(CLEAN, KNOWN, now=NOW)
    assert (trial.after["spam"].binned, trial.after["approved"].binned) == (3, 2)
    assert trial.is_cut_short


def test_queries_do_not_grow_with_the_comments(article, django_assert_num_queries):
    for number in range(30):
        make_judged(article, "spam" if number % 2 else "approved", -9 if number % 3 else 22)
    # Ids of four statuses; one chunk and what its findings tell; the comments shown.
    with django_assert_num_queries(4 + 2 + 1):
        trial = backtest(CLEAN, KNOWN, now=NOW)
        assert [comment.article.title for comment in trial.spam_published] == ["Spasms"] * 10


@pytest.mark.parametrize(
    ("wrong", "right", "refused"), [(19, 0, False), (20, 0, True), (20, 19, True), (20, 20, False)]
)
def test_half_of_all_and_twenty_are_more_than_can_be_meant(article, wrong, right, refused):
    for _each in range(wrong):
        make_judged(article, "approved", 19)
        make_judged(article, "spam", -6)
    for _each in range(right):
        make_judged(article, "approved", 0)
        make_judged(article, "spam", 0)
    lower = backtest(InForce("known", Thresholds(-5.0, 18.0)), KNOWN, now=NOW)
    assert (lower.would_bin_everything, lower.would_publish_everything) == (refused, False)
    wider = backtest(CLEAN, KNOWN, now=NOW)
    assert (wider.would_bin_everything, wider.would_publish_everything) == (False, refused)
    # What is no worse than before is no reason to refuse a change for the better.
    both = InForce("clean", Thresholds(-5.0, 18.0))
    same = backtest(both, both, now=NOW)
    assert not (same.would_bin_everything or same.would_publish_everything)


# The page


def tree(response):
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(element):
    return " ".join("".join(element.itertext()).split())


def text_of(response):
    return words(tree(response).find(".//div[@id='content']"))


def table(response):
    return [words(row) for row in tree(response).findall(".//table[@class='outcomes']/tbody/tr")]


def messages(response):
    return [str(message) for message in response.context["messages"]]


def form(**fields):
    return {"version": "0", "policy": "", "hold_percent": "", "spam_percent": ""} | fields


def test_page_shows_what_is_in_force_in_percent_and_points(client, owner):
    text = text_of(client.get(PAGE))
    assert "In force: the site’s default, 24.03 % (−5 points)." in text
    assert "In force: the site’s default, 99.01 % (+20 points)." in text
    assert "Nobody has changed anything yet" in text
    make_settings(owner, policy="clean", hold_percent=Decimal("20"))
    response = client.get(PAGE)
    assert "In force: 20 % (−6.02 points)." in text_of(response)
    assert "In force: Publish what is clean." in text_of(response)
    fields = {field.get("id"): field for field in tree(response).findall(".//input")}
    assert (fields["id_hold_percent"].get("value"), fields["id_spam_percent"].get("value")) == ("20.00", None)
    assert "checked" in fields["id_policy_3"].attrib


@pytest.mark.parametrize(
    ("number", "shown"),
    [(20, "+20"), (-5, "−5"), (22.9885, "+22.99"), (-6.0206, "−6.02"), (0, "0"), (-3.5, "−3.5")],
)
def test_points_are_shown_to_two_places_at_most(number, shown):
    assert shown_number(number, signed=True) == shown


def test_trying_shows_both_settings_side_by_side_and_saves_nothing(client, owner, article):
    now = timezone.now()
    for log_odds in (-9, -6, 0, 21):
        make_judged(article, "approved", log_odds, now=now, author_name="Mara")
    lost = make_judged(article, "approved", 19, now=now, author_name=f"Jo {SCRIPT}", body="Thanks!")
    leaked = make_judged(article, "spam", -9, now=now, author_name="Pills")
    make_judged(article, "spam", 30, now=now)
    make_comment(article, at=now)
    response = client.post(PAGE, form(_try="Try it", policy="clean", spam_percent="98.50"))
    assert response.status_code == 200
    assert table(response) == [
        "Spam 2 1 (more than before) now 0 0 now 1 1 now 1",
        "Approved 5 2 now 0 1 now 4 2 (more than before) now 1",
        "Waiting 0 0 now 0 0 now 0 0 now 0",
        "In the trash 0 0 now 0 0 now 0 0 now 0",
    ]
    text = text_of(response)
    for part in [
        "2 approved comments of the last 90 days would have been put into spam, 1 by the settings before.",
        "1 spam comment of the last 90 days would have been published, 0 by the settings before.",
        "Tried on all 7 comments of these days that were judged. 1 is left out: no rule has looked at it.",
        "Nothing has been saved.",
        f"Jo {SCRIPT} on “Spasms”",
        "You entered: 98.5 % (+18.17 points).",
    ]:
        assert part in text
    assert SCRIPT not in response.content.decode()
    links = [link.get("href") for link in tree(response).findall(".//ul[@class='examples']//a")]
    wanted = [reverse("admin:comments_comment_change", args=[comment.pk]) for comment in (lost, leaked)]
    assert set(wanted) <= set(links)
    assert not ModerationSettings.objects.exists()


def test_saving_puts_them_in_force_and_shows_what_they_would_have_done(client, owner, article):
    make_judged(article, "spam", -9, now=timezone.now())
    response = client.post(PAGE, form(policy="clean", hold_percent="30"), follow=True)
    row = ModerationSettings.objects.get()
    assert (row.policy, row.hold_percent, row.spam_percent, row.changed_by) == ("clean", 30, None, owner)
    assert response.redirect_chain == [(f"{PAGE}?change=1", 302)]
    [message] = messages(response)
    assert message.startswith("Saved. From now on comments are judged by these settings. 1 spam comment of")
    assert table(response)[0] == "Spam 1 1 (more than before) before 0 0 before 1 0 before 0"
    assert "Nothing has been saved." not in text_of(response)
    changes = words(tree(response).find(".//ul[@class='policy-changes']"))
    assert "ana, " in changes
    assert "Policy: from “the site’s default” to “Publish what is clean”." in changes
    assert "Held: from the site’s default, 24.03 % (−5 points) to 30 % (−3.68 points)." in changes


def test_saving_what_is_in_force_writes_nothing(client, owner):
    make_settings(owner, hold_percent=Decimal("20"))
    response = client.post(PAGE, form(version="1", hold_percent="20.0"), follow=True)
    assert messages(response) == ["Nothing was changed."]
    assert ModerationSettings.objects.count() == 1


def test_second_of_two_editors_is_told_what_the_first_did_and_overwrites_nothing(client, owner):
    make_settings(owner, policy="hold")
    make_settings(make_moderator("ben"), policy="clean")
    response = client.post(PAGE, form(version="1", policy="known"))
    alert = words(tree(response).find(".//section[@role='alert']"))
    assert "ben, " in alert
    assert "Policy: from “Hold everything” to “Publish what is clean”." in alert
    assert "Nothing of yours was saved." in alert
    assert ModerationSettings.latest().policy == "clean"
    fields = {field.get("id"): field for field in tree(response).findall(".//input")}
    assert "checked" in fields["id_policy_2"].attrib
    # With this form they decide knowing of it.
    [version] = tree(response).findall(".//input[@name='version']")
    assert version.get("value") == "2"


@pytest.mark.parametrize("version", [None, "", "-1", "7", "x", "0\x00", "9" * 5000, "²"])
def test_form_without_a_sound_version_overwrites_nothing(client, owner, version):
    fields = form(version=version, policy="clean") if version is not None else {"policy": "clean"}
    assert client.post(PAGE, fields).status_code == 200
    assert not ModerationSettings.objects.exists()


@pytest.mark.parametrize("button", ["_save", "_try"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("hold_percent", value) for value in ["0.09", "50.01", "-3", *NOT_FINITE]),
        *(("spam_percent", value) for value in ["24", "90", "98.27", "100", *NOT_FINITE]),
        ("policy", "all"),
        ("policy", SCRIPT),
        ("policy", "clean\x00"),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(client, owner, field, value, button):
    response = client.post(PAGE, form(**{field: value, button: "1"}))
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert tree(response).find(".//ul[@class='errorlist']") is not None
    assert table(response) == []
    assert SCRIPT not in response.content.decode()
    assert not ModerationSettings.objects.exists()


def test_least_for_spam_says_why(client, owner):
    response = client.post(PAGE, form(spam_percent="95"))
    assert f"The least is {LOWEST_SPAM_PERCENT} percent: below it words alone" in text_of(response)


@pytest.mark.parametrize("button", ["_save", "_try"])
def test_settings_that_publish_most_spam_are_refused_with_the_reason(client, owner, article, button):
    for _each in range(21):
        make_judged(article, "spam", -9, now=timezone.now())
    response = client.post(PAGE, form(policy="clean", **{button: "1"}))
    assert "This would publish 21 of 21 spam comments of the last 90 days." in text_of(response)
    assert table(response)[0].startswith("Spam 21 21")
    assert not ModerationSettings.objects.exists()


def test_settings_that_bin_most_good_comments_are_refused_with_the_reason(client, owner, article):
    for _each in range(20):
        make_judged(article, "approved", 19, now=timezone.now())
    response = client.post(PAGE, form(spam_percent="98.5"))
    assert "This would put 20 of 20 approved comments of the last 90 days into spam." in text_of(response)
    assert not ModerationSettings.objects.exists()


@pytest.mark.parametrize("change", ["0", "2", "-1", "x", "", "9" * 30, "1\x00"])
def test_change_that_there_is_not_leads_back_to_the_page(client, owner, change):
    make_settings(owner, policy="clean")
    response = client.get(PAGE, {"change": change})
    assert (response.status_code, response.url) == (302, PAGE)


def test_latest_ten_changes_are_listed(client, owner):
    for number in range(12):
        make_settings(owner, hold_percent=Decimal(10 + number))
    response = client.get(PAGE)
    changes = [words(item) for item in tree(response).findall(".//ul[@class='policy-changes']/li")]
    assert len(changes) == 10
    assert "Held: from 20 % (−6.02 points) to 21 %" in changes[0]
    assert "Held: from 11 % (−9.08 points) to 12 %" in changes[-1]
    assert "Older changes are kept, too." in text_of(response)


def test_page_costs_the_same_however_much_there_is(client, owner, article, django_assert_num_queries):
    for number in range(15):
        make_settings(make_moderator(f"editor{number}"), hold_percent=Decimal(10 + number))
        make_judged(article, "spam", 22, now=timezone.now())
    # Session, account and its permissions in two; the latest settings, the changes.
    with django_assert_num_queries(4 + 2):
        client.get(PAGE)
    # And what a save would ask of three constraints; four statuses, one chunk and its findings.
    with django_assert_num_queries(4 + 2 + 3 * 3 + 4 + 2):
        client.post(PAGE, form(version="15", _try="Try it"))


# Who may


def requests(client):
    yield client.get(PAGE)
    yield client.head(PAGE)
    yield client.get(PAGE, {"change": "1"})
    yield client.post(PAGE, form(policy="clean", _try="Try it"))
    yield client.post(PAGE, form(policy="clean", _save="Save"))


def test_moderators_may_not_unless_they_are_given_it(client, ana):
    assert {response.status_code for response in requests(client)} == {403}
    assert not ModerationSettings.objects.exists()
    assert PAGE not in client.get(reverse("admin:index")).content.decode()
    ana.user_permissions.add(Permission.objects.get(codename=PERMISSION))
    assert PAGE in client.get(reverse("admin:index")).content.decode()
    assert client.get(PAGE).status_code == 200


def test_superuser_may(client):
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    assert client.get(PAGE).status_code == 200


def test_who_may_not_moderate_may_save_and_sees_no_trial(client, article):
    """A trial tells what stands in comments."""
    eve = make_user("eve", is_staff=True)
    eve.user_permissions.add(Permission.objects.get(codename=PERMISSION))
    client.force_login(eve)
    make_judged(article, "spam", -9, now=timezone.now(), author_name="Pills")
    page = client.get(PAGE)
    assert "Try it" not in page.content.decode()
    assert client.post(PAGE, form(policy="clean", _try="Try it")).status_code == 403
    response = client.post(PAGE, form(policy="clean"), follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert in_force().policy == "clean"
    assert client.get(PAGE, {"change": "1"}).status_code == 403
    make_settings(eve)
    for _each in range(20):
        make_judged(article, "spam", -9, now=timezone.now(), author_name="Pills")
    refused = client.post(PAGE, form(version="2", policy="clean"))
    assert "This would publish 21 of 21 spam comments" in text_of(refused)
    for each in (response, refused):
        assert table(each) == []
        assert "Pills" not in each.content.decode()


@pytest.mark.parametrize("user", [None, "guest"])
def test_whoever_is_no_staff_is_sent_to_sign_in(client, user):
    if user:
        client.force_login(make_user(user))
    assert {response.status_code for response in requests(client)} == {302}
    assert not ModerationSettings.objects.exists()


def test_looking_changes_nothing(client, owner):
    client.get(PAGE, form(policy="clean", _save="Save"))
    assert not ModerationSettings.objects.exists()
    assert client.put(PAGE).status_code == 405


def test_rows_are_found_by_their_key():
    with connection.cursor() as cursor:
        cursor.execute(
            ("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + policy._LATEST
        )
        plan = str(cursor.fetchall())
    assert "SORT" not in plan.upper()
