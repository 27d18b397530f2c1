"""What commands do between their flags and their output, where it is longer than a command or shared by several."""
