import pytest

from comments.moderation.rules.history import (
    article_age,
    campaign,
    judged_host,
    judged_text,
    near_repeat,
    repeated_text,
    rhythm,
)
from comments.moderation.types import Echoes, Finding
from comments.moderation.weights import DEFAULT

from ..facts import numbered, submission

RULES = (repeated_text, near_repeat, campaign, judged_text, judged_host, rhythm, article_age)

LONG = "Heat helped my lower back much more than those expensive cold packs did."


def remembered(text=LONG, **echoes):
    return {"typed": text, "echoes": Echoes(**echoes)}


SAME = "same text in"
NEARLY = "nearly the same text in"
JUDGED = "people judged this text:"
LINK = "people judged comments with its link:"
NETWORK = "from the same network within the"

ROWS = [
    (repeated_text, remembered(), "none", "no other comment has this text"),
    (repeated_text, remembered(same_text=1), "once", f"{SAME} 1 other comment"),
    (repeated_text, remembered(same_text=2), "twice", f"{SAME} 2 other comments"),
    (repeated_text, remembered(same_text=3), "often", f"{SAME} 3 other comments"),
    (repeated_text, remembered(same_text=50), "often", f"{SAME} 50 other comments"),
    (repeated_text, remembered(text="Thanks!"), "none", "no other comment has this text"),
    (
        repeated_text,
        remembered(text="x" * 19, same_text=1),
        "short_once",
        f"{SAME} 1 other comment, but it is short",
    ),
    (
        repeated_text,
        remembered(text=f"Thanks!{' ' * 20}", same_text=2),
        "short_twice",
        f"{SAME} 2 other comments, but it is short",
    ),
    (
        repeated_text,
        remembered(text="", same_text=9),
        "short_often",
        f"{SAME} 9 other comments, but it is short",
    ),
    (repeated_text, remembered(text="x" * 20, same_text=1), "once", f"{SAME} 1 other comment"),
    (near_repeat, remembered(), "none", "no other comment has nearly this text"),
    (near_repeat, remembered(text="Thanks!"), "short", "too few words to be nearly the same as others"),
    (near_repeat, remembered(text="👍" * 90), "short", "too few words to be nearly the same as others"),
    (near_repeat, remembered(near_text=1), "once", f"{NEARLY} 1 other comment"),
    (near_repeat, remembered(near_text=2), "few", f"{NEARLY} 2 other comments"),
    (near_repeat, remembered(near_text=3), "few", f"{NEARLY} 3 other comments"),
    (near_repeat, remembered(near_text=4), "many", f"{NEARLY} 4 other comments"),
    (campaign, remembered(), "none", "no other comment has its links"),
    (campaign, remembered(host_comments=3), "own", "same link in 3 other comments, all under this name"),
    (
        campaign,
        remembered(host_comments=1, host_names=1),
        "one_other",
        "same link in 1 other comment under 1 other name",
    ),
    (
        campaign,
        remembered(host_comments=4, host_names=3),
        "few",
        "same link in 4 other comments under 3 other names",
    ),
    (
        campaign,
        remembered(host_comments=9, host_names=4),
        "many",
        "same link in 9 other comments under 4 other names",
    ),
    (
        campaign,
        remembered(host_comments=50, host_names=40, host_good=3, host_spam=2),
        "vouched",
        "same link in 50 other comments under 40 other names; people approved comments with it",
    ),
    (
        campaign,
        remembered(host_comments=9, host_names=8, host_good=2, host_spam=2),
        "many",
        "same link in 9 other comments under 8 other names",
    ),
    (campaign, remembered(same_text=9), "none", "no other comment has its links"),
    (judged_text, remembered(same_text=1, near_text=1), "never", "no person has judged this text yet"),
    (judged_text, remembered(same_text_spam=1), "spam", f"{JUDGED} 1 spam, 0 good"),
    (judged_text, remembered(near_spam=2), "spam", f"{JUDGED} 2 spam, 0 good"),
    (judged_text, remembered(same_text_good=1), "good", f"{JUDGED} 0 spam, 1 good"),
    (judged_text, remembered(near_good=1), "good", f"{JUDGED} 0 spam, 1 good"),
    (judged_text, remembered(same_text_spam=1, near_good=5), "mixed", f"{JUDGED} 1 spam, 5 good"),
    (judged_text, remembered(same_text_spam=1, near_good=6), "good", f"{JUDGED} 1 spam, 6 good"),
    (judged_text, remembered(same_text_spam=5, near_good=1), "mixed", f"{JUDGED} 5 spam, 1 good"),
    (judged_text, remembered(same_text_spam=6, near_good=1), "spam", f"{JUDGED} 6 spam, 1 good"),
    (
        judged_text,
        remembered(text="Thanks!", same_text_spam=1),
        "short",
        f"{JUDGED} 1 spam, 0 good, but it is short",
    ),
    (judged_host, remembered(host_comments=9), "never", "no person has judged its links yet"),
    (judged_host, remembered(host_spam=1), "spam", f"{LINK} 1 spam, 0 good"),
    (judged_host, remembered(host_good=2), "good", f"{LINK} 0 spam, 2 good"),
    (judged_host, remembered(host_spam=1, host_good=1), "mixed", f"{LINK} 1 spam, 1 good"),
    (judged_host, remembered(host_spam=1, host_good=49), "good", f"{LINK} 1 spam, 49 good"),
    (rhythm, remembered(site_hour=200), "unknown", "the network it came from is not known"),
    (
        rhythm,
        remembered(network_hour=0, network_day=1, site_hour=29),
        "usual",
        f"1 other comment {NETWORK} day",
    ),
    (rhythm, remembered(network_hour=1, network_day=1), "usual", f"1 other comment {NETWORK} day"),
    (
        rhythm,
        remembered(network_hour=1, network_day=1, site_hour=30),
        "busy",
        "30 other comments on the site within the hour",
    ),
    (
        rhythm,
        remembered(network_hour=2, network_day=2, site_hour=90),
        "quick",
        f"2 other comments {NETWORK} hour",
    ),
    (
        rhythm,
        remembered(network_hour=1, network_day=1, seconds_since_last_here=14),
        "at_once",
        "14 seconds after another comment from the same network",
    ),
    (
        rhythm,
        remembered(network_hour=1, network_day=1, seconds_since_last_here=15),
        "usual",
        f"1 other comment {NETWORK} day",
    ),
    (
        rhythm,
        remembered(network_hour=6, network_day=6, seconds_since_last_here=1),
        "burst",
        f"6 other comments {NETWORK} hour",
    ),
    (article_age, remembered(), "unknown", "the age of the article is not known"),
    (article_age, remembered(article_age_days=0), "fresh", "the article is less than a day old"),
    (article_age, remembered(article_age_days=1), "fresh", "the article is 1 day old"),
    (article_age, remembered(article_age_days=7), "recent", "the article is 7 days old"),
    (article_age, remembered(article_age_days=90), "old", "the article is 90 days old"),
    (article_age, remembered(article_age_days=365), "very_old", "the article is 365 days old"),
]


WEIGHTS = numbered(ROWS)


@pytest.mark.parametrize(("rule", "facts", "case", "detail"), ROWS)
def test_rule_answers(rule, facts, case, detail):
    points = WEIGHTS.points(rule.__name__, case)
    assert rule(submission(**facts), WEIGHTS) == Finding(rule.__name__, points, detail, case=case)


@pytest.mark.parametrize("rule", RULES)
def test_rule_without_the_sites_memory_is_not_evaluated(rule):
    expected = Finding.not_evaluated(rule.__name__, "other comments could not be looked up")
    assert rule(submission(typed=LONG, echoes=None), WEIGHTS) == expected


@pytest.mark.parametrize(
    ("rule", "case"), sorted({(rule.__name__, case) for rule, _facts, case, _detail in ROWS})
)
def test_every_case_has_its_weight(rule, case):
    assert case in DEFAULT.table[rule]
