"""What starts ATOM: embedded servers, the process table, the supervisor. Knows no app and no Django."""
