"""``python -m examapp``, the same as the command ``examapp``."""

from examapp import main

main()
