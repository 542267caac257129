from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('database', '0001_initial')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('worker', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('beat_at', models.DateTimeField()),
                ('every', models.PositiveIntegerField(help_text='Seconds within which the next one is due.')),
            ],
        ),
    ]
