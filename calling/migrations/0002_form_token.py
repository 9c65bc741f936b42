"""A form sent twice makes one list."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calling", "0001_initial")]

    operations = [
        migrations.AddField(model_name="calllist", name="form_token", field=models.UUIDField(null=True, unique=True)),
    ]
