// Linked without the dynamic loader; returns 7.
int main(void) { return 7; }
