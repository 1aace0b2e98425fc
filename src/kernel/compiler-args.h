/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* With what apparmor_parser is run. Private to compiler*.c. */

#include "kernel/compiler.h"

/* With the NULL at the end. */
#define COMPILER_MAX_ARGS 14

/* Standard input by name: only for a file that has a name does the parser say which include is
 * wrong. The name itself then tells a person nothing, and is taken out of what it says. */
#define COMPILER_INPUT_NAME "/dev/stdin"

/**
 * compiler_build_args:
 * @args: (out): gets the program's own name and its arguments, borrowed of @compiler, and NULL
 */
void
compiler_build_args(const Compiler *compiler, CompilerJob job, const char *args[COMPILER_MAX_ARGS]);
