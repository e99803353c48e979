"""What is believed and why: values and pure decisions. No I/O, no clock, no asyncio, no logging."""
