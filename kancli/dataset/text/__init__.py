"""From the bytes of a table to its rows and numbers: decompression, text, records, layout, cells."""
