#include "container/device_filter.h"
#include "base/sys.h"
#include "wire/spec.h"
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

enum { max_devices = 60, max_instructions = 8 + max_devices * 6 + 4, kept_programs = 8 };

struct rule {
  char type; /* 'c' or 'b' */
  uint32_t major;
  int64_t minor; /* -1 = any */
};

/* moby/oci/defaults.go; runc adds ptys, the console and ptmx. */
static const struct rule defaults[] = {{'c', 1, 5}, {'c', 1, 3}, {'c', 1, 9}, {'c', 1, 8},    {'c', 5, 0},
                                       {'c', 5, 1}, {'c', 5, 2}, {'c', 1, 7}, {'c', 10, 200}, {'c', 136, -1}};

struct program {
  struct bpf_insn code[max_instructions];
  unsigned count;
};

static void emit(struct program *program, uint8_t code, uint8_t to, uint8_t from, int16_t offset, int32_t value) {
  program->code[program->count++] =
      (struct bpf_insn){.code = code, .dst_reg = to & 15, .src_reg = from & 15, .off = offset, .imm = value};
}

static void emit_return(struct program *program, int value) {
  emit(program, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, value);
  emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Registers: 2 = type, 3 = access, 4 = major, 5 = minor of struct bpf_cgroup_dev_ctx. */
static void emit_rule(struct program *program, const struct rule *rule) {
  int16_t skip = rule->minor >= 0 ? 4 : 3;
  emit(program, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, 0, skip,
       rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  emit(program, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_4, 0, (int16_t)(skip - 1), (int32_t)rule->major);
  if (rule->minor >= 0) emit(program, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_5, 0, 2, (int32_t)rule->minor);
  emit_return(program, 1);
}

static void build(struct program *program, const struct list *devices) {
  emit(program, BPF_LDX | BPF_W | BPF_MEM, BPF_REG_2, BPF_REG_1, 0, 0);
  emit(program, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_2, 0, 0);
  emit(program, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff);
  emit(program, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_3, 0, 0, 16);
  emit(program, BPF_LDX | BPF_W | BPF_MEM, BPF_REG_4, BPF_REG_1, 4, 0);
  emit(program, BPF_LDX | BPF_W | BPF_MEM, BPF_REG_5, BPF_REG_1, 8, 0);
  /* mknod alone is always allowed: what it makes cannot be opened. */
  emit(program, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_3, 0, 2, BPF_DEVCG_ACC_MKNOD);
  emit_return(program, 1);
  for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
    emit_rule(program, &defaults[i]);
  for (uint32_t i = 0; i < devices->count && i < max_devices - sizeof defaults / sizeof defaults[0]; i++) {
    const struct device_spec *device = (const struct device_spec *)devices->at + i;
    bool known = false;
    for (size_t j = 0; j < sizeof defaults / sizeof defaults[0]; j++)
      known = known || (*device->type == defaults[j].type && device->major == defaults[j].major &&
                        device->minor == defaults[j].minor);
    if (!known) emit_rule(program, &(struct rule){*device->type, device->major, device->minor});
  }
  emit_return(program, 0);
}

static struct kept {
  struct program *program;
  int file;
} kept[kept_programs];

static long load(const struct program *program) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = (uintptr_t)program->code;
  attributes.insn_cnt = program->count;
  attributes.license = (uintptr_t) "Apache-2.0";
  return SYS(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
}

static long program_file(const struct program *program) {
  static unsigned oldest;
  for (int i = 0; i < kept_programs; i++)
    if (kept[i].program != NULL && kept[i].program->count == program->count &&
        memcmp(kept[i].program->code, program->code, program->count * sizeof program->code[0]) == 0)
      return kept[i].file;
  long file = load(program);
  struct program *copy = file < 0 ? NULL : malloc(sizeof *copy);
  if (copy == NULL) return file;
  memcpy(copy, program, sizeof *copy);
  struct kept *place = &kept[oldest++ % kept_programs];
  if (place->program != NULL) {
    free(place->program);
    sys_close(place->file);
  }
  *place = (struct kept){copy, (int)file};
  return file;
}

int device_filter_attach(int cgroup, const struct list *devices, struct failure *failure) {
  static struct program program;
  memset(&program, 0, sizeof program);
  build(&program, devices);
  long file = program_file(&program);
  if (file < 0) return fail(failure, file, "devices", "load the device filter: %E", (int)-file);
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.target_fd = (uint32_t)cgroup;
  attributes.attach_bpf_fd = (uint32_t)file;
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  long result = SYS(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof attributes);
  return result < 0 ? fail(failure, result, "devices", "attach the device filter: %E", (int)-result) : 0;
}
