"""The forms by which the public sends something in."""

from __future__ import annotations

from django import forms

from failure_lessons.intake.models import LONGEST_MESSAGE, HowOften, PublicMessage
from failure_lessons.library.filters import clean_search_text

NEEDS_EMAIL = (PublicMessage.Sort.REPLY, PublicMessage.Sort.TOKEN)
ASKS_TO_PUBLISH = (PublicMessage.Sort.USED, PublicMessage.Sort.REPLY)
WORDS = {
    PublicMessage.Sort.ERROR: "What is wrong, what would be right, and where that can be checked",
    PublicMessage.Sort.BARRIER: "What you tried to do, what stood in the way, and with which device, browser or aid",
    PublicMessage.Sort.USED: "What you used it for, in a sentence or two",
    PublicMessage.Sort.REPLY: "The body's own words, as they are to stand beside ours",
    PublicMessage.Sort.TOKEN: "What you want to do with the API, and how much",
}


class OneLineField(forms.CharField):
    """Words of one line: whatever else was typed becomes a space."""

    def to_python(self, value: object) -> str:
        text = str(super().to_python(value) or "")
        return " ".join("".join(char if char.isprintable() else " " for char in text).split())


class WholeTextField(forms.CharField):
    """Several lines, without control characters."""

    def to_python(self, value: object) -> str:
        text = str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        return "".join(char for char in text if char.isprintable() or char in "\n\t").strip()


class SendForm(forms.ModelForm):  # type: ignore[type-arg]  # it is generic for the type checker alone
    """A message. Which fields there are depends on its sort."""

    text = WholeTextField(
        max_length=LONGEST_MESSAGE, strip=False, widget=forms.Textarea(attrs={"rows": 8, "class": "field"})
    )
    use = forms.ChoiceField(label="What it was used in", choices=PublicMessage.Use.choices)
    link = forms.URLField(
        label="Where it can be seen, if it can",
        max_length=500,
        required=False,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url", "class": "field", "placeholder": "https://"}),
        error_messages={"invalid": "Write a whole web address, such as https://example.org/paper.pdf."},
    )
    name = OneLineField(label="Your name", max_length=200, required=False)
    organisation = OneLineField(label="Your organisation", max_length=200, required=False)
    email = forms.EmailField(
        label="Your e-mail address, if you want an answer",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "field"}),
        error_messages={"invalid": "Write an e-mail address, such as name@example.org."},
    )
    may_publish = forms.BooleanField(
        label="You may publish this beside the record, with the organisation", required=False
    )

    class Meta:
        model = PublicMessage
        fields = ["text", "use", "link", "organisation", "name", "email", "may_publish"]

    def __init__(self, *args: object, sort: str, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.sort = sort
        self.fields["text"].label = WORDS[PublicMessage.Sort(sort)]
        if sort != PublicMessage.Sort.USED:
            del self.fields["use"]
        if sort in (PublicMessage.Sort.ERROR, PublicMessage.Sort.BARRIER, PublicMessage.Sort.TOKEN):
            del self.fields["link"]
        if sort not in ASKS_TO_PUBLISH:
            del self.fields["may_publish"]
        if sort in NEEDS_EMAIL:
            self.fields["email"].required = self.fields["organisation"].required = True
            self.fields["email"].label = "Your e-mail address at the organisation"
        if sort == PublicMessage.Sort.USED:
            self.fields["organisation"].required = True
        for name in ("name", "organisation", "use"):
            if name in self.fields:
                self.fields[name].widget.attrs["class"] = "field"

    def clean(self) -> dict[str, object]:
        values: dict[str, object] = super().clean() or {}
        if self.sort == PublicMessage.Sort.REPLY and not values.get("may_publish"):
            words = "A reply is for readers: tick that we may publish it, or tell us of an error instead."
            self.add_error("may_publish", words)
        return values


class FollowForm(forms.Form):
    """To follow something by mail."""

    email = forms.EmailField(
        label="Your e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": "field"}),
        error_messages={"invalid": "Write an e-mail address, such as name@example.org."},
    )
    how_often = forms.ChoiceField(
        label="How often", choices=HowOften.choices, initial=HowOften.WEEKLY, widget=forms.RadioSelect
    )


def clean_title(text: str) -> str:
    """A title as it may stand in a mail's subject."""
    return clean_search_text(text)[:300]
