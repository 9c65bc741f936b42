"""The register that can be trusted: history, undo, duplicates, moves, who is who, and what an import remembers."""


from importlib import import_module
from typing import Any

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


def _search_index() -> Any:
    return import_module("membership.migrations.0002_search_index")


def set_aside(apps: Any, editor: Any) -> None:
    """SQLite makes a changed table anew, without its triggers: the search index goes first and comes back last."""
    if editor.connection.vendor == "sqlite":
        _search_index().backward(apps, editor)


def put_back(apps: Any, editor: Any) -> None:
    """The index again, filled from the table."""
    if editor.connection.vendor == "sqlite":
        _search_index().forward(apps, editor)
        editor.execute("INSERT INTO membership_member_search(membership_member_search) VALUES ('rebuild')")


class Migration(migrations.Migration):

    dependencies = [
        ('membership', '0003_branch_summary_year'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(set_aside, put_back),
        migrations.CreateModel(
            name='ChangeBatch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('import', 'Import'), ('bulk', 'Change of many'), ('merge', 'Merging of two records'), ('reform', 'Merging or splitting of branches')], max_length=16)),
                ('at', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=0)),
                ('details', models.JSONField(default=dict)),
                ('undo_until_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ColumnMemory',
            fields=[
                ('branch', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='column_memory', serialize=False, to='membership.branch')),
                ('fields', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='CorrectionsReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('up_to', models.BigIntegerField()),
                ('count', models.PositiveIntegerField(default=0)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DuplicateCheck',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='membership.member')),
                ('asked_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DuplicatePair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.PositiveSmallIntegerField()),
                ('reasons', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('open', 'Not decided'), ('different', 'Not the same person')], default='open', max_length=12)),
                ('found_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ErasedNumber',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('erased_on', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='FormerNumber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=32, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='MemberChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=32)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('source', models.CharField(choices=[('officer', 'by hand'), ('member', 'by the member'), ('import', 'by the central register'), ('bulk', 'for many at once'), ('merge', 'by merging'), ('move', 'by moving'), ('reform', 'by a merger of branches'), ('undo', 'by undoing')], max_length=16)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='MoveRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('accepted', 'Accepted'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn')], default='waiting', max_length=12)),
                ('by_member', models.BooleanField(default=False)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('merger', 'Merger'), ('split', 'Split')], max_length=8)),
                ('from_on', models.DateField()),
            ],
        ),
        migrations.AddField(
            model_name='branch',
            name='email',
            field=models.EmailField(blank=True, max_length=254, verbose_name='email'),
        ),
        migrations.AddField(
            model_name='branch',
            name='facebook_group',
            field=models.URLField(blank=True, verbose_name='Facebook group'),
        ),
        migrations.AddField(
            model_name='branch',
            name='facebook_page',
            field=models.URLField(blank=True, verbose_name='Facebook page'),
        ),
        migrations.AddField(
            model_name='branch',
            name='meeting_place',
            field=models.CharField(blank=True, max_length=160, verbose_name='meeting place'),
        ),
        migrations.AddField(
            model_name='grant',
            name='stands_in_for',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='substitutes', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='member',
            name='checked_on',
            field=models.DateField(blank=True, null=True, verbose_name='checked'),
        ),
        migrations.AddField(
            model_name='member',
            name='email_bounced_on',
            field=models.DateField(blank=True, null=True, verbose_name='email came back'),
        ),
        migrations.AddField(
            model_name='member',
            name='fundraising_consent_on',
            field=models.DateField(blank=True, null=True, verbose_name='may be asked for gifts'),
        ),
        migrations.AddField(
            model_name='member',
            name='no_meetings',
            field=models.BooleanField(default=False, verbose_name='no invitations'),
        ),
        migrations.AddField(
            model_name='member',
            name='no_newsletter',
            field=models.BooleanField(default=False, verbose_name='no newsletters'),
        ),
        migrations.AddField(
            model_name='member',
            name='no_recruitment',
            field=models.BooleanField(default=False, verbose_name='not asked to recruit'),
        ),
        migrations.AddField(
            model_name='member',
            name='no_surveys',
            field=models.BooleanField(default=False, verbose_name='no surveys'),
        ),
        migrations.AddField(
            model_name='member',
            name='number_is_local',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='registerimport',
            name='county',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='membership.branch'),
        ),
        migrations.AddField(
            model_name='registerimport',
            name='decisions',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='registerimport',
            name='empties_wipe',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='registerimport',
            name='reached',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='registerimport',
            name='result_file',
            field=models.FileField(blank=True, max_length=200, upload_to='results/'),
        ),
        migrations.AddField(
            model_name='savedview',
            name='is_shared',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='member',
            name='address_protection',
            field=models.CharField(blank=True, choices=[('', 'None'), ('confidential', 'Confidential'), ('strict', 'Strictly confidential')], max_length=12, verbose_name='address protection'),
        ),
        migrations.AlterField(
            model_name='member',
            name='guardian_consent_on',
            field=models.DateField(blank=True, null=True, verbose_name="guardian's consent"),
        ),
        migrations.AlterField(
            model_name='member',
            name='guardian_name',
            field=models.CharField(blank=True, max_length=120, verbose_name='guardian'),
        ),
        migrations.AlterField(
            model_name='member',
            name='source',
            field=models.CharField(blank=True, choices=[('register_file', 'Central register'), ('officer', 'Registered by an officer'), ('join_form', 'Join form'), ('paper', 'Paper form'), ('stand', 'Stand'), ('meeting', 'Meeting'), ('friend', 'Asked by a member'), ('sms', 'SMS')], max_length=16, verbose_name='how they joined'),
        ),
        migrations.CreateModel(
            name='BoardPost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(choices=[('leader', 'Leader'), ('deputy', 'Deputy leader'), ('secretary', 'Secretary'), ('treasurer', 'Treasurer'), ('membership', 'Membership officer'), ('recruitment', 'Recruitment officer'), ('studies', 'Head of studies'), ('women', "Women's contact"), ('youth', 'Youth contact'), ('board', 'Board member'), ('substitute', 'Deputy board member'), ('election', 'Election campaign manager'), ('nomination', 'Nomination committee'), ('staff', 'Staff')], max_length=24, verbose_name='post')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(blank=True, max_length=160, verbose_name='name')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='to')),
                ('branch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='board_posts', to='membership.branch')),
                ('member', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='board_posts', to='membership.member')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='board_posts', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='merge', serialize=False, to='membership.changebatch')),
                ('lost_id', models.BigIntegerField()),
                ('lost', models.JSONField(default=dict)),
                ('moved', models.JSONField(default=dict)),
            ],
        ),
        migrations.AddField(
            model_name='changebatch',
            name='branch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='change_batches', to='membership.branch'),
        ),
        migrations.AddField(
            model_name='changebatch',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='changebatch',
            name='undone_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='registerimport',
            name='batch',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='register_import', to='membership.changebatch'),
        ),
        migrations.AddConstraint(
            model_name='registerimport',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'applying')), fields=('county',), name='import_one_at_a_time'),
        ),
        migrations.AddField(
            model_name='correctionsreport',
            name='branch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections_reports', to='membership.branch'),
        ),
        migrations.AddField(
            model_name='correctionsreport',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='duplicatepair',
            name='county',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='membership.branch'),
        ),
        migrations.AddField(
            model_name='duplicatepair',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='duplicatepair',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='membership.member'),
        ),
        migrations.AddField(
            model_name='duplicatepair',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='membership.member'),
        ),
        migrations.AddField(
            model_name='formernumber',
            name='batch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='membership.changebatch'),
        ),
        migrations.AddField(
            model_name='formernumber',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_numbers', to='membership.member'),
        ),
        migrations.AddField(
            model_name='memberchange',
            name='batch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='changes', to='membership.changebatch'),
        ),
        migrations.AddField(
            model_name='memberchange',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='memberchange',
            name='member',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='membership.member'),
        ),
        migrations.AddField(
            model_name='moverequest',
            name='answered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='moverequest',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='moverequest',
            name='from_branch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='membership.branch'),
        ),
        migrations.AddField(
            model_name='moverequest',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='move_requests', to='membership.member'),
        ),
        migrations.AddField(
            model_name='moverequest',
            name='to_branch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='membership.branch'),
        ),
        migrations.AddField(
            model_name='succession',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='successions', to='membership.changebatch'),
        ),
        migrations.AddField(
            model_name='succession',
            name='predecessor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='membership.branch'),
        ),
        migrations.AddField(
            model_name='succession',
            name='successor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='predecessions', to='membership.branch'),
        ),
        migrations.AddIndex(
            model_name='boardpost',
            index=models.Index(fields=['branch', 'position', 'id'], name='board_post_branch'),
        ),
        migrations.AddConstraint(
            model_name='boardpost',
            constraint=models.CheckConstraint(condition=models.Q(('title__in', ['leader', 'deputy', 'secretary', 'treasurer', 'membership', 'recruitment', 'studies', 'women', 'youth', 'board', 'substitute', 'election', 'nomination', 'staff'])), name='board_post_known_title'),
        ),
        migrations.AddConstraint(
            model_name='boardpost',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='board_post_ends_after_start'),
        ),
        migrations.AddField(
            model_name='merge',
            name='kept',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='membership.member'),
        ),
        migrations.AddIndex(
            model_name='changebatch',
            index=models.Index(fields=['branch', 'at'], name='change_batch_branch'),
        ),
        migrations.AddConstraint(
            model_name='changebatch',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['import', 'bulk', 'merge', 'reform'])), name='change_batch_known_kind'),
        ),
        migrations.AddConstraint(
            model_name='changebatch',
            constraint=models.CheckConstraint(condition=models.Q(('undo_until_at__gte', models.F('at'))), name='change_batch_undo_after'),
        ),
        migrations.AddIndex(
            model_name='duplicatepair',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['county', '-score', 'id'], name='duplicate_pair_open'),
        ),
        migrations.AddConstraint(
            model_name='duplicatepair',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='duplicate_pair_once'),
        ),
        migrations.AddConstraint(
            model_name='duplicatepair',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='duplicate_pair_in_order'),
        ),
        migrations.AddConstraint(
            model_name='duplicatepair',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'different'])), name='duplicate_pair_known_state'),
        ),
        migrations.AddIndex(
            model_name='memberchange',
            index=models.Index(fields=['member', 'id'], name='member_change_member'),
        ),
        migrations.AddConstraint(
            model_name='memberchange',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['officer', 'member', 'import', 'bulk', 'merge', 'move', 'reform', 'undo'])), name='member_change_known_source'),
        ),
        migrations.AddConstraint(
            model_name='moverequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('member',), name='move_request_one_waiting'),
        ),
        migrations.AddConstraint(
            model_name='moverequest',
            constraint=models.CheckConstraint(condition=models.Q(('from_branch', models.F('to_branch')), _negated=True), name='move_request_elsewhere'),
        ),
        migrations.AddConstraint(
            model_name='moverequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'accepted', 'refused', 'withdrawn'])), name='move_request_known_state'),
        ),
        migrations.AddConstraint(
            model_name='succession',
            constraint=models.UniqueConstraint(fields=('batch', 'predecessor', 'successor'), name='succession_once'),
        ),
        migrations.AddConstraint(
            model_name='succession',
            constraint=models.CheckConstraint(condition=models.Q(('predecessor', models.F('successor')), _negated=True), name='succession_to_another'),
        ),
        migrations.AddField(
            model_name='member',
            name='created_in',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='created_members', to='membership.changebatch'),
        ),
        migrations.RunPython(put_back, set_aside),
    ]
