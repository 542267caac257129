"""Admin of people and themes."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from failure_lessons.accounts.models import User

admin.site.site_header = "Failure Lessons workbench"
admin.site.site_title = "Failure Lessons workbench"
admin.site.index_title = "Evidence, lessons and recommendations"


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People: as Django has them, with their notices."""

    fieldsets = [*(UserAdmin.fieldsets or ()), ("Notices", {"fields": ["notices"]})]
