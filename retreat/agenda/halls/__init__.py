"""What a hall can do besides seating people, when it is closed, and how far it is from one venue to another."""
