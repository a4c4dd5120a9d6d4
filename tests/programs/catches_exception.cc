// Exceptions have to pass through libgcc's unwinder, not through one that the preload brought along.
#include <iostream>
#include <stdexcept>
#include <thread>

static void work() try { throw std::runtime_error("caught"); } catch (const std::exception &error) {
  std::cout << error.what() << std::endl;
}

int main() {
  work();
  std::thread(work).join();
}
