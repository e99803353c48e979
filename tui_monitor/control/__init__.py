"""The door: `Control` over HTTP on a Unix socket, its server and its client."""
