"""The shape of what is typed about a branch's board. Who is meant is asked of membership.holders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from common.fields import NorwegianDateField
from membership.actions.board import Holder
from membership.branch_forms import CleanField, text_input
from membership.enums import PostTitle
from membership.holders import Candidate
from membership.models import BoardPost

NEW_ROWS: Final = 6
# The rest stand folded: most annual meetings elect a few.
SHOWN_ROWS: Final = 3
_LONGEST_AHEAD: Final = timedelta(days=366)
Find = Callable[[str, str], tuple[Holder | None, list[Candidate]]]


def _title_field(*, required: bool = True) -> forms.ChoiceField:
    none = [] if required else [("", "–")]
    return forms.ChoiceField(
        label=_("Post"),
        choices=[*none, *PostTitle.choices],
        required=required,
        widget=forms.Select({"class": "ds-input"}),
    )


def _who_field(*, required: bool = True) -> CleanField:
    return CleanField(
        label=_("Who"),
        required=required,
        max_length=160,
        help_text=_("Name or member number") if required else "",
        widget=text_input(),
    )


class PickField(forms.ChoiceField):
    """Which of several is meant; the choices are those that were found, and only they are taken."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Whom do you mean?"), required=False, widget=forms.Select({"class": "ds-input"}), choices=[]
        )

    def validate(self, value: str) -> None:
        """Not here: what may be picked is known once the name is."""


class _HolderForm(forms.Form):
    """A form in which persons are named; `holders` has those that are understood, by the name of the field."""

    def __init__(self, *args: Any, find: Find, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.find = find
        self.holders: dict[str, Holder] = {}

    def _understand(self, who: str, pick: str, text: str) -> None:
        """Find the person, or ask with the choices."""
        holder, found = self.find(text, str(self.data.get(pick, "")))
        field = self.fields[pick]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - made above
        field.choices = [("", _("Choose")), *((one.key, one.label) for one in found)]
        if holder is None:
            self.add_error(pick, _("More than one may be meant. Choose one of them."))
        else:
            self.holders[who] = holder


class PostForm(_HolderForm):
    """One post."""

    title = _title_field()
    who = _who_field()
    pick = PickField()
    starts_on = NorwegianDateField(label=_("From"), help_text=_("dd.mm.yyyy"))
    ends_on = NorwegianDateField(label=_("Stepped down (optional)"), help_text=_("dd.mm.yyyy"), required=False)

    def __init__(self, *args: Any, post: BoardPost | None = None, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.post = post
        self.initial = {"starts_on": today}
        if post:
            names = ("title", "starts_on", "ends_on")
            self.initial = {name: getattr(post, name) for name in names} | {"who": post.holder_name}

    def clean_starts_on(self) -> date:
        """A year ahead at most: more is a slip of the finger."""
        day: date = self.cleaned_data["starts_on"]
        if day > self.today + _LONGEST_AHEAD:
            raise forms.ValidationError(_("Write a date no more than a year ahead."))
        return day

    def clean(self) -> dict[str, Any]:
        """In order of time, and somebody."""
        cleaned = super().clean() or {}
        if cleaned.get("ends_on") and cleaned.get("starts_on") and cleaned["ends_on"] < cleaned["starts_on"]:
            self.add_error("ends_on", _("This is before the first day."))
        if who := cleaned.get("who"):
            if self.post and who == self.post.holder_name:
                self.holders["who"] = Holder(self.post.member, self.post.user, self.post.name)
            else:
                self._understand("who", "pick", who)
        return cleaned

    @property
    def asks(self) -> bool:
        """Whether one must say who is meant."""
        return bool(self.fields["pick"].choices)  # type: ignore[attr-defined]  # a choice field


class BoardForm(_HolderForm):
    """The whole board after an annual meeting: who goes on, who comes in."""

    on = NorwegianDateField(label=_("Date of the annual meeting"), help_text=_("dd.mm.yyyy"))

    def __init__(self, *args: Any, posts: Sequence[BoardPost], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.posts = today, posts
        self.initial = {"on": today}
        for post in posts:
            box = forms.CheckboxInput({"class": "ds-input"})
            label = f"{post.get_title_display()}: {post.holder_name or '–'}"
            self.fields[f"keep_{post.pk}"] = forms.BooleanField(label=label, required=False, initial=True, widget=box)
        for row in range(1, NEW_ROWS + 1):
            self.fields[f"title_{row}"] = _title_field(required=False)
            self.fields[f"who_{row}"] = _who_field(required=False)
            self.fields[f"pick_{row}"] = PickField()

    def clean_on(self) -> date:
        """It has been held."""
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise forms.ValidationError(_("The meeting has not been held yet. Write its date when it has."))
        return day

    def clean(self) -> dict[str, Any]:
        """A post for each name, and a name for each post."""
        cleaned = super().clean() or {}
        for row in range(1, NEW_ROWS + 1):
            title, who = cleaned.get(f"title_{row}"), cleaned.get(f"who_{row}")
            if who and title:
                self._understand(f"who_{row}", f"pick_{row}", who)
            elif who:
                self.add_error(f"title_{row}", _("Choose the post."))
            elif title:
                self.add_error(f"who_{row}", _("Write who it is."))
        return cleaned

    @property
    def kept(self) -> list[forms.BoundField]:
        """Those on the board now."""
        return [self[f"keep_{post.pk}"] for post in self.posts]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Room for those who come in; `asks` where one must say who is meant."""
        return [
            {
                "title": self[f"title_{row}"],
                "who": self[f"who_{row}"],
                "pick": self[f"pick_{row}"],
                "asks": bool(self.fields[f"pick_{row}"].choices),  # type: ignore[attr-defined]  # a choice field
            }
            for row in range(1, NEW_ROWS + 1)
        ]

    @property
    def first_rows(self) -> list[dict[str, Any]]:
        """Those one sees at once."""
        return self.rows[:SHOWN_ROWS]

    @property
    def more_rows(self) -> list[dict[str, Any]]:
        """Those that are folded."""
        return self.rows[SHOWN_ROWS:]

    @property
    def shows_more(self) -> bool:
        """Whether something stands in one of the folded rows."""
        return any(row["title"].value() or row["who"].value() for row in self.more_rows)

    @property
    def leaving(self) -> list[int]:
        """The posts that are ticked no more."""
        return [post.pk for post in self.posts if not self.cleaned_data.get(f"keep_{post.pk}")]

    @property
    def joining(self) -> list[tuple[str, Holder]]:
        """Who comes in, and as what."""
        data = self.cleaned_data
        return [
            (data[f"title_{row}"], self.holders[f"who_{row}"])
            for row in range(1, NEW_ROWS + 1)
            if f"who_{row}" in self.holders
        ]
