"""Database, files, migrations: the only place with a database driver."""
