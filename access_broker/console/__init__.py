"""The console: server-rendered pages in Persian and English over the same use-cases as the REST API."""
