/* long sys_call(number, a..f): through the vDSO (%gs:16), which uses sysenter where the CPU has it. */
  .text
  .globl sys_call
  .type sys_call, @function
sys_call:
  push %ebp
  push %edi
  push %esi
  push %ebx
  mov 20(%esp), %eax
  mov 24(%esp), %ebx
  mov 28(%esp), %ecx
  mov 32(%esp), %edx
  mov 36(%esp), %esi
  mov 40(%esp), %edi
  mov 44(%esp), %ebp
  call *%gs:16
  pop %ebx
  pop %esi
  pop %edi
  pop %ebp
  ret
  .size sys_call, . - sys_call

/* long sys_clone3(arguments, size, run, argument): int 0x80, for the vDSO would return on the child's empty stack. */
  .globl sys_clone3
  .type sys_clone3, @function
sys_clone3:
  push %ebx
  push %esi
  push %edi
  mov 16(%esp), %ebx
  mov 20(%esp), %ecx
  mov 24(%esp), %esi
  mov 28(%esp), %edi
  mov $435, %eax
  int $0x80
  test %eax, %eax
  jz 1f
  pop %edi
  pop %esi
  pop %ebx
  ret
1:
  xor %ebp, %ebp
  and $-16, %esp
  sub $12, %esp
  push %edi
  call *%esi
  mov %eax, %ebx
  mov $1, %eax
  int $0x80
  hlt
  .size sys_clone3, . - sys_clone3
  .section .note.GNU-stack, "", @progbits
