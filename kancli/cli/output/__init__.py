"""What is written: text, tables, JSON values, progress, and the files that `-o` names."""
