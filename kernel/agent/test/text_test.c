#include "base/fail.h"
#include "base/text.h"
#include "test.h"
#include <errno.h>

TEST("text_format knows strings, numbers, octal, hexadecimal and errors") {
  char to[128];
  size_t size = text_format(to, sizeof to, "%s %d %u %x %o %% %E", "a", -5, 7u, 255u, 0755u, ENOENT);
  CHECK_TEXT(to, "a -5 7 ff 755 % no such file or directory");
  CHECK(size == strlen(to));
}

TEST("text_format cuts at the room and ends with NUL") {
  char to[5] = "xxxx";
  CHECK(text_format(to, sizeof to, "%s", "123456") == 4);
  CHECK_TEXT(to, "1234");
  CHECK(text_format(to, 0, "%s", "1") == 0);
}

TEST("the smallest int is formatted") {
  char to[32];
  text_format(to, sizeof to, "%d", (int)(-2147483647 - 1));
  CHECK_TEXT(to, "-2147483648");
}

TEST("text_number takes whole decimal numbers up to a limit and nothing else") {
  uint64_t number = 1;
  CHECK(text_number("0", 10, &number) && number == 0);
  CHECK(text_number("2147483647", 2147483647, &number) && number == 2147483647);
  CHECK(!text_number("2147483648", 2147483647, &number));
  CHECK(!text_number("", 10, &number) && !text_number("-1", 10, &number) && !text_number("1 ", 10, &number));
  CHECK(!text_number("99999999999999999999999", UINT64_MAX, &number));
}

TEST("fail fills the failure once and returns -1; the error's sign does not matter") {
  struct failure failure;
  CHECK(fail(&failure, -ENOENT, "mount", "%s: %E", "/x", ENOENT) == -1);
  CHECK(failure.error == ENOENT);
  CHECK_TEXT(failure.stage, "mount");
  CHECK_TEXT(failure.message, "/x: no such file or directory");
}
