/* Tests are sentences: TEST("a thing is so") { CHECK(...); }. Each file's tests register themselves; main is in test.c.
 */
#pragma once
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct test {
  const char *sentence;
  void (*run)(void);
  struct test *next;
};
void test_register(struct test *test);
void test_failed(const char *file, int line, const char *what);

#define TEST_JOIN(a, b) a##b
#define TEST_NAME(a, b) TEST_JOIN(a, b)
#define TEST(text)                                                                                                     \
  static void TEST_NAME(run_, __LINE__)(void);                                                                         \
  static struct test TEST_NAME(test_, __LINE__) = {.sentence = text, .run = TEST_NAME(run_, __LINE__)};                \
  __attribute__((constructor)) static void TEST_NAME(register_, __LINE__)(void) {                                      \
    test_register(&TEST_NAME(test_, __LINE__));                                                                        \
  }                                                                                                                    \
  static void TEST_NAME(run_, __LINE__)(void)
#define CHECK(condition) ((condition) ? (void)0 : test_failed(__FILE__, __LINE__, #condition))
#define CHECK_TEXT(got, wanted)                                                                                        \
  (strcmp(got, wanted) == 0 ? (void)0                                                                                  \
                            : (printf("    got: %s\n", got), test_failed(__FILE__, __LINE__, #got " is " #wanted)))
