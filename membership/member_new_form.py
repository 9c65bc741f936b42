"""The form of a new member: everything that can be changed, and the number, the status and the branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from membership.enums import Category, MemberSource, MemberStatus
from membership.member_fields import PlainField
from membership.member_forms import MemberForm, Viewer
from membership.models import Branch
from membership.tree import tree_of


class NewMemberForm(MemberForm):
    """As `MemberForm`, for somebody who is not in the register yet."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, viewer: Viewer) -> None:
        super().__init__(data, viewer=viewer)
        self.initial = {
            **self.initial,
            "status": MemberStatus.MEMBER.value,
            "joined_on": viewer.today,
            "category": Category.ORDINARY.value,
            "source": MemberSource.OFFICER.value,
            "branch": viewer.branch.slug,
        }
        self.fields["status"] = forms.ChoiceField(
            label=gettext_lazy("Status"),
            choices=[(each.value, each.label) for each in (MemberStatus.MEMBER, MemberStatus.APPLIED)],
        )
        self.fields["member_number"] = PlainField(
            label=gettext_lazy("Member number"),
            help_text=gettext_lazy("If the central register has given one. If it is empty, one is made here."),
            max_length=32,
        )
        branches = _branches(viewer)
        if len(branches) > 1:
            self.fields["branch"] = forms.ChoiceField(
                label=gettext_lazy("Belongs to"), choices=branches, required=False
            )
        del self.fields["since"]
        del self.fields["address_shown"]
        self.fields.pop("note_was", None)

    @property
    def values(self) -> dict[str, Any]:
        """Column → value; an empty note too."""
        self.cleaned_data |= {"note_was": "", "address_shown": True}
        return super().values

    @property
    def target(self) -> Branch:
        """Where the new member is to belong."""
        slug = self.cleaned_data.get("branch") or self.viewer.branch.slug
        return self.viewer.branch.subtree.get(slug=slug)


def _branches(viewer: Viewer) -> list[tuple[str, str]]:
    nodes = [node for node in tree_of(viewer.branch).in_order if node.stands(viewer.today)]
    return [(node.slug, viewer.branch.name if node.pk == viewer.branch.pk else node.place) for node in nodes]
