"""The address of a document, made from that of its page: what stands behind the `?` of the page stays behind it."""

from __future__ import annotations


def stem(url: str) -> str:
    """What is in front of query and fragment, without a last slash: where a path can go on."""
    return url.partition("#")[0].partition("?")[0].rstrip("/")


def with_query_of(url: str, address: str) -> str:
    """An address, made from the stem of an URL, that also asks for what the URL asks for."""
    query = url.partition("#")[0].partition("?")[2]
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}{query}" if query else address
