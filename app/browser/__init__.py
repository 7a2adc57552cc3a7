"""What runs or is kept in the visitor's browser: events, navigation, storage, and the scripts themselves."""
