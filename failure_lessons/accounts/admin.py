"""The workbench's name. People have pages of their own: workbench/people.py."""

from django.conf import settings
from django.contrib import admin

admin.site.site_header = f"{settings.SITE.name} workbench"
admin.site.site_title = f"{settings.SITE.name} workbench"
admin.site.index_title = "Evidence, lessons and recommendations"
