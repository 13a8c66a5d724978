"""The exam domain by itself: questions, formats, matrices, drawing and marking.

Nothing here knows of Flask, of a database or of a clock. What a function needs it is given;
what it finds it returns.
"""
