"""What a press on the page does to the words: a ready-made text put in, dear characters swapped."""

from __future__ import annotations

from membership.access import BranchRequest
from messaging.builtin_texts import built_in
from messaging.sketch import Sketch, saved_templates, with_template
from messaging.writing.segments import swapped


def with_chosen_template(request: BranchRequest, sketch: Sketch) -> Sketch:
    """With the text that was chosen; one that is gone, or is not for this branch, changes nothing."""
    key = request.POST.get("template", "")
    chosen = built_in(key) or next((row for row in saved_templates(request) if str(row.pk) == key), None)
    return with_template(sketch, chosen) if chosen else sketch


def with_look_alikes(_request: BranchRequest, sketch: Sketch) -> Sketch:
    """With plain characters in place of the dear ones, in what was typed as SMS."""
    for text in sketch.texts:
        text.sms = swapped(text.sms)
    return sketch
