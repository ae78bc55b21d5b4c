"""What bytes of a file mean, told without a screen and without a network; all of it takes any bytes."""
