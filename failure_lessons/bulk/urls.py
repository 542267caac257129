"""Addresses of spreadsheets, below the admin's own and behind its door."""

from django.contrib import admin
from django.urls import path

from failure_lessons.bulk.pages import download_list, page_view

app_name = "bulk"
LIST = "<slug:app>/<slug:model>"

urlpatterns = [
    path(f"{LIST}/download/", admin.site.admin_view(download_list), name="download"),
    path(f"{LIST}/upload/", admin.site.admin_view(page_view("upload")), name="upload"),
    path(f"{LIST}/upload/<int:pk>/", admin.site.admin_view(page_view("preview")), name="preview"),
    path(f"{LIST}/upload/<int:pk>/result/", admin.site.admin_view(page_view("result")), name="result"),
]
