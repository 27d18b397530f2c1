"""Tables of any size, read in pieces as often as needed: text in any form, and Arrow's formats by column."""
