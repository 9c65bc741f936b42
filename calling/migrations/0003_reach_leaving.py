"""A call outlives its member, as a count; one that was open when the member left says so."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calling", "0002_form_token"),
        ("membership", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="call",
            name="member",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="calls", to="membership.member"
            ),
        ),
        migrations.AlterField(
            model_name="call",
            name="outcome",
            field=models.CharField(blank=True, 
                choices=[
                    ("send_information", "Send payment information again"),
                    ("will_pay", "Will pay"),
                    ("has_paid", "Says it is paid"),
                    ("no_answer", "No answer"),
                    ("wrong_number", "Wrong number"),
                    ("call_back", "Call back on a date"),
                    ("do_not_call", "Does not want to be called"),
                    ("wants_to_leave", "Wants to leave"),
                    ("no_longer_member", "No longer a member"),
                ],
                max_length=20,
            ),
        ),
    ]
