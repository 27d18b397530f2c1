"""What every command is set in: the process, the command tree, its flags, and the session of a stage."""
