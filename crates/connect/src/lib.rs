//! How a connection comes to be and stays alive.
