"""Answers of the site that belong to no app."""

from django.shortcuts import render

from articles.finding import not_found
from comments.admin.interrupted import instead_of_refusal

__all__ = ("csrf_failure", "page_not_found")


def csrf_failure(request, reason=""):
    """Say in plain words that a form could not be matched to its page, and what to do.

    What an editor has sent to the desk is not lost by that.
    """
    return instead_of_refusal(request) or render(request, "403.html", {"csrf_failed": True}, status=403)


def page_not_found(request, exception):
    """Say that there is nothing at this address, and what may have been meant."""
    return not_found(request)
