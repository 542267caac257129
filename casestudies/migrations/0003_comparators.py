
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casestudies', '0002_who_says_so'),
    ]

    operations = [
        migrations.AddField(
            model_name='indicator',
            name='comparator',
            field=models.CharField(blank=True, help_text='What figures beside these tell of, such as: England.', max_length=200, verbose_name='compared with'),
        ),
        migrations.AddField(
            model_name='indicatorvalue',
            name='comparator',
            field=models.DecimalField(blank=True, decimal_places=6, help_text='The same figure elsewhere.', max_digits=20, null=True, verbose_name='compared with'),
        ),
    ]
