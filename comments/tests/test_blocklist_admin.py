from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from comments.admin.blocklist import network_of, proposals
from comments.backtest import backtest
from comments.facts import recall
from comments.models import BlocklistEntry, Comment
from comments.visitors import shorten
from tests.factories import make_article, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

LIST = reverse("admin:comments_blocklistentry_changelist")
ADD = reverse("admin:comments_blocklistentry_add")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def article():
    return make_article(title="Spasms")


@pytest.fixture
def eve(client):
    eve = make_user("eve", groups=["Editors"], is_staff=True)
    client.force_login(eve)
    return eve


def make(article, status, *, days=1, **fields):
    return make_comment(article, status=status, at=timezone.now() - timedelta(days=days), **fields)


def form(**fields):
    return {"kind": "word", "text": "casino", "effect": "hold", "note": ""} | fields


def change_url(entry):
    return reverse("admin:comments_blocklistentry_change", args=[entry.pk])


def tree(response):
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def words(element):
    return " ".join("".join(element.itertext()).split())


def panel(response):
    return tree(response).find(".//section[@class]")


def figures(response):
    return [words(box) for box in tree(response).findall(".//dl[@class='figures']/div")]


def errors(response):
    return [words(item) for item in tree(response).findall(".//ul[@class='errorlist']/li")]


def messages(response):
    return [str(message) for message in response.context["messages"]]


# Trying


def test_trying_shows_what_would_have_been_caught_and_saves_nothing(client, eve, article):
    for number in range(5):
        make(article, "spam", body="casino" if number < 3 else "pills")
    caught = make(article, "approved", author_name="Mara", body="The casino by the sea.")
    make(article, "approved")
    waiting = make(article, "pending", author_name="Jo", body="casino?")
    make(article, "trash")
    response = client.post(ADD, form(_try="Try it", note="they come daily"))
    assert response.status_code == 200
    assert figures(response) == ["spam 3 of 5", "approved 1 of 2", "waiting 1 of 1", "in the trash 0 of 1"]
    text = words(panel(response))
    for part in [
        "in the last 90 days",
        "It would have held 1 approved comment of the last 90 days.",
        "Mara on “Spasms”",
        "The casino by the sea.",
        "Tried on all 9 comments of these days. Nothing has been saved.",
    ]:
        assert part in text
    links = [link.get("href") for link in panel(response).findall(".//a")]
    assert links == [
        reverse("admin:comments_comment_change", args=[comment.pk]) for comment in (caught, waiting)
    ]
    assert not BlocklistEntry.objects.exists()
    assert not errors(response)
    # The form is as it was sent.
    fields = {field.get("name"): field.get("value") for field in tree(response).findall(".//input")}
    assert (fields["text"], fields["note"]) == ("casino", "they come daily")


def test_try_beside_save_is_a_plain_button(client, eve):
    buttons = [
        button.get("name") for button in tree(client.get(ADD)).findall(".//div[@class='submit-row']/input")
    ]
    assert buttons[:2] == ["_save", "_try"]
    assert len(buttons) == len(set(buttons))


def test_trying_wins_over_a_saving_button(client, eve):
    client.post(ADD, form(_try="Try it", _save="Save"))
    assert not BlocklistEntry.objects.exists()


@pytest.mark.parametrize(
    ("effect", "sentence"),
    [
        ("hold", "It would have held 2 approved comments of the last 90 days."),
        ("spam", "It would have marked 2 approved comments of the last 90 days as spam."),
    ],
)
def test_trial_says_what_the_effect_would_have_done(client, eve, article, effect, sentence):
    for _number in range(2):
        make(article, "approved", body="casino")
    assert sentence in words(panel(client.post(ADD, form(_try="1", effect=effect))))


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (None, "", "There are no comments of these days to try it on."),
        ("spam", "pills", "It would have caught nothing at all."),
        ("spam", "casino", "No approved comment would have been caught."),
    ],
)
def test_trial_comes_to_a_conclusion(client, eve, article, status, body, sentence):
    if status:
        make(article, status, body=body)
    assert sentence in words(panel(client.post(ADD, form(_try="1"))))


def test_trying_an_entry_that_is_there_changes_nothing(client, eve, article):
    entry = BlocklistEntry.objects.create(text="casino", effect="hold")
    make(article, "spam", body="pills")
    response = client.post(change_url(entry), form(_try="1", text="pills", effect="spam"))
    assert figures(response)[0] == "spam 1 of 1"
    entry.refresh_from_db()
    assert (entry.text, entry.effect) == ("casino", "hold")


def test_entry_with_a_fault_is_not_tried(client, eve):
    response = client.post(ADD, form(_try="1", text=""))
    assert errors(response) == ["This field is required."]
    assert panel(response) is None


def test_more_than_the_limit_is_said(client, eve, article, monkeypatch):
    monkeypatch.setattr("comments.backtest.LIMIT", 2)
    for _number in range(3):
        make(article, "spam")
    text = words(panel(client.post(ADD, form(_try="1"))))
    assert "Tried on the newest 2 comments; these days have more." in text


def test_only_ten_are_listed_and_said_to_be_the_newest(client, eve, article):
    for number in range(12):
        make(article, "approved", days=number + 1, body="casino", author_name=f"Reader no {number}.")
    for _number in range(13):
        make(article, "spam")
    shown = panel(client.post(ADD, form(_try="1")))
    assert len(shown.findall(".//li")) == 10
    assert "(the newest 10)" in words(shown)
    assert "Reader no 9." in words(shown)
    assert "Reader no 10." not in words(shown)


# Saving


def test_entry_that_catches_no_approved_comment_is_saved_without_a_warning(client, eve, article):
    make(article, "spam", body="casino")
    response = client.post(ADD, form(), follow=True)
    assert len(messages(response)) == 1
    entry = BlocklistEntry.objects.get()
    assert (entry.created_by, entry.expires_at) == (eve, None)


def test_entry_that_catches_approved_comments_is_saved_and_says_how_many(client, eve, article):
    for _number in range(3):
        make(article, "approved", body="casino")
    told = messages(client.post(ADD, form(), follow=True))
    assert BlocklistEntry.objects.count() == 1
    assert any("It would have held 3 approved comments of the last 90 days." in message for message in told)


@pytest.mark.parametrize("button", ["_save", "_try", "_addanother", "_continue", "_saveasnew", "nothing"])
def test_entry_that_would_match_everything_is_refused_with_the_reason(client, eve, article, button):
    for _number in range(21):
        make(article, "approved", body="the casino")
    for _number in range(20):
        make(article, "spam")
    response = client.post(ADD, form(text="the", **{button: "1"}))
    assert response.status_code == 200
    assert errors(response) == [
        "This would match everything: 21 of the last 41 comments. Choose something that only spam has."
    ]
    assert not BlocklistEntry.objects.exists()


def test_refused_trial_still_shows_its_figures(client, eve, article):
    for _number in range(20):
        make(article, "approved", body="casino")
    response = client.post(ADD, form(_try="1"))
    assert figures(response)[1] == "approved 20 of 20"
    assert "cannot be saved" in words(panel(response))


@pytest.mark.parametrize("button", ["_save", "_saveasnew"])
def test_entry_cannot_be_widened_to_everything(client, eve, article, button):
    entry = BlocklistEntry.objects.create(text="casino")
    for _number in range(20):
        make(article, "approved", body="the")
    response = client.post(change_url(entry), form(text="the", **{button: "1"}))
    assert "This would match everything" in errors(response)[0]
    assert [entry.text for entry in BlocklistEntry.objects.all()] == ["casino"]


def test_whoever_may_only_add_is_not_spared_the_trial(client, article):
    entry = BlocklistEntry.objects.create(text="casino")
    adder = make_moderator("adder")
    adder.user_permissions.set(Permission.objects.filter(codename="add_blocklistentry"))
    client.force_login(adder)
    for _number in range(20):
        make(article, "approved", body="the")
    response = client.post(change_url(entry), form(text="the", _saveasnew="1"))
    assert "This would match everything" in errors(response)[0]
    assert BlocklistEntry.objects.count() == 1


def test_wide_entry_of_old_can_still_be_given_an_end(client, eve, article):
    entry = BlocklistEntry.objects.create(text="the")
    for _number in range(20):
        make(article, "approved", body="the")
    fields = form(text="the", expires_at_0="2030-01-31", expires_at_1="12:00:00")
    assert client.post(change_url(entry), fields).status_code == 302
    entry.refresh_from_db()
    assert entry.expires_at == datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0.0.0.0/0", "This would match everything: it is the network of all addresses."),
        ("::/0", "This would match everything: it is the network of all addresses."),
        ("192.0.2", "This is no network. Write it like 192.0.2.0/24."),
        (".*", "This is no network. Write it like 192.0.2.0/24."),
    ],
)
def test_impossible_network_is_refused(client, eve, text, reason):
    assert errors(client.post(ADD, form(kind="network", text=text))) == [reason]
    assert not BlocklistEntry.objects.exists()


def test_regular_expression_is_only_a_text(client, eve, article):
    for _number in range(20):
        make(article, "spam")
    assert figures(client.post(ADD, form(_try="1", text=".*")))[0] == "spam 0 of 20"


def test_changing_keeps_who_made_the_entry(client, eve):
    ben = make_user("ben")
    entry = BlocklistEntry.objects.create(text="casino", created_by=ben)
    client.post(change_url(entry), form(note="again"))
    entry.refresh_from_db()
    assert (entry.note, entry.created_by) == ("again", ben)


# Expiry


def test_expired_entry_judges_no_comment(article):
    now = timezone.now()
    comment = make(article, "pending")
    BlocklistEntry.objects.create(text="endless")
    BlocklistEntry.objects.create(text="over", expires_at=now)
    BlocklistEntry.objects.create(text="lasting", expires_at=now + timedelta(hours=1))
    assert {entry.text for entry in recall(comment, now=now).blocklist} == {"endless", "lasting"}
    later = recall(comment, now=now + timedelta(hours=1))
    assert {entry.text for entry in later.blocklist} == {"endless"}


def test_list_says_what_has_expired(client, eve):
    BlocklistEntry.objects.create(text="endless")
    BlocklistEntry.objects.create(text="over", expires_at=datetime(2026, 1, 31, 12, tzinfo=UTC))
    BlocklistEntry.objects.create(text="lasting", expires_at=datetime(2199, 1, 31, 12, tzinfo=UTC))
    rows = {
        words(row.find("./th")): words(row.find("./td[@class='field-lasts']"))
        for row in tree(client.get(LIST)).findall(".//table[@id='result_list']/tbody/tr")
    }
    assert rows == {
        "endless": "no end",
        "over": "expired on January 31, 2026",
        "lasting": "until January 31, 2199",
    }


def test_expiry_without_a_time_is_the_beginning_of_the_day(client, eve):
    client.post(ADD, form(expires_at_0="2199-01-31", expires_at_1=""))
    assert BlocklistEntry.objects.get().expires_at == datetime(2199, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("day", ["tomorrow", "2199-02-31"])
def test_impossible_expiry_is_refused(client, eve, day):
    assert errors(client.post(ADD, form(expires_at_0=day, expires_at_1=""))) == ["Enter a valid date."]
    assert not BlocklistEntry.objects.exists()


def test_list_says_who_made_an_entry_where_that_is_known(client, eve):
    entry = BlocklistEntry.objects.create(text="casino", created_by=eve)
    BlocklistEntry.objects.filter(pk=entry.pk).update(created_at=datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert "January 31, 2026, by eve" in client.get(LIST).content.decode()
    BlocklistEntry.objects.update(created_by=None)
    page = client.get(LIST).content.decode()
    assert "January 31, 2026" in page
    assert ", by" not in page


@pytest.mark.parametrize(("value", "texts"), [("in_force", {"endless"}), ("expired", {"over"})])
def test_list_is_filtered_by_expiry(client, eve, value, texts):
    BlocklistEntry.objects.create(text="endless")
    BlocklistEntry.objects.create(text="over", expires_at=datetime(2026, 1, 31, 12, tzinfo=UTC))
    shown = client.get(f"{LIST}?expiry={value}").context["cl"].queryset
    assert {entry.text for entry in shown} == texts


# Proposing


def test_form_is_filled_in_by_the_address(client, eve):
    response = client.get(f"{ADD}?kind=domain&text=example.com&effect=spam&note=why")
    initial = response.context["adminform"].form.initial
    assert initial == {"kind": "domain", "text": "example.com", "effect": "spam", "note": "why"}
    assert not BlocklistEntry.objects.exists()


@pytest.mark.parametrize("query", ["expires_at=tomorrow", "created_by=1", "kind=regex", "text=%00", "_try=1"])
def test_form_opens_whatever_the_address_says(client, eve, query):
    response = client.get(f"{ADD}?{query}")
    assert response.status_code == 200
    assert panel(response) is None


def test_comment_proposes_its_domains_address_and_network(client, eve, article):
    comment = make_comment(
        article,
        body="https://www.pills.example/buy and https://pills.example/more or https://blog.shop.example/?a=b&c",
        author_url="http://Casino.example:80/x",
        author_email="joe@mail.example",
        address="203.0.113.0",
    )
    found = proposals(comment)
    assert [label for label, _url in found] == [
        "Block the domain pills.example",
        "Block the domain blog.shop.example",
        "Block the domain casino.example",
        "Block the email address joe@mail.example",
        "Block the network 203.0.113.0/24",
    ]
    for _label, url in found:
        kind, text = (parse_qs(urlsplit(url).query)[name][0] for name in ("kind", "text"))
        # What is proposed is found in the comment it comes from.
        fields = {**client.get(url).context["adminform"].form.initial, "effect": "hold", "note": ""}
        assert (fields["kind"], fields["text"]) == (kind, text)
        Comment.objects.update(submitted_at=timezone.now() - timedelta(days=1))
        assert figures(client.post(ADD, fields | {"_try": "1"}))[1] == "approved 1 of 1", kind


def test_comment_without_anything_proposes_nothing(article):
    assert proposals(make_comment(article, author_email="", author_url="", address=None)) == []


def test_site_itself_is_not_proposed(article, settings):
    settings.SITE_URL = "https://www.afterword.example"
    comment = make_comment(article, author_email="", author_url="https://afterword.example/about/")
    assert proposals(comment) == []


def test_comment_with_hundreds_of_links_proposes_few(article):
    body = " ".join(f"https://h{number}.example/" for number in range(100))
    assert len(proposals(make_comment(article, body=body, author_email=""))) == 10


@pytest.mark.parametrize("address", ["203.0.113.77", "2001:db8:1:2::3"])
def test_proposed_network_is_as_much_as_is_stored_of_an_address(address):
    stored = shorten(ip_address(address))
    network = ip_network(network_of(stored))
    assert ip_address(address) in network
    assert str(network.network_address) == stored


# Strangers' words


def test_markup_is_shown_as_text(client, eve):
    article = make_article(title=f"About {SCRIPT}")
    make(article, "approved", author_name=f"Mallory {SCRIPT}", body=f"casino {SCRIPT}")
    BlocklistEntry.objects.create(text=SCRIPT, note=SCRIPT)
    for response in [
        client.post(ADD, form(_try="1")),
        client.post(ADD, form(_try="1", text=SCRIPT, kind="domain")),
        client.get(ADD, {"text": SCRIPT}),
        client.get(LIST),
        client.get(change_url(BlocklistEntry.objects.get())),
    ]:
        page = response.content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page


# Permissions


def requests(client, entry):
    """Every way in: list, pages, saving, trying, deleting, the list's action."""
    change = change_url(entry)
    delete = reverse("admin:comments_blocklistentry_delete", args=[entry.pk])
    action = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    return {
        "list": client.get(LIST),
        "page": client.get(change),
        "form": client.get(ADD),
        "add": client.post(ADD, form()),
        "try": client.post(ADD, form(_try="1")),
        "change": client.post(change, form(text="pills")),
        "try change": client.post(change, form(_try="1", text="pills")),
        "delete": client.post(delete, {"post": "yes"}),
        "action": client.post(LIST, action),
    }


def test_without_the_permission_to_moderate_everything_is_refused(client, article):
    make(article, "approved", author_name="Mara", body="casino")
    entry = BlocklistEntry.objects.create(text="casino")
    writer = make_user("writer", is_staff=True)
    writer.user_permissions.set(Permission.objects.filter(codename__endswith="_blocklistentry"))
    client.force_login(writer)
    answers = requests(client, entry)
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert BlocklistEntry.objects.get().text == "casino"
    assert "Blocklist" not in client.get(reverse("admin:index")).content.decode()


def test_moderator_reads_and_cannot_try(client, article):
    make(article, "approved", author_name="Mara", body="casino")
    entry = BlocklistEntry.objects.create(text="casino")
    client.force_login(make_moderator())
    answers = requests(client, entry)
    codes = {name: answer.status_code for name, answer in answers.items()}
    # The list offers no action to whoever may only read; Django then shows it as if nothing was asked.
    assert codes.pop("action") in (200, 302)
    assert codes == dict.fromkeys(["list", "page"], 200) | dict.fromkeys(set(codes) - {"list", "page"}, 403)
    assert b"_try" not in answers["page"].content
    assert BlocklistEntry.objects.get().text == "casino"


def test_entry_that_is_gone_is_said_to_be(client, eve):
    entry = BlocklistEntry.objects.create(text="casino")
    url = change_url(entry)
    entry.delete()
    assert client.post(url, form(_try="1")).status_code == 302


# Queries


def test_trying_takes_few_queries_however_many_comments(client, eve, article, django_assert_num_queries):
    for _number in range(15):
        make(article, "approved", body="casino")
        make(article, "pending", body="pills")
    client.get(ADD)
    # Session, user, two for permissions; twice the entry's uniqueness and its constraint, with savepoints;
    # six of the trial; the transaction.
    with django_assert_num_queries(4 + 2 * 4 + 6 + 2):
        client.post(ADD, form(_try="1"))


@pytest.mark.parametrize("button", ["_save", "_try"])
def test_nobody_waits_for_a_trial(client, eve, monkeypatch, button):
    depths = []

    def spy(entry, *, now):
        depths.append(len(connection.savepoint_ids))
        return backtest(entry, now=now)

    monkeypatch.setattr("comments.admin.blocklist.backtest", spy)
    client.post(ADD, form(**{button: "1"}))
    # No transaction but the test's own.
    assert depths == [len(connection.savepoint_ids)]


def test_list_takes_as_many_queries_for_many_entries(client, eve, django_assert_num_queries):
    for number in range(30):
        BlocklistEntry.objects.create(text=f"word {number}", created_by=make_user(f"user {number}"))
    with django_assert_num_queries(7):
        client.get(LIST)
