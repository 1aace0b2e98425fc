/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/compiler-args.h"

#include <unistd.h>

/*
 * Flags of -O for the version of the parser, which is told by the feature files that came with it,
 * because asking it would cost a process. A wrong guess costs time only.
 *
 * Measured: processor time, in ms, to compile TEMPLATE.qemu of libvirt with its abstraction; best
 * of 40 runs. The binary is the same in each column but for no-expr-simplify in 4.1.
 *
 *                        3.0.8   4.1.0   5.0.2
 *   (nothing)             81      38      41
 *   no-expr-simplify      41      44      50
 *   expr-left-simplify    65      34      39
 *   no-minimize           78      32      35    a binary half as large again, for the kernel to keep
 *
 * A profile of a few rules takes 2 to 4 ms whatever the flags. Of QEMU's, the rules of a VM with two disks
 * are 3 ms; without abstractions/base it would take half of the time, and without abstractions/nameservice
 * as well. Both profiles in one run would save 1 to 3 ms, the start of a process, and the order of messages.
 */
static const char *
optimization(void)
{
    if (access(APPARMOR_DIR "/abi/4.0", F_OK) == 0)
        return "expr-left-simplify";
    if (access(APPARMOR_DIR "/abi/3.0", F_OK) == 0)
        return "no-expr-simplify";
    return NULL;
}

void
compiler_build_args(const Compiler *compiler, CompilerJob job, const char *args[COMPILER_MAX_ARGS])
{
    const char *optimize = job == COMPILER_COMPILE ? optimization() : NULL;
    gsize n = 0;

    args[n++] = "apparmor_parser"; /* its messages begin with this */
    switch (job) {
    case COMPILER_COMPILE:
        args[n++] = "--skip-kernel-load";
        args[n++] = "--stdout";
        break;
    case COMPILER_ADD:
        args[n++] = "--binary";
        args[n++] = "--add";
        break;
    case COMPILER_REPLACE:
        args[n++] = "--binary";
        args[n++] = "--replace";
        break;
    case COMPILER_REMOVE:
        args[n++] = "--remove";
        break;
    }
    args[n++] = "--skip-cache";
    /* in one process: one text gives no work for two, and a second would not end with the first */
    args[n++] = "--jobs";
    args[n++] = "0";
    if (optimize) {
        args[n++] = "--Optimize";
        args[n++] = optimize;
    }
    if (compiler->include_dir) {
        args[n++] = "--Include";
        args[n++] = compiler->include_dir;
    }
    if (job == COMPILER_COMPILE && compiler->complain)
        args[n++] = "--Complain";
    if (job == COMPILER_COMPILE)
        args[n++] = COMPILER_INPUT_NAME;
    args[n] = NULL;
    g_assert(n < COMPILER_MAX_ARGS);
}
