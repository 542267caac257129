"""The workbench's name. People have pages of their own: workbench/people.py."""

from django.contrib import admin

admin.site.site_header = "Failure Lessons workbench"
admin.site.site_title = "Failure Lessons workbench"
admin.site.index_title = "Evidence, lessons and recommendations"
