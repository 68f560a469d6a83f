from datetime import timedelta

import html5lib
import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.urls import reverse

from comments import batches
from comments.admin import interrupted
from comments.models import Batch, Comment, Decision
from tests.factories import make_article, make_comment, make_moderator, make_user

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:comments_comment_changelist")
EMPTY = reverse("admin:comments_comment_empty")
LOGIN = reverse("admin:login")
PASSWORD = "a long password"
HERE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def article():
    return make_article()


@pytest.fixture
def browser():
    """A browser as Django meets it, its checks for forged requests included."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def ana(browser):
    ana = make_moderator("ana")
    browser.force_login(ana)
    return ana


def waiting(article, number=1, **fields):
    return [make_comment(article, **{"status": "pending"} | fields) for _number in range(number)]


def statuses(*comments):
    now = dict(Comment.objects.values_list("pk", "status"))
    return [now[each.pk] for each in comments]


def tree(response):
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def text_of(response):
    return " ".join("".join(tree(response).find(".//*[@id='content']").itertext()).split())


def token_of(page):
    return tree(page).find(".//input[@name='csrfmiddlewaretoken']").get("value")


def batch_form(page, action, *comments, **fields):
    return {
        "csrfmiddlewaretoken": token_of(page),
        "action": f"{action}_selected",
        "index": "0",
        "_selected_action": [str(each.pk) for each in comments],
        **{f"seen_{each.pk}": each.status for each in comments},
    } | fields


def session_expires():
    Session.objects.all().delete()


def log_in(browser, page, name="ana", password=PASSWORD):
    """Press "Log in" on a page of the login, with whatever it carries."""
    carried = tree(page).find(".//input[@name='interrupted']")
    form = tree(page).find(".//form[@id='login-form']")
    assert carried is None or carried.get("form") == "login-form"
    return browser.post(
        form.get("action"),
        {
            "csrfmiddlewaretoken": token_of(page),
            "username": name,
            "password": password,
            "next": form.find(".//input[@name='next']").get("value"),
        }
        | ({"interrupted": carried.get("value")} if carried is not None else {}),
    )


def forms_of(page):
    """Return where the buttons of a page lead, with what they send."""
    return [
        (
            form.get("action"),
            [(field.get("name"), field.get("value") or "") for field in form.findall(".//input")],
        )
        for form in tree(page).findall(".//*[@id='content']//form")
    ]


def press(browser, form):
    action, fields = form
    data = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return browser.post(action, data, follow=True)


def interrupt(browser, address, form):
    """Send a form when the session is over, and log in; return the page that one lands on."""
    session_expires()
    login = browser.post(address, form)
    assert login.status_code == 403
    landed = log_in(browser, login)
    assert landed.status_code == 302
    return browser.get(landed["Location"])


def messages(response):
    return [str(message) for message in response.context["messages"]]


# A session that ends in the middle of a batch


def test_batch_is_still_there_after_the_login_and_carried_out_by_one_click(browser, article, ana):
    chosen, other = waiting(article, 40), waiting(article)
    address = f"{QUEUE}?sort=oldest"
    form = batch_form(browser.get(address), "mark_spam", *chosen)
    session_expires()
    login = browser.post(address, form)
    assert login.status_code == 403
    assert "You had been logged out. Nothing is lost" in text_of(login)
    assert "no-store" in login["Cache-Control"]
    assert not Decision.objects.exists()
    # Whoever is not logged in can store nothing here.
    assert not Session.objects.exists()
    landed = log_in(browser, login)
    page = browser.get(landed["Location"])
    text = text_of(page)
    assert "Nothing is lost, and nothing has been done yet: Spam: 40 comments." in text
    assert "seen as “Pending”" in text and "and 20 more" in text
    assert "It will be done in your name, ana." in text
    assert not Decision.objects.exists()
    carry_out, _cancel = forms_of(page)
    assert carry_out[0] == address
    assert sorted(value for name, value in carry_out[1] if name == "_selected_action") == sorted(
        str(each.pk) for each in chosen
    )
    done = press(browser, carry_out)
    assert messages(done)[0].startswith("Spam: 40 comments. <a href=")
    assert statuses(*chosen, *other) == ["spam"] * 40 + ["pending"]
    batch = Batch.objects.get()
    assert (batch.by, batch.done) == (ana, 40)
    # The page is gone, and to press its button once more, by going back, does nothing twice.
    assert messages(browser.get(landed["Location"], follow=True)) == [
        "Nothing waits any more to be carried out."
    ]
    again = press(browser, carry_out)
    assert messages(again)[-1].startswith("Spam: no comment was changed. 40 were marked as spam by you at ")
    assert Batch.objects.count() == 1 and Decision.objects.count() == 40


def test_what_changed_during_the_login_is_left_alone(browser, article, ana):
    first, second = waiting(article, 2)
    page = interrupt(browser, QUEUE, batch_form(browser.get(QUEUE), "approve", first, second))
    first.trash(by=make_moderator("ben"))
    page = browser.get(page.request["PATH_INFO"])
    assert "seen as “Pending”, now “Trash”" in text_of(page)
    done = press(browser, forms_of(page)[0])
    assert messages(done)[0].startswith("Approve: 1 of 2 comments. 1 was moved to the trash by ben at ")
    assert statuses(first, second) == ["trash", "approved"]


def test_wrong_password_loses_nothing(browser, article, ana):
    [comment] = waiting(article)
    form = batch_form(browser.get(QUEUE), "trash", comment)
    session_expires()
    page = log_in(browser, browser.post(QUEUE, form), password="wrong")
    assert page.status_code == 200
    assert "Nothing is lost" in text_of(page)
    landed = log_in(browser, page)
    press(browser, forms_of(browser.get(landed["Location"]))[0])
    assert statuses(comment) == ["trash"]


def test_cancelling_drops_it(browser, article, ana):
    [comment] = waiting(article)
    page = interrupt(browser, QUEUE, batch_form(browser.get(QUEUE), "trash", comment))
    done = press(browser, forms_of(page)[1])
    assert messages(done) == ["It was dropped. Nothing was changed."]
    assert statuses(comment) == ["pending"]
    assert not browser.session[interrupted.SESSION_KEY]


def test_who_logs_in_instead_acts_in_their_own_name(browser, article, ana):
    [comment] = waiting(article)
    form = batch_form(browser.get(QUEUE), "trash", comment)
    make_moderator("ben")
    session_expires()
    landed = log_in(browser, browser.post(QUEUE, form), name="ben")
    page = browser.get(landed["Location"])
    assert "It will be done in your name, ben." in text_of(page)
    press(browser, forms_of(page)[0])
    assert Decision.objects.get().by.username == "ben"


def test_who_may_not_moderate_is_shown_nothing_of_it(browser, article, ana):
    [comment] = waiting(article)
    form = batch_form(browser.get(QUEUE), "trash", comment)
    make_user("mallory", is_staff=True)
    session_expires()
    landed = log_in(browser, browser.post(QUEUE, form), name="mallory")
    assert landed["Location"] == QUEUE
    [session] = Session.objects.all()
    assert interrupted.SESSION_KEY not in session.get_decoded()
    # What stands in a session from when they still might, they can neither read nor carry out.
    session = browser.session
    session[interrupted.SESSION_KEY] = {"abc": [QUEUE, "action=approve_selected"]}
    session.save()
    address = reverse("admin:comments_comment_interrupted", args=["abc"])
    token = token_of(browser.get(reverse("admin:password_change")))
    assert browser.get(address).status_code == 403
    assert browser.post(address, {"csrfmiddlewaretoken": token}).status_code == 403
    assert browser.post(QUEUE, form | {"csrfmiddlewaretoken": token}).status_code == 403
    assert statuses(comment) == ["pending"]


def test_decision_on_one_comment_keeps_its_typed_reason(browser, article, ana):
    [comment] = waiting(article, author_name="Mara")
    address = reverse("admin:comments_comment_change", args=[comment.pk])
    form = {
        "csrfmiddlewaretoken": token_of(browser.get(address)),
        "_mark_spam": "1",
        "seen_status": "pending",
        "reason": "The same <b>link</b> as yesterday & before",
    }
    page = interrupt(browser, address, form)
    text = text_of(page)
    assert "Spam: 1 comment." in text and "Mara" in text
    assert "The same <b>link</b> as yesterday & before" in text
    press(browser, forms_of(page)[0])
    decision = Decision.objects.get()
    assert (decision.to_status, decision.reason) == ("spam", form["reason"])


def test_button_of_a_row_and_all_of_a_list_are_named(browser, article, ana):
    first, second = waiting(article, 2)
    form = batch_form(browser.get(QUEUE), "trash", _move_one=f"approve:{first.pk}")
    page = interrupt(browser, QUEUE, form | {f"seen_{first.pk}": "pending"})
    assert "Approve: 1 comment." in text_of(page)
    press(browser, forms_of(page)[0])
    assert statuses(first, second) == ["approved", "pending"]
    newest = {"select_across": "1", "newest": str(second.pk)}
    page = interrupt(browser, QUEUE, batch_form(browser.get(QUEUE), "trash", second, **newest))
    assert "Trash: all comments that the list gave." in text_of(page)
    [later] = waiting(article)
    press(browser, forms_of(page)[0])
    assert statuses(first, second, later) == ["approved", "trash", "pending"]


def test_undoing_is_not_lost_either(browser, article, ana):
    [comment] = waiting(article)
    batch = batches.apply("approve", {comment.pk: "pending"}, by=ana, now=comment.submitted_at).batch
    Batch.objects.update(made_at="2999-01-01T00:00Z")
    address = reverse("admin:comments_batch_undo", args=[batch.pk])
    form = {"csrfmiddlewaretoken": token_of(browser.get(address)), "from": "queue"}
    page = interrupt(browser, address, form)
    assert "What you sent is kept below." in text_of(page)
    press(browser, forms_of(page)[0])
    assert statuses(comment) == ["pending"]


def test_ten_thousand_fit_and_more_is_refused_kindly(browser, article, ana):
    ids = [str(10**9 + number) for number in range(batches.MOST)]
    form = {"csrfmiddlewaretoken": token_of(browser.get(QUEUE)), "status": "spam", "ids": ".".join(ids)}
    page = interrupt(browser, EMPTY, form)
    assert "Delete: 10000 comments." in text_of(page)
    assert dict(forms_of(page)[0][1])["ids"] == ".".join(ids)
    form = {"csrfmiddlewaretoken": token_of(browser.get(QUEUE)), "reason": "x" * 300_001}
    session_expires()
    login = browser.post(EMPTY, form)
    assert "too much to be kept. Nothing was changed." in text_of(login)
    assert log_in(browser, login)["Location"] == QUEUE


def test_session_keeps_the_newest_few(browser, article, ana):
    comments = waiting(article, interrupted.KEPT + 1)
    for comment in comments:
        form = batch_form(browser.get(QUEUE), "trash", comment, csrfmiddlewaretoken="x" * 32)
        landed = browser.post(QUEUE, form, **HERE)
        assert landed.status_code == 302
    kept = browser.session[interrupted.SESSION_KEY]
    assert len(kept) == interrupted.KEPT
    assert f"seen_{comments[-1].pk}" in list(kept.values())[-1][1]
    assert statuses(*comments) == ["pending"] * len(comments)


def test_script_that_says_who_is_here_is_no_form_to_be_kept(browser, article, ana):
    """Left open over a login, it would push what was typed out of the session, and fail aloud meanwhile."""
    [comment] = waiting(article)
    here = reverse("admin:comments_comment_presence", args=[comment.pk])
    browser.get(QUEUE)
    stale = browser.post(here, {"csrfmiddlewaretoken": "x" * 32}, **HERE)
    assert (stale.status_code, interrupted.SESSION_KEY in browser.session) == (403, False)
    token = token_of(browser.get(QUEUE))
    session_expires()
    signed_out = browser.post(here, {"csrfmiddlewaretoken": token}, **HERE)
    assert signed_out.status_code == 302
    assert signed_out["Location"].startswith(LOGIN)


@pytest.mark.parametrize("carried", ["", "abc", "x:y:z", "forged", "old"])
def test_what_we_did_not_sign_or_is_too_old_is_dropped(browser, article, ana, carried, monkeypatch):
    sent = ["https://elsewhere.example/", "action=approve_selected"]
    if carried == "forged":
        carried = signing.dumps(sent, salt="something.else")
    elif carried == "old":
        carried = signing.dumps(sent, salt=interrupted.SALT)
        monkeypatch.setattr(interrupted, "CARRIED_FOR", timedelta(seconds=-1))
    session_expires()
    login = browser.get(LOGIN)
    landed = browser.post(
        LOGIN,
        {
            "csrfmiddlewaretoken": token_of(login),
            "username": "ana",
            "password": PASSWORD,
            "next": QUEUE,
            "interrupted": carried,
        },
    )
    assert landed["Location"] == QUEUE
    assert interrupted.SESSION_KEY not in browser.session


@pytest.mark.parametrize(
    "body",
    [
        b"action=approve_selected&_selected_action=%00&_selected_action=%ff&reason=%00%ff%ed%a0%80",
        b"_move_one=:::&action=&select_across=2",
        b"_move_one=approve:99999999999999999999999",
        b"action=delete_selected&_selected_action=abc&seen_abc=nonsense",
        b"&".join(b"seen_%d=<script>" % number for number in range(900)),
        b"<script>alert(1)</script>=<script>alert(1)</script>",
    ],
)
def test_hostile_forms_are_carried_as_text(browser, article, ana, body):
    token = token_of(browser.get(QUEUE))
    session_expires()
    login = browser.generic(
        "POST",
        f"{QUEUE}?q=<script>&%00",
        body,
        content_type="application/x-www-form-urlencoded",
        HTTP_X_CSRFTOKEN=token,
    )
    assert login.status_code == 403
    page = browser.get(log_in(browser, login)["Location"])
    assert page.status_code == 200
    assert b"<script>alert" not in page.content
    assert press(browser, forms_of(page)[0]).status_code in (200, 403)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("where", [QUEUE, EMPTY, reverse("admin:comments_blocklistentry_add")])
def test_stranger_without_our_form_is_led_to_the_login_as_ever(where):
    """Who sends no token is refused; who has no cookie of ours has nothing to lose."""
    assert Client().post(where, {"action": "approve_selected"}).status_code == 302
    assert Client(enforce_csrf_checks=True).post(where, {"action": "x"}).status_code == 403
    assert not Session.objects.exists()


# A page older than the login


def test_page_that_is_older_than_the_login_loses_nothing(browser, article, ana):
    first, second = waiting(article, 2)
    form = batch_form(browser.get(QUEUE), "approve", first, second)
    # In another tab.
    session_expires()
    log_in(browser, browser.get(LOGIN))
    landed = browser.post(QUEUE, form, **HERE)
    assert landed.status_code == 302
    page = browser.get(landed["Location"])
    assert "Approve: 2 comments." in text_of(page)
    assert statuses(first, second) == ["pending"] * 2
    press(browser, forms_of(page)[0])
    assert statuses(first, second) == ["approved"] * 2


def test_login_that_is_older_than_another_one_loses_nothing(browser, article, ana):
    [comment] = waiting(article)
    form = batch_form(browser.get(QUEUE), "approve", comment)
    session_expires()
    login = browser.post(QUEUE, form)
    # In another tab.
    log_in(browser, browser.get(LOGIN))
    carried = tree(login).find(".//input[@name='interrupted']").get("value")
    fields = {"csrfmiddlewaretoken": token_of(login), "username": "ana", "password": PASSWORD}
    landed = browser.post(LOGIN, fields | {"interrupted": carried}, **HERE)
    assert "Approve: 1 comment." in text_of(browser.get(landed["Location"]))


def test_page_whose_token_and_session_are_gone_leads_to_the_login(browser, article, ana):
    [comment] = waiting(article)
    form = batch_form(browser.get(QUEUE), "approve", comment)
    browser.cookies.clear()
    login = browser.post(QUEUE, form, **HERE)
    assert "Nothing is lost" in text_of(login)
    landed = log_in(browser, login)
    assert "Approve: 1 comment." in text_of(browser.get(landed["Location"]))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": "https://elsewhere.example", "HTTP_SEC_FETCH_SITE": "same-origin"},
    ],
)
@pytest.mark.parametrize("person", ["ana", "nobody"])
def test_form_of_another_site_is_refused_as_ever(browser, article, ana, headers, person):
    [comment] = waiting(article)
    form = batch_form(browser.get(QUEUE), "approve", comment, csrfmiddlewaretoken="x" * 32)
    if person == "nobody":
        session_expires()
    answer = browser.post(QUEUE, form, **headers)
    assert answer.status_code == 403
    assert "could not be matched to a page of this site" in answer.content.decode()
    assert person == "nobody" or interrupted.SESSION_KEY not in browser.session
    assert statuses(comment) == ["pending"]


def test_other_forms_of_the_site_are_refused_as_ever(browser, article, ana):
    for address in (reverse("admin:articles_article_add"), LOGIN, reverse("admin:logout")):
        answer = browser.post(address, {"title": "x"}, **HERE)
        assert answer.status_code == 403
        assert "could not be matched to a page of this site" in answer.content.decode()


def test_page_belongs_to_its_session_alone(browser, article, ana):
    [comment] = waiting(article)
    page = interrupt(browser, QUEUE, batch_form(browser.get(QUEUE), "trash", comment))
    other = Client()
    other.force_login(make_moderator("ben"))
    answer = other.get(page.request["PATH_INFO"], follow=True)
    assert messages(answer) == ["Nothing waits any more to be carried out."]
    assert Client().get(page.request["PATH_INFO"]).status_code == 302
    assert browser.put(page.request["PATH_INFO"], HTTP_X_CSRFTOKEN=token_of(page)).status_code == 405
