"""What every room stands on: database, clock, errors, permissions, jobs, files, text, words, layout."""
