"""What a laptop or a build machine needs: the installer, PostgreSQL and `make run`. Never in production."""
