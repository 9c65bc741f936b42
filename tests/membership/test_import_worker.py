"""A real worker killed in the middle of a register import: another goes on, and the counts are right."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from jobs import actions as jobs
from membership.actions import imports
from membership.enums import ImportState
from membership.models import ChangeBatch, Member, RegisterImport
from tests.factories import make_branch, make_county, make_officer
from tests.jobs.test_worker import children

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]

ROWS = 6000


def test_a_worker_killed_in_the_middle_of_an_import_is_taken_over_where_it_was(
    worker: subprocess.Popen[bytes], wait_for_it: Callable[[Callable[[], Any]], None]
) -> None:
    branch = make_branch(make_county(), "Kåfjord")
    user = make_officer(branch)
    lines = "\n".join(f"{number};Ane Nr{number}" for number in range(ROWS))
    file = ContentFile(f"Medlemsnr;Navn\n{lines}\n".encode(), name="medlemmer.csv")
    made, _job = imports.upload(branch, file=file, name="medlemmer.csv", next_url="/{pk}/", by=user)
    wait_for_it(lambda: state_of(made) == ImportState.READ)
    made.refresh_from_db()
    imports.confirm(made, next_url="/", by=user)
    wait_for_it(lambda: Member.objects.count() >= 1000)
    for child in children(worker.pid):
        os.kill(child, signal.SIGKILL)
    left = Member.objects.count()
    assert left % 1000 == 0
    assert left < ROWS
    jobs.sweep(now=timezone.now() + jobs.SILENCE + timedelta(seconds=1))
    wait_for_it(lambda: state_of(made) == ImportState.APPLIED)
    made.refresh_from_db()
    assert (made.result["created"], Member.objects.count(), ChangeBatch.objects.count()) == (ROWS, ROWS, 1)


def state_of(made: RegisterImport) -> str:
    return RegisterImport.objects.values_list("state", flat=True).get(pk=made.pk)
