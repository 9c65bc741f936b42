"""A claim remembers when its member left; a year whose vouchers are gone keeps its counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dues", "0003_import_undo")]

    operations = [
        migrations.AddField(model_name="claim", name="cancelled_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="duessummary", name="is_final", field=models.BooleanField(default=False)),
    ]
