import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import failure_lessons.constraints
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('accounts', '0001_initial'), ('accounts', '0002_sign_ins_and_password_links'), ('accounts', '0003_drop_tables_of_axes'), ('accounts', '0004_people_who_are_invited_and_leave')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('outbox', '0001_first_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='Limit',
            fields=[
                ('cache_key', models.CharField(max_length=255, primary_key=True, serialize=False)),
                ('value', models.TextField()),
                ('expires', models.DateTimeField(db_index=True)),
            ],
            options={
                'db_table': 'accounts_limit',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('notices', models.BooleanField(default=True, help_text='Be told by e-mail what waits for review, and what became of what one submitted.', verbose_name='e-mail notices')),
                ('sessions_ended_at', models.DateTimeField(editable=False, help_text='Sessions begun before are over.', null=True)),
                ('erased_at', models.DateTimeField(editable=False, help_text='When the name, address and all else went.', null=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('invited_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('successor', models.ForeignKey(editable=False, help_text='Who has taken over what somebody who left had under way.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to=settings.AUTH_USER_MODEL)),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('vouched_by', models.ForeignKey(editable=False, help_text='Who beside the inviter knows whose account it is; until then the inviter counts as that person.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'permissions': [('manage_people', 'Can invite people, give roles and end accounts')],
                'abstract': False,
                'constraints': [failure_lessons.constraints.Rule(condition=models.Q(('vouched_by', models.F('invited_by')), _negated=True), name='who_invited_somebody_does_not_vouch_for_them'), failure_lessons.constraints.Rule(condition=models.Q(('successor', models.F('id')), _negated=True), name='nobody_succeeds_themselves'), failure_lessons.constraints.Rule(condition=models.Q(('erased_at', None), models.Q(('email', ''), ('is_active', False)), _connector='OR'), name='who_was_erased_signs_in_nowhere')],
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='PasswordLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('invited', 'Invitation'), ('forgotten', 'Forgotten password')], max_length=10)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='password_links', to=settings.AUTH_USER_MODEL)),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='outbox.message')),
            ],
            options={
                'ordering': ['-made_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('address', models.GenericIPAddressField()),
                ('browser', models.CharField(blank=True, max_length=200)),
                ('way', models.CharField(choices=[('password', 'Password'), ('link', 'Link in a mail'), ('factor', 'Password and second factor'), ('passkey', 'Passkey'), ('provider', 'Single sign-on')], max_length=10)),
                ('outcome', models.CharField(choices=[('succeeded', 'Signed in'), ('failed', 'Wrong password or code'), ('refused', 'Too many attempts')], max_length=10)),
                ('account', models.ForeignKey(help_text='None: no such account.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sign_ins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['account', '-at'], name='sign_in_of_account')],
            },
        ),
    ]
