/* The natively built tests' twin of sys-i386.S. */
  .text
  .globl sys_call
  .type sys_call, @function
sys_call:
  mov %rdi, %rax
  mov %rsi, %rdi
  mov %rdx, %rsi
  mov %rcx, %rdx
  mov %r8, %r10
  mov %r9, %r8
  mov 8(%rsp), %r9
  syscall
  ret
  .size sys_call, . - sys_call

  .globl sys_clone3
  .type sys_clone3, @function
sys_clone3:
  mov %rdx, %r8
  mov %rcx, %r9
  mov $435, %eax
  syscall
  test %rax, %rax
  jz 1f
  ret
1:
  xor %ebp, %ebp
  and $-16, %rsp
  mov %r9, %rdi
  call *%r8
  mov %eax, %edi
  mov $60, %eax
  syscall
  hlt
  .size sys_clone3, . - sys_clone3
  .section .note.GNU-stack, "", @progbits
