/* Finds the program as runc does (Go's exec.LookPath) and becomes it. */
#pragma once
#include "base/fail.h"
#include "files/files.h"
#include "launch/needs.h"

int program_find(const struct environment *environment, const char *name, char path[files_path_max],
                 struct failure *failure);
/* The child's files 0 to 2, and none else; `null` stands for those that are -1. Signals are no longer blocked. */
void program_place(const int stdio[3], int null);
/* Returns only when the kernel refuses: the exit code. */
int program_exec(const char *path, const char *const *arguments, const struct environment *environment);
