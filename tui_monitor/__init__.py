"""A live status board for the terminal that checks services, keeps incidents and keeps outside places true."""

__version__ = "0.5.0"
