"""System checks: settings and rules that can't be right are named when the site starts."""

import re
from dataclasses import astuple

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from .moderation import pipeline, words
from .moderation.rules.learned import CAP
from .policy import in_force


@register
def check_policy(app_configs, **kwargs):
    if settings.COMMENTS_POLICY in pipeline.POLICIES:
        return []
    return [
        Error(
            f"COMMENTS_POLICY is {settings.COMMENTS_POLICY!r}.",
            hint=f"Choose one of: {', '.join(pipeline.POLICIES)}.",
            id="comments.E001",
        )
    ]


@register
def check_sizes(app_configs, **kwargs):
    lowest = {
        "COMMENTS_PER_PAGE": 1,
        "COMMENTS_CLOSE_AFTER_DAYS": 0,
        "COMMENTS_FLOOD_LIMIT": 0,
        "COMMENTS_FLOOD_SECONDS": 1,
        "COMMENTS_SWEEP_DAYS": 0,
        "TRUSTED_PROXY_COUNT": 0,
    }
    return [
        Error(f"{name} is {getattr(settings, name)}; the least it can be is {least}.", id="comments.E002")
        for name, least in lowest.items()
        if getattr(settings, name) < least
    ]


@register
def check_akismet_key(app_configs, **kwargs):
    if not settings.AKISMET_KEY or re.fullmatch(r"[0-9A-Za-z]{8,64}", settings.AKISMET_KEY):
        return []
    # The key is a secret, so what is wrong with it is said without showing it.
    return [
        Error(
            "AKISMET_KEY can't be a key of Akismet.",
            hint="A key is letters and digits only, usually 12 of them. Leave it empty to ask nobody.",
            id="comments.E005",
        )
    ]


@register
def check_words(app_configs, **kwargs):
    try:
        words.base_model()
    except words.ModelError as error:
        return [
            Warning(
                str(error),
                hint=(
                    "The site runs on without it, and holds every comment for a person. Put the file of this "
                    "version back, or make one with `manage.py fit_rules`."
                ),
                id="comments.W001",
            )
        ]
    return []


@register
def check_rules(app_configs, **kwargs):
    errors = []
    if not pipeline.SHIPPED.hold_at < pipeline.SHIPPED.spam_at:
        errors.append(Error("HOLD_AT must lie below SPAM_AT.", id="comments.E003"))
    if pipeline.SHIPPED.spam_at <= pipeline.PRIOR + CAP:
        errors.append(Error("Words alone must not reach SPAM_AT.", id="comments.E006"))
    names = [rule.__name__ for rule in pipeline.RULES]
    if len(names) != len(set(names)):
        errors.append(Error("Two moderation rules have the same name.", id="comments.E004"))
    return errors


@register(Tags.database)
def check_settings_in_force(app_configs, databases=None, **kwargs):
    """Look at what editors chose: it was sound then, and weights may have been fitted anew since."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        hold_at, spam_at = astuple(in_force().thresholds)
    except DatabaseError:
        # Before the first migration there is no table.
        return []
    wrong = []
    if not hold_at < spam_at:
        wrong.append(("comments.E007", "Of the thresholds in force, the one to hold does not lie below."))
    if spam_at <= pipeline.PRIOR + CAP:
        wrong.append(("comments.E008", "Words alone reach the threshold in force for spam."))
    hint = "Choose others in the admin, under Comments › Moderation settings."
    return [Error(message, hint=hint, id=number) for number, message in wrong]
