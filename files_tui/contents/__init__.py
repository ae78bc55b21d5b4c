"""What is inside a file: bytes made into lines, records and shapes, without a screen and without a network."""
