"""``make bench``: what the product costs, measured on the real server against real databases."""
