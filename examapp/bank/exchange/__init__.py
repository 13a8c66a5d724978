"""Questions from one installation to another and back: a signed package, a preview, an act."""
