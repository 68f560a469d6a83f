"""What a visitor may send: its shape and its limits. Whether it is welcome is for the rules to say."""

import re

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from articles.links import safe_url
from articles.text import clean_line, clean_text, is_blank

from .markup import MAX_LENGTH, plain_text, sanitize

NAME_LENGTH = 100
EMAIL_LENGTH = 254
URL_LENGTH = 200
# Beyond this the hidden field's content says nothing more.
HONEYPOT_LENGTH = 200

NULL_CHARACTER = _(
    "There is a NUL character in this field, which can't be stored. It has been taken out; please send again."
)


class VisitorTextField(forms.CharField):
    """Text somebody typed: line ends of one kind, and shown again without what made it invalid."""

    default_error_messages = {"null_characters_not_allowed": NULL_CHARACTER}

    def to_python(self, value):
        value = super().to_python(value)
        if "\x00" in value:
            raise ValidationError(NULL_CHARACTER, code="null_characters_not_allowed")
        return value.replace("\r\n", "\n").replace("\r", "\n")

    def bound_data(self, data, initial):
        return super().bound_data((data or "").replace("\x00", ""), initial)

    def widget_attrs(self, widget):
        """Leave the length to the server, which says it in words: a browser cuts in silence."""
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class CommentTextField(VisitorTextField):
    def clean(self, value):
        text = super().clean(value)
        if is_blank(text):
            raise ValidationError(self.error_messages["required"], code="required")
        return clean_text(text)


class NameField(VisitorTextField):
    def clean(self, value):
        name = clean_line(super().clean(value))
        if is_blank(name):
            raise ValidationError(self.error_messages["required"], code="required")
        return name


class CommentEmailField(VisitorTextField, forms.EmailField):
    """An address at a domain name, so that an answer could reach it: no bare hosts, no literals."""

    default_validators = [EmailValidator(allowlist=[])]

    def clean(self, value):
        value = super().clean(value)
        # What a browser does not show must not stand in an address either.
        if value.endswith("]") or not value.isprintable() or clean_line(value) != value:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return value


class WebsiteField(VisitorTextField):
    """The writer's website, by the one rule that holds for every link; https is assumed."""

    SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d+(?:/|\Z))", re.IGNORECASE)

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return ""
        has_scheme = self.SCHEME.match(typed) or typed.startswith("/")
        url = safe_url(typed if has_scheme else f"https://{typed}")
        if url is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        # Quoting may have made it longer than it was typed.
        MaxLengthValidator(URL_LENGTH)(url)
        return url


class LenientIntegerField(forms.IntegerField):
    """A number a page put there; what is not one is None, and for others to deal with."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(required=False, min_value=1, max_value=2**63 - 1, **kwargs)

    def clean(self, value):
        try:
            return super().clean(value)
        except ValidationError:
            return None


class HoneypotField(forms.Field):
    """A field that people, password managers and screen readers never meet. Takes anything."""

    widget = forms.TextInput(
        attrs={
            "tabindex": "-1",
            "autocomplete": "off",
            "data-1p-ignore": True,
            "data-lpignore": "true",
            "data-bwignore": True,
            "data-form-type": "other",
        }
    )

    def to_python(self, value):
        return clean_line(value or "")[:HONEYPOT_LENGTH]


class TextForm(forms.Form):
    """The text of a comment, whoever writes it: cleaned, and sanitised once as ``body_html``."""

    comment = CommentTextField(
        label=_("Comment"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 45}),
        error_messages={
            "required": _("Please type your comment."),
            "max_length": _(
                "Your comment has %(show_value)d characters; at most %(limit_value)d are possible. "
                "You could post it in two parts."
            ),
        },
    )

    def clean_comment(self):
        """Sanitise the text, once; markup around nothing is no comment."""
        text = self.cleaned_data["comment"]
        self.cleaned_data["body_html"] = sanitize(text)
        if is_blank(plain_text(self.cleaned_data["body_html"])):
            raise ValidationError(self.fields["comment"].error_messages["required"], code="required")
        return text

    def focus_first_error(self):
        """Let the browser go where something is to be mended."""
        for bound_field in self.visible_fields():
            if bound_field.errors:
                bound_field.field.widget.attrs["autofocus"] = True
                return


class WritingForm(TextForm):
    """A comment and who wrote it."""

    author = NameField(
        label=_("Name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": _("Please type your name, or any name you like to be called by."),
            "max_length": _(
                "A name can have at most %(limit_value)d characters; this one has %(show_value)d."
            ),
        },
    )
    email = CommentEmailField(
        label=_("Email"),
        max_length=EMAIL_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "aria-describedby": "email-notes"}),
        error_messages={
            "required": _("Please type your email address. It will not be published."),
            "invalid": _("Please type an email address such as name@example.org."),
        },
    )
    url = WebsiteField(
        label=_("Website"),
        required=False,
        max_length=URL_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
        error_messages={
            "invalid": _("Please type a web address such as https://example.org, or leave this field empty."),
            "max_length": _("A web address can have at most %(limit_value)d characters here."),
        },
    )


class CommentForm(WritingForm):
    """The form under an article. Whether the parent is there for everybody to read is checked here too."""

    remember = forms.BooleanField(
        label=_("Save my name, email, and website in this browser for the next time I comment."),
        required=False,
    )
    subject = HoneypotField(label=_("Leave this field empty"), required=False)
    comment_parent = LenientIntegerField()
    revision = LenientIntegerField()

    IDS = {"remember": "wp-comment-cookies-consent"}

    def __init__(self, *args, article, **kwargs):
        self.article = article
        self.parent = None
        self.focus_on_errors = False
        super().__init__(*args, auto_id="%s", **kwargs)
        for name, field_id in self.IDS.items():
            self.fields[name].widget.attrs["id"] = field_id
        self.fields["remember"].widget.attrs["value"] = "yes"

    @property
    def helper(self):
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        return helper

    def clean_comment_parent(self):
        """Find the comment that is answered; it must be there for everybody to read."""
        typed = self.data.get("comment_parent", "")
        if typed in ("", "0"):
            return None
        number = self.cleaned_data["comment_parent"]
        self.parent = self.article.comments.approved().filter(pk=number).first() if number else None
        if self.parent is None:
            # What is shown again answers nobody, so that a second click posts it.
            self.data = self.data.copy()
            self.data["comment_parent"] = ""
            raise ValidationError(
                _(
                    "The comment you are replying to is no longer there. Your text is kept: "
                    "post it again to make it a comment on the article itself."
                ),
                code="parent_gone",
            )
        return self.parent

    def focus_first_error(self):
        """Let the browser go where something is to be mended, or to what is said of the whole form."""
        if any(bound_field.errors for bound_field in self.hidden_fields()):
            self.focus_on_errors = True
            return
        super().focus_first_error()
