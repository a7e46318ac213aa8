/* What runc says: on a terminal as logrus does there, otherwise its lines of key=value. */
#pragma once
#include <stddef.h>

void say_plain(const char *format, ...);
void say_error(const char *format, ...);
/* To stdout, all of it. */
void print(const char *format, ...);
void print_bytes(const char *from, size_t size);
/* RFC 3339 of now, with nanoseconds as Go prints them: without zeros at the end. `fine`: with them at all. */
void say_time(char to[40], int fine);
