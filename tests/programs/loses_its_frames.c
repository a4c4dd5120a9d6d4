// What a smashed stack leaves: with a frame pointer that points nowhere it writes to 0x10; where there is an
// argument it is caught, with such a return address.
void __stack_chk_fail(void);

int main(int argc, char **argv) {
  (void)argv;
  void **frame = __builtin_frame_address(0);
  if (argc > 1) {
    frame[0] = frame[1] = (void *)0x4848484848484848;
    __stack_chk_fail();
  }
  __asm__ volatile("movq $0x4848484848484848, %rbp; movl $0, 0x10");
}
