"""Tables that are no text, as the text that they would be: every command reads them as it reads CSV.

Each module has `rows(...)`, the header and then the cells of each row; `opened_foreign` picks one by the name.
"""
