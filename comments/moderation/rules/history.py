"""Rules that need the site's memory: what was written here before, and what people said of it.

All of them rest on ``Submission.echoes``.
"""

from ..traces import FEWEST_WORDS, word_set
from ..types import Echoes, Finding, Submission
from ..weights import Weights

# Shorter texts, in characters, are repeated by people who never met: "Thanks!", "Great post".
SHORT_TEXT = 20

# Other comments from one address block within an hour: a talk between two, and more than that.
QUICK = 2
BURST = 6

# Seconds after the block's last comment in which nobody reads one article and answers another.
AT_ONCE = 15

# Comments on the whole site within an hour that are many on any but the largest.
BUSY = 30


def repeated_text(submission: Submission, weights: Weights) -> Finding:
    """Weigh how many other recent comments say the same, word for word."""
    echoes = submission.echoes
    if echoes is None:
        return _not_remembered("repeated_text")
    found = echoes.same_text
    if not found:
        return weights.finding("repeated_text", "none", "no other comment has this text")
    case = "once" if found == 1 else "twice" if found == 2 else "often"
    detail = f"same text in {_others(found)}"
    if len(submission.text.strip()) < SHORT_TEXT:
        return weights.finding("repeated_text", f"short_{case}", f"{detail}, but it is short")
    return weights.finding("repeated_text", case, detail)


def near_repeat(submission: Submission, weights: Weights) -> Finding:
    """Weigh how many other recent comments say nearly the same: one template, other synonyms."""
    echoes = submission.echoes
    if echoes is None:
        return _not_remembered("near_repeat")
    found = echoes.near_text
    if found:
        case = "once" if found == 1 else "few" if found < 4 else "many"
        return weights.finding("near_repeat", case, f"nearly the same text in {_others(found)}")
    if len(word_set(submission.text)) < FEWEST_WORDS:
        return weights.finding("near_repeat", "short", "too few words to be nearly the same as others")
    return weights.finding("near_repeat", "none", "no other comment has nearly this text")


def campaign(submission: Submission, weights: Weights) -> Finding:
    """Weigh under how many names the same links come."""
    echoes = submission.echoes
    if echoes is None:
        return _not_remembered("campaign")
    names, count = echoes.host_names, echoes.host_comments
    detail = f"same link in {_others(count)} under {_number(names, 'other name')}"
    if names and echoes.host_good > echoes.host_spam:
        return weights.finding("campaign", "vouched", f"{detail}; people approved comments with it")
    if names:
        case = "one_other" if names == 1 else "few" if names < 4 else "many"
        return weights.finding("campaign", case, detail)
    if count:
        return weights.finding("campaign", "own", f"same link in {_others(count)}, all under this name")
    return weights.finding("campaign", "none", "no other comment has its links")


def judged_text(submission: Submission, weights: Weights) -> Finding:
    """Weigh what people decided on comments with this text, or nearly this text."""
    echoes = submission.echoes
    if echoes is None:
        return _not_remembered("judged_text")
    spam = echoes.same_text_spam + echoes.near_spam
    good = echoes.same_text_good + echoes.near_good
    if not spam + good:
        return weights.finding("judged_text", "never", "no person has judged this text yet")
    detail = f"people judged this text: {spam} spam, {good} good"
    if len(submission.text.strip()) < SHORT_TEXT:
        return weights.finding("judged_text", "short", f"{detail}, but it is short")
    return weights.finding("judged_text", _word(spam, good), detail)


def judged_host(submission: Submission, weights: Weights) -> Finding:
    """Weigh what people decided on comments with the same links."""
    echoes = submission.echoes
    if echoes is None:
        return _not_remembered("judged_host")
    spam, good = echoes.host_spam, echoes.host_good
    if not spam + good:
        return weights.finding("judged_host", "never", "no person has judged its links yet")
    detail = f"people judged comments with its link: {spam} spam, {good} good"
    return weights.finding("judged_host", _word(spam, good), detail)


def rhythm(submission: Submission, weights: Weights) -> Finding:
    """Weigh how fast comments come, from this address block and at all."""
    echoes = submission.echoes
    if echoes is None:
        return _not_remembered("rhythm")
    if echoes.network_hour is None:
        # Imported comments have none. Not "not evaluated", which would hold each of them.
        return weights.finding("rhythm", "unknown", "the network it came from is not known")
    case, detail = _rhythm(echoes, echoes.network_hour, echoes.network_day or 0)
    return weights.finding("rhythm", case, detail)


def article_age(submission: Submission, weights: Weights) -> Finding:
    """Weigh how old the article is: readers come early, programs find what is old and well known."""
    echoes = submission.echoes
    if echoes is None:
        return _not_remembered("article_age")
    days = echoes.article_age_days
    if days is None:
        return weights.finding("article_age", "unknown", "the age of the article is not known")
    case = "fresh" if days < 7 else "recent" if days < 90 else "old" if days < 365 else "very_old"
    detail = f"the article is {_number(days, 'day')} old" if days else "the article is less than a day old"
    return weights.finding("article_age", case, detail)


def _rhythm(echoes: Echoes, hour: int, day: int) -> tuple[str, str]:
    """Return the case and its detail, the most telling first."""
    here = f"{_others(hour)} from the same network within the hour"
    last = echoes.seconds_since_last_here
    if hour >= BURST:
        return "burst", here
    if last is not None and last < AT_ONCE:
        return "at_once", f"{_number(last, 'second')} after another comment from the same network"
    if hour >= QUICK:
        return "quick", here
    if echoes.site_hour >= BUSY:
        return "busy", f"{_others(echoes.site_hour)} on the site within the hour"
    return "usual", f"{_others(day)} from the same network within the day"


def _word(spam: int, good: int) -> str:
    """Say what people think: they are of one mind where one word is five times the other."""
    if spam > 5 * good:
        return "spam"
    if good > 5 * spam:
        return "good"
    return "mixed"


def _not_remembered(rule: str) -> Finding:
    return Finding.not_evaluated(rule, "other comments could not be looked up")


def _others(count: int) -> str:
    return _number(count, "other comment")


def _number(count: int, singular: str) -> str:
    return f"{count or 'no'} {singular if count == 1 else singular + 's'}"
