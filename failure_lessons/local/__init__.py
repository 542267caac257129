"""What a laptop or a build machine needs: the installer, the embedded PostgreSQL and `make run`. Not used in production."""
