#include "container/device_filter.h"
#include "base/sys.h"
#include "wire/spec.h"
#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
  max_rules = 400,
  rule_instructions = 8,
  max_instructions = 8 + max_rules * rule_instructions + 2,
  kept_programs = 8,
  every_access = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE
};

static const uint32_t any = 0xffffffff;

/* moby/oci/defaults.go; runc adds ptys, the console and ptmx. */
static const struct device_rule_spec defaults[] = {
    {"c", 1, 5, every_access},    {"c", 1, 3, every_access},    {"c", 1, 9, every_access}, {"c", 1, 8, every_access},
    {"c", 5, 0, every_access},    {"c", 5, 1, every_access},    {"c", 5, 2, every_access}, {"c", 1, 7, every_access},
    {"c", 10, 200, every_access}, {"c", 136, any, every_access}};
enum { default_count = sizeof defaults / sizeof defaults[0] };

struct program {
  unsigned count;
  struct bpf_insn code[max_instructions];
};

static void emit(struct program *program, uint8_t code, uint8_t to, uint8_t from, int16_t offset, int32_t value) {
  program->code[program->count++] =
      (struct bpf_insn){.code = code, .dst_reg = to & 15, .src_reg = from & 15, .off = offset, .imm = value};
}

static void emit_return(struct program *program, int value) {
  emit(program, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, value);
  emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Over the rest of the rule that ends at `end` unless the register has the value. */
static void emit_unless(struct program *program, uint8_t reg, uint32_t value, unsigned end) {
  emit(program, BPF_JMP32 | BPF_JNE | BPF_K, reg, 0, (int16_t)(end - program->count - 1), (int32_t)value);
}

/* Registers: 2 = type, 3 = access, 4 = major, 5 = minor of struct bpf_cgroup_dev_ctx. A rule allows what it names and
 * no more of it. */
static void emit_rule(struct program *program, const struct device_rule_spec *rule) {
  bool typed = *rule->type != 'a';
  bool limited = (rule->access & every_access) != every_access;
  unsigned end = program->count + typed + (rule->major != any) + (rule->minor != any) + (limited ? 3 : 0) + 2;
  if (typed) emit_unless(program, BPF_REG_2, *rule->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR, end);
  if (rule->major != any) emit_unless(program, BPF_REG_4, rule->major, end);
  if (rule->minor != any) emit_unless(program, BPF_REG_5, rule->minor, end);
  if (limited) {
    emit(program, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_3, 0, 0);
    emit(program, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_1, 0, 0, (int32_t)(every_access & ~rule->access));
    emit_unless(program, BPF_REG_1, 0, end);
  }
  emit_return(program, 1);
}

static bool is_default(const struct device_rule_spec *rule) {
  for (size_t i = 0; i < default_count; i++)
    if (*rule->type == *defaults[i].type && rule->major == defaults[i].major && rule->minor == defaults[i].minor)
      return true;
  return false;
}

/* Nothing may follow such a rule: the kernel's verifier takes no instructions that are never reached. */
static bool allows_everything(const struct list *rules) {
  for (uint32_t i = 0; i < rules->count; i++) {
    const struct device_rule_spec *rule = (const struct device_rule_spec *)rules->at + i;
    if (*rule->type == 'a' && rule->major == any && rule->minor == any && (rule->access & every_access) == every_access)
      return true;
  }
  return false;
}

static void build(struct program *program, const struct list *rules) {
  if (allows_everything(rules)) return emit_return(program, 1);
  emit(program, BPF_LDX | BPF_W | BPF_MEM, BPF_REG_2, BPF_REG_1, 0, 0);
  emit(program, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_2, 0, 0);
  emit(program, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff);
  emit(program, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_3, 0, 0, 16);
  emit(program, BPF_LDX | BPF_W | BPF_MEM, BPF_REG_4, BPF_REG_1, 4, 0);
  emit(program, BPF_LDX | BPF_W | BPF_MEM, BPF_REG_5, BPF_REG_1, 8, 0);
  /* mknod alone is always allowed: what it makes cannot be opened. */
  emit(program, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_3, 0, 2, BPF_DEVCG_ACC_MKNOD);
  emit_return(program, 1);
  for (size_t i = 0; i < default_count; i++)
    emit_rule(program, &defaults[i]);
  for (uint32_t i = 0; i < rules->count; i++) {
    const struct device_rule_spec *rule = (const struct device_rule_spec *)rules->at + i;
    if (!is_default(rule)) emit_rule(program, rule);
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
  size_t bytes = offsetof(struct program, code) + program->count * sizeof program->code[0];
  struct program *copy = file < 0 ? NULL : malloc(bytes);
  if (copy == NULL) return file;
  memcpy(copy, program, bytes);
  struct kept *place = &kept[oldest++ % kept_programs];
  if (place->program != NULL) {
    free(place->program);
    sys_close(place->file);
  }
  *place = (struct kept){copy, (int)file};
  return file;
}

int device_filter_attach(int cgroup, const struct list *rules, struct failure *failure) {
  static struct program program;
  if (rules->count > max_rules - default_count)
    return fail(failure, E2BIG, "devices", "%u device rules: %u at most", rules->count, max_rules - default_count);
  program.count = 0;
  build(&program, rules);
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
