"""The rules: each looks at one thing and always answers, "no links" included.

A rule is a pure function of the facts and the weights. The name of its finding is the name of the function.
What each sees, with examples and the sources of the weights: docs/moderation.md.
"""

from collections.abc import Callable

from ..types import Finding, Submission
from ..weights import Weights
from .history import (
    article_age,
    campaign,
    judged_host,
    judged_text,
    near_repeat,
    repeated_text,
    rhythm,
)
from .learned import site_share, site_words, words
from .links import link_count, link_share, link_target, link_text, markup
from .orders import blocklist
from .relevance import praise, relevance, reply, substance, title_words
from .style import (
    asides,
    capitals,
    conversation,
    digits,
    disguise,
    ending,
    exclamations,
    language,
    length,
    lines,
    pictures,
    punctuation,
    random_words,
    technical,
    variety,
    voice,
)
from .writer import (
    email,
    honeypot,
    known_commenter,
    name,
    name_and_website,
    sender,
    signature,
    website,
    website_host,
)

Rule = Callable[[Submission, Weights], Finding]

# The reading order of an editor: orders first, then who wrote, then what.
RULES: tuple[Rule, ...] = (
    blocklist,
    known_commenter,
    sender,
    honeypot,
    name,
    name_and_website,
    website,
    website_host,
    email,
    link_count,
    link_share,
    link_target,
    link_text,
    markup,
    relevance,
    title_words,
    substance,
    praise,
    reply,
    language,
    disguise,
    random_words,
    signature,
    length,
    lines,
    variety,
    capitals,
    punctuation,
    ending,
    exclamations,
    conversation,
    technical,
    voice,
    asides,
    digits,
    pictures,
    repeated_text,
    near_repeat,
    judged_text,
    judged_host,
    campaign,
    rhythm,
    article_age,
    words,
    site_words,
    site_share,
)
