"""Ways out of the program: HTTP, mail and folders. Only here is anything sent to an outlet."""
