"""What flows and what it means: pure Python, no I/O, no Faust, no clock."""
