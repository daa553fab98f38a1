//! Several cases of a world that call each other, signal and send messages, under random steps.
