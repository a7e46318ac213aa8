#include "test.h"

static struct test *tests, **last = &tests;
static int failures, failed_now;

void test_register(struct test *test) {
  *last = test;
  last = &test->next;
}

void test_failed(const char *file, int line, const char *what) {
  failed_now++;
  printf("    %s:%d: %s\n", file, line, what);
}

int main(void) {
  int count = 0;
  for (struct test *test = tests; test != NULL; test = test->next, count++) {
    failed_now = 0;
    test->run();
    printf("%s %s\n", failed_now == 0 ? "ok  " : "FAIL", test->sentence);
    failures += failed_now != 0;
  }
  printf("%d tests, %d failed\n", count, failures);
  return failures != 0;
}
