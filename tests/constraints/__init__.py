"""What must never be untrue, asked of the database itself."""
