"""Model fields for what people type: free of characters that no page and no feed can hold."""

from django.db import models

from .text import clean_line, clean_text


class Cleaned:
    """Cleans a value in a form as well as on its way to the database, wherever it comes from."""

    def to_python(self, value):
        value = super().to_python(value)
        return value if value is None else self.clean_value(value)

    def pre_save(self, model_instance, add):
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value


class LineField(Cleaned, models.CharField):
    """One line of text, such as a name or a title."""

    clean_value = staticmethod(clean_line)


class PlainTextField(Cleaned, models.TextField):
    """Paragraphs of text without markup."""

    clean_value = staticmethod(clean_text)
