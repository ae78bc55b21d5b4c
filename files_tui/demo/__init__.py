"""A Files API to try things on: Starlette on a loopback socket, SQLite and a folder of blobs behind it."""
