"""Addresses under one's own slug that name what is another's."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from tests.access_world import Belongings, World


def foreign_addresses(world: World, mine: Belongings, theirs: Belongings, colleagues: Belongings) -> list[str]:
    """Objects of another branch, and a colleague's own things, at addresses of a branch one may open."""

    def at(name: str, *args: Any) -> str:
        return reverse(name, args=[world.own.slug, *args])

    foreign = world.foreign
    return [
        at("membership:member_detail", foreign.member.pk),
        at("membership:member_detail", world.county.member.pk),
        at("membership:member_edit", foreign.member.pk),
        at("membership:member_status", foreign.member.pk),
        at("membership:member_checked", foreign.member.pk),
        at("membership:member_bounced", foreign.member.pk),
        at("membership:member_move", foreign.member.pk),
        at("membership:move_answer", theirs.asked.pk),
        at("membership:post_edit", foreign.post.pk),
        at("membership:saved_view_delete", theirs.view.pk),
        at("membership:saved_view_rename", theirs.view.pk),
        at("membership:saved_view_rename", colleagues.view.pk),
        at("membership:saved_view_delete", colleagues.view.pk),
        at("membership:batch", theirs.batch.pk),
        at("membership:batch_undo", theirs.batch.pk),
        at("membership:import_detail", theirs.made.pk),
        at("membership:import_detail", colleagues.made.pk),
        at("membership:import_result_file", theirs.applied.pk),
        at("membership:import_result_file", colleagues.applied.pk),
        at("membership:import_undo", theirs.applied.pk),
        at("membership:corrections_file", foreign.report.pk),
        at("membership:corrections_undo", foreign.report.pk),
        at("membership:job", theirs.job.pk),
        at("membership:job", colleagues.job.pk),
        at("membership:job_file", theirs.job.pk),
        at("membership:job_file", colleagues.job.pk),
        at("messaging:message_detail", theirs.mail.sent.pk),
        at("messaging:message_recipients", theirs.mail.sent.pk),
        at("messaging:message_approve", theirs.mail.queued.pk),
        at("messaging:message_send_back", theirs.mail.queued.pk),
        at("messaging:message_take_back", theirs.mail.queued.pk),
        at("messaging:message_stop", theirs.mail.queued.pk),
        at("messaging:message_retry", theirs.mail.sent.pk),
        at("messaging:message_decide", theirs.mail.sent.pk),
        at("messaging:newsletter", theirs.mail.sent.pk),
        at("messaging:message_edit", theirs.mail.draft.pk),
        at("messaging:message_left_out", theirs.mail.draft.pk, "no_address"),
        at("messaging:message_test", theirs.mail.draft.pk),
        at("messaging:message_delete", theirs.mail.draft.pk),
        at("messaging:message_send", theirs.mail.draft.pk),
        at("messaging:template_edit", theirs.mail.template.pk),
        at("messaging:template_delete", theirs.mail.template.pk),
        at("messaging:member_messages", foreign.member.pk),
        at("messaging:member_messages", world.county.member.pk),
        at("dues:payment_register", foreign.claim.pk),
        at("dues:payment_undo", foreign.payment.pk),
        at("dues:call_list", theirs.call_list.pk),
        at("dues:call_list_close", theirs.call_list.pk),
        at("dues:call_list_export", theirs.call_list.pk),
        at("dues:call_list_print", theirs.call_list.pk, theirs.caller.pk),
        at("dues:call_list_print", mine.call_list.pk, theirs.caller.pk),
        at("messaging:letters", theirs.mail.sent.pk),
        at("messaging:letters_make", theirs.mail.sent.pk),
        at("messaging:letters_posted", theirs.mail.sent.pk),
        at("messaging:block_open", theirs.mail.blocked.pk),
        at("messaging:number_wrong", foreign.member.pk),
        at("messaging:inbox_detail", theirs.mail.inbox.pk),
        at("messaging:inbox_answer", theirs.mail.inbox.pk),
        at("messaging:inbox_forward", theirs.mail.inbox.pk),
        at("messaging:inbox_close", theirs.mail.inbox.pk),
        at("messaging:inbox_who", theirs.mail.inbox.pk),
    ]
