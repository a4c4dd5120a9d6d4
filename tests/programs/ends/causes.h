// Ends this process in the way that the word names; returns only for "return".
void end_by(const char *cause);
